// The plots of a run.
#pragma once

#include <string>
#include <vector>

#include "results.hpp"

namespace bench {

// Writes those whose rows were measured into a directory, which is made if need be. Throws std::runtime_error.
void write_plots(const std::string &directory, const std::vector<Line> &lines);

}  // namespace bench
