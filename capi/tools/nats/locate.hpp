// Finds the place in a journal at which to begin to read.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "journal.hpp"

namespace tool::nats {

// The first entry of the newest incarnation, ring id `ring`, for which `reached` holds; it must hold for all entries after that
// one, too. Nothing if it holds for none so far.
std::optional<Entry> locate(Journal &journal, const std::string &ring,
                            const std::function<bool(const Entry &)> &reached);

// The first entry that has samples at or after the index, or says something about that index.
std::optional<Entry> locate_index(Journal &journal, const std::string &ring, std::int64_t index);
// The first entry that has samples from that time since 1970 or later.
std::optional<Entry> locate_time(Journal &journal, const std::string &ring, std::int64_t realtime_ns);

}  // namespace tool::nats
