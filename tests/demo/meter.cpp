// The meter: slides a window over the samples and shows how loud each channel is. It also compares each window with
// the files.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "metadata.hpp"
#include "pipes.hpp"
#include "recording.hpp"
#include "results.hpp"
#include "ring.hpp"
#include "roles.hpp"
#include "terminal.hpp"

namespace demo {
namespace {

using Clock = std::chrono::steady_clock;

// Shows levels, in the terminal or line by line, as often as an eye can follow.
class Display {
 public:
  Display(std::vector<ChannelInfo> channels, const ringbuf_info_t& info)
      : channels_(std::move(channels)),
        sample_rate_(info.sample_rate),
        area_(channels_.size()),
        live_(can_draw(area_)),
        interval_(live_ ? std::chrono::milliseconds(40) : std::chrono::milliseconds(500)),
        held_peaks_(channels_.size()) {}

  void show(const std::vector<Level>& levels, std::int64_t end) {
    for (std::size_t c = 0; c < levels.size(); ++c) held_peaks_[c] = std::max(held_peaks_[c], levels[c].peak);
    const Clock::time_point now = Clock::now();
    if (now < next_) return;
    next_ = now + interval_;
    if (live_) {
      draw(lines(levels, end), area_.event_rows);
    } else {
      print_line(summary(end));
    }
    std::fill(held_peaks_.begin(), held_peaks_.end(), 0.0);
  }

 private:
  static constexpr double floor_dbfs = -60;
  static constexpr std::size_t name_width = 20;

  double seconds(std::int64_t sample) const { return static_cast<double>(sample) / sample_rate_; }

  // How many of `width` characters a level fills.
  static std::size_t filled(double level, std::size_t width) {
    const double part = std::clamp((level - floor_dbfs) / -floor_dbfs, 0.0, 1.0);
    return static_cast<std::size_t>(std::lround(part * static_cast<double>(width)));
  }

  // RMS as a bar, with a mark at the highest peak since the last drawing.
  static std::string bar(double rms_dbfs, double peak_dbfs, std::size_t width) {
    std::string text(width, ' ');
    std::fill_n(text.begin(), filled(rms_dbfs, width), '#');
    const std::size_t mark = filled(peak_dbfs, width);
    if (mark > 0) text[mark - 1] = '|';
    return text;
  }

  std::vector<std::string> lines(const std::vector<Level>& levels, std::int64_t end) const {
    std::vector<std::string> text{fmt::format("{}    RMS   peak  dBFS, at {:.2f} s of the stream",
                                              printable("channel", name_width), seconds(end))};
    const std::size_t columns = terminal_columns();
    const std::size_t other_columns = name_width + 18;
    const std::size_t width = columns > other_columns ? columns - other_columns : 1;
    for (std::size_t c = 0; c < levels.size(); ++c) {
      const double rms = dbfs(levels[c].rms);
      const double peak = dbfs(held_peaks_[c]);
      text.push_back(fmt::format("{} {:6.1f} {:6.1f} [{}]", printable(channels_[c].name, name_width), rms, peak,
                                 bar(rms, peak, width)));
    }
    return text;
  }

  std::string summary(std::int64_t end) const {
    std::string text = fmt::format("{:8.2f} s  peak dBFS:", seconds(end));
    for (std::size_t c = 0; c < channels_.size(); ++c) {
      const std::string& name = channels_[c].name;
      text += fmt::format(" {} {:.1f}", printable(name, std::min(name.size(), name_width)), dbfs(held_peaks_[c]));
    }
    return text;
  }

  std::vector<ChannelInfo> channels_;
  double sample_rate_;
  LiveArea area_;
  bool live_;
  Clock::duration interval_;
  Clock::time_point next_{};
  std::vector<double> held_peaks_;
};

}  // namespace

void run_meter(const Options& options) {
  const Recording recording(options);
  const Ring ring = open_ring(sample_ring_name(options.run));
  const ringbuf_info_t info = ring_info(ring.get());
  const std::uint64_t window = info.window;
  const std::uint64_t step = std::max<std::uint64_t>(window / 2, 1);
  Display display(from_json(ring_metadata(ring.get()), info.channels).channels, info);
  std::vector<Level> levels(info.channels);
  MeterResult result{};
  result.window = static_cast<std::int64_t>(window);
  result.step = static_cast<std::int64_t>(step);
  result.first_differing = -1;
  say_ready();

  for (;;) {
    const void* samples = nullptr;
    std::int64_t start = 0;
    const int code = expect(ringbuf_next(ring.get(), window, step, -1, &samples, &start), "ringbuf_next",
                            {RINGBUF_OVERWRITTEN, RINGBUF_CLOSED});
    if (code == RINGBUF_CLOSED) break;
    if (code == RINGBUF_OVERWRITTEN) continue;  // the ring counts what is lost, and goes on behind it
    measure({info.data_type, info.channels}, samples, window, levels);
    const std::int64_t end = start + static_cast<std::int64_t>(window);
    const bool same = recording.equals(start, static_cast<std::int64_t>(window), samples);
    // Only now is it known whether what was measured and compared was whole.
    if (expect(ringbuf_check(ring.get(), start, end), "ringbuf_check", {RINGBUF_OVERWRITTEN}) != RINGBUF_OK) {
      ++result.torn;
      continue;
    }
    if (same) {
      ++result.windows;
    } else if (++result.differing == 1) {
      result.first_differing = start;
    }
    display.show(levels, end);
  }
  result.lost = static_cast<std::int64_t>(ring_info(ring.get()).lost);
  send_result(result);
}

}  // namespace demo
