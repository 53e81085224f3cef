// Annotations as EDF+ and BDF+ have them: time-stamped lists in an own signal of each record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "recording.hpp"

namespace tool::formats::edf {

inline constexpr std::int64_t ticks = 10'000'000;  // a second; EDFlib reads times to 100 ns

// "+1.5": a time since the beginning of the file.
std::string onset(std::int64_t tick);

// An annotation at that time, as bytes of a record. Bytes that are not UTF-8 are hexadecimal digits. "7: text" is of kind 7.
std::string time_stamped(std::int64_t tick, const Annotation& annotation);

struct TimeStamped {
  std::int64_t tick = 0;
  std::string text;
};

// All that the annotation signal of a record has, the time of the record itself first, which has no text. What is no list is
// left out.
std::vector<TimeStamped> parse_lists(std::string_view bytes);

// Takes the kind from a text that ringbuf has written.
Annotation annotation_of(std::int64_t index, const std::string& text);

}  // namespace tool::formats::edf
