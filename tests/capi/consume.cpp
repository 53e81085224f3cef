// Consuming from a position: ringbuf_pop, ringbuf_pop_many, ringbuf_usage, ringbuf_tell, ringbuf_seek. Overruns are in
// overrun.cpp, the sliding window in next.cpp.
#include <limits>

#include "support.hpp"

namespace {

using namespace capi;

TEST(CapiPop, InOrderThenEmpty) {
  Pair ring(options(8));
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_EMPTY);
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  expect_pops(ring.reader, 0, 3);
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_EMPTY);
  ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);
  expect_pops(ring.reader, 3, 2);
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_EMPTY);
}

TEST(CapiPop, ARefusedPopWritesNothing) {
  Pair ring(options(8));
  std::int32_t item = -5;
  EXPECT_EQ(ringbuf_pop(ring.reader, &item), RINGBUF_EMPTY);
  EXPECT_EQ(item, -5);
}

TEST(CapiPop, ExactlyTheCapacityUnreadIsNotNone) {
  for (std::uint64_t capacity = 1; capacity <= 9; ++capacity) {
    Pair ring(options(capacity));
    for (int lap = 0; lap < 3; ++lap) {
      const std::int64_t first = tell(ring.reader);
      for (std::uint64_t i = 0; i < capacity; ++i) {
        ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
      }
      EXPECT_EQ(usage(ring.reader), capacity);
      expect_pops(ring.reader, first, capacity);
      EXPECT_EQ(usage(ring.reader), 0U);
      EXPECT_EQ(pop_code(ring.reader), RINGBUF_EMPTY);
    }
    EXPECT_EQ(info(ring.reader).lost, 0U);
    EXPECT_EQ(info(ring.reader).overruns, 0U);
  }
}

TEST(CapiPop, EachReaderHasItsOwnPosition) {
  Pair ring(options(8));
  Handle other = capi::open(ring.name);
  ASSERT_EQ(put(ring.writer, 5), RINGBUF_OK);
  expect_pops(ring.reader, 0, 4);
  expect_pops(other, 0, 2);
  EXPECT_EQ(tell(ring.reader), 4);
  EXPECT_EQ(tell(other), 2);
  EXPECT_EQ(usage(ring.reader), 1U);
  EXPECT_EQ(usage(other), 3U);
  expect_pops(other, 2, 3);
  expect_pops(ring.reader, 4, 1);
}

TEST(CapiPop, StartsWhereTheFlagsSay) {
  Name name;
  Handle writer = make(name.c(), options(4));
  Handle early_oldest = capi::open(name, RINGBUF_FROM_OLDEST);
  Handle early_newest = capi::open(name, RINGBUF_FROM_NEWEST);
  EXPECT_EQ(tell(early_oldest), 0);
  EXPECT_EQ(tell(early_newest), 0);
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);
  Handle oldest = capi::open(name, RINGBUF_FROM_OLDEST);
  Handle newest = capi::open(name, RINGBUF_FROM_NEWEST);
  EXPECT_EQ(tell(oldest), 0);
  EXPECT_EQ(tell(newest), 3);
  ASSERT_EQ(put(writer, 4), RINGBUF_OK);  // 3 .. 7
  Handle late = capi::open(name, RINGBUF_FROM_OLDEST);
  EXPECT_EQ(tell(late), 3) << "an eighth of 4 is nothing";
  expect_pops(late, 3, 4);
  expect_pops(newest, 3, 4);
}

// The oldest samples of a ring that is being overwritten are gone before a reader has got them.
TEST(CapiPop, StartsAnEighthBehindTheOldestWhereTheWriterOverwritesIt) {
  for (const std::uint64_t capacity : {8U, 15U, 16U, 100U}) {
    for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_OBSERVER)}) {
      Name name;
      ringbuf_options_t kept = options(capacity);
      kept.flags = RINGBUF_KEEP;
      Handle writer = make(name.c(), kept);
      ASSERT_EQ(put(writer, capacity), RINGBUF_OK);
      EXPECT_EQ(tell(capi::open(name, flags)), 0) << "nothing has been overwritten yet";
      ASSERT_EQ(put(writer, capacity / 2), RINGBUF_OK);
      const auto oldest = static_cast<std::int64_t>(capacity / 2);
      Handle reader = capi::open(name, flags);
      EXPECT_EQ(tell(reader), oldest + static_cast<std::int64_t>(capacity / 8));
      EXPECT_EQ(info(reader).lost, 0U);
      EXPECT_EQ(ringbuf_seek(reader, oldest), RINGBUF_OK) << "who wants it may have it";
      ASSERT_EQ(writer.close(), RINGBUF_OK);
      EXPECT_EQ(tell(capi::open(name, flags)), oldest) << "nobody overwrites it any more";
      ASSERT_EQ(ringbuf_unlink(name.c()), RINGBUF_OK);
    }
  }
}

TEST(CapiPop, StartsAtTheOldestOfALosslessRing) {
  Name name;
  ringbuf_options_t lossless = options(16);
  lossless.flags = RINGBUF_LOSSLESS;
  Handle writer = make(name.c(), lossless);
  ASSERT_EQ(put(writer, 16), RINGBUF_OK);
  EXPECT_EQ(tell(capi::open(name)), 0);
}

