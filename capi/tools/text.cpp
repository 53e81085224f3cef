#include "text.hpp"

#include <time.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "failure.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array times{Unit{"ns", 1},     Unit{"us", 1e3}, Unit{"ms", 1e6},   Unit{"s", 1e9},
                           Unit{"min", 6e10}, Unit{"m", 6e10}, Unit{"h", 3.6e12}, Unit{"d", 8.64e13}};
constexpr std::array sizes{Unit{"", 1},
                           Unit{"B", 1},
                           Unit{"kB", 1e3},
                           Unit{"KB", 1e3},
                           Unit{"MB", 1e6},
                           Unit{"GB", 1e9},
                           Unit{"TB", 1e12},
                           Unit{"KiB", 1024.0},
                           Unit{"MiB", 1048576.0},
                           Unit{"GiB", 1073741824.0},
                           Unit{"TiB", 1099511627776.0}};

// The number before the unit, times the unit.
template <std::size_t count>
std::optional<double> parse_with_unit(std::string_view text, const std::array<Unit, count> &units) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const auto &each : units) {
    const double value = number * each.factor;
    if (each.name == unit && value < 9.2e18) return value;
  }
  return std::nullopt;
}

constexpr std::int64_t second = 1'000'000'000;

std::int64_t now(clockid_t clock) {
  struct timespec time = {};
  static_cast<void>(::clock_gettime(clock, &time));
  return static_cast<std::int64_t>(time.tv_sec) * second + static_cast<std::int64_t>(time.tv_nsec);
}

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  const auto value = parse_with_unit(text, times);
  if (!value) return std::nullopt;
  return static_cast<std::int64_t>(std::llround(*value));
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto value = parse_with_unit(text, sizes);
  if (!value) return std::nullopt;
  return static_cast<std::uint64_t>(std::llround(*value));
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Amount> parse_amount(std::string_view text) {
  if (const auto count = parse_integer(text)) {
    if (*count < 0) return std::nullopt;
    return Amount{false, *count};
  }
  if (const auto time = parse_duration(text)) return Amount{true, *time};
  return std::nullopt;
}

std::uint64_t Amount::samples(double sample_rate, const char *option) const {
  if (!is_time) return static_cast<std::uint64_t>(value);
  if (!(sample_rate > 0)) {
    throw Failure(exit_usage,
                  tool::format("{} is a time, and the ring has no sample rate; give a number of samples", option));
  }
  const double count = std::ceil(static_cast<double>(value) * sample_rate / 1e9 - 1e-6);
  if (count >= 9e18) throw Failure(exit_usage, tool::format("{} is too long at {} Hz", option, sample_rate));
  return static_cast<std::uint64_t>(count);
}

std::string human_bytes(double bytes) {
  constexpr std::array names{"B", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  while (bytes >= 999.95 && unit + 1 < names.size()) {
    bytes /= 1000;
    ++unit;
  }
  return unit == 0 ? tool::format("{:.0f} B", bytes) : tool::format("{:.1f} {}", bytes, names[unit]);
}

std::string human_count(double count) {
  constexpr std::array names{"", " k", " M", " G", " T", " P", " E"};
  std::size_t unit = 0;
  while (count >= 9999.5 && unit + 1 < names.size()) {
    count /= 1000;
    ++unit;
  }
  return unit == 0 ? tool::format("{:.0f}", count) : tool::format("{:.1f}{}", count, names[unit]);
}

std::string human_duration(double seconds) {
  if (!(seconds >= 0)) return "-";
  if (seconds < 1e-3) return tool::format("{:.0f} us", seconds * 1e6);
  if (seconds < 1) return tool::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 120) return tool::format("{:.1f} s", seconds);
  const auto minutes = static_cast<std::int64_t>(seconds / 60);
  if (minutes < 120) return tool::format("{} min {} s", minutes, static_cast<std::int64_t>(seconds) % 60);
  if (minutes < 2880) return tool::format("{} h {} min", minutes / 60, minutes % 60);
  return tool::format("{} d {} h", minutes / 1440, minutes / 60 % 24);
}

std::string human_rate(double hertz) {
  if (!(hertz > 0)) return "-";
  if (hertz >= 1e6) return tool::format("{:.6g} MHz", hertz / 1e6);
  if (hertz >= 1e3) return tool::format("{:.6g} kHz", hertz / 1e3);
  return tool::format("{:.6g} Hz", hertz);
}

std::string iso_time(std::int64_t realtime_ns) {
  std::int64_t seconds = realtime_ns / second;
  std::int64_t rest = realtime_ns % second;
  if (rest < 0) {
    rest += second;
    --seconds;
  }
  const auto when = static_cast<time_t>(seconds);
  struct tm parts = {};
  if (::gmtime_r(&when, &parts) == nullptr) return "-";
  return tool::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                      parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, rest);
}

std::optional<std::int64_t> parse_iso_time(std::string_view text) {
  if (!text.ends_with('Z')) return std::nullopt;
  text.remove_suffix(1);
  struct tm parts = {};
  const std::string copy(text);
  const char *end = ::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (end == nullptr) return std::nullopt;
  std::int64_t fraction = 0;
  if (*end == '.') {
    std::int64_t place = second / 10;
    const char *digit = end + 1;
    if (*digit == '\0') return std::nullopt;
    for (; *digit >= '0' && *digit <= '9'; ++digit, place /= 10) fraction += place * (*digit - '0');
    end = digit;
  }
  if (*end != '\0') return std::nullopt;
  const std::int64_t seconds = ::timegm(&parts);
  if (seconds > std::numeric_limits<std::int64_t>::max() / second - 1) return std::nullopt;
  return seconds * second + fraction;
}

std::int64_t monotonic_now() { return now(CLOCK_MONOTONIC); }
std::int64_t realtime_now() { return now(CLOCK_REALTIME); }
std::string iso_time_of(std::int64_t monotonic_ns) {
  return iso_time(monotonic_ns + (realtime_now() - monotonic_now()));
}

}  // namespace tool
