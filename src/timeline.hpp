// When the samples of a ring were put: lines between the points that its time track gives. Pure, so that tests can be
// exhaustive.
//
// Each point is a sample and its time. Between two points the time grows evenly. A pause lies between two points whose
// indices follow one another, so no line leads across it. If the sample rate is known, a point cannot be right that is later
// than a point soon after it allows: its writer was late.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "ringbuf/detail/index.hpp"
#include "ringbuf/detail/protocol.hpp"
#include "ringbuf/options.hpp"

namespace ringbuf::detail {

// The latest times: 73 years after the machine has started, and the year 2116. Sums of times that another process may have
// stored cannot overflow if each is bounded.
inline constexpr std::int64_t most_monotonic_ns = INT64_MAX / 4;
inline constexpr std::int64_t most_realtime_ns = INT64_MAX / 2;

// The time between two samples, in ns; 0: unknown.
constexpr double period_of(double sample_rate) noexcept {
  return sample_rate > 0 ? std::min(1e9 / sample_rate, static_cast<double>(most_monotonic_ns)) : 0;
}

class Timeline {
 public:
  // A rate of 0 is unknown. `now` is the time on the monotonic clock, after which no sample was put.
  Timeline(double sample_rate, std::int64_t now_ns) noexcept;

  // Adds marks in the order of their indices, the anchor last. A mark that contradicts those before it is left out.
  void add(const protocol::Mark &mark) noexcept;
  // Ends the adding.
  void finish() noexcept;

  bool empty() const noexcept { return size_ == 0; }
  // The time of a sample. There must be a point.
  protocol::Time at(std::uint64_t index) const noexcept;
  // The first sample of [first, last] that was put at or after a time; last + 1: none.
  std::uint64_t first_at_or_after(Clock clock, std::int64_t time_ns, std::uint64_t first,
                                  std::uint64_t last) const noexcept;

 private:
  struct Point {
    std::uint64_t index;
    std::int64_t ns;         // on the monotonic clock
    std::int64_t offset_ns;  // of the realtime clock from it
    bool after_pause;        // the first sample after a pause
    bool exact;              // stamped by the program
  };

  void push(const Point &point) noexcept;
  std::int64_t from(const Point &point, std::uint64_t index) const noexcept;
  std::int64_t least(std::size_t at) const noexcept;
  std::int64_t on(Clock clock, std::uint64_t index) const noexcept;

  double period_ns_;  // between samples; 0: unknown
  bool rate_known_;
  std::int64_t now_ns_;
  std::size_t size_ = 0;
  Point points_[3 * (track_marks + 1)];
};

}  // namespace ringbuf::detail
