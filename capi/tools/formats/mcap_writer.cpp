// What is appended is collected in a chunk. A chunk goes to the file when it is large, or with the sync() after 0.7 s.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "../text_format.hpp"
#include "mcap.hpp"
#include "mcap_file.hpp"
#include "mcap_messages.hpp"
#include "mcap_samples.hpp"
#include "ringbuf.h"
#include "sidecar.hpp"

namespace tool::formats::mcap {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t message_bytes = std::uint64_t{1} << 16;  // samples in one message
constexpr std::size_t chunk_bytes = std::size_t{1} << 20;
constexpr std::size_t most_chunks = 300;  // about 30 KiB of summary
constexpr auto sync_distance = std::chrono::milliseconds(700);

bool holds_messages(const Stream& stream) { return (stream.flags & RINGBUF_MESSAGES) != 0; }

std::string schema_record(const Stream& stream) {
  std::string bytes;
  Builder record(bytes);
  record.begin(Kind::schema);
  record.u16(1);
  record.text(holds_messages(stream) ? messages_schema_name : schema_name);
  record.text("ros2msg");
  record.text(holds_messages(stream) ? messages_schema_text() : schema_text(stream.data_type));
  record.end();
  return bytes;
}

std::string channel_record(const Stream& stream) {
  const char* type = holds_messages(stream) ? "messages" : ringbuf_type_name(stream.data_type);
  std::string bytes;
  Builder record(bytes);
  record.begin(Kind::channel);
  record.u16(channel_id);
  record.u16(1);
  record.text(stream.name);
  record.text("cdr");
  record.map({{"channels", std::to_string(stream.channels)},
              {"sample_rate", tool::format("{}", stream.sample_rate)},
              {"type", type != nullptr ? type : "bytes"}});
  record.end();
  return bytes;
}

struct Block {
  MessageEntry entry;
  std::uint64_t samples = 0;
};

class McapWriter final : public Writer {
 public:
  McapWriter(const Stream& stream, const std::string& path, bool replace)
      : stream_(stream),
        data_(File::create(path, replace), schema_record(stream), channel_record(stream),
              sidecar_text({stream, {}, {}, {}, 0, false}, "")),
        next_(stream.first_index),
        block_samples_(std::max<std::uint64_t>(1, message_bytes / stream.sample_bytes())),
        synced_(Clock::now()) {
    records_.reserve(chunk_bytes + message_bytes + 4096);
  }

  void append(const void* samples, std::uint64_t count) override {
    const auto* from = static_cast<const char*>(samples);
    const std::size_t size = stream_.sample_bytes();
    while (count > 0) {
      if (!open_) begin_block();
      const std::uint64_t part = std::min(count, block_samples_ - blocks_.back().samples);
      records_.append(from, static_cast<std::size_t>(part) * size);
      blocks_.back().samples += part;
      from += part * size;
      count -= part;
      stored_ += part;
      next_ += static_cast<std::int64_t>(part);
      if (blocks_.back().samples == block_samples_) end_block();
      if (records_.size() >= chunk_bytes) flush();
    }
  }

  void message(const Message& message) override {
    const auto time = static_cast<std::uint64_t>(std::max<std::int64_t>(0, message.realtime_ns));
    blocks_.push_back({{time, records_.size()}, 1});
    Builder record = begin_record(time);
    records_ += content_start(message);
    records_ += message.bytes;
    record.end();
    ++stored_;
    if (records_.size() >= chunk_bytes) flush();
  }

  void gap(const Gap& gap) override {
    end_block();
    gaps_ += tool::format("{} {} {}\n", gap.start, gap.end, gap.lost);
    next_ = gap.end;
  }

  void mark(const TimeMark& mark) override {
    marks_ += tool::format("{} {} {}\n", mark.index, mark.monotonic_ns, mark.realtime_ns);
    before_ = last_;
    last_ = mark;
  }

  void sync() override {
    const Clock::time_point now = Clock::now();
    if (now - synced_ < sync_distance) return;
    synced_ = now;
    flush();
    if (!data_.has_summary()) data_.write_summary();
  }

  void finish() override {
    const std::uint64_t wanted = stored_;
    std::string reason;
    try {
      flush();
    } catch (const Error& error) {
      reason = error.what();
      keep_what_fits();
    }
    while (!end()) {
      if (!data_.drop_chunk()) throw Error(tool::format("no index could be written to '{}'", data_.file().path()));
    }
    stored_ = in_chunks();
    data_.close();
    if (stored_ < wanted) {
      throw Error(tool::format("the last {} {} could not be written to '{}'{}{}", wanted - stored_,
                               holds_messages(stream_) ? "messages" : "samples", data_.file().path(),
                               reason.empty() ? "" : ": ", reason));
    }
  }

