// Sleeping and waking, but for what the inline hot path calls (ringbuf/detail/slow_path.hpp).
#pragma once

#include <algorithm>
#include <cstdint>

#include "segment.hpp"

namespace ringbuf::detail {

// The time slice of a sleep. A sleeper notices the peer's death within one slice, two in the worst case.
inline constexpr std::int64_t slice_ns = 50'000'000;

// The slice of a reader in read-only memory of the caller, which has no way to announce its wait.
inline constexpr std::int64_t unannounced_slice_ns = 5'000'000;
// The slice after os::barrier() failed to impose the peer's fence. The peer sees the announcement a moment later;
// until then the sleeper checks by itself.
inline constexpr std::int64_t asymmetric_slice_ns = 1'000'000;

// The end of a wait; a negative timeout has none.
class Deadline {
 public:
  explicit Deadline(std::int64_t timeout_ns) noexcept : unlimited_(timeout_ns < 0) {
    if (unlimited_) return;
    const std::int64_t now = os::monotonic_ns();
    at_ns_ = timeout_ns > INT64_MAX - now ? INT64_MAX : now + timeout_ns;
  }
  // The time that is left, at most `most`. 0 or less: the deadline has passed.
  std::int64_t left(std::int64_t most) const noexcept {
    return unlimited_ ? most : std::min(most, at_ns_ - os::monotonic_ns());
  }

 private:
  bool unlimited_;
  std::int64_t at_ns_ = 0;
};

// ok: `end` samples are written. closed, stale: they never will be. not_yet: they may still come. Unless `thoroughly`
// it makes no system call, and so does not notice that the writer has died.
Status look(Segment &segment, std::uint64_t end, bool thoroughly = true) noexcept;
// ok: nothing in the ring's memory says that its stream has ended. closed, stale.
Status ended(const Segment &segment) noexcept;
// What system calls tell of a ring that has not ended. ok: its writer lives. closed, stale.
Status examine_writer(const Segment &segment) noexcept;

// Announces in the ring that its samples before `end` are waited for, if this handle may. Returns whether os::barrier() has
// to follow.
bool announce_wait(const Segment &segment, std::uint64_t end) noexcept;
// Whether the writer cannot learn of waiters of this kind, not even by their lock.
inline bool is_unannounced(const Segment &segment) noexcept { return !segment.may_announce && segment.is_borrowed(); }

// Ends the sleep of another thread, or the next one; safe in a signal handler.
void interrupt(Segment &segment) noexcept;

}  // namespace ringbuf::detail
