#include "reader_slots.hpp"

#include "error.hpp"
#include "liveness.hpp"

namespace ringbuf::detail {

Status take_slot(Segment &segment) noexcept {
  const os::Uncancelled uncancelled;
  const HotState &v = segment.hot;
  // First free slots; then active slots, whose reader may be dead; then slots that a writer has reclaimed meanwhile.
  for (const bool active : {false, true, false}) {
    for (std::uint32_t i = 0; i < v.max_readers; ++i) {
      if (protocol::is_active(v.slots[i]) != active || !claim_slot(segment, i)) continue;
      segment.slot = i;
      return Status::ok;
    }
  }
  return fail(Status::too_many_readers, "all {} slots of the reader table are taken", v.max_readers);
}

std::uint64_t enter_slot(Segment &segment, std::uint64_t position) noexcept {
  const os::Uncancelled uncancelled;
  const HotState &v = segment.hot;
  const std::uint64_t limit =
      protocol::enter(v.slots[segment.slot], segment.lines(), position, Liveness(segment).own_token(), v.fences);
  if (protocol::must_wake_for_reader(segment.lines())) wake_writer(segment);
  return limit;
}

std::uint32_t living_readers(const Segment &segment) noexcept {
  std::uint32_t readers = 0;
  for (std::uint32_t i = 0; i < segment.hot.max_readers; ++i) {
    if (protocol::is_entered(segment.hot.slots[i]) && reader_alive(segment, i)) ++readers;
  }
  return readers;
}

bool reclaim_slots(Segment &segment, bool now) noexcept {
  if (!tick_passed(segment) && !now) return false;
  const os::Uncancelled uncancelled;
  const HotState &v = segment.hot;
  bool freed = false;
  for (std::uint32_t i = 0; i < v.max_readers; ++i) {
    if (!protocol::is_active(v.slots[i]) || !hold_off_slot(segment, i)) continue;
    // A reader that came and left meanwhile has freed the slot.
    if (protocol::is_active(v.slots[i])) protocol::free_slot(v.slots[i]);
    release_slot(segment, i);
    freed = true;
  }
  return freed;
}

void leave_slot(Segment &segment) noexcept {
  const HotState &v = segment.hot;
  // In memory of the caller the slot may belong to a reader of another ring by now.
  if (segment.slot == no_slot || (v.reused && !protocol::same_incarnation(segment.lines(), v.incarnation))) return;
  protocol::leave(v.slots[segment.slot]);
  if (protocol::must_wake_writer(segment.lines(), readers_waiting, v.fences)) wake_writer(segment);
}

}  // namespace ringbuf::detail
