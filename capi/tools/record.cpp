// ringbuf record
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <set>

#include "commands.hpp"
#include "formats/file.hpp"
#include "output.hpp"
#include "record_annotations.hpp"
#include "record_messages.hpp"
#include "record_ring.hpp"
#include "stop.hpp"
#include "text.hpp"
#include "text_format.hpp"
#include "wait_list.hpp"

namespace tool {

namespace {

constexpr std::int64_t sync_distance_ns = 250'000'000;
constexpr std::int64_t progress_distance_ns = 1'000'000'000;

struct RecordOptions {
  std::vector<std::string> names;
  std::string output, format, duration, split, from = "newest", wait, annotations;
  std::uint64_t samples = 0;
  bool overwrite = false, registered = false, reconnect = false, progress = false, quiet = false;
};

std::int64_t duration_option(const std::string &text, const char *option) {
  const auto value = parse_duration(text);
  if (!value || *value == 0) {
    throw Failure(exit_usage, tool::format("{} takes a time such as 90s or 1h, not \"{}\"", option, text));
  }
  return *value;
}

RecordLimits limits_of(const RecordOptions &options) {
  RecordLimits limits;
  if (options.samples > 0) limits.samples = options.samples;
  if (!options.duration.empty()) limits.duration_ns = duration_option(options.duration, "--duration");
  if (!options.split.empty()) {
    limits.split_ns = parse_duration(options.split);
    if (!limits.split_ns) limits.split_bytes = parse_bytes(options.split);
    if (limits.split_ns.value_or(1) == 0 || limits.split_bytes.value_or(1) == 0 ||
        (!limits.split_ns && !limits.split_bytes)) {
      throw Failure(exit_usage,
                    tool::format("--split takes a time or a size such as 1h or 2GB, not \"{}\"", options.split));
    }
  }
  return limits;
}

const formats::Format &format_of(const RecordOptions &options) {
  try {
    return formats::format_for(options.format, options.output);
  } catch (const formats::Error &error) {
    throw Failure(exit_usage, error.what());
  }
}

class Recording {
 public:
  explicit Recording(const RecordOptions &options) : options_(options) {}

  int run() {
    open();
    catch_stop_signals();
    static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));  // the write that exceeds the limit fails and says so
    std::string error;
    try {
      record(begin());
    } catch (const std::exception &failure) {
      error = failure.what();
    }
    for (auto &ring : rings_) {
      try {
        if (!ring->files().empty() && error.empty()) ring->annotate_rest();
      } catch (const std::exception &failure) {
        error = failure.what();
      }
      try {
        if (!ring->files().empty()) ring->finish();
      } catch (const std::exception &failure) {
        if (error.empty()) error = failure.what();
      }
    }
    if (shown_) say("");
    if (!error.empty()) say(tool::format("ringbuf record: {}", error));
    for (auto &ring : rings_) summary(*ring);
    if (annotations_ && annotations_->lost() > 0) {
      say(tool::format("{}: {} bytes of messages were overwritten before they could be recorded", annotations_->name(),
                       annotations_->lost()));
    }
    return result(error);
  }

 private:
  void open() {
    const formats::Format &format = format_of(options_);
    const RecordLimits limits = limits_of(options_);
    if (!options_.annotations.empty()) {
      if (!format.annotations) {
        throw Failure(exit_usage, tool::format("{} has no annotations: use --format sigmf, edf or bdf", format.name));
      }
      annotations_ = std::make_unique<AnnotationSource>(options_.annotations, options_.from == "oldest");
    }
    std::set<std::string> seen;
    for (const std::string &name : options_.names) {
      if (!seen.insert(name).second) throw Failure(exit_usage, tool::format("{} is named twice", name));
      std::uint32_t flags = RINGBUF_RESYNC_OLDEST | RINGBUF_LAZY;
      if (!options_.registered) flags |= RINGBUF_OBSERVER;
      if (options_.from != "oldest") flags |= RINGBUF_FROM_NEWEST;
      Ring ring = options_.wait.empty() ? Ring::open(name, flags)
                                        : Ring::open_wait(name, flags, duration_option(options_.wait, "--wait"));
      const std::string path = options_.names.size() == 1
                                   ? options_.output
                                   : formats::path_with(format, options_.output, tool::format("-{}", name));
      if ((ring.info().flags & RINGBUF_MESSAGES) != 0) {
        rings_.push_back(std::make_unique<RecordedMessages>(std::move(ring), format, path, options_.overwrite,
                                                            options_.registered, limits));
      } else {
        rings_.push_back(std::make_unique<RecordedRing>(std::move(ring), format, path, options_.overwrite,
                                                        options_.registered, limits,
                                                        annotations_ ? annotations_->longest() : 0));
      }
    }
  }

