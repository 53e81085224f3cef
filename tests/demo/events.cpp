// The event reader: pops the voices that the writer has heard from a queue, and shows the latest of them.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "metadata.hpp"
#include "pipes.hpp"
#include "recording.hpp"
#include "results.hpp"
#include "ring.hpp"
#include "roles.hpp"
#include "terminal.hpp"
#include "voice.hpp"

namespace demo {
namespace {

using Clock = std::chrono::steady_clock;

class EventLog {
 public:
  EventLog(std::vector<ChannelInfo> channels, double sample_rate)
      : channels_(std::move(channels)),
        sample_rate_(sample_rate),
        area_(channels_.size()),
        live_(can_draw(area_)),
        interval_(live_ ? std::chrono::milliseconds(40) : std::chrono::milliseconds(500)) {}

  void add(const VoiceEvent& event) {
    ++count_;
    latest_.push_back(event);
    if (latest_.size() >= area_.event_rows) latest_.pop_front();
  }

  void show_sometimes() {
    if (Clock::now() >= next_) show();
  }

  void show() {
    next_ = Clock::now() + interval_;
    if (!live_) {
      if (!latest_.empty()) print_line(line(latest_.back()));
      return;
    }
    std::vector<std::string> lines{fmt::format("events: {} popped, the latest of them", count_)};
    for (const VoiceEvent& event : latest_) lines.push_back(line(event));
    lines.resize(area_.event_rows);
    draw(lines, 0);
  }

 private:
  std::string line(const VoiceEvent& event) const {
    return fmt::format("{:8.2f} s  {} {} at {:.1f} dBFS", static_cast<double>(event.sample_index) / sample_rate_,
                       printable(channels_.at(event.channel).name, 20), event.begins != 0 ? "begins" : "ends  ",
                       event.level_dbfs);
  }

  std::vector<ChannelInfo> channels_;
  double sample_rate_;
  LiveArea area_;
  bool live_;
  Clock::duration interval_;
  Clock::time_point next_{};
  std::int64_t count_ = 0;
  std::deque<VoiceEvent> latest_;
};

EventLog make_log(const Options& options) {
  // Only to look at what it says about itself: an observer takes no place and holds no writer back.
  const Ring samples = open_ring(sample_ring_name(options.run), RINGBUF_OBSERVER);
  const ringbuf_info_t info = ring_info(samples.get());
  return {from_json(ring_metadata(samples.get()), info.channels).channels, info.sample_rate};
}

}  // namespace

void run_events(const Options& options) {
  const Ring ring = open_ring(event_ring_name(options.run));
  EventLog log = make_log(options);
  EventsResult result{};
  say_ready();

  for (;;) {
    std::array<VoiceEvent, 64> events;
    std::uint64_t count = 0;
    const int code = expect(ringbuf_pop_many(ring.get(), events.data(), events.size(), &count), "ringbuf_pop_many",
                            {RINGBUF_EMPTY, RINGBUF_OVERWRITTEN, RINGBUF_CLOSED});
    if (code == RINGBUF_CLOSED) break;
    if (code == RINGBUF_EMPTY) {
      // Sleeps until there is another. If the stream has ended meanwhile, the next pop says so.
      expect(ringbuf_wait(ring.get(), result.events + result.lost + 1, -1), "ringbuf_wait", {RINGBUF_CLOSED});
      continue;
    }
    for (std::size_t i = 0; i < count; ++i) log.add(events[i]);
    result.events += static_cast<std::int64_t>(count);
    result.crc = extend_crc(result.crc, events.data(), count * sizeof(VoiceEvent));
    result.lost = static_cast<std::int64_t>(ring_info(ring.get()).lost);
    log.show_sometimes();
  }
  log.show();
  send_result(result);
}

}  // namespace demo
