// How soon to look again at a counter that the other side moves.
//
// Each look takes the counter's cache line away from the other side. Who is as fast as the other side and looks for every
// item holds it up, and both run at the speed of that line; to look a little later and find many is several times faster.
// But who waits for single items (a round trip) must not be late. The two differ in what the first look after the last
// item was used up finds: something, or nothing. A pause that brings less than an item is not worth it, so that items
// which come at less than the rate of pauses are not held up either.
#pragma once

#include <algorithm>
#include <cstdint>

#include "ringbuf/detail/relax.hpp"

namespace ringbuf::detail {

class Backoff {
 public:
  // So much found makes a look worth its while; more pauses would only be late.
  static std::uint64_t enough(std::uint64_t capacity) noexcept { return std::min<std::uint64_t>(capacity / 8, 256); }

  // Before a look for more than is known of.
  void before_poll() const noexcept {
    for (std::uint32_t i = 0; i < pauses_; ++i) relax();
  }

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
  static constexpr std::uint32_t most_pauses = 31;  // 0.3 to 1.5 microseconds, as long as a pause is

  std::uint32_t pauses_ = 0;
  bool waiting_ = false;  // the latest look has found nothing
};

}  // namespace ringbuf::detail
