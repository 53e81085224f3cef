#include "metadata.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace demo {

std::string to_json(const Metadata& metadata) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [key, value] :
       {std::pair{"kind", &metadata.kind}, {"device", &metadata.device}, {"start", &metadata.start}}) {
    if (!value->empty()) json[key] = *value;
  }
  for (const ChannelInfo& channel : metadata.channels) {
    nlohmann::json& object = json["channels"].emplace_back(nlohmann::json::object());
    object["name"] = channel.name;
    object["unit"] = channel.unit;
    object["scale"] = channel.scale;
    if (channel.offset != 0) object["offset"] = channel.offset;
  }
  // A file name may hold any bytes; those that are no UTF-8 are replaced.
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Metadata from_json(const std::string& text, std::size_t channels) {
  Metadata metadata;
  for (std::size_t c = 0; c < channels; ++c) metadata.channels.push_back({.name = std::to_string(c + 1)});
  if (text.empty()) return metadata;
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    metadata.kind = json.value("kind", "");
    metadata.device = json.value("device", "");
    metadata.start = json.value("start", "");
    if (!json.contains("channels")) return metadata;
    const auto list = json["channels"].get<std::vector<nlohmann::json>>();
    if (list.size() != channels) {
      throw std::runtime_error(
          fmt::format("the metadata of the ring describe {} channels, the ring has {}", list.size(), channels));
    }
    for (std::size_t c = 0; c < channels; ++c) {
      ChannelInfo& channel = metadata.channels[c];
      channel.name = list[c].value("name", channel.name);
      channel.unit = list[c].value("unit", channel.unit);
      channel.scale = list[c].value("scale", channel.scale);
      channel.offset = list[c].value("offset", channel.offset);
    }
    return metadata;
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error(
        fmt::format("the metadata of the ring are not as docs/metadata.md has them: {}", error.what()));
  }
}

}  // namespace demo
