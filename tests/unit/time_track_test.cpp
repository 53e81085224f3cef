// When samples were put, as the time track tells it: writers on a clock of their own that are late, pause, crash and resume.
#include "time_track.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <utility>
#include <vector>

#include "../support/support.hpp"
#include "open.hpp"

using namespace ringbuf;
using detail::Timeline;

namespace {

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t second = 1'000'000'000;

// A ring with samples that nobody stores: only their indices and times count.
class Track {
 public:
  Track(std::uint64_t capacity, double rate, std::int64_t first = 0) {
    Options options;
    options.data_type = DataType::int8;
    options.capacity = capacity;
    options.sample_rate = rate;
    options.first_index = first;
    EXPECT_EQ(detail::create_segment(segment_, nullptr, options), Status::ok) << last_error();
    written_ = static_cast<std::uint64_t>(first);
    detail::start_track(writer_, *segment_);
  }

  void put(std::uint64_t count, std::int64_t now_ns, std::int64_t offset_ns = 0, bool looks = true) {
    written_ += count;
    now_ = now_ns;
    if (looks) detail::look_at_clock(writer_, *segment_, {written_ - 1, now_ns, now_ns + offset_ns});
    writer_.newest = written_ - 1;
  }
  void stamp(std::uint64_t index, std::int64_t ns) { detail::stamp(writer_, *segment_, {index, ns, ns}); }
  void resume() {
    writer_ = {};
    segment_->counters.written = written_;
    detail::start_track(writer_, *segment_);
  }

  Timeline timeline() const {
    Timeline timeline(segment_->geometry.sample_rate, now_);
    detail::load_timeline(timeline, *segment_, written_);
    return timeline;
  }
  std::uint64_t written() const { return written_; }
  std::uint64_t oldest() const {
    return std::max(segment_->geometry.first_index, oldest_index(written_, segment_->geometry.capacity));
  }
  TimeTrack &marks() const { return detail::time_track(*segment_); }

 private:
  detail::SegmentPointer segment_;
  detail::TrackWriter writer_;
  std::uint64_t written_;
  std::int64_t now_ = 0;
};

// A device that takes samples at a steady rate, but for pauses, and what a writer makes of it.
struct Stream {
  double period_ns;
  std::vector<std::pair<std::uint64_t, std::int64_t>> runs;  // first sample, and its time

