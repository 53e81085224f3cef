#include "relay.hpp"

#include "describe.hpp"

namespace tool {

std::string with_relay(const std::string &metadata, const Relay &relay) {
  Json json = metadata.empty() ? Json::object() : Json::parse(metadata, nullptr, false);
  if (!json.is_object()) return metadata;
  json["relay"] = {{"stream", relay.stream}, {"ring", relay.ring}, {"host", relay.host}, {"ring_id", relay.ring_id}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Relay> relay_of(const std::string &metadata) {
  if (metadata.find("\"relay\"") == std::string::npos) return std::nullopt;
  const Json json = Json::parse(metadata, nullptr, false);
  if (!json.is_object() || !json.contains("relay")) return std::nullopt;
  try {
    const Json &found = json.at("relay");
    return Relay{found.at("stream"), found.at("ring"), found.at("host"), found.at("ring_id")};
  } catch (const Json::exception &) {
    return std::nullopt;
  }
}

}  // namespace tool
