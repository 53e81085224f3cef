// The recording of one ring: takes samples from it and gives them to a format, with gaps and times.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recorded.hpp"

namespace tool {

class RecordedRing final : public Recorded {
 public:
  // Throws Failure (usage) if the ring has messages, or samples that the format cannot hold.
  RecordedRing(Ring ring, const formats::Format &format, std::string path, bool replace, bool registered,
               const RecordLimits &limits, std::uint32_t longest_annotation = 0);

  void begin(bool oldest, std::int64_t monotonic_ns) override;
  // The same for a recording that begins at the sample that has, or had, that index and time. Samples of it that are
  // overwritten are lost ones.
  void begin_at(std::int64_t index, std::int64_t monotonic_ns);
  bool step(std::int64_t monotonic_ns) override;
  // Records what is there now of the samples before the index, which never gets smaller. True: nothing of them is left.
  bool step_to(std::int64_t index);
  void annotate(const std::vector<Annotation> &annotations, bool by_index) override;
  void annotate_rest() override;
  void finish() override;
  std::int64_t wanted_end() const override;

 private:
  // Samples low and high, and their times.
  struct Span {
    std::int64_t low, high, low_ns, high_ns;
  };
  void described() override;
  void file_begun() override;
  std::optional<std::int64_t> time_at_position() const override { return time_of(position_); }
  void split();
  void take(const char *samples, std::uint64_t count);
  void append(const char *samples, std::uint64_t count);
  void pass_gap();
  void pass_overrun();
  void leave_out(std::int64_t end, std::int64_t lost);
  void place_annotations(bool all);
  void find_marks(std::int64_t end);
  void find_pauses(const Span &span);
  void add_mark(std::int64_t index);
  std::optional<std::int64_t> time_of(std::int64_t index) const;
  std::int64_t index_at(std::int64_t monotonic_ns) const;
  double period_ns() const;

  Info shape_{};
  std::vector<char> buffer_;
  std::uint64_t buffer_samples_ = 0;
  std::optional<std::int64_t> end_, cut_;       // indices, once they are known
  std::vector<formats::TimeMark> pending_;      // of samples that are not appended yet
  std::vector<Annotation> annotations_;         // of samples that are not appended yet
  std::optional<formats::TimeMark> last_mark_;  // of this file
  std::optional<std::int64_t> last_time_;       // of the sample before position_, unless a gap is between
};

}  // namespace tool
