// The header of EDF+ and BDF+ (https://www.edfplus.info/specs/edfplus.html), as text and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "file.hpp"

namespace tool::formats::edf {

inline constexpr std::size_t start_at = 88;   // in the header: what depends on the time of the first sample
inline constexpr std::size_t count_at = 236;  // in the header: the number of records, 8 characters

struct Signal {
  std::string label, unit, physical_min, physical_max;
  std::int32_t digital_min = 0, digital_max = 0;
  std::uint32_t samples = 0;  // in a record
};

struct Header {
  bool bdf = false;
  std::vector<Signal> signals;  // the annotations are the last one
  std::string duration;         // of a record, in seconds
  std::string equipment = "ringbuf";
  std::optional<std::int64_t> start_s;  // since 1970 UTC
  std::string kind;                     // "EDF+C", "EDF+D", "BDF+C", "BDF+D"; another text: no annotations
  std::int64_t records = -1;            // -1: not known

  std::size_t bytes() const { return 256 * (signals.size() + 1); }
  std::size_t item() const { return bdf ? 3 : 2; }
  std::size_t record_bytes() const;
};

// Text of exactly `size` characters: others than those of ASCII are replaced, what is too long is cut off.
std::string field(const std::string& text, std::size_t size);
// A number in 8 characters with as many digits as fit, without an exponent. Empty: it does not fit.
std::string number(double value);

std::string header_text(const Header& header);
// 96 bytes from start_at on: recording, date and time.
std::string start_text(const Header& header);
std::string count_text(std::int64_t records);
// Throws Error if the file begins otherwise.
Header read_header(const File& file);
// What the label of the annotations is.
std::string annotations_label(bool bdf);

}  // namespace tool::formats::edf
