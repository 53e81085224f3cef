// What the writer says about its samples: the metadata of the sample ring, as docs/metadata.md has them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace demo {

struct ChannelInfo {
  std::string name;
  std::string unit = "1";
  double scale = 1;  // a value is element * scale + offset, in that unit
  double offset = 0;
};

// What is empty is unknown.
struct Metadata {
  std::vector<ChannelInfo> channels;
  std::string kind;
  std::string device;
  std::string start;
};

std::string to_json(const Metadata& metadata);

// Of a ring with so many channels. Throws std::runtime_error if it is not as docs/metadata.md has it.
Metadata from_json(const std::string& text, std::size_t channels);

}  // namespace demo
