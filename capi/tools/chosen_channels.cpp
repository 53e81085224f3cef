#include "chosen_channels.hpp"

#include <algorithm>
#include <utility>

#include "formats/channels.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

std::vector<std::string> channel_names(const Ring &ring, const Info &info) {
  std::vector<std::string> names;
  for (formats::Channel &channel : formats::channels_of(ring.metadata(), info.channels)) {
    names.push_back(std::move(channel.name));
  }
  return names;
}

std::optional<std::uint32_t> channel_named(const Ring &ring, const Info &info, const std::string &name) {
  const std::vector<formats::Channel> channels = formats::channels_of(ring.metadata(), info.channels);
  const auto found = std::find_if(channels.begin(), channels.end(),
                                  [&](const formats::Channel &each) { return each.named && each.name == name; });
  if (found == channels.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - channels.begin());
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
      throw Failure(exit_usage, tool::format("{} has \"{}\", expected 0 to {} or the name of a channel", option, text,
                                             info.channels - 1));
    }
  }
  return chosen;
}

}  // namespace tool
