// Limits work that keeps pace with time, not with calls, to once a clock tick. Even a read of the kernel's coarse
// clock costs more than a put of a few bytes. So calls that come fast read it only now and then.
#pragma once

#include <cstdint>

namespace ringbuf::detail {

class TickLimiter {
 public:
  static constexpr std::uint32_t early_looks = 64;  // the first calls of a tick look at the clock
  static constexpr std::uint32_t apart = 16;        // from then on one call in so many does
  static constexpr std::uint32_t many_looks = 320;  // after these, 4160 calls of one tick,
  static constexpr std::uint32_t far_apart = 64;    // one in so many may do

  // Counts a look at the clock, which returned `tick_ns`. Returns whether that is a new tick.
  bool look(std::int64_t tick_ns) noexcept {
    if (tick_ns != tick_ns_) {
      tick_ns_ = tick_ns;
      looks_ = 1;
      return true;
    }
    if (!many()) ++looks_;
    return false;
  }

  // Whether the latest look was one of the early looks of its tick. The next call should then look, too.
  bool early() const noexcept { return looks_ <= early_looks; }
  // Whether this tick has had so many looks that the next one may be far apart.
  bool many() const noexcept { return looks_ > many_looks; }

 private:
  std::int64_t tick_ns_ = -1;
  std::uint32_t looks_ = 0;
};

}  // namespace ringbuf::detail
