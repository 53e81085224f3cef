#include "results.hpp"

#include <algorithm>
#include <cmath>

namespace bench {

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double at = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (values[above] - values[below]) * (at - std::floor(at));
}

void Results::add(const Contender &contender, const std::vector<Sample> &samples) {
  for (const Sample &sample : samples) {
    const Class where = classify(sample, options_.classes);
    if (where != Class::alone) {
      probes_.push_back(sample.before_ns);
      probes_.push_back(sample.after_ns);
    }
    if (where == Class::none) {
      ++dropped_;
      continue;
    }
    ++kept_;
    samples_[{&contender, where}].push_back(sample);
  }
}

std::vector<double> Results::probes() const { return probes_; }

std::vector<Line> Results::lines() const {
  std::vector<Line> lines;
  for (const Row &row : registry_.rows) {
    for (const Class where : classes) {
      const std::size_t first = lines.size();
      const bool larger = larger_is_better(row.unit);
      const auto better = [larger](double a, double b) { return larger ? a > b : a < b; };
      double best_peer = 0, limit = 0;
      for (const Contender &contender : registry_.contenders) {
        if (contender.row != row.name) continue;
        const auto found = samples_.find({&contender, where});
        if (found == samples_.end()) continue;
        std::vector<double> values, lost;
        for (const Sample &sample : found->second) {
          values.push_back(sample.value);
          lost.push_back(sample.lost);
        }
        const Summary summary{values.size(), quantile(values, 0.5), quantile(values, 0.1), quantile(values, 0.9),
                              quantile(lost, 0.5)};
        lines.push_back({&row, &contender, where, summary});
        double &reference = contender.kind == Kind::limit ? limit : best_peer;
        const bool counts = contender.kind == Kind::limit || contender.kind == Kind::peer;
        if (counts && (reference == 0 || better(summary.median, reference))) reference = summary.median;
      }
      for (std::size_t i = first; i < lines.size(); ++i) {
        const double median = lines[i].summary.median;
        const auto speed = [&](double reference) {
          if (reference == 0 || median == 0) return 0.0;
          return larger ? median / reference : reference / median;
        };
        lines[i].to_best_peer = speed(best_peer);
        lines[i].to_limit = speed(limit);
      }
    }
  }
  return lines;
}

}  // namespace bench
