// Lossless rings: registered readers hold the writer back, and nothing is lost.
#include <thread>

#include "support.hpp"

namespace {

using namespace capi;

ringbuf_options_t lossless(std::uint64_t capacity, std::uint64_t window = 1, std::uint32_t max_readers = 0) {
  ringbuf_options_t o = options(capacity, window, RINGBUF_LOSSLESS);
  o.max_readers = max_readers;
  return o;
}

TEST(CapiLossless, FullStoresNothing) {
  Pair ring(lossless(4));
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  EXPECT_EQ(put(ring.writer, 2), RINGBUF_FULL);
  EXPECT_EQ(written(ring.reader), 3);
  EXPECT_EQ(usage(ring.reader), 3U);
  EXPECT_EQ(ringbuf_check(ring.reader, 0, 3), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  EXPECT_EQ(put(ring.writer, 1), RINGBUF_FULL);
  const std::int32_t item = 99;
  EXPECT_EQ(ringbuf_push(ring.writer, &item), RINGBUF_FULL);
  EXPECT_EQ(put(ring.writer, 0), RINGBUF_OK);
  expect_pops(ring.reader, 0, 4);
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_EMPTY);
}

TEST(CapiLossless, MoreThanTheCapacityIsFull) {
  Pair ring(lossless(4));
  EXPECT_EQ(put(ring.writer, 5), RINGBUF_FULL);
  EXPECT_EQ(written(ring.writer), 0);
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  expect_pops(ring.reader, 0, 4);
}

TEST(CapiLossless, SpaceIsWhatTheReaderLeaves) {
  Pair ring(lossless(4));
  for (std::int64_t popped = 0; popped < 20; ++popped) {
    EXPECT_EQ(space(ring.writer), 4U);
    for (std::uint64_t n = 1; n <= 4; ++n) {
      ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
      EXPECT_EQ(space(ring.writer), 4 - n);
    }
    EXPECT_EQ(put(ring.writer, 1), RINGBUF_FULL);
    for (std::uint64_t n = 1; n <= 4; ++n) {
      expect_pops(ring.reader, written(ring.writer) - 5 + static_cast<std::int64_t>(n), 1);
      EXPECT_EQ(space(ring.writer), n);
    }
  }
}

TEST(CapiLossless, WithoutReadersItHoldsNobodyBack) {
  Name name;
  Handle writer = make(name.c(), lossless(4));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(space(writer), 4U);
    ASSERT_EQ(put(writer, 2), RINGBUF_OK);
  }
  EXPECT_EQ(ringbuf_check(writer, 16, 20), RINGBUF_OK);
  EXPECT_EQ(ringbuf_check(writer, 15, 20), RINGBUF_OVERWRITTEN);
}

TEST(CapiLossless, OneThatJoinsLateHoldsBackFromThenOn) {
  Name name;
  Handle writer = make(name.c(), lossless(4));
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(put(writer, 2), RINGBUF_OK);  // 6 .. 10
  }
  Handle newest = capi::open(name, RINGBUF_FROM_NEWEST);
  EXPECT_EQ(tell(newest), 10);
  EXPECT_EQ(space(writer), 4U);
  Handle oldest = capi::open(name, RINGBUF_FROM_OLDEST);
  const std::int64_t from = tell(oldest);
  EXPECT_EQ(from, 6);
  EXPECT_EQ(put(writer, 1), RINGBUF_FULL);
  expect_pops(oldest, from, 4);
  ASSERT_EQ(put(writer, 4), RINGBUF_OK);
  expect_pops(oldest, 10, 4);
  EXPECT_EQ(put(writer, 1), RINGBUF_FULL);
  expect_pops(newest, 10, 4);
  ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  EXPECT_EQ(info(oldest).lost, 0U);
  EXPECT_EQ(info(newest).lost, 0U);
}

TEST(CapiLossless, TheSlowestOfTwoCounts) {
  Pair ring(lossless(4));
  Handle slow = capi::open(ring.name);
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  expect_pops(ring.reader, 0, 4);
  EXPECT_EQ(space(ring.writer), 0U);
  EXPECT_EQ(put(ring.writer, 1), RINGBUF_FULL);
  expect_pops(slow, 0, 1);
  EXPECT_EQ(space(ring.writer), 1U);
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  EXPECT_EQ(put(ring.writer, 1), RINGBUF_FULL);
  EXPECT_EQ(slow.close(), RINGBUF_OK);
  EXPECT_EQ(space(ring.writer), 3U);
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  EXPECT_EQ(put(ring.writer, 1), RINGBUF_FULL);
  expect_pops(ring.reader, 4, 4);
}

