// The forms in which `ringbuf cat` writes samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "element.hpp"
#include "ring.hpp"

namespace tool {

// Samples that were chosen: sample k has the index start + k * step.
struct Block {
  std::int64_t start;
  std::int64_t step;
  std::uint64_t count;
  const std::byte *data;
};

class Sink {
 public:
  Sink() = default;
  Sink(const Sink &) = delete;
  Sink &operator=(const Sink &) = delete;
  virtual ~Sink() = default;

  virtual void samples(const Block &block) = 0;
  virtual void gap(std::int64_t, std::int64_t) {}
  virtual void lost(std::int64_t, std::int64_t) {}
  virtual void end(bool closed) = 0;
};

struct SinkSource {
  const Ring &ring;
  Info info;
  Shape shape;                     // of the samples in a block
  std::vector<std::string> names;  // of the channels there
  std::int64_t start;              // index of the first sample
};

std::unique_ptr<Sink> make_raw_sink(const SinkSource &source);
std::unique_ptr<Sink> make_table_sink(const SinkSource &source);
std::unique_ptr<Sink> make_csv_sink(const SinkSource &source);
std::unique_ptr<Sink> make_json_sink(const SinkSource &source);
std::unique_ptr<Sink> make_npy_sink(const SinkSource &source);
std::unique_ptr<Sink> make_framed_sink(const SinkSource &source);

// When a sample was put, as text in UTC; empty if it is not known.
std::string time_of(const Ring &ring, std::int64_t index);

// Messages of a ring of messages, in one of the forms "raw", "table", "csv", "json" and "framed", from the one on that
// contains, or follows, the index. Returns the exit code.
struct MessageOptions {
  std::string form;
  std::int64_t from;
  std::int64_t to;
  bool follow;
};
int cat_messages(Ring &ring, const MessageOptions &options);
void write_frame_prologue(const Ring &ring, const Info &info, std::int64_t start);
void write_frame_end(bool closed);

}  // namespace tool
