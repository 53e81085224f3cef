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
  std::vector<Sample> &all = samples_[&contender];
  all.insert(all.end(), samples.begin(), samples.end());
}

std::vector<double> Results::probes() const {
  std::vector<double> probes;
  for (const auto &[contender, samples] : samples_) {
    for (const Sample &sample : samples) {
      if (sample.before_ns == 0) continue;
      probes.push_back(sample.before_ns);
      probes.push_back(sample.after_ns);
    }
  }
  return probes;
}

Bounds Results::bounds() const {
  Bounds bounds{options_.classes};
  if (bounds.round_trip[0] == 0) bounds.round_trip[0] = sibling_bound(probes());
  for (const Class where : classes) {  // each by itself: siblings slow one another down
    std::vector<double> paces;
    for (const auto &[contender, samples] : samples_) {
      for (const Sample &sample : samples) {
        if (class_of(sample, bounds.round_trip) == where) paces.push_back(sample.pace_ns);
      }
    }
    // A tenth of the slices is enough for a median. If fewer were quick, the others count, too.
    bounds.pace[static_cast<std::size_t>(where)] = 1.25 * quantile(paces, 0.1);
  }
  return bounds;
}

Results::Census Results::census() const {
  Census census;
  census.bounds = bounds();
  census.probes = probes();
  for (const auto &[contender, samples] : samples_) {
    for (const Sample &sample : samples) {
      if (sample.disturbed) {
        ++census.disturbed;
      } else if (class_of(sample, census.bounds.round_trip) == Class::none) {
        ++census.disagreeing;
      } else if (classify(sample, census.bounds) == Class::none) {
        ++census.slow;
      } else {
        ++census.kept;
      }
    }
  }
  return census;
}

std::vector<Line> Results::lines() const {
  const Bounds bounds = this->bounds();
  // Of a long run, a slice or two of some class say nothing.
  const std::size_t least = options_.forks * options_.slices >= 20 ? 3 : 1;
  std::vector<Line> lines;
  for (const Row &row : registry_.rows) {
    for (const Class where : classes) {
      const std::size_t first = lines.size();
      const bool larger = larger_is_better(row.unit);
      const auto better = [larger](double a, double b) { return larger ? a > b : a < b; };
      double best_peer = 0, limit = 0;
      for (const Contender &contender : registry_.contenders) {
        const auto entered = std::find(contender.rows.begin(), contender.rows.end(), row.name);
        const auto found = samples_.find(&contender);
        if (entered == contender.rows.end() || found == samples_.end()) continue;
        const auto variant = static_cast<std::size_t>(entered - contender.rows.begin());
        std::vector<double> values, lost;
        for (const Sample &sample : found->second) {
          if (sample.variant != variant || classify(sample, bounds) != where) continue;
          values.push_back(sample.value);
          lost.push_back(sample.lost);
        }
        if (values.size() < least) continue;
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
