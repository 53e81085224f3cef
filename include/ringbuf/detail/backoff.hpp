// Adaptive backoff: when to poll again a counter that the peer moves.
//
// Polling for every item bounces the peer's cache line, and both sides run at the speed of that line. To poll a
// little later and take a batch is several times faster. But a side that waits for single items (a round trip) must
// not be late. The first poll after the last known item was used up tells the two cases apart: in a stream it finds
// items, in a round trip it finds none. A pause that brings less than one item is not worth it. So items that come at
// a lower rate than the pauses are not delayed either.
#pragma once

#include <algorithm>
#include <cstdint>

#include "ringbuf/detail/relax.hpp"

namespace ringbuf::detail {

class Backoff {
 public:
  // A poll that finds this many items is good enough. More pauses would only add delay.
  static std::uint64_t enough(std::uint64_t capacity) noexcept { return std::min<std::uint64_t>(capacity / 8, 256); }

  // Pauses. To be called before a poll for more items than are known.
  void before_poll() const noexcept {
    for (std::uint32_t i = 0; i < pauses_; ++i) relax();
  }

  // Adapts the pauses to the number of items that the poll found.
  void after_poll(std::uint64_t found, std::uint64_t enough) noexcept {
    if (found == 0) {
      pauses_ = 0;
      waiting_ = true;
    } else if (waiting_) {
      waiting_ = false;
    } else if (found < pauses_) {
      pauses_ /= 2;
    } else if (found < enough) {
      pauses_ = std::min(2 * pauses_ + 1, most_pauses);
    }
  }

 private:
  static constexpr std::uint32_t most_pauses = 31;  // 0.3 to 1.5 microseconds, depending on the processor

  std::uint32_t pauses_ = 0;
  bool waiting_ = false;  // the latest poll found nothing
};

}  // namespace ringbuf::detail