TEST(CapiLossless, AnObserverHoldsNobodyBack) {
  Pair ring(lossless(4), RINGBUF_OBSERVER | RINGBUF_RESYNC_OLDEST);
  EXPECT_EQ(info(ring.writer).readers, 0U);
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  EXPECT_EQ(space(ring.writer), 4U);
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(info(ring.reader).lost, 3U);
  expect_pops(ring.reader, 3, 4);
}

TEST(CapiLossless, SeekMovesWhatIsHeldBack) {
  Pair ring(lossless(4));
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  ASSERT_EQ(ringbuf_seek(ring.reader, 3), RINGBUF_OK);
  EXPECT_EQ(space(ring.writer), 3U);
  ASSERT_EQ(ringbuf_seek(ring.reader, 1), RINGBUF_OK);
  EXPECT_EQ(space(ring.writer), 1U);
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  EXPECT_EQ(ringbuf_seek(ring.reader, 0), RINGBUF_OVERWRITTEN);
  expect_pops(ring.reader, 1, 4);
}

// --- places ------------------------------------------------------------------------------------------------------------

TEST(CapiLossless, TooManyReaders) {
  Name name;
  Handle writer = make(name.c(), lossless(4, 1, 2));
  Handle first = capi::open(name);
  Handle second = capi::open(name);
  EXPECT_EQ(info(writer).readers, 2U);
  ringbuf_t* third = untouched();
  EXPECT_EQ(ringbuf_open(&third, name.c(), 0), RINGBUF_TOO_MANY_READERS);
  EXPECT_EQ(third, untouched());
  Handle observer = capi::open(name, RINGBUF_OBSERVER);
  EXPECT_EQ(info(writer).readers, 2U);
  EXPECT_EQ(first.close(), RINGBUF_OK);
  EXPECT_EQ(info(writer).readers, 1U);
  Handle again = capi::open(name);
  EXPECT_EQ(info(writer).readers, 2U);
  EXPECT_EQ(ringbuf_open(&third, name.c(), 0), RINGBUF_TOO_MANY_READERS);
}

TEST(CapiLossless, AFreedPlaceStartsAnew) {
  Name name;
  Handle writer = make(name.c(), lossless(4, 1, 1));
  for (std::int64_t round = 0; round < 10; ++round) {
    Handle reader = capi::open(name, RINGBUF_FROM_NEWEST);
    EXPECT_EQ(tell(reader), 3 * round);
    ASSERT_EQ(put(writer, 3), RINGBUF_OK);
    expect_pops(reader, 3 * round, 2);
    EXPECT_EQ(info(reader).lost, 0U);
  }
}

TEST(CapiLossless, OverwritingRingsHaveNoLimitOfReaders) {
  Name name;
  ringbuf_options_t o = options(4);
  o.max_readers = 1;
  Handle writer = make(name.c(), o);
  std::vector<Handle> readers;
  for (int i = 0; i < 20; ++i) {
    readers.push_back(capi::open(name));
  }
  EXPECT_EQ(info(writer).readers, 1U);
  EXPECT_EQ(info(writer).max_readers, 1U);
  ASSERT_EQ(put(writer, 4), RINGBUF_OK);
  for (const Handle& reader : readers) {
    expect_pops(reader, 0, 4);
  }
  ASSERT_EQ(put(writer, 6), RINGBUF_OK);
  for (const Handle& reader : readers) {
    EXPECT_EQ(pop_code(reader), RINGBUF_OVERWRITTEN);
    EXPECT_EQ(info(reader).lost, 4U);
  }
}

// --- wait_space ----------------------------------------------------------------------------------------------------------

TEST(CapiWaitSpace, AtOnceOrNot) {
  Pair ring(lossless(4));
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 4, 0), RINGBUF_OK);
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 0, 0), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 1, 0), RINGBUF_OK);
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 1, kForever), RINGBUF_OK);
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 2, 0), RINGBUF_TIMEOUT);
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 4, 5 * kMillisecond), RINGBUF_TIMEOUT);
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 5, 0), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 5, kForever), RINGBUF_INVALID_ARGUMENT);
  expect_pops(ring.reader, 0, 1);
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 2, 0), RINGBUF_OK);
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 3, 0), RINGBUF_TIMEOUT);
}

