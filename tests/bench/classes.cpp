#include "classes.hpp"

#include <algorithm>

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

Class classify(const Sample &sample, const std::array<double, 2> &bounds) {
  if (sample.before_ns == 0) return Class::alone;
  const auto of = [&](double probe_ns) {
    return probe_ns < bounds[0] ? Class::sibling : probe_ns < bounds[1] ? Class::near : Class::far;
  };
  const auto [low, high] = std::minmax(sample.before_ns, sample.after_ns);
  return of(low) == of(high) && high < 1.5 * low ? of(low) : Class::none;
}

}  // namespace bench
