// How far apart the two processors are at this moment: the time of a cache line's round trip between them.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

#include "clock.hpp"

namespace bench {

struct ProbeLine {
  alignas(128) std::atomic<std::uint64_t> ball{0};
};

inline constexpr int probe_groups = 11;
inline constexpr int probe_trips = 32;

// The writer's end. The median over some groups of round trips, so that one interruption does not matter.
inline double probe_serve(ProbeLine &line) noexcept {
  std::array<double, probe_groups> groups;
  std::uint64_t ball = line.ball.load(std::memory_order_relaxed);
  for (double &group : groups) {
    const std::int64_t begin = now_ns();
    for (int i = 0; i < probe_trips; ++i) {
      line.ball.store(++ball, std::memory_order_release);
      ++ball;
      while (line.ball.load(std::memory_order_acquire) != ball) {
      }
    }
    group = static_cast<double>(now_ns() - begin) / probe_trips;
  }
  std::nth_element(groups.begin(), groups.begin() + probe_groups / 2, groups.end());
  return groups[probe_groups / 2];
}

// The reader's end.
inline void probe_return(ProbeLine &line) noexcept {
  std::uint64_t ball = line.ball.load(std::memory_order_relaxed);
  ball -= ball % 2;  // the first serve may be there already
  for (int i = 0; i < probe_groups * probe_trips; ++i) {
    ++ball;
    while (line.ball.load(std::memory_order_acquire) != ball) {
    }
    line.ball.store(++ball, std::memory_order_release);
  }
}

}  // namespace bench
