// ringbuf replay, for recordings of rings of messages.
#include <algorithm>
#include <cmath>
#include <optional>

#include "feed.hpp"
#include "output.hpp"
#include "replay.hpp"
#include "ring.hpp"
#include "stop.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

class MessageReplay {
 public:
  MessageReplay(const ReplayOptions &options, formats::Reader &recording) : options_(options), recording_(recording) {
    if (!options.messages.empty()) {
      throw Failure(exit_usage, tool::format("{} has messages and no samples: --name names their ring", options.file));
    }
    if (options.rate > 0)
      throw Failure(exit_usage, tool::format("{} has messages, which have no --rate", options.file));
    end_ = recording.stream.first_index + static_cast<std::int64_t>(recording.indices());
    for (const formats::Gap &gap : recording.gaps) {
      if (gap.start <= end_) end_ += gap.end - gap.start;
    }
    choose_start();
  }

  int run() {
    Ring ring = create();
    catch_stop_signals();
    if (options_.readers > 0 && !stop_requested()) {
      const int code = ringbuf_wait_readers(ring.get(), options_.readers, -1);
      if (code != RINGBUF_INTERRUPTED) ring.check(code);
    }
    started_ns_ = monotonic_now();
    do {
      pass(ring);
      index_shift_ += end_ - start_;
      // The first message of the next pass comes as long after the last one as messages come on the average.
      const auto count = static_cast<std::int64_t>(recording_.samples - first_);
      time_shift_ += count > 1 ? (last_ns_ - first_ns_) / (count - 1) * count : 0;
    } while (options_.loop && recording_.samples > first_ && !stop_requested());
    if (!options_.quiet) {
      say(tool::format("{}: {} messages from {}, [{}, {})", ring.name(), sent_, options_.file, start_,
                       ring.info().written));
    }
    return exit_ok;
  }

 private:
  std::int64_t begin_of(const formats::Message &message) const { return message.index - message_head_bytes; }

  // From an index, a time in UTC, or a time after the first message: at the next message.
  void choose_start() {
    start_ = recording_.stream.first_index;
    if (recording_.samples == 0) return;
    const formats::Message front = recording_.message(0);
    const auto index = parse_integer(options_.from);
    const auto after = index ? std::nullopt : parse_duration(options_.from);
    const auto time = index || after ? std::nullopt : parse_iso_time(options_.from);
    if (!options_.from.empty()) {
      if (!index && !after && !time) refuse_from(options_);
      const auto before = [&](const formats::Message &message) {
        if (index) return begin_of(message) < *index;
        if (after) return message.monotonic_ns - front.monotonic_ns < *after;
        return message.realtime_ns < *time;
      };
      while (first_ < recording_.samples && before(recording_.message(first_))) ++first_;
      if (first_ == recording_.samples || (index && *index < recording_.stream.first_index)) {
        throw Failure(exit_usage, tool::format("--from {} is not in the recording, which has the bytes [{}, {})",
                                               options_.from, recording_.stream.first_index, end_));
      }
      start_ = begin_of(recording_.message(first_));
    }
    first_ns_ = recording_.message(first_).monotonic_ns;
    last_ns_ = recording_.message(recording_.samples - 1).monotonic_ns;
  }

  Ring create() const {
    const formats::Stream &stream = recording_.stream;
    ringbuf_options_t options = default_options();
    options.flags = RINGBUF_MESSAGES;
    options.first_index = start_;
    options.capacity = stream.capacity;
    options.window = stream.window - static_cast<std::uint64_t>(message_head_bytes);
    if (!options_.capacity.empty()) {
      const auto bytes = parse_bytes(options_.capacity);
      if (!bytes) {
        throw Failure(exit_usage, tool::format("--capacity takes bytes here, such as 64KiB, not \"{}\": the recording "
                                               "has messages",
                                               options_.capacity));
      }
      options.capacity = (*bytes + 7) / 8 * 8;
    }
    return create_replayed(options_, stream, options);
  }

  void pass(Ring &ring) {
    for (std::uint64_t number = first_; number < recording_.samples && !stop_requested(); ++number) {
      const formats::Message message = recording_.message(number);
      if (!options_.fast) {
        const std::int64_t after = message.monotonic_ns - first_ns_ + time_shift_;
        if (!sleep_until(started_ns_ + std::llround(static_cast<double>(after) / options_.speed))) return;
      }
      if (!go_to(ring, begin_of(message) + index_shift_)) return;
      if (!send_all(ring, message.kind, message.tag, message.bytes.data(), message.bytes.size())) return;
      ++sent_;
    }
    if (!stop_requested()) go_to(ring, end_ + index_shift_);
  }

  static bool go_to(Ring &ring, std::int64_t index) {
    const std::int64_t at = ring.info().written;
    return index <= at || skip_all(ring, static_cast<std::uint64_t>(index - at));
  }

  const ReplayOptions &options_;
  formats::Reader &recording_;
  std::uint64_t first_ = 0;                        // the number of the first message that is replayed
  std::int64_t start_ = 0, end_ = 0;               // indices of the recording
  std::int64_t first_ns_ = 0, last_ns_ = 0;        // when the first and the last message were sent
  std::int64_t index_shift_ = 0, time_shift_ = 0;  // of the passes before
  std::int64_t started_ns_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace

int replay_messages(const ReplayOptions &options, formats::Reader &recording) {
  return MessageReplay(options, recording).run();
}

}  // namespace tool
