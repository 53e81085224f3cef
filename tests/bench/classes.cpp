#include "classes.hpp"

#include <algorithm>
#include <cmath>

namespace bench {

const char *class_name(Class c) {
  switch (c) {
    case Class::alone:
      return "-";
    case Class::sibling:
      return "sibling";
    case Class::near:
      return "near";
    case Class::far:
      return "far";
    case Class::none:
      break;
  }
  return "none";
}

double sibling_bound(std::vector<double> probes) {
  constexpr double otherwise = 45, lowest = 25, highest = 110;
  std::sort(probes.begin(), probes.end());
  double widest = 1.3, bound = otherwise;
  for (std::size_t i = 1; i < probes.size(); ++i) {
    if (probes[i - 1] < lowest || probes[i - 1] > highest) continue;
    const double gap = probes[i] / probes[i - 1];
    if (gap < widest) continue;
    widest = gap;
    bound = std::sqrt(probes[i] * probes[i - 1]);
  }
  return bound;
}

Class class_of(const Sample &sample, const std::array<double, 2> &round_trip) {
  if (sample.disturbed) return Class::none;
  if (sample.before_ns == 0) return Class::alone;
  const auto of = [&](double probe_ns) {
    return probe_ns < round_trip[0] ? Class::sibling : probe_ns < round_trip[1] ? Class::near : Class::far;
  };
  const auto [low, high] = std::minmax(sample.before_ns, sample.after_ns);
  return of(low) == of(high) && high < 1.5 * low ? of(low) : Class::none;
}

Class classify(const Sample &sample, const Bounds &bounds) {
  const Class where = class_of(sample, bounds.round_trip);
  const bool slow = where != Class::none && sample.pace_ns > bounds.pace[static_cast<std::size_t>(where)];
  return slow ? Class::none : where;
}

}  // namespace bench
