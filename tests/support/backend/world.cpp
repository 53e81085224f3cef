#include "world.hpp"

#include <cstring>
#include <new>

namespace ringbuf::os::memory {

namespace {
constexpr std::align_val_t alignment{4096};
}

thread_local std::uint64_t acting_process = 1;

World &world() noexcept {
  static union Immortal {
    World world;
    Immortal() noexcept : world() {}
    ~Immortal() {}  // NOLINT(modernize-use-equals-default): that of the world is not to run
  } immortal;
  return immortal.world;
}

Shared::Shared(std::uint64_t size, std::uint32_t permissions)
    : begin(static_cast<std::byte *>(::operator new(static_cast<std::size_t>(size), alignment))),
      bytes(size),
      mode(permissions) {
  std::memset(begin, 0, static_cast<std::size_t>(size));
  ++world().memories;
}

Shared::~Shared() {
  --world().memories;
  ::operator delete(begin, alignment);
}

Status permit(Call call) noexcept {
  std::function<Status(Call)> hook;
  {
    const std::lock_guard lock(world().mutex);
    hook = world().hook;
  }
  return hook ? hook(call) : Status::ok;
}

std::uint64_t used(const World &w, const Shared *without) {
  std::set<const Shared *> all;
  for (const auto &[name, memory] : w.names) {
    if (memory.get() != without) all.insert(memory.get());
  }
  for (const auto &[handle, open] : w.open) {
    if (w.processes.count(open.process) != 0) all.insert(open.memory.get());
  }
  std::uint64_t bytes = 0;
  for (const Shared *memory : all) bytes += memory->bytes;
  return bytes;
}

void release_locks(World &w, std::intptr_t handle) noexcept {
  std::erase_if(w.locks, [&](const auto &lock) { return lock.second.handle == handle; });
}

void before_each_call(std::function<Status(Call call)> hook) {
  const std::lock_guard lock(world().mutex);
  world().hook = std::move(hook);
}

void set_room(std::uint64_t bytes) {
  const std::lock_guard lock(world().mutex);
  world().room = bytes;
}

void become_owner(bool owner) {
  const std::lock_guard lock(world().mutex);
  world().is_owner = owner;
}

Census census() {
  World &w = world();
  const std::lock_guard lock(w.mutex);
  return {w.names.size(), w.memories, w.open.size(), w.mappings.size(), w.locks.size(), used(w, nullptr)};
}

Process::Process() {
  World &w = world();
  const std::lock_guard lock(w.mutex);
  number_ = w.next_process++;
  w.processes.insert(number_);
}

void Process::kill() {
  World &w = world();
  {
    const std::lock_guard lock(w.mutex);
    w.processes.erase(number_);
    for (const auto &[handle, open] : w.open) {
      if (open.process == number_) release_locks(w, handle);
    }
  }
  w.woken.notify_all();
}

Acting::Acting(const Process &process) : before_(acting_process) { acting_process = process.number_; }
Acting::~Acting() { acting_process = before_; }

}  // namespace ringbuf::os::memory
