// The sliding window: ringbuf_next, and ringbuf_next_copy, which copies it.
#include "support.hpp"

namespace {

using namespace capi;

struct Next {
  const void* samples = nullptr;
  std::int64_t start = -1;
  int code;  // the last: the call writes the others
  Next(ringbuf_t* reader, std::uint64_t window, std::uint64_t step, std::int64_t timeout_ns = 0)
      : code(ringbuf_next(reader, window, step, timeout_ns, &samples, &start)) {}
};

void expect_window(const Next& next, std::int64_t start, std::uint64_t window) {
  ASSERT_EQ(next.code, RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(next.start, start);
  EXPECT_EQ(copy(next.samples, window), numbers(start, window));
}

void expect_refused(const Next& next, int code) {
  EXPECT_EQ(next.code, code);
  EXPECT_EQ(next.samples, nullptr);
  EXPECT_EQ(next.start, -1);
}

TEST(CapiNext, OverlappingWindows) {
  Pair ring(options(16, 4));
  ASSERT_EQ(put(ring.writer, 10), RINGBUF_OK);
  for (std::int64_t start = 0; start <= 6; start += 2) {
    expect_window(Next(ring.reader, 4, 2), start, 4);
    EXPECT_EQ(tell(ring.reader), start + 2);
    EXPECT_EQ(ringbuf_check(ring.reader, start, start + 4), RINGBUF_OK);
  }
  expect_refused(Next(ring.reader, 4, 2), RINGBUF_TIMEOUT);
  EXPECT_EQ(tell(ring.reader), 8);
  ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);
  expect_window(Next(ring.reader, 4, 2), 8, 4);
}

TEST(CapiNext, StepZeroLooksAgain) {
  Pair ring(options(16, 4));
  ASSERT_EQ(put(ring.writer, 5), RINGBUF_OK);
  expect_window(Next(ring.reader, 3, 0), 0, 3);
  expect_window(Next(ring.reader, 5, 0), 0, 5);
  EXPECT_EQ(tell(ring.reader), 0);
}

TEST(CapiNext, AStepLargerThanTheWindowSkips) {
  Pair ring(options(16, 4));
  ASSERT_EQ(put(ring.writer, 12), RINGBUF_OK);
  expect_window(Next(ring.reader, 2, 5), 0, 2);
  expect_window(Next(ring.reader, 2, 5), 5, 2);
  expect_window(Next(ring.reader, 2, 5), 10, 2);
  expect_refused(Next(ring.reader, 2, 5), RINGBUF_TIMEOUT);  // 15 is not there yet
  ASSERT_EQ(put(ring.writer, 5), RINGBUF_OK);
  expect_window(Next(ring.reader, 2, 5), 15, 2);
  EXPECT_EQ(info(ring.reader).lost, 0U);
}

TEST(CapiNext, OverTheEndThroughThePocket) {
  Pair ring(options(8, 3));
  std::int64_t start = 0;
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    const Next next(ring.reader, 4, 1);
    if (i < 3) {
      expect_refused(next, RINGBUF_TIMEOUT);
    } else {
      expect_window(next, start++, 4);
    }
    ASSERT_FALSE(HasFailure()) << i;
  }
}

TEST(CapiNext, BeyondThePocketThePositionStays) {
  Pair ring(options(8, 3));
  ASSERT_EQ(put(ring.writer, 6), RINGBUF_OK);
  expect_window(Next(ring.reader, 6, 6), 0, 6);
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);  // 6 .. 14
  expect_refused(Next(ring.reader, 6, 6), RINGBUF_NOT_CONTIGUOUS);
  EXPECT_EQ(tell(ring.reader), 6);
  expect_window(Next(ring.reader, 5, 1), 6, 5);
  expect_window(Next(ring.reader, 4, 4), 7, 4);
  expect_pops(ring.reader, 11, 3);
}

