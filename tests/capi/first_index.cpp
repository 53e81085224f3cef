// Rings whose indices do not begin at 0: copies of another ring, replayed recordings. What random operations show is in
// unit_model; here are the ends of the range, the texts, and what outlives a writer.
#include <array>
#include <limits>

#include "support.hpp"

namespace {

using namespace capi;

constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();

ringbuf_options_t beginning_at(std::int64_t first, std::uint64_t capacity, std::uint32_t flags = 0) {
  ringbuf_options_t o = options(capacity, 1, flags, RINGBUF_INT64);
  o.first_index = first;
  return o;
}

// Puts `count` samples, each the number of its index.
int put_indices(ringbuf_t* writer, std::uint64_t count) {
  std::vector<std::int64_t> samples(static_cast<std::size_t>(count));
  std::iota(samples.begin(), samples.end(), written(writer));
  return ringbuf_put(writer, samples.data(), count);
}

class CapiFirstIndex : public testing::TestWithParam<std::int64_t> {};

TEST_P(CapiFirstIndex, IsTheIndexOfTheFirstSample) {
  const std::int64_t first = GetParam();
  for (const std::uint32_t flags : {0U, std::uint32_t{RINGBUF_LOSSLESS}}) {
    Pair ring(beginning_at(first, 16, flags));
    for (ringbuf_t* handle : {static_cast<ringbuf_t*>(ring.writer), static_cast<ringbuf_t*>(ring.reader)}) {
      const ringbuf_info_t i = info(handle);
      EXPECT_EQ(i.first_index, first);
      EXPECT_EQ(i.written, first);
      EXPECT_EQ(i.oldest, first);
      EXPECT_EQ(i.position, first);
      EXPECT_EQ(i.lost, 0U);
    }
    EXPECT_EQ(usage(ring.reader), 0U);
    EXPECT_EQ(space(ring.writer), 16U);
    EXPECT_EQ(pop_code(ring.reader), RINGBUF_EMPTY);
    EXPECT_EQ(ringbuf_check(ring.reader, first, first + 1), RINGBUF_NOT_YET);
    EXPECT_EQ(ringbuf_wait(ring.reader, first + 1, 0), RINGBUF_TIMEOUT);

    ASSERT_EQ(put_indices(ring.writer, 5), RINGBUF_OK) << ringbuf_last_error();
    EXPECT_EQ(usage(ring.reader), 5U);
    EXPECT_EQ(ringbuf_wait(ring.reader, first + 5, kForever), RINGBUF_OK);
    std::array<std::int64_t, 5> read{};
    ASSERT_EQ(ringbuf_read(ring.reader, first, first + 5, read.data()), RINGBUF_OK);
    for (std::int64_t i = 0; i < 5; ++i) EXPECT_EQ(read[static_cast<std::size_t>(i)], first + i);
    // A reader that comes now starts with the first sample: nothing has been overwritten.
    Handle late = capi::open(ring.name);
    EXPECT_EQ(tell(late), first);
    std::int64_t item = 0;
    ASSERT_EQ(ringbuf_pop(late, &item), RINGBUF_OK);
    EXPECT_EQ(item, first);
  }
}

TEST_P(CapiFirstIndex, NoIndexIsBelowIt) {
  const std::int64_t first = GetParam();
  Pair ring(beginning_at(first, 16));
  ASSERT_EQ(put_indices(ring.writer, 40), RINGBUF_OK);  // more than the ring holds
  const auto refused = [&](int code) {
    EXPECT_EQ(code, RINGBUF_BAD_INDEX);
    const std::string text = ringbuf_last_error();
    EXPECT_NE(text.find(std::to_string(first - 1)), std::string::npos) << text;
    EXPECT_NE(text.find("expected"), std::string::npos) << text;
  };
  std::array<std::int64_t, 2> room{};
  const void* samples = nullptr;
  refused(ringbuf_check(ring.reader, first - 1, first + 1));
  refused(ringbuf_view(ring.reader, first - 1, first + 1, &samples));
  refused(ringbuf_read(ring.reader, first - 1, first + 1, room.data()));
  refused(ringbuf_wait(ring.reader, first - 1, 0));
  refused(ringbuf_seek(ring.reader, first - 1));
  EXPECT_EQ(ringbuf_check(ring.reader, first, first + 1), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(ringbuf_check(ring.reader, first + 24, first + 40), RINGBUF_OK);
  // The reader was overrun from the first sample on, and loses exactly what is gone.
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(info(ring.reader).lost, static_cast<std::uint64_t>(tell(ring.reader) - first));
}

TEST_P(CapiFirstIndex, OutlivesTheWriter) {
  const std::int64_t first = GetParam();
  for (const std::int64_t count : {0, 3, 20}) {
    Name name;
    Handle writer = make(name.c(), beginning_at(first, 16, RINGBUF_KEEP));
    Handle keeper = capi::open(name, RINGBUF_OBSERVER);  // Windows keeps no ring that nobody has open
    ASSERT_EQ(put_indices(writer, static_cast<std::uint64_t>(count)), RINGBUF_OK);
    writer.close();
    writer = resume(name);
    EXPECT_EQ(info(writer).first_index, first);
    EXPECT_EQ(written(writer), first + count);
    ASSERT_EQ(put_indices(writer, 1), RINGBUF_OK);
    Handle reader = capi::open(name);
    std::int64_t sample = 0;
    ASSERT_EQ(ringbuf_read(reader, first + count, first + count + 1, &sample), RINGBUF_OK) << ringbuf_last_error();
    EXPECT_EQ(sample, first + count);
    // Whoever asks for another first index gets the ring that is there: its indices go on.
    writer.close();
    const ringbuf_options_t o = beginning_at(0, 16, RINGBUF_KEEP);
    ASSERT_EQ(ringbuf_create_or_resume(writer.out(), name.c(), &o), RINGBUF_OK) << ringbuf_last_error();
    EXPECT_EQ(info(writer).first_index, first);
  }
}

INSTANTIATE_TEST_SUITE_P(Indices, CapiFirstIndex,
                         testing::Values(1, 1'000'000'000, (std::int64_t{1} << 32) - 3, 1'000'000'000'000,
                                         std::int64_t{1} << 62, kLast - 1000));

TEST(CapiFirstIndexLimits, OutOfRangeMakesNoRing) {
  for (const std::int64_t first : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(), kLast - 15, kLast}) {
    Name name;
    const ringbuf_options_t o = beginning_at(first, 16);
    ringbuf_t* ring = untouched();
    std::size_t bytes = 12345;
    EXPECT_EQ(ringbuf_create(&ring, name.c(), &o), RINGBUF_INVALID_ARGUMENT) << first;
    const std::string text = ringbuf_last_error();
    EXPECT_NE(text.find("first_index is " + std::to_string(first)), std::string::npos) << text;
    EXPECT_NE(text.find(std::to_string(kLast - 16)), std::string::npos) << text;
    EXPECT_EQ(ring, untouched());
    EXPECT_FALSE(name.is_there());
    EXPECT_EQ(ringbuf_size(&o, &bytes), RINGBUF_INVALID_ARGUMENT);
  }
}

TEST(CapiFirstIndexLimits, TheLastIndexEndsPutsAndWrapsNothing) {
  for (const std::uint32_t flags : {0U, std::uint32_t{RINGBUF_LOSSLESS}}) {
    Pair ring(beginning_at(kLast - 16 - 3, 16, flags));
    EXPECT_EQ(put_indices(ring.writer, 4), RINGBUF_INVALID_ARGUMENT);
    EXPECT_EQ(written(ring.writer), kLast - 19);
    ASSERT_EQ(put_indices(ring.writer, 3), RINGBUF_OK) << ringbuf_last_error();
    const std::int64_t item = 0;
    void* place = nullptr;
    EXPECT_EQ(ringbuf_push(ring.writer, &item), RINGBUF_INVALID_ARGUMENT);
    EXPECT_EQ(ringbuf_reserve(ring.writer, 1, &place), RINGBUF_INVALID_ARGUMENT);
    EXPECT_EQ(written(ring.writer), kLast - 16);
    EXPECT_EQ(usage(ring.reader), 3U);
    std::array<std::int64_t, 4> items{};
    std::uint64_t count = 0;
    ASSERT_EQ(ringbuf_pop_many(ring.reader, items.data(), 4, &count), RINGBUF_OK);
    EXPECT_EQ(count, 3U);
    EXPECT_EQ(items[2], kLast - 17);
  }
}

TEST(CapiFirstIndexLimits, ARingWhoseCountersLieBelowItIsNotResumed) {
  Name name;
  Handle writer = make(name.c(), beginning_at(1000, 16, RINGBUF_KEEP));
  Handle reader = capi::open(name, RINGBUF_OBSERVER);
  void* raw = nullptr;
  std::size_t bytes = 0;
  ASSERT_EQ(ringbuf_raw(writer, &raw, &bytes), RINGBUF_OK);
  static_cast<std::atomic<std::uint64_t>*>(raw)[256 / 8] = 999;
  EXPECT_EQ(ringbuf_check(reader, 998, 999), RINGBUF_BAD_INDEX);
  writer.close();
  Handle resumed;
  EXPECT_EQ(ringbuf_resume(resumed.out(), name.c()), RINGBUF_CORRUPT);
}

}  // namespace
