#include "recorded.hpp"

#include <algorithm>
#include <utility>

#include "formats/file.hpp"
#include "output.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

std::string hex(const std::uint8_t (&id)[16]) {
  std::string text;
  for (const std::uint8_t byte : id) text += tool::format("{:02x}", byte);
  return text;
}

std::string time_text(std::optional<std::int64_t> monotonic_ns) {
  return monotonic_ns ? iso_time_of(*monotonic_ns) : "";
}

}  // namespace

Recorded::Recorded(Ring ring, const formats::Format &format, std::string path, bool replace, bool registered,
                   const RecordLimits &limits, std::uint32_t longest_annotation)
    : ring_(std::move(ring)),
      format_(format),
      registered_(registered),
      limits_(limits),
      path_(std::move(path)),
      replace_(replace),
      longest_annotation_(longest_annotation) {
  describe();
  const std::string refusal = format_.refusal(stream_);
  if (!refusal.empty()) throw Failure(exit_usage, tool::format("{}: {}", ring_.name(), refusal));
}

void Recorded::describe() {
  const Info info = ring_.info();
  stream_.name = ring_.name();
  stream_.ring_id = hex(info.ring_id);
  stream_.data_type = info.data_type;
  stream_.channels = info.channels;
  stream_.item_size = info.item_size;
  stream_.flags = info.flags;
  stream_.sample_rate = info.sample_rate;
  stream_.capacity = info.capacity;
  stream_.window = info.window;
  stream_.metadata = ring_.metadata();
  stream_.longest_annotation = longest_annotation_;
}

void Recorded::discard() {
  if (!writer_) return;
  for (const std::string &file : writer_->files()) formats::remove_file(file);
  writer_.reset();
  files_.clear();
}

void Recorded::create(bool part) {
  stream_.first_index = position_;
  written_id_ = stream_.ring_id;
  ++part_;
  const std::string path = formats::path_with(format_, path_, part ? tool::format("-{:04}", part_) : "");
  writer_ = format_.create(path, stream_, replace_);
  files_.push_back(writer_->files().front());
  file_samples_ = 0;
  file_begun();
}

void Recorded::next_file() {
  finish();
  bytes_before_ += writer_->bytes();
  create(true);
}

void Recorded::rotate(std::int64_t now_ns) {
  if (limits_.split_ns) {
    do file_begin_ns_ += *limits_.split_ns;
    while (file_begin_ns_ + *limits_.split_ns <= now_ns);
  }
  next_file();
}

std::int64_t Recorded::unlisted(std::int64_t end) const {
  std::int64_t count = end - position_;
  for (const auto &gap : ring_.gaps()) {
    count -= std::max<std::int64_t>(0, std::min(end, gap.end) - std::max(position_, gap.start));
  }
  return count;
}

void Recorded::say_lost(std::int64_t end, std::int64_t lost, std::optional<std::int64_t> from_ns,
                        std::optional<std::int64_t> until_ns) {
  const std::string from = time_text(from_ns), until = time_text(until_ns);
  say(tool::format("{}: lost {} {}, [{}, {}){}{}: they were overwritten before they could be recorded", ring_.name(),
                   lost, messages() ? "bytes of messages" : "samples", position_, end,
                   from.empty() ? "" : ", from " + from, until.empty() ? "" : " to " + until));
}

bool Recorded::reconnect() {
  if (!ring_.reconnect("record it to a file of its own")) return false;
  ended_ = 0;
  describe();
  described();
  if (stream_.ring_id == written_id_) return true;
  finish();
  bytes_before_ += writer_->bytes();
  ring_.check(ringbuf_tell(ring_.get(), &position_));
  file_begin_ns_ = time_at_position().value_or(monotonic_now());
  create(true);
  return true;
}

std::uint64_t Recorded::lag() const {
  const Info info = ring_.info();
  return info.written > position_ ? static_cast<std::uint64_t>(info.written - position_) : 0;
}

}  // namespace tool