TEST(CapiNext, TheWindowMustBePossible) {
  Pair ring(options(8, 8));
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
  expect_refused(Next(ring.reader, 0, 1), RINGBUF_INVALID_ARGUMENT);
  expect_refused(Next(ring.reader, 9, 1), RINGBUF_INVALID_ARGUMENT);
  expect_refused(Next(ring.reader, ~std::uint64_t{0}, 1, kForever), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(tell(ring.reader), 0);
  expect_window(Next(ring.reader, 8, 8), 0, 8);
}

TEST(CapiNext, TheEndOfTheStream) {
  Pair ring(options(8, 8));
  ASSERT_EQ(put(ring.writer, 6), RINGBUF_OK);
  ASSERT_EQ(ring.writer.close(), RINGBUF_OK);
  expect_window(Next(ring.reader, 4, 4, kForever), 0, 4);
  expect_refused(Next(ring.reader, 4, 4, kForever), RINGBUF_CLOSED);  // two are left, four will never be
  EXPECT_EQ(tell(ring.reader), 4);
  expect_window(Next(ring.reader, 2, 2, kForever), 4, 2);
  expect_refused(Next(ring.reader, 1, 1, kForever), RINGBUF_CLOSED);
}

TEST(CapiNext, WaitsNotWhenTheTimeIsZero) {
  Pair ring(options(8, 8));
  expect_refused(Next(ring.reader, 1, 1, 0), RINGBUF_TIMEOUT);
}

// --- ringbuf_next_copy -----------------------------------------------------------------------------------------------

struct NextCopy {
  std::vector<std::int32_t> samples;
  std::int64_t start = -1;
  int code;
  NextCopy(ringbuf_t* reader, std::uint64_t window, std::uint64_t step, std::int64_t timeout_ns = 0)
      : samples(static_cast<std::size_t>(window), -1),
        code(ringbuf_next_copy(reader, window, step, timeout_ns, samples.data(), &start)) {}
};

TEST(CapiNextCopy, AnyWindowAtAnyPlaceOverManyLaps) {
  for (std::uint64_t capacity = 1; capacity <= 9; ++capacity) {
    for (std::uint64_t window = 1; window <= capacity; ++window) {
      for (std::uint64_t step = 0; step <= capacity + 2; ++step) {
        Pair ring(options(capacity, 1));
        std::int64_t position = 0, written = 0;
        for (int call = 0; call < 40; ++call) {
          const auto end = position + static_cast<std::int64_t>(window);
          if (written < end) {
            ASSERT_EQ(NextCopy(ring.reader, window, step).code, RINGBUF_TIMEOUT);
            ASSERT_EQ(tell(ring.reader), position);
            ASSERT_EQ(put(ring.writer, static_cast<std::uint64_t>(end - written)), RINGBUF_OK);
            written = end;
          }
          const NextCopy next(ring.reader, window, step);
          ASSERT_EQ(next.code, RINGBUF_OK) << ringbuf_last_error();
          ASSERT_EQ(next.start, position);
          ASSERT_EQ(next.samples, numbers(position, window));
          position += static_cast<std::int64_t>(step);
          ASSERT_EQ(tell(ring.reader), position);
        }
      }
    }
  }
}

TEST(CapiNextCopy, ARefusedCallWritesNothing) {
  Pair ring(options(8, 1));
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
  std::vector<std::int32_t> samples(8, -1);
  std::int64_t start = -1;
  for (const std::uint64_t window : {std::uint64_t{0}, std::uint64_t{9}, ~std::uint64_t{0}}) {
    EXPECT_EQ(ringbuf_next_copy(ring.reader, window, 1, kForever, samples.data(), &start), RINGBUF_INVALID_ARGUMENT);
  }
  EXPECT_EQ(ringbuf_next_copy(ring.reader, 1, (std::uint64_t{1} << 48) + 1, 0, samples.data(), &start),
            RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(start, -1);
  EXPECT_EQ(samples, std::vector<std::int32_t>(8, -1));
  EXPECT_EQ(tell(ring.reader), 0);
}

TEST(CapiNextCopy, TheEndOfTheStream) {
  Pair ring(options(8, 1));
  ASSERT_EQ(put(ring.writer, 6), RINGBUF_OK);
  ASSERT_EQ(ring.writer.close(), RINGBUF_OK);
  EXPECT_EQ(NextCopy(ring.reader, 4, 4, kForever).samples, numbers(0, 4));
  EXPECT_EQ(NextCopy(ring.reader, 4, 4, kForever).code, RINGBUF_CLOSED);
  EXPECT_EQ(NextCopy(ring.reader, 2, 2, kForever).samples, numbers(4, 2));
  EXPECT_EQ(NextCopy(ring.reader, 1, 1, kForever).code, RINGBUF_CLOSED);
}

TEST(CapiNextCopy, TheWriterOfALosslessRingHasTheSamplesBack) {
  ringbuf_options_t lossless = options(8, 1);
  lossless.flags = RINGBUF_LOSSLESS;
  Pair ring(lossless);
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_FULL);
  EXPECT_EQ(NextCopy(ring.reader, 5, 3).samples, numbers(0, 5));
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK) << "at once, not with the next call";
  EXPECT_EQ(NextCopy(ring.reader, 8, 8).samples, numbers(3, 8));
}

TEST(CapiNext, MixesWithPop) {
  Pair ring(options(8, 4));
  ASSERT_EQ(put(ring.writer, 7), RINGBUF_OK);
  expect_window(Next(ring.reader, 3, 1), 0, 3);
  expect_pops(ring.reader, 1, 2);
  expect_window(Next(ring.reader, 4, 4), 3, 4);
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_EMPTY);
}

}  // namespace
