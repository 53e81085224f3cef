// Making a ring: in memory of its own, named or anonymous, or in memory of the caller.
#include <cstddef>
#include <utility>

#include "error.hpp"
#include "liveness.hpp"
#include "open.hpp"
#include "registry.hpp"

namespace ringbuf::detail {

namespace {

// Opens the dead ring that has the name of a new ring, and takes its writer lock: ok. not_found: the name is free.
// stale: the name changed hands meanwhile; try again. Any other status is the caller's result. The object may belong
// to any user, who may change it at any time. So it is read through the descriptor, never through a mapping.
Status claim_dead(Segment &dead, const char *name) noexcept {
  const auto exists = [&](const char *what) { return fail(Status::exists, "name is \"{}\": {} has it", name, what); };
  const auto open = [&](os::Object &object) { return os::open(object, name); };
  if (const Status status = open_object(dead, open); status != Status::ok) {
    return status == Status::corrupt ? exists("something that is no ring") : status;
  }
  const os::Object &old = dead.object;
  switch (const Status status = read_geometry(old, dead.geometry)) {
    case Status::ok:
      break;
    case Status::version_mismatch:
      return exists("a ring of another layout version");
    case Status::corrupt:
    case Status::not_initialized:
      return exists("a file that is no ring");
    default:
      return status;
  }
  if (dead.geometry.liveness == liveness_tokens) return exists("memory of another program, with a ring in it,");
  if (const Status status = os::check_replaceable(old, name); status != Status::ok) {
    return os::is_locked(old, os::writer_lock) ? exists("a ring whose writer lives") : status;
  }
  Status status = Status::ok;
  switch (claim_writer_by_lock(old, status)) {
    case Claim::ours:
      break;
    case Claim::live:
      return exists("a ring whose writer lives");
    case Claim::blocked:
      return status;
    case Claim::failed:
      if (status != Status::permission) return status;
      return fail(Status::permission, "name is \"{}\": a dead ring that this user may not write has it", name);
  }
  switch (os::naming(old, name)) {
    case os::Naming::ours:
      return Status::ok;
    case os::Naming::unknown:
      return Status::system;
    default:
      return Status::stale;
  }
}

// Tells the readers of a ring, whose writer lock we hold, that another ring has its name. It wakes no sleeper: within
// 50 ms of the writer's end each sleeper has noticed that the writer is gone.
void supersede(const os::Object &old) noexcept {
  const auto state = static_cast<std::uint32_t>(State::superseded);
  (void)os::write(old, offsetof(Header, writer) + offsetof(WriterLines, state), &state, sizeof state);
}

// Makes the memory of a new ring, complete but without its name, with the writer lock held.
Status make_memory(Segment &segment, const char *name) noexcept {
  const Geometry &g = segment.geometry;
  const auto create = [&](os::Object &object) { return os::create(object, name, g.total_bytes, g.mode); };
  if (const Status status = open_object(segment, create); status != Status::ok) return status;
  if (const Status status = os::try_lock(segment.object, os::writer_lock); status != Status::ok) return status;
  if (const Status status = map(segment, true); status != Status::ok) return status;
  initialise(segment);
  become_writer(segment);
  protocol::publish_magic(*segment.hot.header, layout_magic);
  return Status::ok;
}

// Makes this process the one that makes a ring in memory of the caller. Of all processes that try at once, the
// exchange of the owner succeeds for one. If the memory has a ring, or one is being made there, the owner must not be
// alive. If it has none, the owner may have any value; one exchange of the magic then makes it count. A process that
// dies in between is found dead by the next one. The exchanged value was loaded before the memory was judged. So the
// exchange fails if a ring was made meanwhile.
Status claim_memory(Segment &segment, void *raw, std::size_t bytes) noexcept {
  const auto refuse = [] {
    return fail(Status::exists, "a ring whose writer lives is in this memory, or is being made there");
  };
  auto &header = *static_cast<Header *>(raw);
  const std::uint64_t seen = protocol::load_owner(header.writer.owner);
  const std::uint64_t magic = protocol::load_magic(header);
  const bool is_ring = adopt_raw(segment, raw, bytes) == Status::ok;
  if (!is_ring) segment.geometry.domain = os::process_domain();
  if (magic == making_magic || (is_ring && magic == layout_magic)) {
    if (Liveness(segment).owner_alive(seen)) return refuse();
  } else if (!protocol::begin_making(header, magic)) {
    return refuse();
  }
  return protocol::take_ownership(header.writer.owner, seen, os::process_token()) ? Status::ok : refuse();
}

}  // namespace

Status create_segment(SegmentPointer &segment, const char *name, const Options &options) noexcept {
  const os::Uncancelled uncancelled;
  if (name != nullptr) {
    if (const Status status = check_name(name); status != Status::ok) return status;
  }
  SegmentPointer made;
  if (const Status status = allocate(made); status != Status::ok) return status;
  if (const Status s = make_geometry(options, os::page_bytes(), made->geometry); s != Status::ok) return s;
  made->geometry.domain = os::process_domain();

  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    SegmentPointer dead;
    Status claimed = Status::not_found;
    if (name != nullptr) {
      if (const Status status = allocate(dead); status != Status::ok) return status;
      claimed = claim_dead(*dead, name);
    }
    if (claimed == Status::stale) continue;
    if (claimed != Status::ok && claimed != Status::not_found) return claimed;

    if (!made->object.is_open()) {
      Status status = make_memory(*made, name);
      // The new ring needs the memory of the dead one. Only in this case is the dead ring given up first.
      const auto in_use = [&] { return os::is_shared(dead->object, os::mapped_lock); };
      if (status == Status::no_space && claimed == Status::ok && !in_use() &&
          os::room_without(dead->object, made->geometry.total_bytes)) {
        if (const Status removed = os::unlink_own(dead->object, name); removed != Status::ok) return removed;
        supersede(dead->object);
        claimed = Status::not_found;
        dead.reset();
        status = make_memory(*made, name);
      }
      if (status != Status::ok) return status;
    }
    // The new ring is complete. Only giving it the name changes anything that others see, and that comes last.
    if (name != nullptr) {
      const Status named =
          claimed == Status::ok ? os::replace(made->object, dead->object, name) : os::publish(made->object, name);
      if (named == Status::exists || named == Status::stale) continue;
      if (named != Status::ok) return named;
      if (claimed == Status::ok) supersede(dead->object);
      set_name(*made, name);
    }
    return finish_opening(segment, made, Role::writer);
  }
  return fail(Status::exists, "name is \"{}\": others keep taking it", name);
}

Status create_segment_raw(SegmentPointer &segment, void *raw, std::size_t bytes, const Options &options) noexcept {
  const os::Uncancelled uncancelled;
  SegmentPointer made;
  if (const Status status = allocate(made); status != Status::ok) return status;
  Geometry wanted{};
  if (const Status s = make_geometry(options, os::page_bytes(), wanted); s != Status::ok) return s;
  wanted.domain = os::process_domain();
  wanted.liveness = liveness_tokens;
  if (const Status s = check_memory(raw, bytes, wanted.total_bytes); s != Status::ok) return s;
  if (const Status s = claim_memory(*made, raw, bytes); s != Status::ok) return s;
  made->geometry = wanted;
  made->raw = true;
  made->region = {static_cast<std::byte *>(raw), static_cast<std::size_t>(wanted.total_bytes)};
  attach(*made, made->region.begin);
  // From now on a process that opens the memory finds no ring until it is complete. Readers of the earlier ring find
  // another incarnation.
  protocol::publish_magic(*made->hot.header, making_magic);
  initialise(*made);
  become_writer(*made);
  protocol::publish_magic(*made->hot.header, layout_magic);
  return finish_opening(segment, made, Role::writer);
}

}  // namespace ringbuf::detail
