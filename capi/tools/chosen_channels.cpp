#include "chosen_channels.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "describe.hpp"
#include "text.hpp"

namespace tool {

namespace {

// What the metadata say; an empty text for a channel without a name.
std::vector<std::string> given_names(const Ring &ring, const Info &info) {
  std::vector<std::string> names(info.channels);
  const Json metadata = parse_metadata(ring.metadata());
  if (!metadata.is_object() || !metadata.contains("channels")) return names;
  const Json &channels = metadata["channels"];
  for (std::size_t c = 0; c < names.size() && channels.is_array() && c < channels.size(); ++c) {
    if (!channels[c].is_object()) continue;
    const auto name = channels[c].find("name");
    if (name != channels[c].end() && name->is_string()) names[c] = name->get<std::string>();
  }
  return names;
}

}  // namespace

std::vector<std::string> channel_names(const Ring &ring, const Info &info) {
  std::vector<std::string> names = given_names(ring, info);
  for (std::size_t c = 0; c < names.size(); ++c) {
    if (names[c].empty()) names[c] = std::to_string(c + 1);
  }
  return names;
}

std::optional<std::uint32_t> channel_named(const Ring &ring, const Info &info, const std::string &name) {
  const std::vector<std::string> names = given_names(ring, info);
  const auto found = std::find(names.begin(), names.end(), name);
  if (name.empty() || found == names.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - names.begin());
}

std::vector<std::uint32_t> chosen_channels(const std::vector<std::string> &texts, const char *option, const Info &info,
                                           const std::vector<std::string> &names) {
  std::vector<std::uint32_t> chosen;
  for (const std::string &text : texts) {
    const auto number = parse_integer(text);
    const auto found = std::find(names.begin(), names.end(), text);
    if (number && *number >= 0 && *number < static_cast<std::int64_t>(info.channels)) {
      chosen.push_back(static_cast<std::uint32_t>(*number));
    } else if (!number && found != names.end()) {
      chosen.push_back(static_cast<std::uint32_t>(found - names.begin()));
    } else {
      throw Failure(exit_usage, fmt::format("{} has \"{}\", expected 0 to {} or the name of a channel", option, text,
                                            info.channels - 1));
    }
  }
  return chosen;
}

}  // namespace tool
