// Waiting until a ring of a name is live, and opening it then.
#include "error.hpp"
#include "liveness.hpp"
#include "observe.hpp"
#include "open.hpp"
#include "registry.hpp"
#include "waiting.hpp"

namespace ringbuf::detail {

namespace {

// Whether a name stands for a ring with a living writer. The ring is not mapped, because a large one that is dead may be
// examined again and again.
Status find_writer(const char *name, bool &found) noexcept {
  os::Object object;
  Geometry geometry{};
  std::uint64_t owner = 0;
  Status status = os::open(object, name);
  if (status == Status::ok) status = read_geometry(object, geometry);
  const Liveness liveness(object, geometry, false);
  if (status == Status::ok && liveness.tokens) {
    constexpr std::uint64_t at = offsetof(Header, writer) + offsetof(WriterLines, owner);
    status = os::read(object, at, &owner, sizeof owner);
  }
  found = status == Status::ok && liveness.alive(owner, os::writer_lock);
  os::close(object);
  return status;
}

// Whether the ring of a segment is live and still has its name.
Status find_live(const Segment &segment, bool &live) noexcept {
  const os::Naming now = os::naming(segment.object, segment.name);
  if (now == os::Naming::unknown) return Status::system;
  const State state =
      observe_state([&] { return protocol::load_state(segment.lines()); }, [&] { return writer_alive(segment); });
  live = now == os::Naming::ours && state == State::live &&
         protocol::same_incarnation(segment.lines(), segment.hot.incarnation);
  return Status::ok;
}

// Opens the ring if it is live now. Otherwise `segment` is unchanged.
Status try_to_open(SegmentPointer &segment, const char *name, const Opening &opening) noexcept {
  bool live = false;
  if (const Status status = find_writer(name, live); status != Status::ok || !live) return status;
  SegmentPointer opened;
  if (const Status status = open_segment(opened, Source::named(name), opening); status != Status::ok) return status;
  if (const Status status = find_live(*opened, live); status != Status::ok || !live) return status;
  segment = std::move(opened);
  return Status::ok;
}

}  // namespace

// The name is watched before the attempt that precedes a sleep. So no ring that is made in between is missed. A ring that
// is resumed takes no new name; it is found after a time slice. So is an interruption: the sleep is one on descriptors, and one
// that interrupt() could make readable would have to be the handle's until its close, since a signal handler may use it late.
Status open_live(SegmentPointer &segment, const char *name, const Opening &opening, std::int64_t timeout_ns,
                 Segment *current) noexcept {
  const os::Uncancelled uncancelled;
  if (const Status status = check_name(name); status != Status::ok) return status;
  const Deadline deadline(timeout_ns);
  SegmentPointer watch;  // registered, so that a child that is forked meanwhile closes its copy of the descriptor
  for (;;) {
    if (current != nullptr) {
      bool live = false;
      if (const Status status = find_live(*current, live); status != Status::ok || live) return status;
    }
    const Status status = try_to_open(segment, name, opening);
    if (status != Status::ok && status != Status::not_found) return status;
    if (segment != nullptr) {
      // A writer may have resumed the ring of `current` since it was examined.
      if (current != nullptr && segment->hot.incarnation == current->hot.incarnation) segment.reset();
      return Status::ok;
    }
    const std::int64_t left = timeout_ns == 0 ? 0 : deadline.left(slice_ns);
    if (left <= 0) {
      return fail(Status::timeout, "waited for a ring of the name \"{}\" with a living writer; {}", name,
                  status == Status::ok ? "the writer of the one that is there has died or closed it" : "there is none");
    }
    if (watch == nullptr) {
      if (const Status s = allocate(watch); s != Status::ok) return s;
      (void)open_object(*watch, os::watch_names);
      continue;
    }
    if (current != nullptr && current->interrupted.exchange(false)) {
      return fail(Status::interrupted, "the wait for a ring of the name \"{}\" was ended by another thread", name);
    }
    os::wait_for_name(watch->object, name, left);
  }
}

}  // namespace ringbuf::detail
