// The copy of the latest sample beside the counters, at each store of a put: read there, and left behind by the writer's death.
// In one thread and so the same every time.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "raw_ring.hpp"
#include "steps.hpp"

using namespace ringbuf;
using test::Steps;

namespace {

constexpr std::uint64_t capacity = 8;

// A sample that tells its index and its writer: the samples of two writers with the same index differ.
struct Signed {
  std::uint64_t index;
  std::uint64_t writer;
  std::uint64_t sum;

  static Signed of(std::uint64_t index, std::uint64_t writer) { return {index, writer, index * 31 + writer * 17 + 5}; }
  bool operator==(const Signed &) const = default;
};
static_assert(sizeof(Signed) <= max_latest_bytes);

Options options_of(bool lossless) {
  Options o;
  o.data_type = DataType::bytes;
  o.item_size = sizeof(Signed);
  o.capacity = capacity;
  o.window = 2;
  o.lossless = lossless;
  return o;
}

struct Ring : test::RawRing {
  explicit Ring(bool lossless) : RawRing(options_of(lossless)) {}

  void put(std::uint64_t by) {
    const Signed sample = Signed::of(writer.written(), by);
    ASSERT_EQ(writer.put(&sample, 1), Status::ok) << last_error();
  }
  // Appends a sample without the copy beside the counters.
  void commit(std::uint64_t by) {
    const Signed sample = Signed::of(writer.written(), by);
    std::byte *place = nullptr;
    ASSERT_EQ(writer.reserve(1, place), Status::ok) << last_error();
    std::memcpy(place, &sample, sizeof sample);
    ASSERT_EQ(writer.commit(1), Status::ok) << last_error();
  }
};

// The newest sample, by index and by position, is that of `by`. Each time by a reader that has to poll for it.
void expect_newest(const Ring &ring, std::uint64_t by) {
  const std::uint64_t newest = ring.open(true).written() - 1;
  const auto index = static_cast<std::int64_t>(newest);
  const Signed right = Signed::of(newest, by);
  Signed sample{};
  ASSERT_EQ(ring.open(true).read(index, index + 1, &sample), Status::ok) << last_error();
  ASSERT_EQ(sample, right) << "read, index " << index;
  Reader consumer = ring.open(true);
  ASSERT_EQ(consumer.seek(index), Status::ok) << last_error();
  ASSERT_EQ(consumer.pop(&sample), Status::ok) << last_error();
  ASSERT_EQ(sample, right) << "pop, index " << index;
  Reader slider = ring.open(true);
  ASSERT_EQ(slider.seek(index), Status::ok) << last_error();
  std::int64_t start = 0;
  ASSERT_EQ(slider.next_copy(1, 1, 0, &sample, start), Status::ok) << last_error();
  ASSERT_EQ(sample, right) << "next_copy, index " << index;
  ASSERT_EQ(start, index);
}

// A reader gets the right sample at every step of the next put: the one before it, and then the new one.
TEST(LatestSteps, TheNewestSampleIsRightAtEveryStep) {
  for (const bool lossless : {false, true}) {
    for (std::uint64_t before = 1; before < 3 * capacity; ++before) {
      SCOPED_TRACE(std::to_string(before) + (lossless ? " samples, lossless" : " samples, overwriting"));
      Ring ring(lossless);
      for (std::uint64_t i = 0; i < before; ++i) ring.put(0);
      expect_newest(ring, 0);
      std::uint64_t taken = 0;
      {
        Steps steps([&](std::uint64_t) {
          ++taken;
          expect_newest(ring, 0);
        });
        ring.put(0);
      }
      EXPECT_GE(taken, 5U);
      expect_newest(ring, 0);
      if (HasFailure()) return;
    }
  }
}

// The writer dies before each store of a put. The next one appends another sample at the same index, in each of the two ways.
TEST(LatestSteps, WhatADeadWriterLeftIsNotTakenForTheSampleOfTheNext) {
  for (const bool lossless : {false, true}) {
    for (const bool beside : {false, true}) {
      for (std::uint64_t before = 0; before < 2 * capacity; ++before) {
        SCOPED_TRACE(std::to_string(before) + (lossless ? " samples, lossless" : " samples, overwriting"));
        Ring ring(lossless);
        for (std::uint64_t i = 0; i < before; ++i) ring.put(0);
        Steps steps([&](std::uint64_t step) {
          SCOPED_TRACE("step " + std::to_string(step));
          Ring next(ring);
          if (next.writer.written() > 0) expect_newest(next, 0);
          beside ? next.put(1) : next.commit(1);
          expect_newest(next, 1);
        });
        ring.put(0);
        if (HasFailure()) return;
      }
    }
  }
}

// Samples that are appended in another way are not taken from beside the counters, and those that are, are.
TEST(LatestSteps, TheCopyIsThatOfSingleShortSamplesAlone) {
  Ring ring(false);
  ring.put(0);
  EXPECT_EQ(ring.header().writer.latest.load(), 1U);
  ring.commit(0);
  EXPECT_EQ(ring.header().writer.latest.load(), 1U);
  expect_newest(ring, 0);
  const Signed two[] = {Signed::of(2, 0), Signed::of(3, 0)};
  ASSERT_EQ(ring.writer.put(two, 2), Status::ok);
  EXPECT_EQ(ring.header().writer.latest.load(), 1U);
  expect_newest(ring, 0);
  ring.put(0);
  EXPECT_EQ(ring.header().writer.latest.load(), 5U);
  // A reader that polls takes it from there: the data may be anything.
  Reader reader = ring.open(true);
  ASSERT_EQ(reader.seek(4), Status::ok);
  Info info;
  ASSERT_EQ(ring.writer.info(info), Status::ok);
  std::memset(ring.memory.begin() + info.geometry.data_offset, 0xff, capacity * sizeof(Signed));
  Signed sample{};
  ASSERT_EQ(reader.pop(&sample), Status::ok);
  EXPECT_EQ(sample, Signed::of(4, 0));
}

TEST(LatestSteps, LongSamplesAreNotCopied) {
  Options o = options_of(false);
  o.item_size = static_cast<std::uint32_t>(max_latest_bytes) + 1;
  test::RawRing ring(o);
  const std::string sample(max_latest_bytes + 1, 'x');
  ASSERT_EQ(ring.writer.put(sample.data(), 1), Status::ok);
  EXPECT_EQ(ring.header().writer.latest.load(), 0U);
}

}  // namespace
