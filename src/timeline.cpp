#include "timeline.hpp"

#include <algorithm>

namespace ringbuf::detail {

namespace {

// How far after a point others are looked at to tell whether it is late. A true rate that differs from the one that the ring
// has makes an error of that difference times this time, at most.
constexpr double catch_up_ns = 1e9;

// begin + (end - begin) * part / whole, rounded down; part <= whole, end >= begin.
std::int64_t between(std::int64_t begin, std::int64_t end, std::uint64_t part, std::uint64_t whole) noexcept {
  const std::uint64_t way = static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(begin);
  std::uint64_t done = 0;
  if (whole <= UINT32_MAX) {
    done = way / whole * part + way % whole * part / whole;
  } else {
    done = std::min(way, static_cast<std::uint64_t>(static_cast<double>(way) *
                                                    (static_cast<double>(part) / static_cast<double>(whole))));
  }
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(begin) + done);
}

std::int64_t bounded(double ns) noexcept {
  constexpr auto most = static_cast<double>(most_monotonic_ns);
  return static_cast<std::int64_t>(std::clamp(ns, -most, most));
}
std::int64_t bounded(std::int64_t ns, std::int64_t most = most_monotonic_ns) noexcept {
  return std::clamp(ns, -most, most);
}
std::int64_t sum(std::int64_t a, std::int64_t b) noexcept {
  return b > 0 && a > INT64_MAX - b ? INT64_MAX : b < 0 && a < INT64_MIN - b ? INT64_MIN : a + b;
}

}  // namespace

Timeline::Timeline(double sample_rate, std::int64_t now_ns) noexcept
    : period_ns_(period_of(sample_rate)), rate_known_(sample_rate > 0), now_ns_(now_ns) {}

void Timeline::push(const Point &point) noexcept {
  if (size_ != 0 && point.index <= points_[size_ - 1].index) return;
  points_[size_++] = point;
}

void Timeline::add(const protocol::Mark &mark) noexcept {
  const auto offset = [](std::int64_t realtime, std::int64_t monotonic) {
    return bounded(realtime, most_realtime_ns) - bounded(monotonic);
  };
  const std::int64_t at_ns = bounded(mark.at.monotonic_ns);
  const std::int64_t now_offset = offset(mark.at.realtime_ns, mark.at.monotonic_ns);
  if (mark.run_start != 0 && mark.run_start <= mark.at.index) {
    const std::int64_t before_ns = std::min(bounded(mark.before_ns), at_ns);
    push({mark.run_start - 1, before_ns, offset(mark.before_realtime_ns, mark.before_ns), false, mark.stamped});
    push({mark.run_start, at_ns, now_offset, true, mark.run_start == mark.at.index && mark.stamped});
  }
  push({mark.at.index, at_ns, now_offset, false, mark.stamped});
}

// The time of a point, or an earlier one that the points soon after it demand. A pause makes them later, and so demands less.
std::int64_t Timeline::least(std::size_t at) const noexcept {
  const Point &point = points_[at];
  std::int64_t least = point.ns;
  for (std::size_t i = at + 1; i < size_; ++i) {
    const double apart = static_cast<double>(points_[i].index - point.index) * period_ns_;
    if (apart > catch_up_ns) break;
    least = std::min(least, points_[i].ns - static_cast<std::int64_t>(apart));
  }
  return least;
}

void Timeline::finish() noexcept {
  // Without a rate the period is that of the latest two points between which there is no pause.
  for (std::size_t i = size_; !rate_known_ && period_ns_ == 0 && i-- > 1;) {
    const Point &a = points_[i - 1], &b = points_[i];
    if (!b.after_pause && b.ns > a.ns)
      period_ns_ = static_cast<double>(b.ns - a.ns) / static_cast<double>(b.index - a.index);
  }
  // From the oldest point on, so that each looks at what the points after it say themselves.
  for (std::size_t i = 0; i < size_; ++i) {
    Point &point = points_[i];
    if (rate_known_ && !point.exact) point.ns = least(i);
    // Without a rate, too, the first sample after a pause was put before the one whose time is known.
    if (!rate_known_ && point.after_pause && i + 1 < size_ && points_[i + 1].ns == point.ns) {
      point.ns = from(points_[i + 1], point.index);
    }
    if (i != 0) point.ns = std::max(point.ns, points_[i - 1].ns);
  }
}

// The time of a sample before or after a point, at the usual rate.
std::int64_t Timeline::from(const Point &point, std::uint64_t index) const noexcept {
  const bool later = index > point.index;
  const std::uint64_t apart = later ? index - point.index : point.index - index;
  const std::int64_t ns = bounded(static_cast<double>(apart) * period_ns_);
  return later ? point.ns + ns : point.ns - ns;
}

protocol::Time Timeline::at(std::uint64_t index) const noexcept {
  const Point *end = points_ + size_;
  const Point *next =
      std::lower_bound(points_, end, index, [](const Point &p, std::uint64_t i) { return p.index < i; });
  std::int64_t ns = 0, offset_ns = 0;
  if (next != end && (next == points_ || next->index == index)) {
    ns = from(*next, index);
    offset_ns = next->offset_ns;
  } else {
    const Point &last = next[-1];
    offset_ns = last.offset_ns;
    if (next == end) {
      ns = std::max(last.ns, std::min(from(last, index), now_ns_));
    } else {
      const std::uint64_t part = index - last.index, whole = next->index - last.index;
      ns = between(last.ns, next->ns, part, whole);
      // A clock that is being adjusted moves slowly. Any other difference is a step.
      const bool forwards = next->offset_ns >= last.offset_ns;
      const std::int64_t low = forwards ? last.offset_ns : next->offset_ns;
      const std::int64_t high = forwards ? next->offset_ns : last.offset_ns;
      if (static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) <=
          static_cast<std::uint64_t>(next->ns - last.ns) / 1000) {
        offset_ns = between(low, high, forwards ? part : whole - part, whole);
      }
    }
  }
  return {index, ns, sum(ns, offset_ns)};
}

std::int64_t Timeline::on(Clock clock, std::uint64_t index) const noexcept {
  const protocol::Time time = at(index);
  return clock == Clock::realtime ? time.realtime_ns : time.monotonic_ns;
}

// Along each line the time grows, on both clocks. The realtime clock may step where a line ends.
std::uint64_t Timeline::first_at_or_after(Clock clock, std::int64_t time_ns, std::uint64_t first,
                                          std::uint64_t last) const noexcept {
  const auto reached = [&](std::uint64_t index) { return on(clock, index) >= time_ns; };
  std::uint64_t begin = first;
  for (std::size_t i = 0; i <= size_ && begin <= last; ++i) {
    if (i < size_ && points_[i].index <= begin) continue;
    const std::uint64_t end = i < size_ ? std::min(points_[i].index, last + 1) : last + 1;  // of this line
    if (end > begin && reached(end - 1)) {
      std::uint64_t low = begin, high = end - 1;
      while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (reached(middle)) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      return low;
    }
    begin = end;
  }
  return last + 1;
}

}  // namespace ringbuf::detail
