#include "edf_annotations.hpp"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "../text_format.hpp"

namespace tool::formats::edf {
namespace {

constexpr char duration_mark = '\x15', text_mark = '\x14';

// UTF-8 as it is, other bytes in hexadecimal digits.
std::string text_of(const std::string& bytes) {
  try {
    static_cast<void>(nlohmann::json(bytes).dump());
    if (bytes.find('\0') == std::string::npos) return bytes;
  } catch (const nlohmann::json::exception&) {
  }
  std::string text;
  for (const char byte : bytes) text += tool::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

// The number of characters of "7: " before a text; 0: it does not begin like that.
std::size_t kind_prefix(std::string_view text, std::uint32_t& kind) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), kind);
  const auto digits = static_cast<std::size_t>(end - text.data());
  return error == std::errc() && text.substr(digits, 2) == ": " ? digits + 2 : 0;
}

}  // namespace

std::string onset(std::int64_t tick) {
  const std::int64_t whole = tick < 0 ? -tick : tick;
  std::string text = tool::format("{}{}", tick < 0 ? '-' : '+', whole / ticks);
  if (whole % ticks == 0) return text;
  text += tool::format(".{:07}", whole % ticks);
  return text.erase(text.find_last_not_of('0') + 1);
}

std::string time_stamped(std::int64_t tick, const Annotation& annotation) {
  std::string text = text_of(annotation.text);
  std::uint32_t other = 0;
  // A text that begins like a kind gets one, so that it comes back as it was.
  if (annotation.kind != 0 || kind_prefix(text, other) > 0) text = tool::format("{}: {}", annotation.kind, text);
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 32 && c != '\t' && c != '\n' && c != '\r') c = ' ';
  }
  return onset(tick) + text_mark + text + text_mark + '\0';
}

std::vector<TimeStamped> parse_lists(std::string_view bytes) {
  std::vector<TimeStamped> found;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    std::string_view list = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    const std::size_t head = list.find(text_mark);
    if (head == std::string_view::npos || list.back() != text_mark) continue;
    std::string_view time = list.substr(0, std::min(head, list.find(duration_mark)));
    if (time.empty() || (time.front() != '+' && time.front() != '-')) continue;
    const double sign = time.front() == '-' ? -1 : 1;
    time.remove_prefix(1);
    double seconds = 0;
    const auto [rest, error] = std::from_chars(time.data(), time.data() + time.size(), seconds);
    if (error != std::errc() || rest != time.data() + time.size() || !(seconds < 1e11)) continue;
    const std::int64_t tick = std::llround(sign * seconds * ticks);
    for (list.remove_prefix(head + 1); !list.empty();) {
      const std::size_t text = list.find(text_mark);
      found.push_back({tick, std::string(list.substr(0, text))});
      list.remove_prefix(text + 1);
    }
  }
  return found;
}

Annotation annotation_of(std::int64_t index, const std::string& text) {
  Annotation annotation{index, 0, text};
  std::uint32_t kind = 0;
  if (const std::size_t size = kind_prefix(text, kind); size > 0) {
    annotation.kind = kind;
    annotation.text = text.substr(size);
  }
  return annotation;
}

}  // namespace tool::formats::edf
