// ringbuf trigger: saves what was before and after an event.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <set>

#include "commands.hpp"
#include "describe.hpp"
#include "formats/file.hpp"
#include "option.hpp"
#include "output.hpp"
#include "stop.hpp"
#include "text_format.hpp"
#include "trigger_event.hpp"
#include "trigger_ring.hpp"
#include "trigger_source.hpp"
#include "wait_list.hpp"

namespace tool {

namespace {

constexpr std::int64_t sync_distance_ns = 250'000'000;
constexpr std::int64_t default_ns = 10'000'000'000;
constexpr unsigned most_numbers = 10'000'000;

struct TriggerOptions {
  std::vector<std::string> names;
  std::vector<std::string> conditions;
  std::string message_ring, output, format, from = "newest";
  std::vector<std::uint32_t> kinds;
  std::optional<std::int64_t> pre, post, wait;
  std::uint64_t count = 0;
  bool on_signal = false, on_death = false, reconnect = false, time_names = false, overwrite = false, json = false,
       quiet = false;
};

class Triggering {
 public:
  explicit Triggering(const TriggerOptions &options)
      : options_(options), pre_ns_(options.pre.value_or(default_ns)), post_ns_(options.post.value_or(default_ns)) {}

  int run() {
    catch_stop_signals();
    if (options_.on_signal) catch_user_signal();
    static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));  // the write that exceeds the limit fails and says so
    open();
    if (!options_.quiet) say(tool::format("ringbuf trigger: waits for {}", sources_text()));
    try {
      loop();
    } catch (...) {
      end_events();
      throw;
    }
    end_events();
    return result();
  }

 private:
  Ring open_ring(const std::string &name, std::uint32_t flags) const {
    return options_.wait ? Ring::open_wait(name, flags, *options_.wait) : Ring::open(name, flags);
  }

  void open() {
    if (options_.conditions.empty() && options_.message_ring.empty() && !options_.on_signal && !options_.on_death) {
      throw Failure(exit_usage, "nothing triggers: give --when, --on-signal, --on-message or --on-death");
    }
    if (!options_.kinds.empty() && options_.message_ring.empty())
      throw Failure(exit_usage, "--kind goes with --on-message");
    std::vector<Condition> conditions;
    for (const std::string &text : options_.conditions) conditions.push_back(parse_condition(text));
    try {
      files_ = {&formats::format_for(options_.format, options_.output), options_.output, options_.overwrite,
                options_.time_names};
    } catch (const formats::Error &error) {
      throw Failure(exit_usage, error.what());
    }
    std::set<std::string> seen;
    for (const std::string &name : options_.names) {
      if (!seen.insert(name).second) throw Failure(exit_usage, tool::format("{} is named twice", name));
      Ring ring = open_ring(name, RINGBUF_OBSERVER | RINGBUF_RESYNC_OLDEST);
      // Refuses what the format cannot hold now, not when the event has come.
      static_cast<void>(RecordedRing(ring.again(RINGBUF_OBSERVER), *files_.format, "", false, false, RecordLimits{}));
      warn_if_short(ring);
      rings_.push_back(std::make_unique<TriggerRing>(std::move(ring), pre_ns_ + post_ns_, options_.on_death));
    }
    check_directory();
    for (const Condition &each : conditions) condition_ring(each).add(each);
    if (!options_.message_ring.empty()) {
      messages_ = std::make_unique<TriggerMessages>(
          open_ring(options_.message_ring, RINGBUF_OBSERVER | RINGBUF_FROM_NEWEST), options_.kinds);
    }
    for (auto &ring : rings_) ring->begin(options_.from == "oldest");
  }

  TriggerRing &condition_ring(const Condition &condition) {
    if (condition.ring.empty()) return *rings_.front();
    for (auto &ring : rings_) {
      if (ring->ring().name() == condition.ring) return *ring;
    }
    throw Failure(exit_usage,
                  tool::format("--when '{}': {} is none of the rings that are saved; name it before the options",
                               condition.text, condition.ring));
  }

  // An event must not fail because of it.
  void check_directory() const {
    const auto slash = options_.output.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : options_.output.substr(0, slash + 1);
    if (::access(directory.c_str(), W_OK | X_OK) != 0) {
      throw Failure(exit_error, tool::format("no file can be made in {}: {}", directory, std::strerror(errno)));
    }
  }

  void warn_if_short(const Ring &ring) const {
    const Info info = ring.info();
    const double seconds = info.sample_rate > 0 ? static_cast<double>(info.capacity) / info.sample_rate : 0;
    const double pre = static_cast<double>(pre_ns_) / 1e9;
    if (!(seconds > 0) || seconds >= pre) return;
    say(tool::format("ringbuf trigger: {} holds {}, less than --pre {}: what is older will be missing", ring.name(),
                     human_duration(seconds), human_duration(pre)));
  }