  std::uint64_t samples() const override { return stored_; }
  std::uint64_t bytes() const override { return data_.data_end() + records_.size(); }
  std::vector<std::string> files() const override { return {data_.file().path()}; }

 private:
  std::uint64_t time_of(std::int64_t index) const {
    if (!last_) return 0;
    double period_ns = 0;
    if (stream_.sample_rate > 0) {
      period_ns = 1e9 / stream_.sample_rate;
    } else if (before_) {
      period_ns = static_cast<double>(last_->realtime_ns - before_->realtime_ns) /
                  static_cast<double>(last_->index - before_->index);
    }
    const std::int64_t time = last_->realtime_ns + std::llround(static_cast<double>(index - last_->index) * period_ns);
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, time));
  }

  // A record of the next message, without its content.
  Builder begin_record(std::uint64_t time) {
    Builder record(records_);
    record.begin(Kind::message);
    record.u16(channel_id);
    record.u32(sequence_++);
    record.u64(time);
    record.u64(time);
    return record;
  }

  void begin_block() {
    const std::uint64_t time = time_of(next_);
    blocks_.push_back({{time, records_.size()}, 0});
    begin_record(time);
    records_ += block_start(stream_, time, next_);
    open_ = true;
  }

  void end_block() {
    if (!open_) return;
    open_ = false;
    patch_block();
  }

  // The last block has as many samples as it says.
  void patch_block() {
    const Block& block = blocks_.back();
    char* const record = records_.data() + block.entry.offset;
    patch(record + 1, records_.size() - static_cast<std::size_t>(block.entry.offset) - record_head, 8);
    patch(record + message_head + element_count_at, block.samples * elements_in_sample(stream_), 4);
  }

  void flush() {
    end_block();
    if (!gaps_.empty()) data_.append_metadata("ringbuf.gaps", {{"start_end_lost", gaps_}});
    gaps_.clear();
    if (!marks_.empty()) data_.append_metadata("ringbuf.times", {{"index_monotonic_realtime", marks_}});
    marks_.clear();
    if (blocks_.empty()) return;
    std::vector<MessageEntry> entries;
    std::uint64_t samples = 0;
    for (const Block& block : blocks_) {
      entries.push_back(block.entry);
      samples += block.samples;
    }
    data_.append_chunk(records_, entries, samples);
    blocks_.clear();
    records_.clear();
    // A small summary costs next to nothing; a large one is for sync().
    if (data_.chunks().size() < most_chunks) data_.write_summary();
  }

  // The last chunk did not fit: its first samples may.
  void keep_what_fits() {
    const std::uint64_t room = data_.size() - data_.data_end();
    data_.truncate();
    if (blocks_.empty()) return;
    const std::uint64_t reserve = data_.summary_bytes() + 512;  // for one more chunk and the end, too
    while (!blocks_.empty() && needed() + reserve > room) {
      Block& block = blocks_.back();
      if (holds_messages(stream_)) {
        records_.resize(static_cast<std::size_t>(block.entry.offset));
        blocks_.pop_back();
        continue;
      }
      const std::uint64_t excess = needed() + reserve - room;
      const std::uint64_t less =
          std::min(block.samples, (excess + stream_.sample_bytes() - 1) / stream_.sample_bytes());
      block.samples -= less;
      records_.resize(records_.size() - static_cast<std::size_t>(less) * stream_.sample_bytes());
      if (block.samples > 0) {
        patch_block();
      } else {
        records_.resize(static_cast<std::size_t>(block.entry.offset));
        blocks_.pop_back();
      }
    }
    try {
      flush();
    } catch (const Error&) {
      data_.truncate();
    }
  }
  std::uint64_t needed() const { return records_.size() + DataFile::chunk_overhead(blocks_.size()); }

  bool end() {
    try {
      data_.append_metadata("ringbuf.end", {{"samples", std::to_string(in_chunks())}});
      data_.write_summary();
      return true;
    } catch (const Error&) {
      data_.truncate();
      return false;
    }
  }

  std::uint64_t in_chunks() const {
    std::uint64_t samples = 0;
    for (const ChunkEntry& chunk : data_.chunks()) samples += chunk.samples;
    return samples;
  }

  Stream stream_;
  DataFile data_;
  std::int64_t next_;
  std::uint64_t stored_ = 0;
  std::uint64_t block_samples_;
  std::uint32_t sequence_ = 0;
  std::string records_;        // of the chunk that is being collected
  std::vector<Block> blocks_;  // in it
  bool open_ = false;          // the last block grows
  std::string gaps_, marks_;   // that are not in the file yet
  std::optional<TimeMark> last_, before_;
  Clock::time_point synced_;
};

}  // namespace

std::unique_ptr<Writer> create(const std::string& path, const Stream& stream, bool replace) {
  return std::make_unique<McapWriter>(stream, path, replace);
}

}  // namespace tool::formats::mcap
