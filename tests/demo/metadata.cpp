#include "metadata.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace demo {

std::string to_json(const std::vector<ChannelInfo>& channels) {
  nlohmann::json list = nlohmann::json::array();
  for (const ChannelInfo& channel : channels) {
    list.push_back({{"name", channel.name}, {"unit", channel.unit}, {"scale", channel.scale}});
  }
  // A file name may hold any bytes; those that are no UTF-8 are replaced.
  return nlohmann::json{{"channels", list}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<ChannelInfo> from_json(const std::string& text) {
  try {
    std::vector<ChannelInfo> channels;
    const nlohmann::json metadata = nlohmann::json::parse(text);
    for (const auto& channel : metadata.at("channels")) {
      channels.push_back({channel.at("name"), channel.at("unit"), channel.at("scale")});
    }
    return channels;
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error(fmt::format("the metadata of the ring does not describe its channels: {}", error.what()));
  }
}

}  // namespace demo
