// The channels of a ring, as its metadata describe them: docs/metadata.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recording.hpp"

namespace tool::formats {

struct Channel {
  std::string name;    // its number, from 1 on, if it is not named
  bool named = false;  // the metadata have a name that is not empty
  std::string unit = "1";
  double scale = 1, offset = 0;
  bool calibrated = false;  // the metadata have a scale
};

// One for each channel. What the metadata do not say, or say wrongly, has its default: all of it if they have a list of another
// length, which is none of these channels.
std::vector<Channel> channels_of(const std::string& metadata, std::uint32_t channels);
inline std::vector<Channel> channels_of(const Stream& stream) { return channels_of(stream.metadata, stream.channels); }

}  // namespace tool::formats
