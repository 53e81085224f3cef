// Waiting for samples: ringbuf_wait, and the waiting of ringbuf_next. The death of a writer is in death.cpp, waiting
// with read permission alone in permission.cpp.
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
  const pid_t self = ::getpid();
  std::thread writer([&] {
    await_sleep(self);
    ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);  // not enough yet
    await_sleep(self);
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  });
  EXPECT_EQ(ringbuf_wait(ring.reader, 3, kForever), RINGBUF_OK);
  writer.join();
  expect_pops(ring.reader, 0, 3);
}

TEST(CapiWait, IsWokenByAPushAndByACommit) {
  Pair ring(options(8));
  const pid_t self = ::getpid();
  std::thread writer([&] {
    await_sleep(self);
    const std::int32_t item = 0;
    ASSERT_EQ(ringbuf_push(ring.writer, &item), RINGBUF_OK);
    await_sleep(self);
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
  const pid_t self = ::getpid();
  std::thread writer([&] {
    await_sleep(self);
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  });
  EXPECT_EQ(ringbuf_wait(ring.reader, 1, std::numeric_limits<std::int64_t>::max()), RINGBUF_OK);
  writer.join();
}

TEST(CapiWait, NextIsWokenWithItsWindow) {
  Pair ring(options(8, 4));
  const pid_t self = ::getpid();
  std::thread writer([&] {
    for (int i = 0; i < 6; ++i) {
      await_sleep(self);
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
  const pid_t self = ::getpid();
  std::thread writer([&] {
    await_sleep(self);
    ASSERT_EQ(ring.writer.close(), RINGBUF_OK);
  });
  EXPECT_EQ(ringbuf_wait(ring.reader, 1, kForever), RINGBUF_CLOSED);
  writer.join();
}

TEST(CapiWait, ASignalDoesNotEndIt) {
  Name name;
  Handle writer = make(name.c(), options(8));
  Child reader([&](Line line) {
    struct sigaction action {};
    action.sa_handler = [](int) {};  // and no SA_RESTART
    ::sigaction(SIGUSR1, &action, nullptr);
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_open(&ring, name.c(), 0));
    return ringbuf_wait(ring, 1, kForever);
  });
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  for (int i = 0; i < 20; ++i) {
    await_sleep(reader.pid());
    ASSERT_EQ(::kill(reader.pid(), SIGUSR1), 0);
  }
  await_sleep(reader.pid());
  ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  EXPECT_EQ(reader.wait(), RINGBUF_OK);
}

TEST(CapiWait, ManyWaitersAreAllWoken) {
  Name name;
  Handle writer = make(name.c(), options(8));
  std::vector<std::unique_ptr<Child>> readers;
  for (int i = 0; i < 6; ++i) {
    const std::uint32_t flags = i % 2 == 0 ? 0U : static_cast<std::uint32_t>(RINGBUF_OBSERVER);
    readers.push_back(std::make_unique<Child>([&name, flags](Line line) {
      ringbuf_t* ring = nullptr;
      line.say(ringbuf_open(&ring, name.c(), flags));
      const int code = ringbuf_wait(ring, 1, kForever);
      std::int32_t item = -1;
      return code != RINGBUF_OK ? code : ringbuf_pop(ring, &item) == RINGBUF_OK && item == 0 ? 0 : 100;
    }));
  }
  for (const auto& reader : readers) {
    ASSERT_EQ(reader->hear<int>(), RINGBUF_OK);
    await_sleep(reader->pid());
  }
  ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  for (const auto& reader : readers) {
    EXPECT_EQ(reader->wait(), RINGBUF_OK);
  }
}

TEST(CapiWait, AReplacedRingIsStale) {
  // The reader sleeps on a ring whose writer has been killed and whose name is given to a new one.
  Name name;
  Child dying([&](Line line) {
    ringbuf_t* ring = nullptr;
    const ringbuf_options_t o = options(8);
    line.say(ringbuf_create(&ring, name.c(), &o));
    line.hold();
    return 0;
  });
  ASSERT_EQ(dying.hear<int>(), RINGBUF_OK);
  Child reader([&](Line line) {
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_open(&ring, name.c(), 0));
    return ringbuf_wait(ring, 1, kForever);
  });
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  await_sleep(reader.pid());
  dying.kill();
  Handle writer = make(name.c(), options(8));
  ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  EXPECT_EQ(reader.wait(), RINGBUF_STALE);
}

}  // namespace
