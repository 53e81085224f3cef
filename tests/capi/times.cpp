// When samples were put: the calls, their codes and texts. How right the times are is in unit_time_track.
#include <algorithm>
#include <vector>

#include "support.hpp"

namespace {

using namespace capi;

struct Time {
  std::int64_t monotonic = -1;
  std::int64_t realtime = -1;
};
Time time_at(ringbuf_t* ring, std::int64_t index) {
  Time time;
  EXPECT_EQ(ringbuf_time_at(ring, index, &time.monotonic, &time.realtime), RINGBUF_OK) << ringbuf_last_error();
  return time;
}
int code_at(ringbuf_t* ring, std::int64_t index) {
  Time time;
  const int code = ringbuf_time_at(ring, index, &time.monotonic, &time.realtime);
  if (code != RINGBUF_OK) {
    EXPECT_EQ(time.monotonic, -1) << "untouched";
    EXPECT_EQ(time.realtime, -1);
  }
  return code;
}
int find(ringbuf_t* ring, std::int64_t time_ns, std::int64_t& index, std::uint32_t clock = RINGBUF_CLOCK_MONOTONIC) {
  index = -1;
  return ringbuf_index_at(ring, clock, time_ns, &index);
}
ringbuf_info_t anchor(ringbuf_t* ring) { return info(ring); }

TEST(CapiTimes, OfEachPutUntilItIsOverwritten) {
  Pair ring(options(100, 4));
  EXPECT_EQ(code_at(ring.reader, 0), RINGBUF_NOT_YET);
  std::vector<ringbuf_info_t> puts;
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
    puts.push_back(anchor(ring.reader));
    ASSERT_EQ(puts.back().anchor_index, 3 * i + 2);
  }
  for (ringbuf_t* handle : {static_cast<ringbuf_t*>(ring.writer), static_cast<ringbuf_t*>(ring.reader)}) {
    for (std::int64_t i = 20; i < 120; ++i) {
      const Time time = time_at(handle, i);
      const ringbuf_info_t& last = puts[static_cast<std::size_t>(i / 3)];
      if (i % 3 == 2) {
        EXPECT_EQ(time.monotonic, last.anchor_monotonic_ns) << "the last sample of a put has its time";
        EXPECT_EQ(time.realtime, last.anchor_realtime_ns);
      } else {
        EXPECT_LE(time.monotonic, last.anchor_monotonic_ns);
      }
      EXPECT_GE(time.monotonic, time_at(handle, std::max<std::int64_t>(20, i - 1)).monotonic);
    }
    EXPECT_EQ(code_at(handle, 19), RINGBUF_OVERWRITTEN);
    EXPECT_EQ(code_at(handle, 120), RINGBUF_NOT_YET);
    EXPECT_EQ(code_at(handle, INT64_MAX), RINGBUF_NOT_YET);
    EXPECT_EQ(code_at(handle, -1), RINGBUF_BAD_INDEX);
    EXPECT_EQ(code_at(handle, INT64_MIN), RINGBUF_BAD_INDEX);
  }
  std::int64_t one = 0;
  EXPECT_EQ(ringbuf_time_at(ring.reader, 50, nullptr, &one), RINGBUF_OK);
  EXPECT_EQ(one, puts[16].anchor_realtime_ns);
  EXPECT_EQ(ringbuf_time_at(ring.reader, 50, &one, nullptr), RINGBUF_OK);
  EXPECT_EQ(one, puts[16].anchor_monotonic_ns);
}