TEST(CapiWaitSpace, IsWokenByAPop) {
  Pair ring(lossless(4));
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  std::thread popper([&] {
    await_space_waiter(ring.reader);
    expect_pops(ring.reader, 0, 1);
    await_space_waiter(ring.reader);
    expect_pops(ring.reader, 1, 1);
  });
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 2, kForever), RINGBUF_OK);
  EXPECT_EQ(put(ring.writer, 2), RINGBUF_OK);
  popper.join();
}

TEST(CapiWaitSpace, IsWokenByAReadersClose) {
  Pair ring(lossless(4));
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  std::thread closer([&] {
    await_space_waiter(ring.reader);
    ring.reader.close();
  });
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 4, kForever), RINGBUF_OK);
  closer.join();
}

TEST(CapiWaitSpace, OverwritingRingsAlwaysHaveIt) {
  Pair ring(options(4));
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  EXPECT_EQ(space(ring.writer), 4U);
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 4, kForever), RINGBUF_OK);
}

// --- the window that next hands out ------------------------------------------------------------------------------------

TEST(CapiLossless, AWindowIsProtectedUntilTheFollowingCall) {
  Pair ring(lossless(8, 8));
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
  const void* samples = nullptr;
  std::int64_t start = -1;
  ASSERT_EQ(ringbuf_next(ring.reader, 4, 4, 0, &samples, &start), RINGBUF_OK);
  ASSERT_EQ(start, 0);
  EXPECT_EQ(space(ring.writer), 0U);
  EXPECT_EQ(put(ring.writer, 1), RINGBUF_FULL);
  EXPECT_EQ(copy(samples, 4), numbers(0, 4));
  ASSERT_EQ(ringbuf_next(ring.reader, 4, 4, 0, &samples, &start), RINGBUF_OK);
  ASSERT_EQ(start, 4);
  EXPECT_EQ(space(ring.writer), 4U);
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);  // 4 .. 12: the second one still whole
  EXPECT_EQ(put(ring.writer, 1), RINGBUF_FULL);
  EXPECT_EQ(copy(samples, 4), numbers(4, 4));
  ASSERT_EQ(ringbuf_next(ring.reader, 4, 4, 0, &samples, &start), RINGBUF_OK);
  EXPECT_EQ(copy(samples, 4), numbers(8, 4));
  EXPECT_EQ(ringbuf_next(ring.reader, 4, 4, 0, &samples, &start), RINGBUF_TIMEOUT);
  EXPECT_EQ(space(ring.writer), 8U) << "a call that brings nothing gives the last window back as well";
}

TEST(CapiLossless, AnOverlappingWindowIsProtectedFromItsStart) {
  Pair ring(lossless(8, 8));
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
  const void* samples = nullptr;
  std::int64_t start = -1;
  for (std::int64_t at = 0; at < 40; ++at) {
    ASSERT_EQ(ringbuf_next(ring.reader, 4, 1, 0, &samples, &start), RINGBUF_OK);
    ASSERT_EQ(start, at);
    ASSERT_EQ(put(ring.writer, space(ring.writer)), RINGBUF_OK);
    EXPECT_EQ(written(ring.writer), at + 8);
    EXPECT_EQ(put(ring.writer, 1), RINGBUF_FULL);
    EXPECT_EQ(copy(samples, 4), numbers(at, 4));
  }
  EXPECT_EQ(info(ring.reader).lost, 0U);
}

TEST(CapiLossless, ThreadsLoseNothing) {
  Pair ring(lossless(16, 4));
  constexpr std::int64_t kCount = 20000;
  std::thread writer([&] {
    for (std::int32_t i = 0; i < kCount;) {
      const int code = ringbuf_push(ring.writer, &i);
      if (code == RINGBUF_OK) {
        ++i;
      } else {
        ASSERT_EQ(code, RINGBUF_FULL);
        ASSERT_EQ(ringbuf_wait_space(ring.writer, 1, kForever), RINGBUF_OK);
      }
    }
  });
  for (std::int64_t expected = 0; expected < kCount; expected += 4) {
    const void* samples = nullptr;
    std::int64_t start = -1;
    ASSERT_EQ(ringbuf_next(ring.reader, 4, 4, kForever, &samples, &start), RINGBUF_OK);
    ASSERT_EQ(start, expected);
    ASSERT_EQ(copy(samples, 4), numbers(expected, 4));
  }
  writer.join();
  EXPECT_EQ(info(ring.reader).lost, 0U);
}

}  // namespace
