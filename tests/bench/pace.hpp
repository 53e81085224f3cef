// How fast a processor is at this moment. One whose sibling works, too, takes up to twice as long; on a virtual machine that may
// be for somebody else. Code that computes slows down by that, code that waits for cache lines hardly does, so ratios of the two
// mean nothing then.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "clock.hpp"

namespace bench {

// Nanoseconds for a step of a loop: a taken branch. The median over some groups of steps, so that one interruption does not
// matter.
inline double pace_ns() noexcept {
  constexpr int steps = 2000;
  std::array<double, 5> groups;
  for (double &group : groups) {
    const std::int64_t begin = now_ns();
#pragma GCC unroll 1
    for (int i = 0; i < steps; ++i) asm volatile("");
    group = static_cast<double>(now_ns() - begin) / steps;
  }
  std::nth_element(groups.begin(), groups.begin() + groups.size() / 2, groups.end());
  return groups[groups.size() / 2];
}

}  // namespace bench