  // Makes all of the files, or none.
  std::int64_t begin() {
    const std::int64_t now = monotonic_now();
    try {
      for (auto &ring : rings_) ring->begin(options_.from == "oldest", now);
    } catch (...) {
      for (auto &ring : rings_) ring->discard();
      throw;
    }
    return now;
  }

  void record(std::int64_t begin) {
    std::int64_t synced = begin, shown = begin;
    while (!stop_requested()) {
      const std::int64_t now = monotonic_now();
      std::vector<Recorded *> active;
      annotate();
      for (auto &ring : rings_) {
        if (ring->done()) continue;
        if (ring->ended() != 0 && options_.reconnect) static_cast<void>(ring->reconnect());
        if (ring->ended() == 0) ring->step(now);
        if (!ring->done() && (ring->ended() == 0 || options_.reconnect)) active.push_back(ring.get());
      }
      if (now - synced >= sync_distance_ns) {
        for (Recorded *ring : active) ring->sync();
        synced = now;
      }
      if (now - shown >= progress_distance_ns) {
        show(now - begin);
        shown = now;
      }
      if (active.empty()) break;
      wait(active);
    }
    annotate();
  }

  void annotate() {
    if (!annotations_) return;
    const std::vector<Annotation> found = annotations_->take();
    if (found.empty()) return;
    for (auto &ring : rings_) ring->annotate(found, annotations_->beside() == ring->ring().name());
  }

  // Until a fair part of one ring's capacity is there, but not for long: slow rings are synced, too.
  void wait(const std::vector<Recorded *> &active) {
    awaited_.clear();
    for (const Recorded *ring : active) {
      if (ring->ended() == 0) awaited_.add(ring->ring(), ring->wanted_end());
    }
    if (awaited_.empty()) {  // all of them wait for their writers
      ::usleep(WaitList::longest_ns / 1000);
      return;
    }
    awaited_.wait();
  }

  void show(std::int64_t elapsed_ns) {
    const bool terminal = ::isatty(STDERR_FILENO) == 1;
    if (options_.quiet || (!terminal && !options_.progress)) return;
    std::uint64_t samples = 0, lost = 0, bytes = 0, lag = 0;
    double lag_seconds = 0;
    for (const auto &ring : rings_) {
      samples += ring->samples();
      lost += ring->lost();
      bytes += ring->bytes();
      lag = std::max(lag, ring->lag());
      if (ring->sample_rate() > 0) {
        lag_seconds = std::max(lag_seconds, static_cast<double>(ring->lag()) / ring->sample_rate());
      }
    }
    const auto rate = static_cast<double>(bytes - shown_bytes_) * 1e9 / static_cast<double>(elapsed_ns - shown_ns_);
    shown_bytes_ = bytes;
    shown_ns_ = elapsed_ns;
    const std::string lag_text = lag_seconds > 0 ? human_duration(lag_seconds)
                                                 : tool::format("{} samples", human_count(static_cast<double>(lag)));
    const std::string line =
        tool::format("{}: {} samples, {} ({}/s), lag {}, lost {}, disk {} free",
                     human_duration(static_cast<double>(elapsed_ns) / 1e9), human_count(static_cast<double>(samples)),
                     human_bytes(static_cast<double>(bytes)), human_bytes(rate), lag_text, lost,
                     human_bytes(static_cast<double>(formats::free_bytes(rings_.front()->files().back()))));
    if (terminal) {
      static_cast<void>(std::fprintf(stderr, "\r%s\033[K", line.c_str()));
      static_cast<void>(std::fflush(stderr));
      shown_ = true;
    } else {
      say(line);
    }
  }

