// All samples of a run, and what they come to.
#pragma once

#include <map>
#include <string>
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

  struct Census {
    Bounds bounds;
    std::vector<double> probes;  // round trips, before and after each slice, ns
    std::size_t kept = 0;
    std::size_t disturbed = 0;    // dropped, since a process was interrupted
    std::size_t slow = 0;         // dropped, since a processor was slow
    std::size_t disagreeing = 0;  // dropped, since the probes before and after did not agree
  };
  Census census() const;

 private:
  Bounds bounds() const;
  std::vector<double> probes() const;

  const Options &options_;
  const Registry &registry_;
  std::map<const Contender *, std::vector<Sample>> samples_;
};

// The value below which the part q of `values` lies.
double quantile(std::vector<double> values, double q);

}  // namespace bench
