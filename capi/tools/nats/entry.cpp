#include "entry.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "failure.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool::nats {

namespace {

constexpr const char *version = "1";
constexpr std::array kinds{"ring", "samples", "end"};

std::string pair_text(std::int64_t first, std::int64_t second) { return tool::format("{} {}", first, second); }

class Parser {
 public:
  Parser(GetHeader get, void *message, const std::string &where) : get_(get), message_(message), where_(where) {}

  [[noreturn]] void refuse(const char *name, const std::string &expected) const {
    const char *text = get_(message_, name);
    throw Failure(exit_error, text == nullptr ? tool::format("{} has no {}; expected {}", where_, name, expected)
                                              : tool::format("{}: {} is \"{}\", expected {}", where_, name,
                                                             std::string_view(text).substr(0, 80), expected));
  }

  std::string text(const char *name, std::size_t digits) const {
    const char *found = get_(message_, name);
    std::string value = found == nullptr ? "" : found;
    const bool fits = value.size() == digits && value.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!fits) refuse(name, tool::format("{} hexadecimal digits", digits));
    return value;
  }

  std::int64_t number(const char *name) const {
    const char *found = get_(message_, name);
    const auto value = found == nullptr ? std::nullopt : parse_integer(found);
    if (!value || *value < 0) refuse(name, "a number from 0 to 2^63 - 1");
    return *value;
  }

  std::int64_t number_or_zero(const char *name) const { return get_(message_, name) == nullptr ? 0 : number(name); }

  // Two times, as ringbuf_stamp() takes them.
  std::optional<std::pair<std::int64_t, std::int64_t>> times(const char *name, std::int64_t most) const {
    const char *found = get_(message_, name);
    if (found == nullptr) return std::nullopt;
    const std::string_view both = found;
    const std::size_t between = both.find(' ');
    if (between == std::string_view::npos) refuse(name, "two times in nanoseconds");
    const auto first = parse_integer(both.substr(0, between));
    const auto last = parse_integer(both.substr(between + 1));
    if (!first || !last || *first < 0 || *last < 0 || *first > most || *last > most) {
      refuse(name, tool::format("two times in nanoseconds, at most {}", most));
    }
    return std::pair{*first, *last};
  }

 private:
  GetHeader get_;
  void *message_;
  const std::string &where_;
};

}  // namespace

Headers headers_of(const Entry &entry) {
  Headers headers{{"Ringbuf-Version", version},
                  {"Ringbuf-Kind", kinds[static_cast<std::size_t>(entry.kind)]},
                  {"Ringbuf-Ring", entry.ring},
                  {"Ringbuf-Shape", entry.shape},
                  {"Ringbuf-Pusher", entry.pusher},
                  {"Ringbuf-Index", std::to_string(entry.index)},
                  {"Ringbuf-Count", std::to_string(entry.count)},
                  {"Ringbuf-After", std::to_string(entry.after)}};
  if (entry.lost > 0) headers["Ringbuf-Lost"] = std::to_string(entry.lost);
  if (entry.kind == EntryKind::end) headers["Ringbuf-End"] = entry.died ? "died" : "closed";
  if (entry.first && entry.last) {
    headers["Ringbuf-Time"] = pair_text(entry.first->realtime_ns, entry.last->realtime_ns);
    headers["Ringbuf-Monotonic"] = pair_text(entry.first->monotonic_ns, entry.last->monotonic_ns);
  }
  return headers;
}

Entry parse_entry(GetHeader get, void *message, std::span<const std::byte> payload, const std::string &where) {
  const Parser parser(get, message, where);
  const char *found = get(message, "Ringbuf-Version");
  if (found == nullptr || std::string_view(found) != version) {
    parser.refuse("Ringbuf-Version", tool::format("\"{}\": only that version is known here", version));
  }
  Entry entry;
  found = get(message, "Ringbuf-Kind");
  const auto *kind = std::find(kinds.begin(), kinds.end(), std::string_view(found == nullptr ? "" : found));
  if (kind == kinds.end()) parser.refuse("Ringbuf-Kind", R"("ring", "samples" or "end")");
  entry.kind = static_cast<EntryKind>(kind - kinds.begin());
  entry.ring = parser.text("Ringbuf-Ring", 32);
  entry.shape = parser.text("Ringbuf-Shape", 16);
  entry.pusher = parser.text("Ringbuf-Pusher", 16);
  entry.index = parser.number("Ringbuf-Index");
  entry.count = parser.number("Ringbuf-Count");
  entry.after = parser.number("Ringbuf-After");
  entry.lost = parser.number_or_zero("Ringbuf-Lost");
  if (entry.count > std::numeric_limits<std::int64_t>::max() - entry.index) {
    parser.refuse("Ringbuf-Count", tool::format("at most 2^63 - 1 together with the index, {}", entry.index));
  }
  if (entry.after > entry.index) parser.refuse("Ringbuf-After", tool::format("at most the index, {}", entry.index));
  if (entry.lost > entry.index - entry.after) {
    parser.refuse("Ringbuf-Lost", tool::format("at most the {} indices that are left out", entry.index - entry.after));
  }
  if ((entry.kind == EntryKind::samples) != (entry.count > 0)) {
    parser.refuse("Ringbuf-Count", "samples in an entry of samples, and none in any other");
  }
  if (entry.kind == EntryKind::end) {
    found = get(message, "Ringbuf-End");
    const std::string_view end = found == nullptr ? "" : found;
    if (end != "closed" && end != "died") parser.refuse("Ringbuf-End", R"("closed" or "died")");
    entry.died = end == "died";
  }
  const auto realtime = parser.times("Ringbuf-Time", std::int64_t{1} << 62);
  const auto monotonic = parser.times("Ringbuf-Monotonic", std::int64_t{1} << 61);
  if (realtime && monotonic) {
    entry.first = Stamp{monotonic->first, realtime->first};
    entry.last = Stamp{monotonic->second, realtime->second};
  }
  entry.payload = payload;
  return entry;
}

}  // namespace tool::nats
