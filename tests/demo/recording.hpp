// WAV files, side by side as the channels of one recording that is played again and again; or a generated signal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "levels.hpp"
#include "options.hpp"

namespace demo {

class Recording {
 public:
  // Throws UsageError if a file that the options name cannot be read or does not go with the others. Where they name none,
  // and the default folder has none that will do, the signal is generated, the same in every process.
  explicit Recording(const Options& options);

  SampleFormat format() const { return format_; }
  const std::string& why_generated() const { return why_generated_; }  // empty if it is from files
  double sample_rate() const { return sample_rate_; }
  const std::vector<std::string>& channel_names() const { return names_; }

  std::int64_t length() const { return length_; }           // samples, of one time
  std::int64_t total() const { return length_ * repeat_; }  // samples, of all times
  double total_seconds() const { return static_cast<double>(total()) / sample_rate_; }

  // Samples [start, start + count) of the endless repetition.
  void copy(std::int64_t start, std::int64_t count, std::byte* to) const;
  bool equals(std::int64_t start, std::int64_t count, const void* samples) const;

  // Of all samples that are streamed, in order.
  std::uint32_t crc() const;

 private:
  void load(const std::vector<std::string>& paths, SampleType type);
  void generate(SampleType type);

  std::string why_generated_;
  std::vector<std::string> names_;
  SampleFormat format_{};
  double sample_rate_ = 0;
  std::int64_t length_ = 0;
  std::int64_t repeat_ = 0;
  std::vector<std::byte> bytes_;  // length_ samples, channels interleaved
};

// CRC-32 of some more bytes behind those that have `crc`; 0 to begin with.
std::uint32_t extend_crc(std::uint32_t crc, const void* bytes, std::size_t size);

}  // namespace demo
