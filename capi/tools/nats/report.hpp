// What `list` and `status` say of a stream.
#pragma once

#include <optional>
#include <string>

#include "jetstream.hpp"
#include "origin.hpp"

namespace tool::nats {

struct StreamReport {
  StreamState state;
  std::optional<Entry> last;
  std::optional<Origin> origin;  // as the last description has it
  std::string trouble;           // why there is no more than that
};

StreamReport report_of(Connection &connection, StreamState state);
Json stream_json(const StreamReport &report);

std::string origin_text(const Origin &origin);       // "HOST:RING"
std::string type_text(const Origin &origin);         // "int16 x 8"
std::string state_text(const StreamReport &report);  // "empty", "open", "closed", "died"

}  // namespace tool::nats