TEST(CapiPopMany, TakesWhatIsThereUpToTheMaximum) {
  Pair ring(options(8));
  std::vector<std::int32_t> room(10, -1);
  std::uint64_t count = 77;
  EXPECT_EQ(ringbuf_pop_many(ring.reader, room.data(), 10, &count), RINGBUF_EMPTY);
  EXPECT_EQ(count, 0U);
  ASSERT_EQ(put(ring.writer, 7), RINGBUF_OK);
  ASSERT_EQ(ringbuf_pop_many(ring.reader, room.data(), 3, &count), RINGBUF_OK);
  EXPECT_EQ(count, 3U);
  EXPECT_EQ(copy(room.data(), 3), numbers(0, 3));
  EXPECT_EQ(room[3], -1);
  EXPECT_EQ(tell(ring.reader), 3);
  ASSERT_EQ(ringbuf_pop_many(ring.reader, room.data(), 10, &count), RINGBUF_OK);
  EXPECT_EQ(count, 4U);
  EXPECT_EQ(copy(room.data(), 4), numbers(3, 4));
  EXPECT_EQ(room[4], -1);
  EXPECT_EQ(ringbuf_pop_many(ring.reader, room.data(), 10, &count), RINGBUF_EMPTY);
  EXPECT_EQ(count, 0U);
}

TEST(CapiPopMany, OverTheEndWithoutAPocketForIt) {
  Pair ring(options(8, 1));
  ASSERT_EQ(put(ring.writer, 6), RINGBUF_OK);
  expect_pops(ring.reader, 0, 6);
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);  // 6 .. 14
  std::vector<std::int32_t> room(8);
  std::uint64_t count = 0;
  ASSERT_EQ(ringbuf_pop_many(ring.reader, room.data(), ~std::uint64_t{0}, &count), RINGBUF_OK);
  EXPECT_EQ(count, 8U);
  EXPECT_EQ(room, numbers(6, 8));
}

TEST(CapiPopMany, OverrunGivesNoneAndSaysSo) {
  Pair ring(options(4), RINGBUF_RESYNC_OLDEST);
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  std::vector<std::int32_t> room(4, -1);
  std::uint64_t count = 77;
  EXPECT_EQ(ringbuf_pop_many(ring.reader, room.data(), 4, &count), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(count, 0U);
  EXPECT_EQ(info(ring.reader).lost, 3U);
  ASSERT_EQ(ringbuf_pop_many(ring.reader, room.data(), 4, &count), RINGBUF_OK);
  EXPECT_EQ(count, 4U);
  EXPECT_EQ(room, numbers(3, 4));
}

TEST(CapiPopMany, AtTheEndOfTheStream) {
  Pair ring(options(8));
  ASSERT_EQ(put(ring.writer, 5), RINGBUF_OK);
  ASSERT_EQ(ring.writer.close(), RINGBUF_OK);
  std::vector<std::int32_t> room(8);
  std::uint64_t count = 0;
  ASSERT_EQ(ringbuf_pop_many(ring.reader, room.data(), 8, &count), RINGBUF_OK);
  EXPECT_EQ(count, 5U);
  EXPECT_EQ(copy(room.data(), 5), numbers(0, 5));
  count = 77;
  EXPECT_EQ(ringbuf_pop_many(ring.reader, room.data(), 8, &count), RINGBUF_CLOSED);
  EXPECT_EQ(count, 0U);
}

TEST(CapiPop, ClosedOnceDrained) {
  Pair ring(options(8));
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  ASSERT_EQ(ring.writer.close(), RINGBUF_OK);
  expect_pops(ring.reader, 0, 3);
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_CLOSED);
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_CLOSED);
  std::int32_t first = -1;
  EXPECT_EQ(ringbuf_read(ring.reader, 0, 1, &first), RINGBUF_OK) << "the samples stay as long as the handle";
  EXPECT_EQ(first, 0);
}

TEST(CapiUsage, IsAtMostTheCapacity) {
  Pair ring(options(4));
  for (std::uint64_t n = 0; n <= 12; ++n) {
    EXPECT_EQ(usage(ring.reader), std::min<std::uint64_t>(n, 4));
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  }
}

// --- seek --------------------------------------------------------------------------------------------------------------

TEST(CapiSeek, ToWhateverCanBeReadAndTheNext) {
  Pair ring(options(4));
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);  // 2 .. 6
  for (std::int64_t to = 2; to <= 6; ++to) {
    ASSERT_EQ(ringbuf_seek(ring.reader, to), RINGBUF_OK) << to;
    EXPECT_EQ(tell(ring.reader), to);
    EXPECT_EQ(usage(ring.reader), static_cast<std::uint64_t>(6 - to));
    expect_pops(ring.reader, to, static_cast<std::uint64_t>(6 - to));
    EXPECT_EQ(pop_code(ring.reader), RINGBUF_EMPTY);
  }
  EXPECT_EQ(info(ring.reader).lost, 0U) << "what a reader skips of its own will is not lost";
}

TEST(CapiSeek, ElsewhereIsRefusedAndThePositionStays) {
  Pair ring(options(4));
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);
  ASSERT_EQ(ringbuf_seek(ring.reader, 3), RINGBUF_OK);
  EXPECT_EQ(ringbuf_seek(ring.reader, -1), RINGBUF_BAD_INDEX);
  EXPECT_EQ(ringbuf_seek(ring.reader, std::numeric_limits<std::int64_t>::min()), RINGBUF_BAD_INDEX);
  EXPECT_EQ(ringbuf_seek(ring.reader, 0), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(ringbuf_seek(ring.reader, 1), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(ringbuf_seek(ring.reader, 7), RINGBUF_NOT_YET);
  EXPECT_EQ(ringbuf_seek(ring.reader, std::numeric_limits<std::int64_t>::max()), RINGBUF_NOT_YET);
  EXPECT_EQ(tell(ring.reader), 3);
  EXPECT_EQ(info(ring.reader).overruns, 0U);
  expect_pops(ring.reader, 3, 3);
}

}  // namespace
