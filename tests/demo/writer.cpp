// The writer: streams the recording into the sample ring, and the voices that it hears into the event ring.
#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <csignal>

#include "metadata.hpp"
#include "pipes.hpp"
#include "recording.hpp"
#include "results.hpp"
#include "ring.hpp"
#include "roles.hpp"
#include "voice.hpp"

namespace demo {
namespace {

volatile std::sig_atomic_t stop_asked = 0;

// Asked to end, or left alone by the process that started it, the writer closes its rings, which removes their names.
void stop_when_asked() {
  struct sigaction action {};
  action.sa_handler = [](int) { stop_asked = 1; };
  sigaction(SIGTERM, &action, nullptr);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
}

struct Stopped {};

void throw_if_asked_to_stop() {
  if (stop_asked != 0) throw Stopped{};
}

constexpr double nanoseconds = 1e9;

// Lets samples pass no earlier than a live source would have recorded them. Deadlines are absolute, so that what one
// of them is late by is not carried over to the next.
class Pace {
 public:
  explicit Pace(double samples_per_second) : samples_per_second_(samples_per_second) {
    clock_gettime(CLOCK_MONOTONIC, &start_);
  }

  void wait_until_recorded(std::int64_t samples) const {
    if (samples_per_second_ <= 0) return;
    const double seconds = static_cast<double>(samples) / samples_per_second_;
    const double whole = std::floor(seconds);
    timespec deadline = start_;
    deadline.tv_sec += static_cast<time_t>(whole);
    deadline.tv_nsec += static_cast<long>((seconds - whole) * nanoseconds);
    if (deadline.tv_nsec >= static_cast<long>(nanoseconds)) {
      deadline.tv_nsec -= static_cast<long>(nanoseconds);
      ++deadline.tv_sec;
    }
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr) == EINTR) throw_if_asked_to_stop();
  }

  double elapsed_seconds() const {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec - start_.tv_sec) +
           static_cast<double>(now.tv_nsec - start_.tv_nsec) / nanoseconds;
  }

 private:
  double samples_per_second_;
  timespec start_;
};

Ring create_sample_ring(const Options& options, const Recording& recording) {
  Metadata said{.channels = {}, .kind = "audio", .device = "ringbuf_demo", .start = ""};
  for (const std::string& name : recording.channel_names()) {
    said.channels.push_back({.name = name, .scale = 1 / recording.format().full_scale()});
  }
  const std::string metadata = to_json(said);
  const auto samples_in = [&](double seconds) {
    return std::max<std::uint64_t>(2, static_cast<std::uint64_t>(std::llround(seconds * recording.sample_rate())));
  };

  ringbuf_options_t ring_options = default_ring_options();
  ring_options.data_type = recording.format().data_type;
  ring_options.channels = static_cast<std::uint32_t>(recording.format().channels);
  ring_options.window = samples_in(options.window_seconds);
  // An odd number, so that windows run over the end of the ring at ever other places; and at least three windows, so
  // that there is room for a chunk beside what the slowest reader still holds or waits for. Else both would wait.
  ring_options.capacity = std::max(samples_in(options.capacity_seconds), 3 * ring_options.window) | 1;
  ring_options.flags = options.overwriting ? 0 : RINGBUF_LOSSLESS;
  ring_options.metadata_bytes = std::max(ring_options.metadata_bytes, static_cast<std::uint32_t>(metadata.size()));
  ring_options.sample_rate = recording.sample_rate();

  Ring ring = create_ring(sample_ring_name(options.run), ring_options);
  expect(ringbuf_set_metadata(ring.get(), metadata.data(), metadata.size()), "ringbuf_set_metadata");
  return ring;
}

// Lossless whatever the sample ring is: an end without its beginning would be worth nothing.
Ring create_event_ring(const Options& options, std::size_t channels) {
  ringbuf_options_t ring_options = default_ring_options();
  ring_options.data_type = RINGBUF_BYTES;
  ring_options.item_size = sizeof(VoiceEvent);
  ring_options.capacity = std::max<std::size_t>(channels, 256);  // one chunk may bring an event of every channel
  ring_options.flags = RINGBUF_LOSSLESS;
  return create_ring(event_ring_name(options.run), ring_options);
}

// Puts all of them; returns how often it had to wait until readers had made room.
std::int64_t put(ringbuf_t* ring, const void* samples, std::uint64_t count) {
  // Asked again and again only for the sake of SIGTERM.
  constexpr std::int64_t timeout_ns = 100'000'000;
  std::int64_t waits = 0;
  while (expect(ringbuf_put(ring, samples, count), "ringbuf_put", {RINGBUF_FULL}) == RINGBUF_FULL) {
    ++waits;
    while (expect(ringbuf_wait_space(ring, count, timeout_ns), "ringbuf_wait_space", {RINGBUF_TIMEOUT}) != RINGBUF_OK) {
      throw_if_asked_to_stop();
    }
  }
  return waits;
}

WriterResult stream(const Options& options, const Recording& recording, ringbuf_t* sample_ring, ringbuf_t* event_ring) {
  const SampleFormat format = recording.format();
  // As much as a sound card hands over at a time, and no more than surely fits.
  const std::int64_t chunk = std::clamp<std::int64_t>(static_cast<std::int64_t>(recording.sample_rate() / 100), 1,
                                                      static_cast<std::int64_t>(ring_info(sample_ring).capacity / 4));
  std::vector<std::byte> bytes(static_cast<std::size_t>(chunk) * format.sample_bytes());
  VoiceDetector detector(format, recording.sample_rate());
  WriterResult result{};
  const Pace pace(recording.sample_rate() * options.speed);
  while (result.samples < recording.total()) {
    const std::int64_t count = std::min(chunk, recording.total() - result.samples);
    const std::size_t size = static_cast<std::size_t>(count) * format.sample_bytes();
    recording.copy(result.samples, count, bytes.data());
    result.samples_crc = extend_crc(result.samples_crc, bytes.data(), size);
    const auto& events = detector.feed(result.samples, bytes.data(), static_cast<std::size_t>(count));
    if (options.corrupt >= result.samples && options.corrupt < result.samples + count) {
      bytes[static_cast<std::size_t>(options.corrupt - result.samples) * format.sample_bytes()] ^= std::byte{1};
    }

    throw_if_asked_to_stop();
    pace.wait_until_recorded(result.samples + count);
    result.waits += put(sample_ring, bytes.data(), static_cast<std::uint64_t>(count));
    result.samples += count;

    if (!events.empty()) result.waits += put(event_ring, events.data(), events.size());
    result.events += static_cast<std::int64_t>(events.size());
    result.events_crc = extend_crc(result.events_crc, events.data(), events.size() * sizeof(VoiceEvent));
  }
  result.seconds = pace.elapsed_seconds();
  return result;
}

}  // namespace

void run_writer(const Options& options) {
  stop_when_asked();
  const Recording recording(options);
  WriterResult result;
  try {
    const Ring sample_ring = create_sample_ring(options, recording);
    const Ring event_ring = create_event_ring(options, recording.format().channels);
    say_ready();
    if (!wait_for_go()) return;
    result = stream(options, recording, sample_ring.get(), event_ring.get());
  } catch (const Stopped&) {
    return;  // without a result
  }
  // Both streams have ended with their rings' handles; the readers still drain them.
  send_result(result);
}

}  // namespace demo
