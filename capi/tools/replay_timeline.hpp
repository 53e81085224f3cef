// When each sample of a recording was taken, by its marks and its rate.
#pragma once

#include <cstdint>
#include <vector>

#include "formats/recording.hpp"

namespace tool {

class Timeline {
 public:
  // `rate` in Hz; 0: only the marks tell.
  Timeline(const std::vector<formats::TimeMark> &marks, double rate, std::int64_t first_index);

  // False: neither marks nor a rate.
  bool known() const { return period_ns_ > 0; }
  // On the monotonic clock of the recording; without marks the first sample is at 0.
  std::int64_t monotonic_ns(std::int64_t index) const;
  std::int64_t realtime_ns(std::int64_t index) const;
  double period_ns() const { return period_ns_; }
  // The first index whose time is that or later, for `index` in [low, high]; high if there is none.
  std::int64_t index_at_realtime(std::int64_t time_ns, std::int64_t low, std::int64_t high) const;

 private:
  std::int64_t time(std::int64_t index, std::int64_t formats::TimeMark::*clock) const;

  std::vector<formats::TimeMark> marks_;
  double period_ns_ = 0;
};

}  // namespace tool