  std::int64_t at(std::uint64_t index) const {
    auto run = runs.rbegin();
    while (run->first > index) ++run;
    return run->second + std::llround(static_cast<double>(index - run->first) * period_ns);
  }
  void pause(std::uint64_t next, std::int64_t ns) { runs.emplace_back(next, at(next) + ns); }
};

// Each sample that is held has its time to within `most_ns`; the times do not fall; each time leads back to its sample.
void expect_right(const Track &track, const Stream &stream, std::int64_t most_ns, std::uint64_t step = 1) {
  const Timeline timeline = track.timeline();
  ASSERT_FALSE(timeline.empty());
  std::int64_t last = INT64_MIN;
  for (std::uint64_t i = track.oldest(); i < track.written(); i += step) {
    const std::int64_t ns = timeline.at(i).monotonic_ns;
    ASSERT_LE(std::abs(ns - stream.at(i)), most_ns)
        << i << " of " << track.oldest() << " to " << track.written() << ": " << ns - stream.at(i);
    ASSERT_GE(ns, last) << i;
    if (i == 0 || timeline.at(i - 1).monotonic_ns < ns) {
      ASSERT_EQ(timeline.first_at_or_after(Clock::monotonic, ns, track.oldest(), track.written() - 1), i);
    }
    last = ns;
  }
}

constexpr double period_48k = 1e9 / 48000;
constexpr std::int64_t block_ns = 10 * ms;  // of 480 samples

class TimeTrackAt48kHz : public testing::TestWithParam<std::uint64_t> {
 protected:
  static std::uint64_t step() { return 7 + GetParam() / 1000; }
};
INSTANTIATE_TEST_SUITE_P(Capacities, TimeTrackAt48kHz, testing::Values(960, 4800, 48000, 480'000));

TEST_P(TimeTrackAt48kHz, IsRightWithinABlockBesideALateScheduler) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  Track track(GetParam(), 48000);
  Stream stream{period_48k, {{0, 100 * second}}};
  std::int64_t now = 0;
  for (int block = 0; block < 3000; ++block) {
    // Nearly always a bit late; now and then by several blocks, which then come at once.
    const std::int64_t late = random() % 40 == 0 ? random() % (30 * ms) : random() % (2 * ms);
    now = std::max(now + 5000, stream.at(track.written() + 479) + late);
    track.put(480, now);
    // A block that comes late cannot be told from one that was taken late before the next one comes.
    const bool on_time = now - stream.at(track.written() - 1) < 2 * ms;
    if (on_time && block % 20 == 0) expect_right(track, stream, block_ns, step());
    if (HasFatalFailure()) return;
  }
}

TEST_P(TimeTrackAt48kHz, IsRightWithinABlockBeforeAndAfterPauses) {
  for (const std::int64_t pause : {30 * ms, 250 * ms, 2 * second, 3600 * second}) {
    SCOPED_TRACE(pause);
    Track track(GetParam(), 48000);
    Stream stream{period_48k, {{0, second}}};
    for (int block = 1; block < 1500; ++block) {
      track.put(480, stream.at(track.written() + 479) + (block * 7919) % ms);
      if (block % 37 == 0) stream.pause(track.written(), pause);
      if (block % 41 == 0) expect_right(track, stream, block_ns, step());
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(TimeTrackAt48kHz, IsRightWithinABlockBeforeAndAfterACrash) {
  Track track(GetParam(), 48000);
  Stream stream{period_48k, {{0, second}}};
  for (int block = 1; block < 1500; ++block) {
    track.put(480, stream.at(track.written() + 479));
    if (block % 61 == 0) {
      track.resume();
      stream.pause(track.written(), block % 2 == 0 ? 3 * ms : 5 * second);
    }
    if (block % 59 == 0) expect_right(track, stream, block_ns, step());
    if (HasFatalFailure()) return;
  }
}

// Puts that come faster than looks at the clock.
TEST(TimeTrack, CountsTheSamplesBeforeAPauseThatWereNotLookedAt) {
  Track track(100'000, 1e6);
  Stream stream{1000, {{0, second}}};
  for (int tick = 0; tick < 400; ++tick) {
    for (int put = 0; put < 250; ++put) track.put(16, stream.at(track.written() + 15), 0, put < 64);
    if (tick % 90 == 89) stream.pause(track.written(), second);
    if (tick % 7 == 0) expect_right(track, stream, 50'000, 11);
    if (HasFatalFailure()) return;
  }
}

TEST(TimeTrack, GoesFromHertzForDaysToAHundredMegahertz) {
  Track slow(200'000, 1);
  Stream daily{1e9, {{0, second}}};
  for (int i = 0; i < 400'000; ++i) slow.put(1, daily.at(slow.written()) + i % 1000);
  expect_right(slow, daily, 2000, 997);

  Track fast(100'000'000, 1e8);
  Stream quick{10, {{0, second}}};
  for (int i = 0; i < 3000; ++i) fast.put(100'000, quick.at(fast.written() + 99'999) + i % 700);
  expect_right(fast, quick, 1000, 9973);
}

TEST(TimeTrack, FollowsADeviceThatDrifts) {
  for (const double ppm : {100.0, -100.0, 20'000.0, -20'000.0}) {
    SCOPED_TRACE(ppm);
    Track track(480'000, 48000);
    Stream stream{period_48k * (1 + ppm / 1e6), {{0, second}}};
    for (int block = 0; block < 3000; ++block) track.put(480, stream.at(track.written() + 479));
    expect_right(track, stream, 2 * block_ns, 13);
  }
}

TEST(TimeTrack, TakesStampsAsTheyAre) {
  for (const double drift : {1.0001, 0.9999}) {
    Track track(480'000, 48000);
    Stream device{period_48k * drift, {{0, second}}};
    for (int block = 0; block < 3000; ++block) {
      track.put(480, device.at(track.written() + 479) + 60 * ms);
      track.stamp(track.written() - 480, device.at(track.written() - 480));
    }
    expect_right(track, device, 1000, 13);
    device.pause(track.written(), 250 * ms);
    track.stamp(track.written() - 1, device.at(track.written() - 1));
    track.put(480, device.at(track.written() + 479) + 60 * ms);
    track.stamp(track.written() - 480, device.at(track.written() - 480));
    expect_right(track, device, 1000, 13);
  }
}

// A cell of the track has room for one pause. The longest stays, so that no error is longer than the others.
TEST(TimeTrack, KeepsTheLongestPauseOfACell) {
  Track track(480'000'000, 48000);
  Stream stream{period_48k, {{0, second}}};
  for (const std::int64_t pause : {3 * second, 600 * second, 5 * second, 4 * second}) {
    for (int block = 0; block < 20; ++block) track.put(480, stream.at(track.written() + 479));
    stream.pause(track.written(), pause);
  }
  track.put(480, stream.at(track.written() + 479));
  expect_right(track, stream, 13 * second, 13);
}

TEST(TimeTrack, WithoutARateANewWriterBeginsAfterAPause) {
  Track track(1000, 0);
  std::int64_t now = second;
  for (int block = 0; block < 10; ++block) track.put(10, now += 10 * ms);
  track.resume();
  track.put(10, now += 100 * ms);
  const Timeline timeline = track.timeline();
  EXPECT_EQ(timeline.at(99).monotonic_ns, now - 100 * ms);
  EXPECT_EQ(timeline.at(100).monotonic_ns, now - 9 * ms) << "as far apart as before";
  EXPECT_EQ(timeline.at(109).monotonic_ns, now);
}

TEST(TimeTrack, WithoutARateTheTimesOfPutsAreExactAndPausesKeep) {
  Track track(200, 0);
  std::vector<std::int64_t> times;
  std::mt19937 random(7);
  std::int64_t now = second;
  for (int i = 0; i < 1000; ++i) {
    now += 1 + random() % (20 * ms) + (i % 50 == 0 ? second : 0);
    track.put(1, now);
    times.push_back(now);
  }
  const Timeline timeline = track.timeline();
  for (std::uint64_t i = track.oldest(); i < track.written(); ++i)
    EXPECT_EQ(timeline.at(i).monotonic_ns, times[static_cast<std::size_t>(i)]) << i;
}

TEST(TimeTrack, BeginsAtAnyIndex) {
  for (const std::int64_t first :
       {std::int64_t{1}, std::int64_t{1'000'000'000'000}, (std::int64_t{1} << 32) - 3, std::int64_t{1} << 62}) {
    Track track(4800, 48000, first);
    Stream stream{period_48k, {{static_cast<std::uint64_t>(first), second}}};
    for (int block = 0; block < 100; ++block) {
      track.put(480, stream.at(track.written() + 479));
      expect_right(track, stream, 1000, 13);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(TimeTrack, StepsOfTheRealtimeClockDisturbNothingMonotonic) {
  Track track(480'000, 48000);
  Stream stream{period_48k, {{0, second}}};
  std::int64_t offset = 1000 * second;
  std::vector<std::int64_t> offsets;
  for (int block = 0; block < 900; ++block) {
    offset +=
        block % 100 == 50 ? (block % 200 == 50 ? 3600 * second : -1800 * second) : 1000;  // steps, and a slow drift
    track.put(480, stream.at(track.written() + 479), offset);
    offsets.push_back(offset);
  }
  expect_right(track, stream, 1000, 13);
  const Timeline timeline = track.timeline();
  for (std::uint64_t i = track.oldest(); i < track.written(); i += 480) {
    const protocol::Time time = timeline.at(i + 479);
    const std::int64_t there = time.realtime_ns - time.monotonic_ns;
    const std::uint64_t block = i / 480;
    std::int64_t apart = INT64_MAX;  // from the clock of this block, or of one up to a mark away, but never between two
    for (std::uint64_t b = block - std::min<std::uint64_t>(block, 5); b < std::min<std::uint64_t>(block + 5, 900);
         ++b) {
      apart = std::min(apart, std::abs(there - offsets[static_cast<std::size_t>(b)]));
    }
    ASSERT_LE(apart, 20'000) << i;
  }
}

// A clock that steps back shows the same times twice; the first sample counts.
TEST(TimeTrack, FindsSamplesByTheRealtimeClock) {
  Track track(48000, 48000);
  Stream stream{period_48k, {{0, second}}};
  for (int block = 0; block < 50; ++block)
    track.put(480, stream.at(track.written() + 479), block < 25 ? 5 * second : 3 * second);
  const Timeline timeline = track.timeline();
  for (std::uint64_t i = 0; i < track.written(); i += 11) {
    const std::int64_t ns = timeline.at(i).realtime_ns;
    const std::uint64_t found = timeline.first_at_or_after(Clock::realtime, ns, 0, track.written() - 1);
    ASSERT_LE(found, i);
    ASSERT_GE(timeline.at(found).realtime_ns, ns);
    if (found != 0) {
      ASSERT_LT(timeline.at(found - 1).realtime_ns, ns);
    }
  }
}

// A hostile writer, or a torn mark: any numbers at all give times that do not fall, and no overflow.
TEST(TimeTrack, SurvivesAnyNumbers) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 300; ++round) {
    const double rates[] = {0, 1000, 5e-324, 1e-9, 1e308};
    Track track(1000, rates[random() % 5]);
    const auto scribble = [&] {
      auto &mark = track.marks().marks[random() % 2 == 0 ? random() % 256 : random() % 250 / 13 * 13];
      Atomic64 *fields[] = {&mark.sequence,    &mark.index,     &mark.monotonic_ns,
                            &mark.realtime_ns, &mark.run_start, &mark.before_ns};
      const std::uint64_t value = random() % 3 == 0   ? random()
                                  : random() % 3 == 0 ? UINT64_MAX / 2 + random() % 3 - 1
                                  : random() % 3 == 0 ? UINT64_MAX - random() % 3
                                                      : random() % 2000;
      fields[random() % 6]->store(value);
    };
    for (int i = 0; i < 20; ++i) {
      track.put(random() % 9 == 0 ? std::uint64_t{1} << random() % 57 : 50, second + i * 50 * ms);
      scribble();
      if (random() % 20 == 0) track.resume();
    }
    for (int i = 0; i < 60; ++i) scribble();
    const Timeline timeline = track.timeline();
    std::int64_t last = INT64_MIN;
    for (std::uint64_t i = track.oldest(); i < track.written() && !timeline.empty(); ++i) {
      const std::int64_t ns = timeline.at(i).monotonic_ns;
      ASSERT_GE(ns, last) << i;
      last = ns;
      (void)timeline.first_at_or_after(Clock::realtime, static_cast<std::int64_t>(random()), track.oldest(),
                                       track.written() - 1);
    }
  }
}

}  // namespace
