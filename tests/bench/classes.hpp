// Which slices count, and in which class.
#pragma once

#include <array>
#include <vector>

#include "sample.hpp"

namespace bench {

enum class Class { alone, sibling, near, far, none };  // none: disturbed, or the two probes do not agree
inline constexpr std::array classes = {Class::alone, Class::sibling, Class::near, Class::far};

const char *class_name(Class c);

// Below which round trip two processors are siblings: the middle of the widest gap between the probes around there. On
// some machines siblings take 30 ns and the next core 48, on others 45 and 110.
double sibling_bound(std::vector<double> probes);

// `bounds`: below the first sibling, from the second on far.
Class classify(const Sample &sample, const std::array<double, 2> &bounds);

}  // namespace bench
