#include "channels.hpp"

#include <nlohmann/json.hpp>

namespace tool::formats {

std::vector<Channel> channels_of(const std::string& text, std::uint32_t count) {
  std::vector<Channel> channels(count);
  for (std::size_t i = 0; i < channels.size(); ++i) channels[i].name = std::to_string(i + 1);
  const auto metadata = nlohmann::json::parse(text, nullptr, false);
  if (!metadata.is_object() || !metadata.contains("channels")) return channels;
  const auto& described = metadata["channels"];
  if (!described.is_array() || described.size() != channels.size()) return channels;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const auto& from = described[i];
    if (!from.is_object()) continue;
    Channel& channel = channels[i];
    if (const auto name = from.find("name"); name != from.end() && name->is_string() && *name != "") {
      channel.name = name->get<std::string>();
      channel.named = true;
    }
    if (const auto unit = from.find("unit"); unit != from.end() && unit->is_string())
      channel.unit = unit->get<std::string>();
    if (const auto scale = from.find("scale"); scale != from.end() && scale->is_number() && scale->get<double>() != 0) {
      channel.scale = scale->get<double>();
      channel.calibrated = true;
    }
    if (const auto offset = from.find("offset"); offset != from.end() && offset->is_number()) {
      channel.offset = offset->get<double>();
    }
  }
  return channels;
}

}  // namespace tool::formats
