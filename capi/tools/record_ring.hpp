// The recording of one ring: takes samples from it and gives them to a format, with gaps and times.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "formats/format.hpp"
#include "record_annotations.hpp"
#include "ring.hpp"

namespace tool {

struct RecordLimits {
  std::optional<std::uint64_t> samples;      // to record
  std::optional<std::int64_t> duration_ns;   // from the first sample on
  std::optional<std::int64_t> split_ns;      // a new file after that time
  std::optional<std::uint64_t> split_bytes;  // a new file before the next sample would exceed this
};

class RecordedRing {
 public:
  // The ring was opened with RINGBUF_RESYNC_OLDEST. Nothing is made yet. Throws Failure if the format cannot hold
  // the ring's samples.
  RecordedRing(Ring ring, const formats::Format &format, std::string path, bool replace, bool registered,
               const RecordLimits &limits, std::uint32_t longest_annotation = 0);

  // Where the recording begins: at the oldest sample, or at the first one of that time or later. Makes the file.
  void begin(bool oldest, std::int64_t monotonic_ns);
  // The same for a recording that begins at the sample that has, or had, that index and time. Samples of it that are
  // overwritten are lost ones.
  void begin_at(std::int64_t index, std::int64_t monotonic_ns);
  // Removes what begin() made.
  void discard();
  // Records what is there now. False: there was nothing.
  bool step(std::int64_t monotonic_ns);
  // Records what is there now of the samples before the index, which never gets smaller. True: nothing of them is left.
  bool step_to(std::int64_t index);
  // Texts that belong to samples of this ring; `by_index`: their index is one of this ring. Those of samples before the first
  // one that is recorded are left out.
  void annotate(const std::vector<Annotation> &annotations, bool by_index);
  // Those that belong after the last sample, too. Before finish().
  void annotate_rest();
  // What has been recorded survives the death of this process.
  void sync();
  // The last mark, and a whole file. Called once; after an error it keeps what it can.
  void finish();

  // The ring has ended and is live again, the same one or one of its shape: the recording continues. False: not yet.
  bool reconnect();

  bool done() const { return done_; }   // the limits are reached
  int ended() const { return ended_; }  // RINGBUF_CLOSED or RINGBUF_STALE: the stream is over; 0: it is not
  std::int64_t wanted_end() const;      // worth waking up for
  std::int64_t position() const { return position_; }
  std::int64_t first_index() const { return first_index_; }
  std::uint64_t samples() const { return samples_; }
  std::uint64_t lost() const { return lost_; }
  std::uint64_t bytes() const;
  std::uint64_t lag() const;
  const Ring &ring() const { return ring_; }
  double sample_rate() const { return stream_.sample_rate; }
  const std::vector<std::string> &files() const { return files_; }

 private:
  // Samples low and high, and their times.
  struct Span {
    std::int64_t low, high, low_ns, high_ns;
  };
  void describe();
  void create(bool part);
  void rotate();
  void take(const char *samples, std::uint64_t count);
  void append(const char *samples, std::uint64_t count);
  void pass_gap();
  void pass_overrun();
  std::int64_t unlisted(std::int64_t end) const;
  void leave_out(std::int64_t end, std::int64_t lost);
  void next_file();
  void place_annotations(bool all);
  void find_marks(std::int64_t end);
  void find_pauses(const Span &span);
  void add_mark(std::int64_t index);
  std::optional<std::int64_t> time_of(std::int64_t index) const;
  std::int64_t index_at(std::int64_t monotonic_ns) const;
  double period_ns() const;

  Ring ring_;
  const formats::Format &format_;
  std::string path_;
  bool replace_, registered_;
  RecordLimits limits_;
  std::uint32_t longest_annotation_;

  formats::Stream stream_;
  std::string written_id_;  // of the ring that the file is of
  std::unique_ptr<formats::Writer> writer_;
  std::vector<std::string> files_;
  std::vector<char> buffer_;
  std::uint64_t buffer_samples_ = 0;
  unsigned part_ = 0;

  std::int64_t position_ = 0;
  std::int64_t first_index_ = 0;
  std::int64_t file_begin_ = 0;  // index of the first sample of this file
  std::int64_t begin_ns_ = 0, file_begin_ns_ = 0;
  std::optional<std::int64_t> end_, cut_;  // indices, once they are known
  std::uint64_t samples_ = 0, lost_ = 0, bytes_before_ = 0, file_samples_ = 0;
  std::vector<Gap> gaps_;                       // of the ring, before the samples were taken
  std::vector<formats::TimeMark> pending_;      // of samples that are not appended yet
  std::vector<Annotation> annotations_;         // of samples that are not appended yet
  std::optional<formats::TimeMark> last_mark_;  // of this file
  std::optional<std::int64_t> last_time_;       // of the sample before position_, unless a gap is between
  bool done_ = false;
  int ended_ = 0;
};

}  // namespace tool
