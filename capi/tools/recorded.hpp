// The recording of one ring, of samples or of messages: what both have in common.
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
  std::optional<std::uint64_t> samples;      // to record, or messages
  std::optional<std::int64_t> duration_ns;   // from the first sample on
  std::optional<std::int64_t> split_ns;      // a new file after that time
  std::optional<std::uint64_t> split_bytes;  // a new file before the next sample would exceed this
};

class Recorded {
 public:
  virtual ~Recorded() = default;
  Recorded(const Recorded &) = delete;
  Recorded &operator=(const Recorded &) = delete;

  // Where the recording begins: at the oldest sample, or at the first one of that time or later. Makes the file.
  virtual void begin(bool oldest, std::int64_t monotonic_ns) = 0;
  // Removes what begin() made.
  void discard();
  // Records what is there now. False: there was nothing.
  virtual bool step(std::int64_t monotonic_ns) = 0;
  // Texts that belong to samples of this ring; `by_index`: their index is one of this ring. Those of samples before the first
  // one that is recorded are left out.
  virtual void annotate(const std::vector<Annotation> &, bool) {}
  // Those that belong after the last sample, too. Before finish().
  virtual void annotate_rest() {}
  // What has been recorded survives the death of this process.
  void sync() { writer_->sync(); }
  // A whole file. Called once; after an error it keeps what it can.
  virtual void finish() = 0;
  // The ring has ended and is live again, the same one or one of its shape: the recording continues. False: not yet.
  bool reconnect();

  bool done() const { return done_; }           // the limits are reached
  int ended() const { return ended_; }          // RINGBUF_CLOSED or RINGBUF_STALE: the stream is over; 0: it is not
  virtual std::int64_t wanted_end() const = 0;  // worth waking up for
  std::int64_t position() const { return position_; }
  std::int64_t first_index() const { return first_index_; }
  std::uint64_t samples() const { return samples_; }  // or messages
  std::uint64_t lost() const { return lost_; }        // samples, or bytes of messages
  std::uint64_t bytes() const { return bytes_before_ + (writer_ ? writer_->bytes() : 0); }
  std::uint64_t lag() const;
  const Ring &ring() const { return ring_; }
  double sample_rate() const { return stream_.sample_rate; }
  const std::vector<std::string> &files() const { return files_; }
  bool messages() const { return (stream_.flags & RINGBUF_MESSAGES) != 0; }

 protected:
  // The ring was opened with RINGBUF_RESYNC_OLDEST. Nothing is made yet. Throws Failure if the format cannot hold
  // what the ring has.
  Recorded(Ring ring, const formats::Format &format, std::string path, bool replace, bool registered,
           const RecordLimits &limits, std::uint32_t longest_annotation);

  virtual void described() {}
  virtual void file_begun() {}
  // When the sample or message at the position came.
  virtual std::optional<std::int64_t> time_at_position() const = 0;

  void create(bool part);
  void next_file();
  // The next file begins after whole steps of the time to split by, of which the last one includes `now_ns`.
  void rotate(std::int64_t now_ns);
  // Indices from the position on that are in no gap that the ring lists.
  std::int64_t unlisted(std::int64_t end) const;
  // Tells that so many of the indices [position, end) are lost. The times are those of their neighbours.
  void say_lost(std::int64_t end, std::int64_t lost, std::optional<std::int64_t> from_ns,
                std::optional<std::int64_t> until_ns);

  Ring ring_;
  const formats::Format &format_;
  bool registered_;
  RecordLimits limits_;

  formats::Stream stream_;
  std::unique_ptr<formats::Writer> writer_;

  std::int64_t position_ = 0;
  std::int64_t first_index_ = 0;
  std::int64_t begin_ns_ = 0, file_begin_ns_ = 0;
  std::uint64_t samples_ = 0, lost_ = 0, file_samples_ = 0;
  bool done_ = false;
  int ended_ = 0;

 private:
  void describe();

  std::string path_;
  bool replace_;
  std::uint32_t longest_annotation_;
  std::string written_id_;  // of the ring that the file is of
  std::vector<std::string> files_;
  unsigned part_ = 0;
  std::uint64_t bytes_before_ = 0;
};

}  // namespace tool