  std::string sources_text() const {
    std::vector<std::string> all = options_.conditions;
    if (options_.on_signal) all.push_back(tool::format("SIGUSR1 to process {}", ::getpid()));
    if (messages_) all.push_back(tool::format("messages of {}", options_.message_ring));
    if (options_.on_death) all.emplace_back("the death of a writer");
    std::string text;
    for (const std::string &each : all) text += (text.empty() ? "" : ", or ") + each;
    return text;
  }

  void loop() {
    while (!stop_requested()) {
      const std::int64_t now = monotonic_now();
      if (options_.reconnect) reconnect();
      std::vector<Trigger> triggers;
      bool all_seen = true;
      // The end of a stream is noted before its last samples are looked at.
      const bool over = std::all_of(rings_.begin(), rings_.end(), [](const auto &ring) { return ring->ended(); });
      for (auto &ring : rings_) all_seen = ring->look(triggers) && all_seen;
      if (messages_) messages_->look(rings_, triggers);
      while (const auto ns = take_user_signal()) triggers.push_back({*ns, *ns, "SIGUSR1"});
      // The earliest first, so that no event has to begin anew.
      std::stable_sort(triggers.begin(), triggers.end(),
                       [](const Trigger &a, const Trigger &b) { return a.first_ns < b.first_ns; });
      for (const Trigger &each : triggers) apply(each);
      step_events(now);
      if (events_.empty() && (full() || (!options_.reconnect && (over || nothing_left())))) return;
      if (all_seen) wait();
    }
  }

  // An event ends where the stream of a ring does. Its files are of one ring.
  void reconnect() {
    if (!events_.empty() || full()) return;
    for (auto &ring : rings_) ring->reconnect();
    if (messages_) messages_->reconnect();
  }

  bool full() const { return options_.count > 0 && begun_ >= options_.count; }

  // Whether no source can trigger any more.
  bool nothing_left() const {
    return options_.conditions.empty() && !options_.on_signal && !options_.on_death && messages_->ended();
  }

  void apply(const Trigger &trigger) {
    const std::int64_t begin_ns = trigger.first_ns - pre_ns_;
    const std::int64_t end_ns = trigger.last_ns + post_ns_;
    for (auto &event : events_) {
      if (!event->overlaps(begin_ns, end_ns)) continue;
      event->join(trigger, pre_ns_, post_ns_);
      return;
    }
    if (full()) return;
    events_.push_back(std::make_unique<TriggerEvent>(rings_, files_, next_number(), trigger, pre_ns_, post_ns_));
    ++begun_;
    if (!options_.quiet) say(tool::format("event {}: {}", events_.back()->number(), trigger.why));
  }

  // The next one of which no file exists: an earlier run may have made some.
  unsigned next_number() {
    const auto taken = [&](unsigned number) {
      return std::any_of(rings_.begin(), rings_.end(), [&](const auto &ring) {
        const std::string path = trigger_path(files_, ring->ring().name(), rings_.size() > 1, trigger_number(number));
        return ::access(path.c_str(), F_OK) == 0;
      });
    };
    ++number_;
    while (!files_.replace && !files_.time_in_name && number_ < most_numbers && taken(number_)) ++number_;
    return number_;
  }

  void step_events(std::int64_t now) {
    const bool to_sync = now - synced_ns_ >= sync_distance_ns;
    if (to_sync) synced_ns_ = now;
    for (auto &event : events_) {
      if (event->step()) {
        report(*event);
        event.reset();
      } else if (to_sync) {
        event->sync();
      }
    }
    std::erase(events_, nullptr);
  }

  // What is there when the command ends, also after an error.
  void end_events() {
    std::string error;
    for (auto &event : events_) {
      try {
        event->finish();
      } catch (const Failure &failure) {
        if (error.empty()) error = failure.what();
      }
      report(*event);
    }
    events_.clear();
    if (!error.empty()) throw Failure(exit_error, error);
  }

