// How soon to look again at a counter that the other side moves.
//
// Who is as fast as the other side finds one new item at each look, and each look takes the cache line away from the other
// side: both then run at the speed of that line. Looking a little later, and finding more, can be several times faster. It
// can also be in vain, when the items come singly for another reason, and then it costs time for nothing. So it is tried
// now and then, and kept only as long as it pays. Who finds nothing looks again at once: a round trip is not held up.
#pragma once

#include <algorithm>
#include <cstdint>

#include "ringbuf/relax.hpp"

namespace ringbuf::detail {

class Pace {
 public:
  // Before a look for more than the last one found.
  void before_look() const noexcept {
    for (std::uint32_t i = 0; i < pauses_; ++i) relax();
  }

  // `found` items; `plenty` are worth a look.
  void after_look(std::uint64_t found, std::uint64_t plenty) noexcept {
    if (found == 0) {
      pauses_ /= 2;
      start_over();
    } else if (found >= plenty) {
      start_over();
    } else if (looks_to_rest_ != 0) {
      --looks_to_rest_;
    } else {
      found_ += found;
      if (++looks_ == looks_of_a_trial) judge();
    }
  }

 private:
  static constexpr std::uint32_t looks_of_a_trial = 16;
  static constexpr std::uint32_t most_pauses = 16;
  static constexpr std::uint32_t shortest_rest = 256;
  static constexpr std::uint32_t longest_rest = 65536;

  void start_over() noexcept {
    found_ = found_before_ = 0;
    looks_ = 0;
  }

  // So many looks found `found_` items, those before with fewer pauses `found_before_`.
  void judge() noexcept {
    if (found_before_ != 0 && found_ < found_before_ + found_before_ / 4) {
      // In vain.
      pauses_ /= 2;
      looks_to_rest_ = rest_;
      rest_ = std::min(2 * rest_, longest_rest);
      start_over();
      return;
    }
    if (found_before_ != 0) rest_ = shortest_rest;
    found_before_ = found_;
    found_ = 0;
    looks_ = 0;
    if (pauses_ < most_pauses) {
      pauses_ = std::max(1U, 2 * pauses_);
    } else {
      looks_to_rest_ = longest_rest;
      start_over();
    }
  }

  std::uint32_t pauses_ = 0;
  std::uint32_t looks_to_rest_ = 0;
  std::uint32_t rest_ = shortest_rest;
  std::uint32_t looks_ = 0;
  std::uint64_t found_ = 0;
  std::uint64_t found_before_ = 0;
};

}  // namespace ringbuf::detail
