// Things that keep pace with time rather than with calls are done once a clock tick. Reading even the kernel's coarse clock
// costs more than a put of a few bytes, so whoever comes fast reads it only now and then.
#pragma once

#include <cstdint>

namespace ringbuf::detail {

class TickLimiter {
 public:
  static constexpr std::uint32_t early_looks = 64;  // in each tick, one for each call
  static constexpr std::uint32_t apart = 16;        // calls for one look, from then on

  // What the clock says. Whether it is a new tick.
  bool look(std::int64_t tick_ns) noexcept {
    if (tick_ns != tick_ns_) {
      tick_ns_ = tick_ns;
      looks_ = 1;
      return true;
    }
    if (early()) ++looks_;
    return false;
  }

  // Whether the latest look was one of the early ones of its tick, so that the next call should look, too.
  bool early() const noexcept { return looks_ <= early_looks; }

 private:
  std::int64_t tick_ns_ = -1;
  std::uint32_t looks_ = 0;
};

}  // namespace ringbuf::detail
