// What the writer says about its channels, as JSON in the metadata of the sample ring.
#pragma once

#include <string>
#include <vector>

namespace demo {

struct ChannelInfo {
  std::string name;
  std::string unit;
  double scale = 1;  // an element times this is a value in that unit
};

std::string to_json(const std::vector<ChannelInfo>& channels);

// Throws std::runtime_error if it is not what to_json writes.
std::vector<ChannelInfo> from_json(const std::string& text);

}  // namespace demo
