#include "locate.hpp"

namespace tool::nats {

namespace {

// The entry with that number, or the next one that is there, up to `last`.
std::optional<Entry> entry_from(Journal &journal, std::uint64_t sequence, std::uint64_t last) {
  for (; sequence <= last; ++sequence) {
    if (auto entry = journal.entry(sequence)) return entry;
    // The journal may have discarded it, and those after it, since we asked.
    const Bounds now = journal.bounds();
    if (now.first > sequence + 1) sequence = now.first - 1;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Entry> locate(Journal &journal, const std::string &ring,
                            const std::function<bool(const Entry &)> &reached) {
  const Bounds bounds = journal.bounds();
  std::uint64_t low = bounds.first;  // before it, there is no such entry
  std::uint64_t high = bounds.last + 1;
  std::optional<Entry> found;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    auto entry = entry_from(journal, middle, high - 1);
    if (!entry) {
      high = middle;
    } else if (entry->ring == ring && reached(*entry)) {
      high = middle;
      found = std::move(entry);
    } else {
      low = entry->sequence + 1;
    }
  }
  return found;
}

std::optional<Entry> locate_index(Journal &journal, const std::string &ring, std::int64_t index) {
  return locate(journal, ring, [index](const Entry &entry) { return entry.index >= index || entry.end() > index; });
}

std::optional<Entry> locate_time(Journal &journal, const std::string &ring, std::int64_t realtime_ns) {
  return locate(journal, ring, [realtime_ns](const Entry &entry) {
    return (entry.last ? entry.last->realtime_ns : entry.stored_ns) >= realtime_ns;
  });
}

}  // namespace tool::nats
