// What all formats of recordings have in common: what a recording holds, and how it is written and read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tool::formats {

// A recording that cannot be written or read. The text says what to do.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The ring that was recorded. A field that is 0 or empty is not known.
struct Stream {
  std::string name;             // of the ring
  std::string ring_id;          // 32 hexadecimal digits
  std::uint32_t data_type = 0;  // enum ringbuf_data_type
  std::uint32_t channels = 1;
  std::uint32_t item_size = 0;  // bytes in one element
  std::uint32_t flags = 0;      // enum ringbuf_ring_flag
  double sample_rate = 0;       // in Hz
  std::uint64_t capacity = 0;
  std::uint64_t window = 0;
  std::int64_t first_index = 0;          // index of the first sample of the recording
  std::string metadata;                  // as the ring had them
  std::uint32_t longest_annotation = 0;  // in bytes; 0: there are none

  std::size_t sample_bytes() const { return std::size_t{channels} * item_size; }
  bool operator==(const Stream&) const = default;
};

// Indices [start, end) of which the recording has no samples.
struct Gap {
  std::int64_t start = 0, end = 0;
  std::int64_t lost = 0;  // of these the recorder missed so many; the writer skipped the others
  bool operator==(const Gap&) const = default;
};

// When a sample was taken. Between two marks the time grows evenly.
struct TimeMark {
  std::int64_t index = 0, monotonic_ns = 0, realtime_ns = 0;
  bool operator==(const TimeMark&) const = default;
};

// A message that belongs to a sample.
struct Annotation {
  std::int64_t index = 0;  // of the sample; it may lie in a gap, before the first sample or after the last one
  std::uint32_t kind = 0;
  std::string text;  // or other bytes
  bool operator==(const Annotation&) const = default;
};

// A message of a ring of messages, with its place there.
struct Message {
  std::int64_t index = 0;  // of its first byte
  std::uint32_t kind = 0;
  std::int64_t tag = 0;
  std::int64_t monotonic_ns = 0, realtime_ns = 0;  // when it was sent
  std::string bytes;
  bool operator==(const Message&) const = default;
};

// A recording that is being written, of samples or of messages.
//
// What was appended before a sync() survives the death of this process, with its indices. All functions throw Error,
// for example when the disk is full; finish() may be called after that, and keeps what is whole.
class Writer {
 public:
  virtual ~Writer() = default;
  // Appends `count` samples, which follow on the ones before, or on the gap before.
  virtual void append(const void* samples, std::uint64_t count) = 0;
  // The next sample has the index gap.end; gap.start is where the samples have ended.
  virtual void gap(const Gap& gap) = 0;
  // The time of the sample that is appended next, or of the last one. The index is higher than that of the mark before.
  virtual void mark(const TimeMark& mark) = 0;
  // Appends a message, in place of samples. Only formats that do not refuse a ring of messages have it.
  virtual void message(const Message&) { throw Error("this format has no messages"); }
  // Of a sample that was appended or left out, or of the next one. Only formats with annotations have it.
  virtual void annotate(const Annotation&) { throw Error("this format has no annotations"); }
  // To be called at least once a second.
  virtual void sync() = 0;
  virtual void finish() = 0;
  // Samples of the recording, or messages: after finish() those that are in the file.
  virtual std::uint64_t samples() const = 0;
  // Bytes written so far.
  virtual std::uint64_t bytes() const = 0;
  // The files of the recording, the one that is named first.
  virtual std::vector<std::string> files() const = 0;
};

// A recording that is being read. That of a ring of messages counts messages in place of samples.
class Reader {
 public:
  virtual ~Reader() = default;
  // Copies samples [first, first + count), counted from the beginning of the recording, gaps left out. Bytes of the ring.
  virtual void read(std::uint64_t first, std::uint64_t count, void* samples) = 0;
  // One of the messages, by its number.
  virtual Message message(std::uint64_t) { throw Error("this recording has no messages"); }
  // Indices that the samples or messages take, gaps left out.
  virtual std::uint64_t indices() const { return samples; }
  // What is wrong with the file, besides what read() finds. Looks at the sizes, checksums and indices that it has.
  virtual std::vector<std::string> check() { return {}; }
  // Sorted by the index.
  virtual std::vector<Annotation> annotations() { return told_annotations; }
  // Of a format with records; else 1.
  virtual std::uint64_t samples_in_record() const { return 1; }

  Stream stream;
  std::uint64_t samples = 0;                 // that can be read
  std::vector<Gap> gaps;                     // sorted, apart from each other
  std::vector<TimeMark> marks;               // sorted
  std::vector<Annotation> told_annotations;  // that the description has, sorted
  std::optional<std::uint64_t> told;         // the samples that the recorder has counted at its end
  bool finished = false;                     // false: the recorder was killed, or still runs
};

}  // namespace tool::formats