  void report(const TriggerEvent &event) {
    lost_ += event.lost();
    for (const RecordedRing *each : event.recordings()) {
      const std::string lost = each->lost() == 0 ? "none" : std::to_string(each->lost());
      if (!options_.quiet) {
        say(tool::format("event {}: {}: {} samples of [{}, {}); {} lost", event.number(), each->ring().name(),
                         each->samples(), each->first_index(), each->position(), lost));
      }
      for (const std::string &file : each->files()) {
        if (!options_.json) {
          out(file + "\n");
          continue;
        }
        Json json;
        json["event"] = event.number();
        json["why"] = event.why();
        json["time"] = iso_time_of(event.time_ns());
        json["ring"] = each->ring().name();
        json["file"] = file;
        json["event_index"] = event.index_in(*each);
        json["first_index"] = each->first_index();
        json["end_index"] = each->position();
        json["samples"] = each->samples();
        json["lost"] = each->lost();
        out(one_line(json));
      }
    }
    flush();
  }

  void wait() {
    WaitList awaited;
    for (const auto &ring : rings_) {
      if (!ring->ended()) awaited.add(ring->ring(), ring->wanted_end());
    }
    if (messages_ && !messages_->ended()) awaited.add(messages_->ring(), messages_->wanted_end());
    if (!awaited.empty()) {
      awaited.wait();
    } else if (options_.reconnect) {
      ::usleep(WaitList::longest_ns / 1000);
    }  // else all streams are over, which the next look finds
  }

  int result() const {
    if (messages_ && messages_->lost_bytes() > 0) return exit_lost;
    std::uint64_t lost = lost_;
    bool died = false;
    for (const auto &ring : rings_) {
      lost += ring->lost();
      died = died || ring->died();
    }
    if (lost > 0) return exit_lost;
    if (died && !options_.on_death && !full()) throw Failure(exit_dead, "a writer died, or a newer ring has its name");
    return exit_ok;
  }

  const TriggerOptions &options_;
  std::int64_t pre_ns_, post_ns_;
  TriggerFiles files_{};
  std::vector<std::unique_ptr<TriggerRing>> rings_;
  std::unique_ptr<TriggerMessages> messages_;
  std::vector<std::unique_ptr<TriggerEvent>> events_;
  std::uint64_t begun_ = 0, lost_ = 0;
  std::int64_t synced_ns_ = 0;
  unsigned number_ = 0;
};

}  // namespace

Run make_trigger(CLI::App &app) {
  auto options = std::make_shared<TriggerOptions>();
  add_option(app, "NAME", options->names, "the rings that are saved, all from the same moment to the same moment")
      .required();
  add_option(app, "-o,--output", options->output, "the files: of event 1 FILE-0001, of several rings FILE-NAME-0001")
      .required()
      .type_name("FILE");
  add_option(app, "--format", options->format, formats::format_names()).type_name("FORMAT");
  add_duration(app, "--pre", options->pre, "how much is saved from before the event; default: 10s");
  add_duration(app, "--post", options->post, "how much is saved from after it; default: 10s");
  add_option(app, "--when", options->conditions,
             "a condition such as 'ch0 > 0.5', 'ch0 rising 0.5', 'abs(ch0) > 1' or 'rms(ch0, 100ms) > 2'; "
             "of several each triggers")
      .type_name("CONDITION")
      .repeated();
  add_flag(app, "--on-signal", options->on_signal, "SIGUSR1 to this process triggers");
  add_option(app, "--on-message", options->message_ring, "each message of this ring triggers").type_name("RING");
  add_option(app, "--kind", options->kinds, "only messages of this kind; may be given several times")
      .type_name("N")
      .repeated();
  add_flag(app, "--on-death", options->on_death, "the death of a writer triggers, at its last sample");
  add_option(app, "--count", options->count, "stop after N events; default: until Ctrl-C or the end of all streams")
      .type_name("N")
      .positive();
  add_option(app, "--from", options->from, "newest: conditions look at what comes; oldest: also at what the rings hold")
      .one_of({"newest", "oldest"});
  add_duration(app, "--wait", options->wait, "for so long for a ring that is not there yet");
  add_flag(app, "--reconnect", options->reconnect,
           "wait for a writer that is gone; conditions look at all that another ring of the shape holds");
  add_flag(app, "--time-names", options->time_names, "the time of the event in the names of files, not its number");
  add_flag(app, "--overwrite", options->overwrite, "replace files that are there");
  add_flag(app, "--json", options->json, "a JSON object for each file on stdout, not its name alone");
  add_flag(app, "-q,--quiet", options->quiet, "say nothing but losses and errors");
  examples(app, {"ringbuf trigger microphone --when 'abs(ch0) > 0.5' --pre 2s --post 5s -o loud.wav",
                 "ringbuf trigger eeg video --on-message marks --kind 7 --pre 30s --post 10s -o seizure.sigmf-data",
                 "ringbuf trigger eeg --on-death --pre 30s -o last.sigmf-data --count 1"});
  return [options] { return Triggering(*options).run(); };
}

}  // namespace tool
