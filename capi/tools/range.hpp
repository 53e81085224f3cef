// --from, --to and --last: which samples of a ring.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "option.hpp"
#include "ring.hpp"
#include "text.hpp"

namespace tool {

struct RangeOptions {
  std::string from;
  std::string to;
  std::optional<Amount> last;
};

void add_range(CLI::App &app, RangeOptions &options);

struct Range {
  std::int64_t from;
  std::int64_t to;
  bool to_given;  // else `to` is the index of the next sample, as of now
};

// Failure (usage) if a text is no place in the ring. A time before the oldest sample means the oldest one.
Range find_range(const Ring &ring, const Info &info, const RangeOptions &options);

}  // namespace tool
