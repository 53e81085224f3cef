// ringbuf hz: the rate of rings, from their counters and the times of their puts, not from when we happen to look.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "commands.hpp"
#include "describe.hpp"
#include "feed.hpp"
#include "option.hpp"
#include "output.hpp"
#include "ring.hpp"
#include "stop.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

struct HzOptions {
  std::vector<std::string> names;
  std::optional<std::int64_t> interval;
  std::uint64_t count = 0;
  bool json = false;
};

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// A put of which the ring tells the time.
struct Put {
  std::int64_t index;  // of its last sample
  std::int64_t time_ns;
};

// What a ring has done in an interval.
struct Rate {
  double samples = 0;          // written
  double hertz = unknown;      // by the times of the puts; NaN with fewer than two
  double jitter_ns = unknown;  // mean deviation of the puts from that rate
  double latest_ns = unknown;  // the largest one
  double block = unknown;      // samples between two puts that have times
  std::size_t puts = 0;
  std::uint64_t gaps = 0;
  std::uint64_t skipped = 0;
};

class Watched {
 public:
  explicit Watched(const std::string &name) : ring_(Ring::open(name, RINGBUF_OBSERVER | RINGBUF_LAZY)) { look(); }

  const Ring &ring() const noexcept { return ring_; }
  const Info &info() const noexcept { return info_; }

  // To be called more often than the writer's clock ticks.
  void look() {
    info_ = ring_.info();
    if (info_.anchor_index < 0 || (!puts_.empty() && puts_.back().index >= info_.anchor_index)) return;
    puts_.push_back({info_.anchor_index, info_.anchor_monotonic_ns});
  }

  // Of the time since the last call; begins a new interval.
  Rate end_interval() {
    look();
    Rate rate;
    rate.samples = static_cast<double>(info_.written - begin_);
    for (const Gap &gap : ring_.gaps()) {
      if (gap.end <= begin_) continue;
      ++rate.gaps;
      rate.skipped += static_cast<std::uint64_t>(gap.end - std::max(begin_, gap.start));
    }
    rate.puts = puts_.size();
    if (puts_.size() >= 2) fit(rate);
    begin_ = info_.written;
    if (!puts_.empty()) puts_.erase(puts_.begin(), puts_.end() - 1);
    return rate;
  }
  void begin() { begin_ = info_.written; }

 private:
  // The straight line through the puts that errs least: its slope is the rate, what is left is the jitter.
  void fit(Rate &rate) const {
    const auto count = static_cast<double>(puts_.size());
    const Put first = puts_.front();
    double mean_index = 0;
    double mean_time = 0;
    for (const Put &put : puts_) {
      mean_index += static_cast<double>(put.index - first.index) / count;
      mean_time += static_cast<double>(put.time_ns - first.time_ns) / count;
    }
    double square = 0;
    double product = 0;
    for (const Put &put : puts_) {
      const double x = static_cast<double>(put.index - first.index) - mean_index;
      square += x * x;
      product += x * (static_cast<double>(put.time_ns - first.time_ns) - mean_time);
    }
    if (!(square > 0) || !(product > 0)) return;
    const double period_ns = product / square;
    double sum = 0;
    rate.latest_ns = 0;
    for (const Put &put : puts_) {
      const double expected = mean_time + period_ns * (static_cast<double>(put.index - first.index) - mean_index);
      const double late = static_cast<double>(put.time_ns - first.time_ns) - expected;
      sum += late * late;
      rate.latest_ns = std::max(rate.latest_ns, std::fabs(late));
    }
    rate.hertz = 1e9 / period_ns;
    rate.jitter_ns = std::sqrt(sum / count);
    rate.block = static_cast<double>(puts_.back().index - first.index) / (count - 1);
  }

  Ring ring_;
  Info info_{};
  std::int64_t begin_ = 0;
  std::vector<Put> puts_;
};

Json or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

std::string or_dash(double value, const std::string &text) { return std::isfinite(value) ? text : "-"; }

