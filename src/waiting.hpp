// Sleeping and waking, but for what the inline hot path calls (ringbuf/detail/slow_path.hpp).
#pragma once

#include <algorithm>
#include <cstdint>

#include "segment.hpp"

namespace ringbuf::detail {

// The time slice of a sleep. A sleeper notices the peer's death within one slice, two in the worst case.
inline constexpr std::int64_t slice_ns = 50'000'000;

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

// Ends the sleep of another thread, or the next one; safe in a signal handler.
void interrupt(Segment &segment) noexcept;

}  // namespace ringbuf::detail
