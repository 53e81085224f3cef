// Waiting for samples: ringbuf_wait, and the waiting of ringbuf_next. The death of a writer is in death.cpp, waiting
// with read permission alone in permission.cpp,
// the waiting of other processes in waiting_children.cpp.
#include <atomic>
#include <cerrno>
#include <chrono>
#include <limits>
#include <memory>
#include <thread>

#include "support.hpp"

namespace {

using namespace capi;
using Clock = std::chrono::steady_clock;

template <class Call>
std::int64_t duration_ns(Call call) {
  const auto begin = Clock::now();
  call();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
}

TEST(CapiWait, WhatIsThereIsThere) {
  Pair ring(options(4));
  EXPECT_EQ(ringbuf_wait(ring.reader, 0, kForever), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  for (const std::int64_t timeout : {std::int64_t{0}, kMillisecond, kForever}) {
    for (std::int64_t end = 0; end <= 3; ++end) {
      EXPECT_EQ(ringbuf_wait(ring.reader, end, timeout), RINGBUF_OK);
    }
  }
  ASSERT_EQ(put(ring.writer, 9), RINGBUF_OK);
  EXPECT_EQ(ringbuf_wait(ring.reader, 1, kForever), RINGBUF_OK) << "it has been written, though it is gone";
}

TEST(CapiWait, ZeroReturnsAtOnce) {
  Pair ring(options(4));
  EXPECT_EQ(ringbuf_wait(ring.reader, 1, 0), RINGBUF_TIMEOUT);
  EXPECT_EQ(ringbuf_wait(ring.reader, std::numeric_limits<std::int64_t>::max(), 0), RINGBUF_TIMEOUT);
}

TEST(CapiWait, TheTimeGivenPasses) {
  Pair ring(options(4));
  for (const std::int64_t timeout : {std::int64_t{1}, std::int64_t{50'000}, kMillisecond, 30 * kMillisecond}) {
    EXPECT_GE(duration_ns([&] { EXPECT_EQ(ringbuf_wait(ring.reader, 1, timeout), RINGBUF_TIMEOUT); }), timeout);
    const void* samples = nullptr;
    std::int64_t start = -1;
    EXPECT_GE(
        duration_ns([&] { EXPECT_EQ(ringbuf_next(ring.reader, 1, 1, timeout, &samples, &start), RINGBUF_TIMEOUT); }),
        timeout);
    EXPECT_EQ(start, -1);
  }
}

TEST(CapiWait, ANegativeEndIsRefused) {
  Pair ring(options(4));
  EXPECT_EQ(ringbuf_wait(ring.reader, -1, kForever), RINGBUF_BAD_INDEX);
  EXPECT_EQ(ringbuf_wait(ring.reader, std::numeric_limits<std::int64_t>::min(), 0), RINGBUF_BAD_INDEX);
}

TEST(CapiWait, IsWokenByAPut) {
  Pair ring(options(8));
  std::thread writer([&] {
    await_waiter(ring.writer);
    ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);  // not enough yet
    await_waiter(ring.writer);
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  });
  EXPECT_EQ(ringbuf_wait(ring.reader, 3, kForever), RINGBUF_OK);
  writer.join();
  expect_pops(ring.reader, 0, 3);
}

TEST(CapiWait, IsWokenByAPushAndByACommit) {
  Pair ring(options(8));
  std::thread writer([&] {
    await_waiter(ring.writer);
    const std::int32_t item = 0;
    ASSERT_EQ(ringbuf_push(ring.writer, &item), RINGBUF_OK);
    await_waiter(ring.writer);
    void* samples = nullptr;
    ASSERT_EQ(ringbuf_reserve(ring.writer, 1, &samples), RINGBUF_OK);
    std::memset(samples, 1, 4);
    ASSERT_EQ(ringbuf_commit(ring.writer, 1), RINGBUF_OK);
  });
  EXPECT_EQ(ringbuf_wait(ring.reader, 1, kForever), RINGBUF_OK);
  EXPECT_EQ(ringbuf_wait(ring.reader, 2, 3600 * 1000 * kMillisecond), RINGBUF_OK);
  writer.join();
}

TEST(CapiWait, HugeTimeoutsAreNoShortOnes) {
  Pair ring(options(8));
  std::thread writer([&] {
    await_waiter(ring.writer);
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  });
  EXPECT_EQ(ringbuf_wait(ring.reader, 1, std::numeric_limits<std::int64_t>::max()), RINGBUF_OK);
  writer.join();
}

TEST(CapiWait, NextIsWokenWithItsWindow) {
  Pair ring(options(8, 4));
  std::thread writer([&] {
    for (int i = 0; i < 6; ++i) {
      await_waiter(ring.writer);
      ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    }
  });
  for (std::int64_t expected = 0; expected < 3; ++expected) {
    const void* samples = nullptr;
    std::int64_t start = -1;
    EXPECT_EQ(ringbuf_next(ring.reader, 4, 1, kForever, &samples, &start), RINGBUF_OK);
    EXPECT_EQ(start, expected);
    EXPECT_EQ(copy(samples, 4), numbers(expected, 4));
  }
  writer.join();
}

TEST(CapiWait, AClosedStreamEndsIt) {
  Pair ring(options(8));
  ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);
  ASSERT_EQ(ring.writer.close(), RINGBUF_OK);
  EXPECT_EQ(ringbuf_wait(ring.reader, 2, kForever), RINGBUF_OK);
  EXPECT_EQ(ringbuf_wait(ring.reader, 3, kForever), RINGBUF_CLOSED);
}

TEST(CapiWait, TheCloseWakes) {
  Pair ring(options(8));
  std::thread writer([&] {
    await_waiter(ring.writer);
    ASSERT_EQ(ring.writer.close(), RINGBUF_OK);
  });
  EXPECT_EQ(ringbuf_wait(ring.reader, 1, kForever), RINGBUF_CLOSED);
  writer.join();
}

// --- ringbuf_interrupt -------------------------------------------------------------------------------------------------

TEST(CapiInterrupt, EndsTheNextCallThatWouldSleepAndNoOther) {
  Pair ring(options(4));
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  errno = 4711;
  EXPECT_EQ(ringbuf_interrupt(ring.reader), RINGBUF_OK);
  EXPECT_EQ(ringbuf_interrupt(ring.reader), RINGBUF_OK) << "twice is once";
  EXPECT_EQ(errno, 4711);
  EXPECT_EQ(ringbuf_wait(ring.reader, 1, kForever), RINGBUF_OK) << "what is there comes first";
  EXPECT_EQ(ringbuf_wait(ring.reader, 2, 0), RINGBUF_TIMEOUT);
  EXPECT_EQ(ringbuf_wait(ring.writer, 2, kMillisecond), RINGBUF_TIMEOUT) << "another handle";
  const void* samples = nullptr;
  std::int64_t start = -1;
  EXPECT_EQ(ringbuf_next(ring.reader, 2, 1, kForever, &samples, &start), RINGBUF_INTERRUPTED);
  EXPECT_STRNE(ringbuf_last_error(), "");
  EXPECT_EQ(start, -1);
  EXPECT_EQ(tell(ring.reader), 0);
  EXPECT_EQ(ringbuf_wait(ring.reader, 2, kMillisecond), RINGBUF_TIMEOUT) << "it is dealt with";
}

TEST(CapiInterrupt, EndsAWaitWithoutLimitInAnotherThread) {
  Pair ring(options(4, 1, RINGBUF_LOSSLESS));
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> codes[2]{};
    std::thread reader([&] { codes[0] = ringbuf_wait(ring.reader, 5, kForever); });
    std::thread writer([&] { codes[1] = ringbuf_wait_space(ring.writer, 1, kForever); });
    if (round % 2 == 0) std::this_thread::yield();
    EXPECT_EQ(ringbuf_interrupt(ring.reader), RINGBUF_OK);
    EXPECT_EQ(ringbuf_interrupt(ring.writer), RINGBUF_OK);
    reader.join();
    writer.join();
    EXPECT_EQ(codes[0], RINGBUF_INTERRUPTED);
    EXPECT_EQ(codes[1], RINGBUF_INTERRUPTED);
  }
  EXPECT_EQ(space(ring.writer), 0U);
}

}  // namespace