TEST(CapiTimes, LeadBackToTheirSamples) {
  Pair ring(options(100, 4));
  std::int64_t found = -1;
  EXPECT_EQ(find(ring.reader, 5, found), RINGBUF_NOT_YET);
  EXPECT_EQ(found, 0);
  for (int i = 0; i < 30; ++i) ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  EXPECT_EQ(find(ring.reader, 0, found), RINGBUF_OK) << "nothing has been overwritten";
  EXPECT_EQ(found, 0);
  for (int i = 30; i < 40; ++i) ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  for (std::int64_t i = 20; i < 120; ++i) {
    const Time time = time_at(ring.reader, i);
    EXPECT_EQ(find(ring.reader, time.monotonic, found), RINGBUF_OK);
    EXPECT_LE(found, i);
    EXPECT_EQ(time_at(ring.reader, found).monotonic, time.monotonic);
    EXPECT_EQ(find(ring.reader, time.realtime, found, RINGBUF_CLOCK_REALTIME), RINGBUF_OK);
    EXPECT_LE(found, i);
  }
  EXPECT_EQ(find(ring.reader, time_at(ring.reader, 20).monotonic - 1, found), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(found, 20);
  EXPECT_EQ(find(ring.reader, time_at(ring.reader, 119).monotonic + 1, found), RINGBUF_NOT_YET);
  EXPECT_EQ(found, 120);
  EXPECT_EQ(find(ring.reader, INT64_MAX, found), RINGBUF_NOT_YET);
  EXPECT_EQ(find(ring.reader, INT64_MIN, found), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(find(ring.reader, 0, found, 2), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(found, -1);
  EXPECT_NE(std::string(ringbuf_last_error()).find("clock is 2"), std::string::npos) << ringbuf_last_error();
}

TEST(CapiTimes, OfAGapLieBetweenItsNeighbours) {
  Pair ring(options(100, 4));
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  ASSERT_EQ(ringbuf_skip(ring.writer, 10), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  for (std::int64_t i = 3; i < 13; ++i) {
    EXPECT_GE(time_at(ring.reader, i).monotonic, time_at(ring.reader, 2).monotonic);
    EXPECT_LE(time_at(ring.reader, i).monotonic, time_at(ring.reader, 15).monotonic);
  }
}

TEST(CapiTimes, AStampIsExactAndEndsTheTimesOfPuts) {
  ringbuf_options_t o = options(1000, 4);
  o.sample_rate = 1000;
  Pair ring(o);
  constexpr std::int64_t ms = 1'000'000;
  for (std::int64_t block = 0; block < 50; ++block) {
    ASSERT_EQ(put(ring.writer, 10), RINGBUF_OK);
    ASSERT_EQ(ringbuf_stamp(ring.writer, 10 * block, 7'000'000 + 10 * block * ms, 0), RINGBUF_OK)
        << ringbuf_last_error();
  }
  for (std::int64_t i = 0; i < 491; ++i) EXPECT_EQ(time_at(ring.reader, i).monotonic, 7'000'000 + i * ms) << i;
  EXPECT_EQ(anchor(ring.reader).anchor_index, 490);

  EXPECT_EQ(ringbuf_stamp(ring.writer, 499, 600 * ms, 12345), RINGBUF_OK);
  EXPECT_EQ(time_at(ring.reader, 499).realtime, 12345);

  // A refused one changes nothing.
  EXPECT_EQ(ringbuf_stamp(ring.writer, 499, 601 * ms, 0), RINGBUF_BAD_INDEX) << "not after the last one";
  EXPECT_NE(std::string(ringbuf_last_error()).find("index is 499, expected at least 500"), std::string::npos)
      << ringbuf_last_error();
  EXPECT_EQ(ringbuf_stamp(ring.writer, 500, 601 * ms, 0), RINGBUF_BAD_INDEX) << "not written yet";
  EXPECT_EQ(ringbuf_stamp(ring.writer, -1, 601 * ms, 0), RINGBUF_BAD_INDEX);
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  EXPECT_EQ(ringbuf_stamp(ring.writer, 500, 600 * ms - 1, 0), RINGBUF_INVALID_ARGUMENT) << "time does not go back";
  EXPECT_NE(std::string(ringbuf_last_error()).find("monotonic_ns is 599999999"), std::string::npos)
      << ringbuf_last_error();
  EXPECT_EQ(ringbuf_stamp(ring.writer, 500, 601 * ms, -1), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_stamp(ring.writer, 500, INT64_MAX, 0), RINGBUF_INVALID_ARGUMENT) << "no sum may overflow";
  EXPECT_EQ(ringbuf_stamp(ring.writer, 500, 601 * ms, INT64_MAX), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(time_at(ring.reader, 499).monotonic, 600 * ms);
  EXPECT_EQ(anchor(ring.reader).anchor_index, 499);
}

TEST(CapiTimes, SamplesThatWereOverwrittenCannotBeStampedForNothing) {
  Pair ring(options(10, 4));
  for (int i = 0; i < 30; ++i) ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  EXPECT_EQ(ringbuf_stamp(ring.writer, 3, 1000, 0), RINGBUF_OK) << "late, but right";
  EXPECT_EQ(ringbuf_stamp(ring.writer, 29, 3600, 0), RINGBUF_OK);
  EXPECT_EQ(time_at(ring.reader, 29).monotonic, 3600);
}

TEST(CapiTimes, MessagesHaveTheirsWithThem) {
  ringbuf_options_t o = options(4096, 0, RINGBUF_MESSAGES, RINGBUF_BYTES);
  Pair ring(o);
  for (int i = 0; i < 40; ++i) ASSERT_EQ(ringbuf_send(ring.writer, "hello", 5), RINGBUF_OK) << ringbuf_last_error();
  std::int64_t index = -1;
  EXPECT_EQ(code_at(ring.reader, 0), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(find(ring.reader, 0, index), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(ringbuf_stamp(ring.writer, 0, 0, 0), RINGBUF_UNSUPPORTED);
  EXPECT_NE(std::string(ringbuf_last_error()).find("messages"), std::string::npos) << ringbuf_last_error();
}

TEST(CapiTimes, OutliveTheWriterAndGoOnWithTheNext) {
  const Name name("times");
  Handle writer = make(name.text().c_str(), options(50, 4, RINGBUF_KEEP));
  const Handle keeper = open(name, RINGBUF_OBSERVER);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  const Time before = time_at(keeper, 19);
  ASSERT_EQ(writer.close(), RINGBUF_OK);
  writer = resume(name);
  ASSERT_NE(writer, nullptr);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  EXPECT_EQ(time_at(keeper, 19).monotonic, before.monotonic);
  EXPECT_GE(time_at(keeper, 20).monotonic, before.monotonic);
  std::int64_t found = -1;
  EXPECT_EQ(find(keeper, before.monotonic + 1, found), RINGBUF_OK);
  EXPECT_EQ(found, 20) << "the pause lies between the two writers";
}

}  // namespace