  void summary(const Recorded &ring) const {
    if (ring.files().empty()) return;
    const char *ended = ring.ended() == RINGBUF_STALE ? "; the writer died or a newer ring has the name" : "";
    if (options_.quiet && ring.lost() == 0 && ring.ended() != RINGBUF_STALE) return;
    const std::string where = ring.files().size() == 1 ? ring.files().front()
                                                       : tool::format("{} files, {} to {}", ring.files().size(),
                                                                      ring.files().front(), ring.files().back());
    const char *unit = ring.messages() ? " bytes" : "";
    say(tool::format("{}: {} {} of [{}, {}) in {}, {}; {} lost{}", ring.ring().name(), ring.samples(),
                     ring.messages() ? "messages" : "samples", ring.first_index(), ring.position(), where,
                     human_bytes(static_cast<double>(ring.bytes())),
                     ring.lost() == 0 ? "none" : std::to_string(ring.lost()) + unit, ended));
  }

  int result(const std::string &error) const {
    if (!error.empty()) return exit_error;
    int code = annotations_ && annotations_->lost() > 0 ? exit_lost : exit_ok;
    for (const auto &ring : rings_) {
      if (ring->ended() == RINGBUF_STALE) return exit_dead;
      if (ring->lost() > 0) code = exit_lost;
    }
    return code;
  }

  const RecordOptions &options_;
  std::vector<std::unique_ptr<Recorded>> rings_;
  std::unique_ptr<AnnotationSource> annotations_;
  WaitList awaited_;
  std::uint64_t shown_bytes_ = 0;
  std::int64_t shown_ns_ = 0;
  bool shown_ = false;
};

}  // namespace

Run make_record(CLI::App &app) {
  auto options = std::make_shared<RecordOptions>();
  add_option(app, "NAME", options->names, "the rings; several are recorded from the same moment on, each to FILE-NAME")
      .required();
  add_option(app, "-o,--output", options->output, "the file; its ending tells the format").required().type_name("FILE");
  add_option(app, "--format", options->format, formats::format_names()).type_name("FORMAT");
  add_option(app, "--duration", options->duration,
             "how long, for example 90s or 1h; until the stream ends if not given")
      .type_name("TIME");
  add_option(app, "--samples", options->samples, "how many samples, or messages, of each ring")
      .type_name("N")
      .positive();
  add_option(app, "--split", options->split, "a new file after that time or size: 1h, 2GB").type_name("TIME|SIZE");
  add_option(app, "--from", options->from, "newest: from now on; oldest: with what the ring holds")
      .one_of({"newest", "oldest"});
  add_option(app, "--wait", options->wait, "for so long for a ring that is not there yet").type_name("TIME");
  add_option(app, "--annotations", options->annotations,
             "the messages of that ring are annotations in the file, or in its description; all formats but mcap")
      .type_name("RING");
  add_flag(app, "--reconnect", options->reconnect,
           "wait for a writer that is gone; another ring of the shape gets a file of its own");
  add_flag(app, "--registered", options->registered,
           "as a registered reader, for which the writer of a lossless ring waits; an observer holds up nothing");
  add_flag(app, "--overwrite", options->overwrite, "replace files that are there");
  add_flag(app, "--progress", options->progress, "a line a second on stderr, also if that is no terminal");
  add_flag(app, "-q,--quiet", options->quiet, "say nothing but losses and errors");
  examples(app,
           {"ringbuf record microphone -o take.wav", "ringbuf record eeg -o eeg.sigmf-data --duration 1h --split 10min",
            "ringbuf record left right -o both.npy --samples 48000", "ringbuf record events -o events.mcap"});
  return [options] { return Recording(*options).run(); };
}

}  // namespace tool
