// ringbuf replay
#include "replay.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "commands.hpp"
#include "formats/format.hpp"
#include "output.hpp"
#include "replay_annotations.hpp"
#include "replay_timeline.hpp"
#include "ring.hpp"
#include "stop.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

constexpr std::int64_t longest_wait_ns = 100'000'000;
constexpr double block_ns = 10e6;
constexpr std::size_t buffer_bytes = std::size_t{1} << 20;

class Replay {
 public:
  explicit Replay(const ReplayOptions &options) : options_(options) {}

  int run() {
    recording_ = formats::format_for(options_.format, options_.file).open(options_.file);
    const bool messages = (recording_->stream.flags & RINGBUF_MESSAGES) != 0;
    if (!recording_->finished && !options_.quiet) {
      say(
          tool::format("ringbuf replay: {} is not finished: its recorder was killed, or still runs. The {} {} that are "
                       "whole are replayed",
                       options_.file, recording_->samples, messages ? "messages" : "samples"));
    }
    if (messages) return replay_messages(options_, *recording_);
    prepare();
    choose_start();
    Ring ring = create();
    ring_ = &ring;
    create_messages(ring.name());
    catch_stop_signals();
    if (options_.readers > 0) wait_for_readers();
    started_ns_ = monotonic_now();
    do {
      pass();
      index_shift_ += end_index_ - start_index_;
      time_shift_ += pass_ns_;
    } while (options_.loop && !stop_requested());
    if (!options_.quiet) {
      say(tool::format("{}: {} samples from {}, [{}, {})", ring.name(), samples_, options_.file, start_index_,
                       position_));
      if (annotations_) {
        say(tool::format("{}: {} messages", annotations_->name(), annotations_->sent()));
      } else if (left_out_ > 0) {
        say(tool::format("{} annotations were left out: --messages NAME makes a ring of them", left_out_));
      }
    }
    return exit_ok;
  }

 private:
  void prepare() {
    if (options_.rate > 0) recording_->stream.sample_rate = options_.rate;
    const auto &stream = recording_->stream;
    timeline_ = std::make_unique<Timeline>(recording_->marks, stream.sample_rate, stream.first_index);
    if (!timeline_->known() && !options_.fast) {
      throw Failure(
          exit_usage,
          tool::format("{} has neither a sample rate nor times: give --rate, or --as-fast-as-possible", options_.file));
    }
    // The index after the last sample, and after the gap that may follow.
    end_index_ = stream.first_index + static_cast<std::int64_t>(recording_->samples);
    for (const auto &gap : recording_->gaps) {
      if (gap.start <= end_index_) end_index_ += gap.end - gap.start;
    }
  }

  // From an index, a time in UTC, or a time after the beginning; in a gap: after it.
  void choose_start() {
    const auto &stream = recording_->stream;
    start_index_ = stream.first_index;
    if (!options_.from.empty()) {
      if (const auto index = parse_integer(options_.from)) {
        start_index_ = *index;
      } else if (const auto after = parse_duration(options_.from)) {
        if (!timeline_->known()) throw Failure(exit_usage, "--from takes an index here: the recording has no times");
        const std::int64_t begin = timeline_->realtime_ns(stream.first_index);
        start_index_ = timeline_->index_at_realtime(begin + *after, stream.first_index, end_index_);
      } else if (const auto time = parse_iso_time(options_.from)) {
        if (recording_->marks.empty())
          throw Failure(exit_usage, "--from takes an index here: the recording has no times");
        start_index_ = timeline_->index_at_realtime(*time, stream.first_index, end_index_);
      } else {
        refuse_from(options_);
      }
    }
    for (const auto &gap : recording_->gaps) {
      if (gap.start <= start_index_ && start_index_ < gap.end) start_index_ = gap.end;
    }
    if (recording_->samples > 0 && (start_index_ < stream.first_index || start_index_ >= end_index_)) {
      throw Failure(exit_usage, tool::format("--from {} is not in the recording, which has the samples [{}, {})",
                                             options_.from, stream.first_index, end_index_));
    }
    if (timeline_->known()) {
      pass_ns_ = timeline_->monotonic_ns(end_index_ - 1) - timeline_->monotonic_ns(start_index_) +
                 std::llround(timeline_->period_ns());
    }
  }

  Ring create() const {
    const auto &stream = recording_->stream;
    ringbuf_options_t options = default_options();
    options.data_type = stream.data_type;
    options.channels = stream.channels;
    options.item_size = stream.data_type == RINGBUF_BYTES ? stream.item_size : 0;
    options.sample_rate = stream.sample_rate;
    options.first_index = start_index_;
    options.capacity = stream.capacity;
    if (!options_.capacity.empty()) {
      const auto amount = parse_amount(options_.capacity);
      if (!amount)
        throw Failure(exit_usage,
                      tool::format("--capacity takes a number of samples or a time, not \"{}\"", options_.capacity));
      options.capacity = amount->samples(stream.sample_rate, "--capacity");
    } else if (options.capacity == 0) {
      options.capacity = std::max<std::uint64_t>(65536, static_cast<std::uint64_t>(10 * stream.sample_rate));
    }
    options.window = std::min(stream.window, options.capacity);
    return create_replayed(options_, stream, options);
  }

