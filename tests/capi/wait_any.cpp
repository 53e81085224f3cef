// ringbuf_wait_any: waiting for the first of several rings. What takes other processes is in wait_any_children.cpp.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <thread>

#include "several.hpp"

namespace {

using namespace capi;

constexpr std::size_t kUntouched = 4711;
constexpr std::size_t kCounts[] = {1, 2, 128, 129, 1000};

TEST(CapiWaitAny, BadInputIsRefusedAndChangesNothing) {
  Several two(2);
  ringbuf_t* const* rings = two.rings.data();
  const std::int64_t* ends = two.ends.data();
  ringbuf_t* const with_null[] = {two.rings[0], nullptr};
  const std::int64_t below[] = {1, -1};
  std::size_t which = kUntouched;
  const struct {
    int code;
    const char* text;
    int got;
    std::string said;
  } refused[] = {
      {RINGBUF_INVALID_ARGUMENT, "rings", ringbuf_wait_any(nullptr, ends, 2, kForever, &which), ringbuf_last_error()},
      {RINGBUF_INVALID_ARGUMENT, "ends", ringbuf_wait_any(rings, nullptr, 2, kForever, &which), ringbuf_last_error()},
      {RINGBUF_INVALID_ARGUMENT, "which", ringbuf_wait_any(rings, ends, 2, kForever, nullptr), ringbuf_last_error()},
      {RINGBUF_INVALID_ARGUMENT, "count is 0", ringbuf_wait_any(rings, ends, 0, kForever, &which),
       ringbuf_last_error()},
      {RINGBUF_INVALID_ARGUMENT, "65536", ringbuf_wait_any(rings, ends, 65537, kForever, &which), ringbuf_last_error()},
      {RINGBUF_INVALID_ARGUMENT, "65536",
       ringbuf_wait_any(rings, ends, std::numeric_limits<std::size_t>::max(), kForever, &which), ringbuf_last_error()},
      {RINGBUF_NOT_INITIALIZED, "rings[1]", ringbuf_wait_any(with_null, ends, 2, kForever, &which),
       ringbuf_last_error()},
      {RINGBUF_BAD_INDEX, "ends[1]", ringbuf_wait_any(rings, below, 2, kForever, &which), ringbuf_last_error()},
  };
  for (const auto& each : refused) {
    EXPECT_EQ(each.got, each.code) << each.text;
    EXPECT_NE(each.said.find(each.text), std::string::npos) << each.said;
  }
  EXPECT_EQ(which, kUntouched);
  for (const Handle& reader : two.readers) EXPECT_EQ(tell(reader), 0);
}

TEST(CapiWaitAny, AnEndBelowTheFirstIndexIsRefused) {
  ringbuf_options_t o = options(4);
  o.first_index = 1000;
  Pair ring(o);
  ringbuf_t* const rings[] = {ring.reader};
  std::size_t which = kUntouched;
  std::int64_t end = 999;
  EXPECT_EQ(ringbuf_wait_any(rings, &end, 1, kForever, &which), RINGBUF_BAD_INDEX);
  EXPECT_EQ(which, kUntouched);
  end = 1000;
  EXPECT_EQ(ringbuf_wait_any(rings, &end, 1, kForever, &which), RINGBUF_OK);
  EXPECT_EQ(which, 0U);
}

TEST(CapiWaitAny, TheFirstThatHasItsSamplesAnswers) {
  for (const std::size_t count : kCounts) {
    Several several(count);
    std::size_t which = kUntouched;
    EXPECT_EQ(several.wait(0, which), RINGBUF_TIMEOUT);
    EXPECT_EQ(which, kUntouched);
    for (const std::size_t ready : {count - 1, count / 2, std::size_t{0}}) {
      ASSERT_EQ(put(several.writers[ready], 1), RINGBUF_OK);
      for (const std::int64_t timeout : {std::int64_t{0}, kMillisecond, kForever}) {
        which = kUntouched;
        EXPECT_EQ(several.wait(timeout, which), RINGBUF_OK);
        EXPECT_EQ(which, ready) << "of " << count;
      }
    }
  }
}

TEST(CapiWaitAny, TheTimeGivenPasses) {
  for (const std::size_t count : {std::size_t{2}, std::size_t{200}}) {
    Several several(count);
    for (const std::int64_t timeout : {std::int64_t{1}, kMillisecond, 70 * kMillisecond}) {
      std::size_t which = kUntouched;
      const auto begin = std::chrono::steady_clock::now();
      EXPECT_EQ(several.wait(timeout, which), RINGBUF_TIMEOUT);
      EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::nanoseconds(timeout));
      EXPECT_STRNE(ringbuf_last_error(), "");
      EXPECT_EQ(which, kUntouched);
    }
  }
}