void print(const HzOptions &options, const Watched &watched, const Rate &rate, double seconds) {
  const Info &info = watched.info();
  const double off = info.sample_rate > 0 ? (rate.hertz / info.sample_rate - 1) * 1e6 : unknown;
  if (options.json) {
    Json json;
    json["name"] = watched.ring().name();
    json["state"] = state_name(info.state);
    json["seconds"] = seconds;
    json["samples"] = rate.samples;
    json["hz"] = or_null(rate.hertz);
    json["nominal_hz"] = info.sample_rate > 0 ? Json(info.sample_rate) : Json(nullptr);
    json["off_ppm"] = or_null(off);
    json["puts_with_time"] = rate.puts;
    json["block"] = or_null(rate.block);
    json["jitter_us"] = or_null(rate.jitter_ns / 1e3);
    json["latest_us"] = or_null(rate.latest_ns / 1e3);
    json["gaps"] = rate.gaps;
    json["skipped"] = rate.skipped;
    out(one_line(json));
    return;
  }
  out(tool::format("{:<24}  {:>14}  {:>12}  {:>10}  {:>12}  {:>12}  {:>10}  {}\n", watched.ring().name(),
                   or_dash(rate.hertz, tool::format("{:.3f} Hz", rate.hertz)), human_rate(info.sample_rate),
                   or_dash(off, tool::format("{:+.1f} ppm", off)),
                   or_dash(rate.jitter_ns, human_duration(rate.jitter_ns / 1e9)),
                   or_dash(rate.latest_ns, human_duration(rate.latest_ns / 1e9)),
                   or_dash(rate.block, tool::format("{:.1f}", rate.block)),
                   rate.gaps > 0                      ? tool::format("{} gaps, {} samples", rate.gaps, rate.skipped)
                   : info.state == RINGBUF_STATE_LIVE ? ""
                                                      : state_name(info.state)));
}

int hz(const HzOptions &options) {
  catch_stop_signals();
  std::vector<Watched> all;
  all.reserve(options.names.size());
  for (const std::string &name : options.names) all.emplace_back(name);
  if (!options.json) {
    out(tool::format("{:<24}  {:>14}  {:>12}  {:>10}  {:>12}  {:>12}  {:>10}  {}\n", "NAME", "RATE", "NOMINAL", "OFF",
                     "JITTER", "LATEST", "BLOCK", "GAPS"));
    flush();
  }
  constexpr std::int64_t look_ns = 1'000'000;  // a quarter of the longest tick of a kernel's clock is 1 ms
  const std::int64_t interval = std::max(options.interval.value_or(1'000'000'000), look_ns);
  std::int64_t begin = monotonic_now();
  for (Watched &each : all) each.begin();
  for (std::uint64_t done = 0; (options.count == 0 || done < options.count) && !stop_requested(); ++done) {
    const std::int64_t end = begin + interval;
    for (std::int64_t now = begin; now < end && sleep_until(std::min(end, now + look_ns)); now = monotonic_now()) {
      for (Watched &each : all) each.look();
    }
    const std::int64_t now = monotonic_now();
    bool any_live = false;
    for (Watched &each : all) {
      print(options, each, each.end_interval(), static_cast<double>(now - begin) / 1e9);
      any_live = any_live || each.info().state == RINGBUF_STATE_LIVE;
    }
    flush();
    begin = now;
    if (any_live || stop_requested()) continue;
    const bool dead = std::any_of(all.begin(), all.end(), [](const Watched &each) {
      return each.info().state == RINGBUF_STATE_DEAD || each.info().state == RINGBUF_STATE_SUPERSEDED;
    });
    if (dead) throw Failure(exit_dead, "no writer is left; one has died");
    return exit_ok;
  }
  return exit_ok;
}

}  // namespace

Run make_hz(CLI::App &app) {
  auto options = std::make_shared<HzOptions>();
  add_option(app, "NAME", options->names, "the rings").required().type_name("");
  add_duration(app, "--interval", options->interval, "from one line to the next; default: 1s");
  add_option(app, "--count", options->count, "how many lines; default: until Ctrl-C or the end of all streams");
  add_flag(app, "--json", options->json, "a JSON object a line");
  examples(app, {"ringbuf hz hello", "ringbuf hz hello --interval 10s --count 1 --json"});
  return [options] { return hz(*options); };
}

}  // namespace tool
