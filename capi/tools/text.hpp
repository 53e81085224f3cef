// Numbers for people: how they are read from the command line and how they are shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tool {

// "10s", "1.5 h", "250ms", "20us", "5m", "2d": nanoseconds. Nothing if it is no time.
std::optional<std::int64_t> parse_duration(std::string_view text);
// "2GB" (10^9), "64MiB" (2^20), "4096": bytes.
std::optional<std::uint64_t> parse_bytes(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text);

// An option that is a number of samples, or a time at the ring's rate: "4800", "10s".
struct Amount {
  bool is_time = false;
  std::int64_t value = 0;  // samples, or nanoseconds
  // Failure (usage) if it is a time and the rate is 0. `option` names it there.
  std::uint64_t samples(double sample_rate, const char *option) const;
};
std::optional<Amount> parse_amount(std::string_view text);

std::string human_bytes(double bytes);           // "1.5 MB"
std::string human_count(double count);           // "48.0 k"
std::string human_duration(double seconds);      // "2.5 s", "3 h 20 min"
std::string human_rate(double hertz);            // "48 kHz", "-" for 0
std::string iso_time(std::int64_t realtime_ns);  // "2026-11-26T09:00:00.125000000Z"
// The inverse, for "2026-11-26T09:00:00[.fraction]Z".
std::optional<std::int64_t> parse_iso_time(std::string_view text);

std::int64_t monotonic_now();
std::int64_t realtime_now();
std::string iso_time_of(std::int64_t monotonic_ns);  // by how far the clocks are apart now

}  // namespace tool
