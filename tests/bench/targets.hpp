// What ringbuf is meant to reach, held against what was measured. For people to read: it decides nothing.
#pragma once

#include <vector>

#include "results.hpp"

namespace bench {

// One line for each goal whose rows were measured.
void print_targets(const std::vector<Line> &lines);

}  // namespace bench
