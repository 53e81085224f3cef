#include "liveness.hpp"

#include <chrono>
#include <thread>

#include "error.hpp"
#include "registry.hpp"

namespace ringbuf::detail {

// The tokens of a ring are valid only in the domain of the process that made it. A process of another domain stores
// this token. It counts as alive, because no process can tell.
constexpr std::uint64_t token_from_elsewhere = UINT64_MAX;

bool Liveness::owner_alive(std::uint64_t owner) const noexcept {
  if (owner == 0) return false;
  return owner == token_from_elsewhere || domain != os::process_domain() || os::process_alive(owner);
}

bool Liveness::alive(std::uint64_t owner, os::Lock lock) const noexcept {
  return tokens ? owner_alive(owner) : os::is_locked(object, lock);
}

std::uint32_t Liveness::process_number(std::uint64_t owner) const noexcept {
  if (owner == token_from_elsewhere || domain != os::process_domain()) return 0;
  return os::process_number_of(owner);
}

std::uint64_t Liveness::own_token() const noexcept {
  return domain == os::process_domain() ? os::process_token() : token_from_elsewhere;
}

bool Liveness::claim(Atomic64 &owner, os::Lock lock) const noexcept {
  if (!tokens) return os::try_lock(object, lock) == Status::ok;
  const std::uint64_t seen = protocol::load_owner(owner);
  return !owner_alive(seen) && protocol::take_ownership(owner, seen, own_token());
}

bool Liveness::hold_off(Atomic64 &owner, os::Lock lock) const noexcept {
  return tokens ? claim(owner, lock) : os::hold_off(object, lock) == Status::ok;
}

void Liveness::release(Atomic64 &owner, os::Lock lock) const noexcept {
  if (tokens) {
    protocol::set_owner(owner, 0);
  } else {
    os::unlock(object, lock);
  }
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
  return Liveness(segment).alive(protocol::load_owner(segment.lines().owner), os::writer_lock);
}

bool reader_alive(const Segment &segment, std::uint32_t slot) noexcept {
  if (segment.is_forked()) (void)arrive();
  if (segment.slot == slot && !segment.is_forked()) return true;
  return Liveness(segment).alive(protocol::load_owner(segment.hot.slots[slot].owner), os::reader_lock(slot));
}

Claim claim_writer_by_lock(const os::Object &object, Status &status) noexcept {
  constexpr int tries = 20;
  constexpr auto pause = std::chrono::milliseconds(5);
  for (int i = 0; i < tries; ++i) {
    if (i != 0) std::this_thread::sleep_for(pause);
    status = os::try_lock(object, os::writer_lock);
    if (status == Status::ok) return Claim::ours;
    if (status != Status::busy && status != Status::permission) return Claim::failed;
    if (os::is_locked(object, os::writer_lock)) return Claim::live;
    if (status == Status::permission) return Claim::failed;
  }
  status = fail(Status::busy,
                "the ring has no writer, but for 100 ms another process has kept us from becoming it with a lock");
  return Claim::blocked;
}

bool claim_writer_by_token(Segment &segment) noexcept {
  return segment.claimed = Liveness(segment).claim(segment.lines().owner, os::writer_lock);
}

bool claim_slot(const Segment &segment, std::uint32_t slot) noexcept {
  return Liveness(segment).claim(segment.hot.slots[slot].owner, os::reader_lock(slot));
}

bool hold_off_slot(const Segment &segment, std::uint32_t slot) noexcept {
  return Liveness(segment).hold_off(segment.hot.slots[slot].owner, os::reader_lock(slot));
}

void release_slot(const Segment &segment, std::uint32_t slot) noexcept {
  Liveness(segment).release(segment.hot.slots[slot].owner, os::reader_lock(slot));
}

}  // namespace ringbuf::detail