  // Both rings, or none.
  void create_messages(const std::string &beside) {
    std::vector<formats::Annotation> found = recording_->annotations();
    if (options_.messages.empty()) {
      left_out_ = found.size();
      return;
    }
    std::uint32_t flags = options_.keep ? std::uint32_t{RINGBUF_KEEP} : 0;
    if (options_.lossless) flags |= RINGBUF_LOSSLESS;
    try {
      annotations_ = std::make_unique<ReplayedAnnotations>(options_.messages, beside, std::move(found), flags);
    } catch (...) {
      ring_->close();
      if (options_.keep) static_cast<void>(ringbuf_unlink(beside.c_str()));
      throw;
    }
  }

  void wait_for_readers() {
    while (!stop_requested()) {
      const int code = ringbuf_wait_readers(ring_->get(), options_.readers, longest_wait_ns);
      if (code == RINGBUF_OK) return;
      if (code != RINGBUF_TIMEOUT && code != RINGBUF_INTERRUPTED) ring_->fail(code);
    }
  }

  // All from the start to the end, once.
  void pass() {
    const auto &stream = recording_->stream;
    const std::size_t size = stream.sample_bytes();
    std::uint64_t most = std::max<std::uint64_t>(1, buffer_bytes / size);
    most = std::min(most, std::max<std::uint64_t>(1, capacity() / 4));
    if (!options_.fast) {
      const double block = std::max(1.0, block_ns * options_.speed / timeline_->period_ns());
      if (block < static_cast<double>(most)) most = static_cast<std::uint64_t>(block);
    }
    buffer_.resize(static_cast<std::size_t>(most) * size);

    std::int64_t index = stream.first_index;  // of the recording
    std::uint64_t sample = 0;
    auto gap = recording_->gaps.begin();
    auto mark = recording_->marks.begin();
    for (; gap != recording_->gaps.end() && gap->end <= start_index_; ++gap) index = pass_by(*gap, index, sample);
    sample += static_cast<std::uint64_t>(start_index_ - index);
    index = start_index_;
    while (mark != recording_->marks.end() && mark->index < index) ++mark;
    const bool between = !recording_->marks.empty() && (mark == recording_->marks.end() || mark->index != index);
    if (!between) stamp_index_ = -1;
    if (between) stamp_index_ = index;
    if (annotations_) annotations_->begin(options_.from.empty() ? INT64_MIN : start_index_);

    while (!stop_requested()) {
      if (gap != recording_->gaps.end() && gap->start == index) {
        skip(static_cast<std::uint64_t>(gap->end - gap->start));
        index = gap->end;
        ++gap;
        continue;
      }
      if (sample >= recording_->samples) {
        if (annotations_) annotations_->send_rest(index_shift_);
        return;
      }
      std::uint64_t count = std::min(most, recording_->samples - sample);
      if (gap != recording_->gaps.end()) count = std::min(count, static_cast<std::uint64_t>(gap->start - index));
      // A block begins at each mark, so that a pause comes between two blocks.
      auto next = mark;
      if (next != recording_->marks.end() && next->index == index) ++next;
      if (next != recording_->marks.end() && next->index > index) {
        count = std::min(count, static_cast<std::uint64_t>(next->index - index));
      }
      recording_->read(sample, count, buffer_.data());
      if (!wait_until_due(index + static_cast<std::int64_t>(count) - 1)) return;
      put(count);
      if (stamp_index_ == index) stamp({index, timeline_->monotonic_ns(index), timeline_->realtime_ns(index)});
      for (; mark != recording_->marks.end() && mark->index < index + static_cast<std::int64_t>(count); ++mark) {
        if (mark->index >= index) stamp(*mark);
      }
      sample += count;
      index += static_cast<std::int64_t>(count);
      if (annotations_ && !annotations_->send_before(index, index_shift_)) return;
    }
  }

  static std::int64_t pass_by(const formats::Gap &gap, std::int64_t index, std::uint64_t &sample) {
    sample += static_cast<std::uint64_t>(gap.start - index);
    return gap.end;
  }

  std::uint64_t capacity() const { return ring_->info().capacity; }

  // False: a signal came.
  bool wait_until_due(std::int64_t index) {
    if (options_.fast) return true;
    const std::int64_t after = timeline_->monotonic_ns(index) - timeline_->monotonic_ns(start_index_) + time_shift_;
    const std::int64_t due = started_ns_ + std::llround(static_cast<double>(after) / options_.speed);
    for (;;) {
      if (stop_requested()) return false;
      const std::int64_t left = due - monotonic_now();
      if (left <= 0) return true;
      ::usleep(static_cast<useconds_t>(std::min(left, longest_wait_ns) / 1000 + 1));
    }
  }

  void put(std::uint64_t count) {
    for (int code = ringbuf_put(ring_->get(), buffer_.data(), count); code != RINGBUF_OK;
         code = ringbuf_put(ring_->get(), buffer_.data(), count)) {
      if (code != RINGBUF_FULL) ring_->fail(code);
      if (!wait_for_space(count)) return;
    }
    samples_ += count;
    position_ = ring_->info().written;
  }

