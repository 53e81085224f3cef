// Liveness: whether the writer and the readers of a ring are alive. Locks that the kernel releases tell it, or
// process tokens if the ring says so. Also here: taking and reclaiming reader slots, which belong to living readers.
#include "error.hpp"
#include "segment.hpp"

namespace ringbuf::detail {

// The tokens of a ring are valid only in the domain of the process that made it. A process of another domain stores
// this token. It counts as alive, because no process can tell.
constexpr std::uint64_t token_from_elsewhere = UINT64_MAX;

bool owner_alive(std::uint64_t owner, std::uint64_t domain) noexcept {
  if (owner == 0) return false;
  return owner == token_from_elsewhere || domain != os::process_domain() || os::process_alive(owner);
}

std::uint32_t owner_number(std::uint64_t owner, std::uint64_t domain) noexcept {
  if (owner == token_from_elsewhere || domain != os::process_domain()) return 0;
  return os::process_number_of(owner);
}

std::uint64_t own_token(std::uint64_t domain) noexcept {
  return domain == os::process_domain() ? os::process_token() : token_from_elsewhere;
}

bool tick_passed(Segment &segment) noexcept {
  if (segment.calls_to_skip != 0) {
    --segment.calls_to_skip;
    return false;
  }
  const bool passed = segment.watch.look(os::tick_ns());
  if (!segment.watch.early()) segment.calls_to_skip = TickLimiter::apart - 1;
  return passed;
}

bool writer_alive(const Segment &segment) noexcept {
  if (segment.is_forked()) (void)arrive();
  if (segment.role == Role::writer && !segment.is_forked()) return true;
  if (segment.has_tokens()) return owner_alive(protocol::load_owner(segment.lines().owner), segment.geometry.domain);
  return os::is_locked(segment.object, os::writer_lock);
}

bool reader_alive(const Segment &segment, std::uint32_t slot) noexcept {
  if (segment.is_forked()) (void)arrive();
  if (segment.slot == slot && !segment.is_forked()) return true;
  const ReaderSlot &p = segment.hot.slots[slot];
  if (segment.has_tokens()) return owner_alive(protocol::load_owner(p.owner), segment.geometry.domain);
  return os::is_locked(segment.object, os::reader_lock(slot));
}

namespace {

// Takes the lock or the ownership of a slot without a living reader. Of several callers one succeeds.
bool get_hold_of(Segment &segment, std::uint32_t slot, std::uint64_t token) noexcept {
  if (!segment.has_tokens()) return os::try_lock(segment.object, os::reader_lock(slot)) == Status::ok;
  Atomic64 &owner = segment.hot.slots[slot].owner;
  const std::uint64_t seen = protocol::load_owner(owner);
  return !owner_alive(seen, segment.geometry.domain) && protocol::take_ownership(owner, seen, token);
}

void let_go_of(Segment &segment, std::uint32_t slot) noexcept {
  if (segment.has_tokens()) {
    protocol::set_owner(segment.hot.slots[slot].owner, 0);
  } else {
    os::unlock(segment.object, os::reader_lock(slot));
  }
}

}  // namespace

Status take_slot(Segment &segment) noexcept {
  const os::Uncancelled uncancelled;
  const HotState &v = segment.hot;
  const std::uint64_t token = own_token(segment.geometry.domain);
  // First free slots; then active slots, whose reader may be dead; then slots that a writer has reclaimed meanwhile.
  for (const bool active : {false, true, false}) {
    for (std::uint32_t i = 0; i < v.max_readers; ++i) {
      if (protocol::is_active(v.slots[i]) != active || !get_hold_of(segment, i, token)) continue;
      segment.slot = i;
      return Status::ok;
    }
  }
  return fail(Status::too_many_readers, "all {} slots of the reader table are taken", v.max_readers);
}

namespace {

// Makes sure that a slot has no living reader, and that no process takes it until let_go_of(). The lock is shared: a
// user who may only read the ring can share it, too, but cannot prevent the slot of a dead reader from being freed.
bool keep_free(Segment &segment, std::uint32_t slot, std::uint64_t token) noexcept {
  if (segment.has_tokens()) return get_hold_of(segment, slot, token);
  return os::hold_off(segment.object, os::reader_lock(slot)) == Status::ok;
}

}  // namespace

bool reclaim_slots(Segment &segment, bool now) noexcept {
  if (!tick_passed(segment) && !now) return false;
  const os::Uncancelled uncancelled;
  const HotState &v = segment.hot;
  const std::uint64_t token = segment.has_tokens() ? own_token(segment.geometry.domain) : 0;
  bool freed = false;
  for (std::uint32_t i = 0; i < v.max_readers; ++i) {
    if (!protocol::is_active(v.slots[i]) || !keep_free(segment, i, token)) continue;
    // A reader that came and left meanwhile has freed the slot.
    if (protocol::is_active(v.slots[i])) protocol::free_slot(v.slots[i]);
    let_go_of(segment, i);
    freed = true;
  }
  return freed;
}

}  // namespace ringbuf::detail
