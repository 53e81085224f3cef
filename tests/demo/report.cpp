#include "report.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "ring.hpp"
#include "ringbuf.h"

namespace demo {
namespace {

// 1234567 as 1 234 567
std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ' ');
  return digits;
}

std::int64_t windows_in(std::int64_t samples, const MeterResult& meter) {
  return samples < meter.window ? 0 : (samples - meter.window) / meter.step + 1;
}

std::vector<std::string> what_differs(const Recording& recording, const Outcome& outcome) {
  const auto& [recording_crc, writer, meter, checker, events] = outcome;
  std::vector<std::string> list;
  if (writer.samples != recording.total()) {
    list.push_back(fmt::format("the recording has {} samples, but {} were written", recording.total(), writer.samples));
  }
  if (writer.samples_crc != recording_crc) list.push_back("what was written is not what the recording has");

  if (meter.lost > 0) list.push_back(fmt::format("the meter lost {} samples", grouped(meter.lost)));
  if (meter.torn > 0) {
    list.push_back(fmt::format("{} windows were overwritten while the meter looked at them", grouped(meter.torn)));
  }
  if (meter.differing > 0) {
    list.push_back(fmt::format("{} windows are not as in the recording, the first of them at sample {}",
                               meter.differing, meter.first_differing));
  }
  const std::int64_t windows = meter.windows + meter.differing;
  const std::int64_t expected_windows = windows_in(writer.samples, meter);
  if (meter.lost == 0 && meter.torn == 0 && windows != expected_windows) {
    list.push_back(fmt::format("the meter should have seen {} windows, but saw {}", expected_windows, windows));
  }

  if (checker.lost > 0) list.push_back(fmt::format("the checker lost {} samples", grouped(checker.lost)));
  if (checker.samples + checker.lost != writer.samples) {
    list.push_back(fmt::format("{} samples were written, but {} arrived", writer.samples, checker.samples));
  }
  if (checker.lost == 0 && checker.crc != recording_crc) list.push_back("what arrived is not what the recording has");

  if (events.lost > 0) list.push_back(fmt::format("{} events were lost", events.lost));
  if (events.events + events.lost != writer.events) {
    list.push_back(fmt::format("{} events were pushed, but {} popped", writer.events, events.events));
  }
  if (events.lost == 0 && events.crc != writer.events_crc) list.push_back("the events popped are not those pushed");
  return list;
}

}  // namespace

void print_plan(const Options& options, const Recording& recording) {
  const SampleFormat format = recording.format();
  fmt::print("recording  {} {} of {}, {:g} Hz, {} x {:.2f} s = {:.1f} s, {}\n", format.channels,
             format.channels == 1 ? "channel" : "channels", ringbuf_type_name(format.data_type),
             recording.sample_rate(), options.repeat, static_cast<double>(recording.length()) / recording.sample_rate(),
             recording.total_seconds(),
             options.speed > 0 ? fmt::format("at {:g} x real time", options.speed) : "as fast as it goes");
  if (!recording.why_generated().empty()) fmt::print("           generated: {}\n", recording.why_generated());
  fmt::print("ring       {}, {}\n", options.run,
             options.overwriting ? "overwriting: the writer waits for nobody"
                                 : "lossless: a reader that is late holds the writer back");
  fmt::print("           in another terminal: ringbuf scope {}\n", sample_ring_name(options.run));
  std::fflush(stdout);  // before other processes write
}

bool print_report(const Options& options, const Recording& recording, const Outcome& outcome) {
  const auto& [recording_crc, writer, meter, checker, events] = outcome;
  const double megabytes =
      static_cast<double>(writer.samples) * static_cast<double>(recording.format().sample_bytes()) / 1e6;
  const double speed = static_cast<double>(writer.samples) / recording.sample_rate() / writer.seconds;
  fmt::print("\nwriter     {} samples of {} channels crossed ({:.1f} MB) in {:.2f} s, {:.1f} x real time\n",
             grouped(writer.samples), recording.format().channels, megabytes, writer.seconds, speed);
  if (!options.overwriting) fmt::print("           times it had to wait for a reader: {}\n", grouped(writer.waits));
  fmt::print(
      "meter      {} windows of {} samples verified against the recording, {} differ, {} torn, {} samples lost\n",
      grouped(meter.windows), grouped(meter.window), grouped(meter.differing), grouped(meter.torn),
      grouped(meter.lost));
  fmt::print("checker    {} samples read by index in {} blocks ({} in place, {} copied), {} samples lost\n",
             grouped(checker.samples), grouped(checker.viewed + checker.copied), grouped(checker.viewed),
             grouped(checker.copied), grouped(checker.lost));
  fmt::print("events     {} pushed, {} popped, {} lost\n", grouped(writer.events), grouped(events.events),
             grouped(events.lost));
  fmt::print("crc32      recording {:08x}, written {:08x}, arrived {:08x}\n", recording_crc, writer.samples_crc,
             checker.crc);

  const std::vector<std::string> differences = what_differs(recording, outcome);
  for (const std::string& difference : differences) fmt::print("DIFFERS    {}\n", difference);
  if (differences.empty()) fmt::print("OK         all that was written arrived, in order, as it is in the recording\n");
  return differences.empty();
}

}  // namespace demo
