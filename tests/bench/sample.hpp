// What a slice came to.
#pragma once

#include <cstddef>

namespace bench {

struct Sample {
  double before_ns;  // the probe before and after; 0 where one process works alone
  double after_ns;
  double pace_ns;       // of the slower processor, before or after
  double value;         // in the row's unit
  double lost;          // part of the items that an overwriting reader missed
  bool disturbed;       // a process that should have run all the time did not
  std::size_t variant;  // which of the contender's rows it belongs to
};

}  // namespace bench
