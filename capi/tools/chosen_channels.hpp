// Channels by number or by the name that the metadata have for them: docs/metadata.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ring.hpp"

namespace tool {

// A name for each channel; a channel that the metadata do not name has its number, from 1 on.
std::vector<std::string> channel_names(const Ring &ring, const Info &info);

// The channel with that name in the metadata.
std::optional<std::uint32_t> channel_named(const Ring &ring, const Info &info, const std::string &name);

// Channel numbers, from 0 on; a text that is no number is looked for among the names. Failure (usage) names `option`.
std::vector<std::uint32_t> chosen_channels(const std::vector<std::string> &texts, const char *option, const Info &info,
                                           const std::vector<std::string> &names);

}  // namespace tool
