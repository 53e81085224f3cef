// What a ring that was pulled from another machine says of its origin: the key `relay` of its metadata, as docs/metadata.md has it.
#pragma once

#include <optional>
#include <string>

namespace tool {

struct Relay {
  std::string stream;
  std::string ring;  // of the origin, the first one if there are several machines in between
  std::string host;
  std::string ring_id;  // of the ring that was pushed into the stream
};

std::string with_relay(const std::string &metadata, const Relay &relay);  // as they were if they are no JSON object
std::optional<Relay> relay_of(const std::string &metadata);

}  // namespace tool
