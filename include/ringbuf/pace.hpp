// How soon to look again at a counter that the other side moves.
//
// Each look takes the cache line away from the other side. Who looks all the time, because it is as fast as the other side,
// holds it up, and both run at the speed of that line; to look less often and find more can be several times faster. It can
// also be in vain, when items come singly for another reason, and then it makes each of them late. Which of the two it is
// shows in the rate at which items come. So a pause before each look is tried now and then, for a few items, and kept only
// while they come faster by it; whoever waits for single items (a round trip) is held up by next to nothing.
#pragma once

#include <algorithm>
#include <cstdint>

#include "ringbuf/relax.hpp"

namespace ringbuf::detail {

class Pace {
 public:
  // Before a look for more than is known of.
  void before_look() const noexcept {
    for (std::uint32_t i = 0; i < pauses_; ++i) relax();
  }

  // A look has found so many items.
  void after_look(std::uint64_t found) noexcept {
    if (found == 0) return;
    found_ += found;
    if (++looks_ == looks_of_a_trial) judge();
  }

 private:
  static constexpr std::uint32_t looks_of_a_trial = 32;  // that find something
  static constexpr std::uint32_t most_pauses = 16;
  static constexpr std::uint32_t shortest_rest = 8;  // trials' lengths
  static constexpr std::uint32_t longest_rest = 1024;

  // Items in a thousand ticks.
  void judge() noexcept {
    const std::uint64_t now = ticks();
    const std::uint64_t passed = std::max<std::uint64_t>(now - since_, 1);
    const std::uint64_t rate = found_ * 1024 / passed;
    since_ = now;
    found_ = 0;
    looks_ = 0;
    if (now == 0) return;
    if (trying_) {
      if (rate > rate_ + rate_ / 4) {
        rate_ = rate;
        rest_ = shortest_rest;
        if (pauses_ < most_pauses) {
          pauses_ *= 2;
          return;
        }
      } else {
        pauses_ /= 2;
        rest_ = std::min(2 * rest_, longest_rest);
      }
      trying_ = false;
      resting_ = rest_;
    } else if (pauses_ != 0 && rate < rate_ / 2) {
      // Things have changed.
      pauses_ = 0;
      resting_ = rest_ = shortest_rest;
    } else if (resting_ != 0) {
      --resting_;
    } else {
      rate_ = rate;
      trying_ = true;
      pauses_ = pauses_ == 0 ? 1 : std::min(2 * pauses_, most_pauses);
    }
  }

  std::uint32_t pauses_ = 0;
  std::uint32_t looks_ = 0;
  std::uint64_t found_ = 0;
  std::uint64_t since_ = 0;
  std::uint64_t rate_ = 0;  // before the pauses that are being tried, or with those that were kept
  std::uint32_t resting_ = 0;
  std::uint32_t rest_ = shortest_rest;
  bool trying_ = false;
};

}  // namespace ringbuf::detail
