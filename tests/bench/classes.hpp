// Which slices count, and in which class.
#pragma once

#include <array>

#include "sample.hpp"

namespace bench {

enum class Class { alone, sibling, near, far, none };  // none: the two probes do not agree
inline constexpr std::array classes = {Class::alone, Class::sibling, Class::near, Class::far};

const char *class_name(Class c);

// `bounds`: below the first sibling, from the second on far.
Class classify(const Sample &sample, const std::array<double, 2> &bounds);

}  // namespace bench
