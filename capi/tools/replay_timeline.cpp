#include "replay_timeline.hpp"

#include <algorithm>
#include <cmath>

namespace tool {

Timeline::Timeline(const std::vector<formats::TimeMark> &marks, double rate, std::int64_t first_index) : marks_(marks) {
  if (rate > 0) {
    period_ns_ = 1e9 / rate;
  } else if (marks.size() > 1) {
    const auto &first = marks.front();
    const auto &last = marks.back();
    period_ns_ =
        static_cast<double>(last.monotonic_ns - first.monotonic_ns) / static_cast<double>(last.index - first.index);
  }
  if (marks_.empty()) marks_.push_back({first_index, 0, 0});
}

std::int64_t Timeline::monotonic_ns(std::int64_t index) const { return time(index, &formats::TimeMark::monotonic_ns); }

std::int64_t Timeline::realtime_ns(std::int64_t index) const { return time(index, &formats::TimeMark::realtime_ns); }

std::int64_t Timeline::time(std::int64_t index, std::int64_t formats::TimeMark::*clock) const {
  const auto after =
      std::upper_bound(marks_.begin(), marks_.end(), index,
                       [](std::int64_t value, const formats::TimeMark &mark) { return value < mark.index; });
  if (after == marks_.begin() || after == marks_.end()) {
    const formats::TimeMark &near = after == marks_.begin() ? marks_.front() : marks_.back();
    return near.*clock + std::llround(static_cast<double>(index - near.index) * period_ns_);
  }
  const formats::TimeMark &low = *(after - 1);
  const double step = static_cast<double>((*after).*clock - low.*clock) / static_cast<double>(after->index - low.index);
  return low.*clock + std::llround(static_cast<double>(index - low.index) * step);
}

std::int64_t Timeline::index_at_realtime(std::int64_t time_ns, std::int64_t low, std::int64_t high) const {
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (realtime_ns(middle) < time_ns) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace tool
