// Which slices count, and in which class.
#pragma once

#include <array>
#include <vector>

#include "sample.hpp"

namespace bench {

// none: disturbed, the two probes do not agree, or a processor was slow.
enum class Class { alone, sibling, near, far, none };
inline constexpr std::array classes = {Class::alone, Class::sibling, Class::near, Class::far};

const char *class_name(Class c);

// Below which round trip two processors are siblings: the middle of the widest gap between the probes around there. On
// some machines siblings take 30 ns and the next core 48, on others 45 and 110.
double sibling_bound(std::vector<double> probes);

// All in nanoseconds.
struct Bounds {
  std::array<double, 2> round_trip;           // below the first sibling, from the second on far
  std::array<double, classes.size()> pace{};  // of each class: above it a processor is slow
};
// The class of a slice's round trips, which a slow processor does not change.
Class class_of(const Sample &sample, const std::array<double, 2> &round_trip);
// The same, or none if a processor was slow.
Class classify(const Sample &sample, const Bounds &bounds);

}  // namespace bench
