#include "liveness.hpp"

#include <chrono>
#include <thread>

#include "error.hpp"
#include "registry.hpp"

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

bool holder_alive(const os::Object &object, bool tokens, std::uint64_t owner, std::uint64_t domain,
                  os::Lock lock) noexcept {
  return tokens ? owner_alive(owner, domain) : os::is_locked(object, lock);
}

namespace {

bool role_alive(const Segment &segment, const Atomic64 &owner, os::Lock lock) noexcept {
  return holder_alive(segment.object, segment.has_tokens(), protocol::load_owner(owner), segment.geometry.domain, lock);
}

// Makes this process the owner, by one exchange of a dead owner. Of several callers one succeeds.
bool take_from_the_dead(const Segment &segment, Atomic64 &owner) noexcept {
  const std::uint64_t domain = segment.geometry.domain;
  const std::uint64_t seen = protocol::load_owner(owner);
  return !owner_alive(seen, domain) && protocol::take_ownership(owner, seen, own_token(domain));
}

}  // namespace

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
  return role_alive(segment, segment.lines().owner, os::writer_lock);
}

bool reader_alive(const Segment &segment, std::uint32_t slot) noexcept {
  if (segment.is_forked()) (void)arrive();
  if (segment.slot == slot && !segment.is_forked()) return true;
  return role_alive(segment, segment.hot.slots[slot].owner, os::reader_lock(slot));
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

bool claim_writer_by_token(const Segment &segment) noexcept {
  return take_from_the_dead(segment, segment.lines().owner);
}

bool claim_slot(Segment &segment, std::uint32_t slot) noexcept {
  if (segment.has_tokens()) return take_from_the_dead(segment, segment.hot.slots[slot].owner);
  return os::try_lock(segment.object, os::reader_lock(slot)) == Status::ok;
}

bool hold_off_slot(Segment &segment, std::uint32_t slot) noexcept {
  if (segment.has_tokens()) return claim_slot(segment, slot);
  return os::hold_off(segment.object, os::reader_lock(slot)) == Status::ok;
}

void release_slot(Segment &segment, std::uint32_t slot) noexcept {
  if (segment.has_tokens()) {
    protocol::set_owner(segment.hot.slots[slot].owner, 0);
  } else {
    os::unlock(segment.object, os::reader_lock(slot));
  }
}

}  // namespace ringbuf::detail
