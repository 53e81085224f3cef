// Opening a ring that exists, as a reader, or as its next writer.
#include "open.hpp"

#include <utility>

#include "error.hpp"
#include "gaps.hpp"
#include "liveness.hpp"
#include "registry.hpp"
#include "ringbuf/detail/record.hpp"

namespace ringbuf::detail {

namespace {

// Ends a skip, or a put of more than the capacity, that a crash has interrupted; see I6 and I1 in protocol.hpp. The counters
// are loaded once: a hostile process may store others after the check.
Status repair_counters(Segment &segment) noexcept {
  protocol::Counters c = protocol::own_counters(segment.lines());
  if (c.written < segment.geometry.first_index || c.intent < c.written || c.intent > last_index ||
      c.written > last_index - segment.hot.capacity) {
    return fail(Status::corrupt, "the ring's counters contradict one another: written {}, intent {}", c.written,
                c.intent);
  }
  if (const Status s = repair_gaps(*segment.hot.header, c, segment.hot.capacity); s != Status::ok) return s;
  const std::uint64_t next = next_index(c.written, c.intent, segment.hot.capacity);
  if (segment.hot.messages && next % record_alignment != 0) {
    return fail(Status::corrupt, "the ring's counters contradict one another: no message can begin at {}", next);
  }
  if (next != c.written) protocol::publish(segment.lines(), c.written = next);
  segment.counters = c;
  return Status::ok;
}

// Validates and maps an object that was just opened, for a reader or for the next writer, which must be the only one.
Status adopt_object(Segment &segment, bool as_writer) noexcept {
  if (const Status status = read_geometry(segment.object, segment.geometry); status != Status::ok) return status;
  // Bytes after the ring in its file do not belong to it.
  segment.object.bytes = segment.geometry.total_bytes;
  const bool borrowed = segment.is_borrowed();
  const auto lives = [] { return fail(Status::busy, "the ring has a writer that lives"); };
  if (as_writer) {
    if (const Status status = validate_for_writer(segment.geometry); status != Status::ok) return status;
    if (!segment.object.writable) return fail(Status::permission, "this user may not write the ring");
    Status status = os::check_lasting(segment.object);
    const bool lasts = status == Status::ok;
    if (!borrowed) {
      const Claim claim = lasts ? claim_writer_by_lock(segment.object, status) : Claim::failed;
      if (claim == Claim::live || (!lasts && os::is_locked(segment.object, os::writer_lock))) return lives();
      if (claim != Claim::ours) return status;
    }
    if (!lasts) return status;
    status = os::fill_holes(segment.object);
    if (status != Status::ok) return status;
  }
  if (const Status status = map(segment, as_writer); status != Status::ok) return status;
  if (borrowed && as_writer) {
    if (!claim_writer_by_token(segment)) return lives();
    Geometry now{};
    Status status = read_geometry(segment.object, now);
    if (status == Status::ok && !same_bytes(now, segment.geometry)) {
      status = fail(Status::busy, "another ring has just been made in the memory of this one");
    }
    if (status != Status::ok) return status;
  }
  if (const Status s = os::lock_shared(segment.object, os::mapped_lock); s != Status::ok) return s;
  // Without write permission this reader cannot announce that it waits. The writer checks for this lock once a tick.
  if (!segment.may_announce) return os::lock_shared(segment.object, os::read_only_waiter_lock);
  return Status::ok;
}

// Adopts the ring in memory of the caller, for a reader or for the next writer.
Status adopt_memory(Segment &segment, const Source &source, const Opening &opening) noexcept {
  const bool as_writer = opening.role == Role::writer;
  if (!as_writer) segment.may_announce = !opening.read_only;
  const auto adopt = [&] {
    if (const Status s = adopt_raw(segment, source.memory, source.bytes); s != Status::ok || !as_writer) return s;
    if (const Status s = validate_for_writer(segment.geometry); s != Status::ok) return s;
    if (segment.geometry.liveness != liveness_locks) return Status::ok;
    return fail(Status::unsupported,
                "a lock tells who writes the ring: expected it to be opened by its name or descriptor");
  };
  if (const Status status = adopt(); status != Status::ok || !as_writer) return status;
  if (!claim_writer_by_token(segment)) return fail(Status::busy, "the ring has a writer that lives");
  return adopt();  // another process may have made a ring there and left it before this process became the owner
}

}  // namespace

Status open_segment(SegmentPointer &segment, const Source &source, const Opening &opening) noexcept {
  const os::Uncancelled uncancelled;
  const bool named = source.kind == Source::Kind::name;
  if (named) {
    if (const Status status = check_name(source.name); status != Status::ok) return status;
  }
  const bool as_writer = opening.role == Role::writer;
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    SegmentPointer opened;
    if (const Status status = allocate(opened); status != Status::ok) return status;
    opened->lazy = opening.lazy;
    if (source.kind == Source::Kind::memory) {
      if (const Status status = adopt_memory(*opened, source, opening); status != Status::ok) return status;
    } else {
      const auto open = [&](os::Object &object) {
        return named ? os::open(object, source.name) : os::open_handle(object, source.handle);
      };
      if (const Status status = open_object(*opened, open); status != Status::ok) return status;
      if (const Status status = adopt_object(*opened, as_writer); status != Status::ok) return status;
    }
    if (named && as_writer) {
      // The ring may have been replaced between opening and locking. Now that we hold its lock, it cannot be
      // replaced.
      const os::Naming now = os::naming(opened->object, source.name);
      if (now == os::Naming::unknown) return Status::system;
      if (now != os::Naming::ours) continue;
    }
    if (opening.wanted != nullptr) {
      if (const Status status = same_shape(opened->geometry, *opening.wanted); status != Status::ok) return status;
    }
    set_name(*opened, source.name);
    if (as_writer) {
      if (const Status status = repair_counters(*opened); status != Status::ok) return status;
      become_writer(*opened);
    }
    return finish_opening(segment, opened, opening.role);
  }
  return fail(Status::busy, "name is \"{}\": others keep replacing it", source.name);
}

}  // namespace ringbuf::detail