  void skip(std::uint64_t count) {
    for (int code = ringbuf_skip(ring_->get(), count); code != RINGBUF_OK; code = ringbuf_skip(ring_->get(), count)) {
      if (code != RINGBUF_FULL) ring_->fail(code);
      if (!wait_for_space(std::min(count, capacity()))) return;
    }
    position_ = ring_->info().written;
  }

  bool wait_for_space(std::uint64_t count) {
    if (stop_requested()) return false;
    const int code = ringbuf_wait_space(ring_->get(), count, longest_wait_ns);
    if (code != RINGBUF_OK && code != RINGBUF_TIMEOUT && code != RINGBUF_INTERRUPTED) ring_->fail(code);
    return !stop_requested();
  }

  void stamp(const formats::TimeMark &mark) {
    const int code = ringbuf_stamp(ring_->get(), mark.index + index_shift_, mark.monotonic_ns + time_shift_,
                                   mark.realtime_ns + time_shift_);
    if (code != RINGBUF_OK && !complained_) {
      say(tool::format("ringbuf replay: a time of the recording cannot be given to the ring: {}",
                       ringbuf_last_error()));
      complained_ = true;
    }
  }

  const ReplayOptions &options_;
  std::unique_ptr<formats::Reader> recording_;
  std::unique_ptr<Timeline> timeline_;
  std::unique_ptr<ReplayedAnnotations> annotations_;
  std::size_t left_out_ = 0;  // annotations
  Ring *ring_ = nullptr;
  std::vector<char> buffer_;
  std::int64_t start_index_ = 0, end_index_ = 0;   // of the recording
  std::int64_t index_shift_ = 0, time_shift_ = 0;  // of the passes before
  std::int64_t pass_ns_ = 0, started_ns_ = 0;
  std::int64_t stamp_index_ = -1;  // the pass begins between two marks: that sample gets a time of its own
  std::int64_t position_ = 0;
  std::uint64_t samples_ = 0;
  bool complained_ = false;
};

}  // namespace

Ring create_replayed(const ReplayOptions &options, const formats::Stream &stream, ringbuf_options_t made) {
  const std::string &name = options.name.empty() ? stream.name : options.name;
  if (name.empty()) throw Failure(exit_usage, "the recording does not say how its ring was called: give --name");
  if (options.lossless || (stream.flags & RINGBUF_LOSSLESS) != 0) made.flags |= RINGBUF_LOSSLESS;
  if (options.keep) made.flags |= RINGBUF_KEEP;
  made.metadata_bytes = static_cast<std::uint32_t>(std::max<std::size_t>(4096, stream.metadata.size()));
  Ring ring = Ring::create(name, made);
  if (!stream.metadata.empty())
    ring.check(ringbuf_set_metadata(ring.get(), stream.metadata.data(), stream.metadata.size()));
  return ring;
}

void refuse_from(const ReplayOptions &options) {
  throw Failure(exit_usage,
                tool::format("--from takes an index, a time after the beginning such as 5s, or one in UTC such as "
                             "2026-11-26T09:00:00Z, not \"{}\"",
                             options.from));
}

Run make_replay(CLI::App &app) {
  auto options = std::make_shared<ReplayOptions>();
  add_option(app, "FILE", options->file, "the recording").required();
  add_option(app, "--format", options->format, "the format, if the ending does not tell it").type_name("FORMAT");
  add_option(app, "--name", options->name, "of the new ring; that of the recorded one if not given").type_name("NAME");
  add_option(app, "--messages", options->messages,
             "a ring of that name gets the annotations as messages, each after its sample, whose index is its tag")
      .type_name("NAME");
  add_option(app, "--speed", options->speed, "so many times as fast").positive().type_name("X");
  add_flag(app, "--as-fast-as-possible", options->fast, "without waiting; with --lossless as fast as the readers are");
  add_flag(app, "--loop", options->loop, "again and again; the indices and the times go on");
  add_option(app, "--from", options->from, "an index, a time after the beginning (5s), or one in UTC")
      .type_name("WHERE");
  add_option(app, "--rate", options->rate, "the sample rate in Hz, in place of the recorded one").positive();
  add_option(app, "--capacity", options->capacity,
             "of the new ring, in samples or as a time, of messages in bytes; the recorded ring's if not given")
      .type_name("N|TIME");
  add_flag(app, "--lossless", options->lossless, "wait for registered readers");
  add_option(app, "--wait-readers", options->readers, "begin when so many readers are registered").type_name("N");
  add_flag(app, "--keep", options->keep, "leave the ring there at the end");
  add_flag(app, "-q,--quiet", options->quiet, "say nothing but errors");
  examples(app, {"ringbuf replay take.wav", "ringbuf replay eeg.sigmf-data --name again --speed 10 --from 5s",
                 "ringbuf replay take.npy --loop", "ringbuf replay night.edf --messages events"});
  return [options] { return Replay(*options).run(); };
}

}  // namespace tool