// The readers of the first round announce their wait; those of the second are in memory that they may not store to.
TEST(CapiWaitAny, IsWokenByEachRing) {
  for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_OBSERVER)}) {
    for (const std::size_t count : kCounts) {
      Several several(count, flags);
      const std::size_t step = std::max<std::size_t>(1, count / 20);
      std::atomic<std::size_t> answers{0};
      std::thread writer([&] {
        for (std::size_t i = 0; i < count; i += step) {
          test::await_sleep(test::process_id());
          ASSERT_EQ(put(several.writers[i], 1), RINGBUF_OK);
          while (answers <= i / step) std::this_thread::yield();
        }
      });
      for (std::size_t i = 0; i < count; i += step) {
        std::size_t which = kUntouched;
        ASSERT_EQ(several.wait(kForever, which), RINGBUF_OK) << ringbuf_last_error();
        ASSERT_EQ(which, i);
        ++several.ends[i];
        ++answers;
      }
      writer.join();
    }
  }
}

TEST(CapiWaitAny, ARingMayOccurTwice) {
  Pair ring(options(4));
  ringbuf_t* const rings[] = {ring.reader, ring.reader, ring.writer};
  const std::int64_t ends[] = {3, 2, 1};
  std::size_t which = kUntouched;
  EXPECT_EQ(ringbuf_wait_any(rings, ends, 3, kMillisecond, &which), RINGBUF_TIMEOUT);
  for (std::size_t left = 3; left-- > 0;) {
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    EXPECT_EQ(ringbuf_wait_any(rings, ends, 3, kForever, &which), RINGBUF_OK);
    EXPECT_EQ(which, left);
  }
}

TEST(CapiWaitAny, TheEndOfAStreamAnswers) {
  for (const std::size_t count : {std::size_t{2}, std::size_t{130}}) {
    Several several(count);
    const std::size_t closed = count - 1;
    std::thread writer([&] {
      test::await_sleep(test::process_id());
      ASSERT_EQ(several.writers[closed].close(), RINGBUF_OK);
    });
    std::size_t which = kUntouched;
    EXPECT_EQ(several.wait(kForever, which), RINGBUF_CLOSED);
    EXPECT_EQ(which, closed);
    writer.join();
    EXPECT_EQ(several.wait(0, which), RINGBUF_CLOSED) << "and again";
    ASSERT_EQ(put(several.writers[0], 1), RINGBUF_OK);
    EXPECT_EQ(several.wait(kForever, which), RINGBUF_OK) << "the order of the array counts";
    EXPECT_EQ(which, 0U);
  }
}

TEST(CapiWaitAny, AnInterruptionEndsIt) {
  for (const std::size_t count : kCounts) {
    Several several(count);
    const std::size_t last = count - 1;
    std::size_t which = kUntouched;
    EXPECT_EQ(ringbuf_interrupt(several.readers[last]), RINGBUF_OK);
    EXPECT_EQ(several.wait(0, which), RINGBUF_TIMEOUT) << "it would not have slept";
    EXPECT_EQ(which, kUntouched);
    EXPECT_EQ(several.wait(kForever, which), RINGBUF_INTERRUPTED);
    EXPECT_EQ(which, last);
    EXPECT_EQ(several.wait(kMillisecond, which), RINGBUF_TIMEOUT) << "it is dealt with";
    for (int round = 0; round < 20; ++round) {
      std::thread other([&] {
        if (round % 2 == 0) test::await_sleep(test::process_id());
        EXPECT_EQ(ringbuf_interrupt(several.readers[last]), RINGBUF_OK);
      });
      which = kUntouched;
      EXPECT_EQ(several.wait(kForever, which), RINGBUF_INTERRUPTED);
      EXPECT_EQ(which, last);
      other.join();
    }
    EXPECT_EQ(ringbuf_interrupt(several.readers[last]), RINGBUF_OK);
    ASSERT_EQ(put(several.writers[0], 1), RINGBUF_OK);
    EXPECT_EQ(several.wait(kForever, which), RINGBUF_OK) << "what is there comes first";
  }
}

}  // namespace
