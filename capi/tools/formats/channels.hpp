// The channels of a ring, as its metadata describe them: docs/metadata.md.
#pragma once

#include <string>
#include <vector>

#include "recording.hpp"

namespace tool::formats {

struct Channel {
  std::string name, unit = "1";
  double scale = 1, offset = 0;
  bool calibrated = false;  // the metadata have a scale
};

// One for each channel. What the metadata do not say, or say wrongly, has its default.
std::vector<Channel> channels_of(const Stream& stream);

}  // namespace tool::formats
