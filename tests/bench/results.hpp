// All samples of a run, and what they come to.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "classes.hpp"
#include "options.hpp"
#include "row.hpp"

namespace bench {

struct Summary {
  std::size_t n = 0;
  double median = 0, p10 = 0, p90 = 0;
  double lost = 0;  // median
};

// One line of the table.
struct Line {
  const Row *row;
  const Contender *contender;
  Class where;
  Summary summary;
  double to_best_peer = 0;  // how many times as fast as the best peer and as the limit; 0: there is none
  double to_limit = 0;
};

class Results {
 public:
  Results(const Options &options, const Registry &registry) : options_(options), registry_(registry) {}

  void add(const Contender &contender, const std::vector<Sample> &samples);

  // In the order of rows and contenders, a line for each class that was met.
  std::vector<Line> lines() const;

  // Round trips of all probes, by class, those of slices that did not count last.
  std::vector<double> probes() const;
  std::size_t kept() const { return kept_; }
  std::size_t dropped() const { return dropped_; }

 private:
  const Options &options_;
  const Registry &registry_;
  std::map<std::pair<const Contender *, Class>, std::vector<Sample>> samples_;
  std::vector<double> probes_;
  std::size_t kept_ = 0, dropped_ = 0;
};

// The value below which the part q of `values` lies; they are sorted by this.
double quantile(std::vector<double> values, double q);

}  // namespace bench
