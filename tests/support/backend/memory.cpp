// Memory and names of the in-memory backend.
#include <new>
#include <string>
#include <vector>

#include "error.hpp"
#include "ringbuf/detail/copy.hpp"
#include "world.hpp"

namespace ringbuf::os {

namespace {

using memory::Call;
using memory::Open;
using memory::permit;
using memory::SharedPointer;
using memory::World;
using memory::world;

Status injected(Status status) noexcept { return fail(status, "the call was made to fail"); }

// With the world locked.
void adopt(World &w, Object &object, const SharedPointer &memory, bool writable) {
  object = {};
  w.open[w.next_handle] = {memory, writable, memory::acting_process};
  object.handle = w.next_handle++;
  object.bytes = memory->bytes;
  object.writable = writable;
}

const SharedPointer &memory_of(World &w, const Object &object) { return w.open.at(object.handle).memory; }

// Calls what works on the world, which throws nothing but std::bad_alloc.
template <class Body>
Status locked(Body &&body) noexcept {
  try {
    World &w = world();
    const std::lock_guard lock(w.mutex);
    return body(w);
  } catch (const std::bad_alloc &) {
    return fail(Status::no_memory, "no memory");
  }
}

}  // namespace

std::uint32_t page_bytes() noexcept { return 4096; }

Status create(Object &object, const char *name, std::uint64_t bytes, std::uint32_t mode) noexcept {
  if (const Status status = permit(Call::create); status != Status::ok) return injected(status);
  return locked([&](World &w) {
    if (bytes > w.room || memory::used(w, nullptr) > w.room - bytes) {
      return fail(Status::no_space, "{} has no room", name != nullptr ? name : "an anonymous ring");
    }
    adopt(w, object, std::make_shared<memory::Shared>(bytes, mode), true);
    return Status::ok;
  });
}

Status publish(const Object &object, const char *name) noexcept {
  if (const Status status = permit(Call::publish); status != Status::ok) return injected(status);
  return locked([&](World &w) {
    const bool added = w.names.try_emplace(name, memory_of(w, object)).second;
    return added ? Status::ok : fail(Status::exists, "name is \"{}\": another has it", name);
  });
}

Status replace(const Object &object, const Object &old, const char *name) noexcept {
  if (const Status status = permit(Call::replace); status != Status::ok) return injected(status);
  return locked([&](World &w) {
    const auto found = w.names.find(name);
    if (found == w.names.end() || found->second != memory_of(w, old)) return Status::stale;
    found->second = memory_of(w, object);
    return Status::ok;
  });
}

// Who is not the owner is no user who may do everything either.
Status check_replaceable(const Object & /*object*/, const char *name) noexcept {
  bool is_owner = false;
  (void)locked([&](World &w) {
    is_owner = w.is_owner;
    return Status::ok;
  });
  return is_owner ? Status::ok : fail(Status::exists, "name is \"{}\": a dead ring of another user has it", name);
}

Status check_lasting(const Object & /*object*/) noexcept { return Status::ok; }
Status fill_holes(const Object & /*object*/) noexcept { return Status::ok; }

Status open(Object &object, const char *name) noexcept {
  if (const Status status = permit(Call::open); status != Status::ok) return injected(status);
  return locked([&](World &w) {
    const auto found = w.names.find(name);
    if (found == w.names.end()) return fail(Status::not_found, "name is \"{}\": no ring has it", name);
    const std::uint32_t rights = found->second->mode >> (w.is_owner ? 6U : 0U);
    if ((rights & 4) == 0) return fail(Status::permission, "name is \"{}\": it may not be read", name);
    adopt(w, object, found->second, (rights & 2) != 0);
    return Status::ok;
  });
}

Status open_handle(Object &object, std::intptr_t handle) noexcept {
  if (const Status status = permit(Call::open_handle); status != Status::ok) return injected(status);
  return locked([&](World &w) {
    const auto found = w.open.find(handle);
    if (found == w.open.end()) return fail(Status::invalid_argument, "fd is {}, expected an open descriptor", handle);
    const Open open = found->second;
    adopt(w, object, open.memory, open.writable);
    return Status::ok;
  });
}

Status share(Object &object, std::intptr_t &handle) noexcept {
  if (object.shared < 0) {
    if (const Status status = permit(Call::share); status != Status::ok) return injected(status);
    const Status status = locked([&](World &w) {
      w.open[w.next_handle] = {memory_of(w, object), object.writable, memory::acting_process};
      object.shared = w.next_handle++;
      return Status::ok;
    });
    if (status != Status::ok) return status;
  }
  handle = object.shared;
  return Status::ok;
}

Status renew(Object & /*object*/) noexcept { return Status::ok; }

void close(Object &object) noexcept {
  (void)locked([&](World &w) {
    memory::release_locks(w, object.handle);
    w.open.erase(object.handle);
    w.open.erase(object.shared);
    object = {};
    return Status::ok;
  });
}

Status read(const Object &object, std::uint64_t offset, void *bytes, std::size_t size) noexcept {
  if (const Status status = permit(Call::read); status != Status::ok) return injected(status);
  return locked([&](World &w) {
    const memory::Shared &memory = *memory_of(w, object);
    if (offset > memory.bytes || size > memory.bytes - offset) {
      return fail(Status::corrupt, "the memory ends at byte {}", memory.bytes);
    }
    if (size != 0) copy_out(static_cast<std::byte *>(bytes), memory.begin + offset, size);
    return Status::ok;
  });
}

Status write(const Object &object, std::uint64_t offset, const void *bytes, std::size_t size) noexcept {
  if (const Status status = permit(Call::write); status != Status::ok) return injected(status);
  return locked([&](World &w) {
    const memory::Shared &memory = *memory_of(w, object);
    if (offset > memory.bytes || size > memory.bytes - offset) {
      return fail(Status::corrupt, "the memory ends at byte {}", memory.bytes);
    }
    if (size != 0) copy_in(memory.begin + offset, static_cast<const std::byte *>(bytes), size);
    return Status::ok;
  });
}

Status map(Object &object, Region &region) noexcept {
  if (const Status status = permit(Call::map); status != Status::ok) return injected(status);
  return locked([&](World &w) {
    const SharedPointer memory = memory_of(w, object);
    w.mappings.emplace(memory->begin, memory);
    region = {memory->begin, static_cast<std::size_t>(memory->bytes)};
    return Status::ok;
  });
}

Status protect(const Region & /*region*/, std::size_t /*offset*/, std::size_t /*bytes*/) noexcept {
  const Status status = permit(Call::protect);
  return status == Status::ok ? status : injected(status);
}

void populate(const Region & /*region*/, bool /*for_writing*/) noexcept {}

void unmap(Region &region) noexcept {
  (void)locked([&](World &w) {
    const auto found = w.mappings.find(region.begin);
    if (found != w.mappings.end()) w.mappings.erase(found);
    region = {};
    return Status::ok;
  });
}

Naming naming(const Object &object, const char *name) noexcept {
  Naming answer = Naming::none;
  (void)locked([&](World &w) {
    const auto found = w.names.find(name);
    if (found == w.names.end()) return Status::ok;
    answer = found->second == memory_of(w, object) ? Naming::ours : Naming::other;
    return Status::ok;
  });
  return answer;
}

Status unlink_own(const Object &object, const char *name) noexcept {
  if (const Status status = permit(Call::unlink_own); status != Status::ok) return injected(status);
  return locked([&](World &w) {
    const auto found = w.names.find(name);
    if (found != w.names.end() && found->second == memory_of(w, object)) w.names.erase(found);
    return Status::ok;
  });
}

bool room_without(const Object &object, std::uint64_t bytes) noexcept {
  bool is_room = false;
  (void)locked([&](World &w) {
    // The object itself, which keeps its memory, is about to be closed.
    const auto found = w.open.find(object.handle);
    const Open open = found->second;
    w.open.erase(found);
    is_room = bytes <= w.room && memory::used(w, open.memory.get()) <= w.room - bytes;
    w.open[object.handle] = open;
    return Status::ok;
  });
  return is_room;
}

Status enumerate(bool (*visit)(const char *name, void *user), void *user) noexcept {
  if (const Status status = permit(Call::enumerate); status != Status::ok) return injected(status);
  std::vector<std::string> names;
  const Status status = locked([&](World &w) {
    for (const auto &[name, memory] : w.names) names.push_back(name);
    return Status::ok;
  });
  for (const std::string &name : names) {
    if (!visit(name.c_str(), user)) break;
  }
  return status;
}

}  // namespace ringbuf::os
