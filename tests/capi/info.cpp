// ringbuf_info: every field, and the sizes of the struct.
#include <ctime>

#include "support.hpp"

namespace {

using namespace capi;

std::int64_t now_ns(clockid_t clock) {
  timespec ts{};
  ::clock_gettime(clock, &ts);
  return std::int64_t{ts.tv_sec} * 1'000'000'000 + ts.tv_nsec;
}

TEST(CapiInfo, WhatTheRingIs) {
  Name name;
  ringbuf_options_t o = options(10, 4, RINGBUF_LOSSLESS | RINGBUF_KEEP, RINGBUF_INT16, 3);
  o.max_readers = 7;
  o.sample_rate = 44100.5;
  Handle writer = make(name.c(), o);
  Handle reader = capi::open(name);
  std::size_t bytes = 0;
  ASSERT_EQ(ringbuf_size(&o, &bytes), RINGBUF_OK);
  for (ringbuf_t* each : {static_cast<ringbuf_t*>(writer), static_cast<ringbuf_t*>(reader)}) {
    const ringbuf_info_t i = info(each);
    EXPECT_EQ(i.struct_size, sizeof i);
    EXPECT_EQ(i.data_type, static_cast<std::uint32_t>(RINGBUF_INT16));
    EXPECT_EQ(i.channels, 3U);
    EXPECT_EQ(i.item_size, 2U);
    EXPECT_EQ(i.sample_bytes, 6U);
    EXPECT_EQ(i.capacity, 10U);
    EXPECT_EQ(i.window, 4U);
    EXPECT_EQ(i.buf_size_bytes, 60U);
    EXPECT_EQ(i.pocket_size_bytes, 24U);
    EXPECT_EQ(i.written, 0);
    EXPECT_EQ(i.oldest, 0);
    EXPECT_EQ(i.write_ptr, 0);
    EXPECT_EQ(i.flags, static_cast<std::uint32_t>(RINGBUF_LOSSLESS | RINGBUF_KEEP));
    EXPECT_EQ(i.state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
    EXPECT_EQ(i.readers, 1U);
    EXPECT_EQ(i.max_readers, 7U);
    EXPECT_EQ(i.sample_rate, 44100.5);
    EXPECT_EQ(i.position, 0);
    EXPECT_EQ(i.overruns, 0U);
    EXPECT_EQ(i.lost, 0U);
    EXPECT_EQ(i.anchor_index, -1);
    EXPECT_EQ(i.generation, 1U);
    EXPECT_EQ(i.total_bytes, bytes);
  }
}

TEST(CapiInfo, EveryTypeAndItemSize) {
  for (const std::uint32_t type : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 9U, 10U, 11U, 12U}) {
    Handle writer = make(nullptr, options(5, 1, 0, type, 2));
    const ringbuf_info_t i = info(writer);
    EXPECT_EQ(i.data_type, type);
    EXPECT_EQ(i.item_size, ringbuf_type_size(type));
    EXPECT_EQ(i.sample_bytes, 2 * ringbuf_type_size(type));
    EXPECT_EQ(i.buf_size_bytes, 5 * 2 * ringbuf_type_size(type));
  }
  ringbuf_options_t o = options(5, 2, 0, RINGBUF_BYTES, 3);
  o.item_size = 11;
  Handle writer = make(nullptr, o);
  EXPECT_EQ(info(writer).data_type, static_cast<std::uint32_t>(RINGBUF_BYTES));
  EXPECT_EQ(info(writer).item_size, 11U);
  EXPECT_EQ(info(writer).sample_bytes, 33U);
  EXPECT_EQ(info(writer).pocket_size_bytes, 66U);
}

TEST(CapiInfo, CountersGoWithThePuts) {
  Pair ring(options(4));
  for (std::int64_t w = 0; w <= 13; ++w) {
    const ringbuf_info_t by_writer = info(ring.writer), by_reader = info(ring.reader);
    EXPECT_EQ(by_writer.written, w);
    EXPECT_EQ(by_writer.oldest, std::max<std::int64_t>(0, w - 4));
    EXPECT_EQ(by_writer.write_ptr, w % 4);
    EXPECT_EQ(by_writer.position, w) << "a writer's position is what is written next";
    EXPECT_EQ(by_reader.written, w);
    EXPECT_EQ(by_reader.oldest, by_writer.oldest);
    EXPECT_EQ(by_reader.write_ptr, w % 4);
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  }
}

TEST(CapiInfo, ThePositionAndLossesAreTheHandles) {
  Pair ring(options(4));
  Handle other = capi::open(ring.name, RINGBUF_RESYNC_OLDEST);
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  expect_pops(ring.reader, 0, 3);
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  EXPECT_EQ(pop_code(other), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(info(other).position, 3);
  EXPECT_EQ(info(other).overruns, 1U);
  EXPECT_EQ(info(other).lost, 3U);
  EXPECT_EQ(info(ring.reader).position, 3);
  EXPECT_EQ(info(ring.reader).overruns, 0U);
  EXPECT_EQ(info(ring.reader).lost, 0U);
  EXPECT_EQ(info(ring.writer).overruns, 0U);
  EXPECT_EQ(info(ring.writer).lost, 0U);
}

TEST(CapiInfo, ReadersAreThoseWithAPlace) {
  Name name;
  Handle writer = make(name.c(), options(4));
  EXPECT_EQ(info(writer).readers, 0U);
  Handle first = capi::open(name);
  Handle second = capi::open(name, RINGBUF_FROM_NEWEST);
  Handle observer = capi::open(name, RINGBUF_OBSERVER);
  EXPECT_EQ(info(writer).readers, 2U);
  EXPECT_EQ(info(observer).readers, 2U);
  first.close();
  EXPECT_EQ(info(writer).readers, 1U);
}

// --- the time anchor -----------------------------------------------------------------------------------------------------

// Calls `append`, which ends with sample `last`; the anchor must say so, with times from meanwhile.
template <class Append>
void expect_anchor(ringbuf_t* ring, std::int64_t last, Append append) {
  const std::int64_t monotonic = now_ns(CLOCK_MONOTONIC), realtime = now_ns(CLOCK_REALTIME);
  ASSERT_EQ(append(), RINGBUF_OK);
  const std::int64_t monotonic_after = now_ns(CLOCK_MONOTONIC), realtime_after = now_ns(CLOCK_REALTIME);
  const ringbuf_info_t i = info(ring);
  EXPECT_EQ(i.anchor_index, last);
  EXPECT_GE(i.anchor_monotonic_ns, monotonic);
  EXPECT_LE(i.anchor_monotonic_ns, monotonic_after);
  EXPECT_GE(i.anchor_realtime_ns, realtime);
  EXPECT_LE(i.anchor_realtime_ns, realtime_after);
}

TEST(CapiAnchor, OfTheFirstPut) {
  Pair ring(options(8));
  EXPECT_EQ(info(ring.reader).anchor_index, -1);
  expect_anchor(ring.reader, 4, [&] { return put(ring.writer, 5); });
}

TEST(CapiAnchor, OfTheFirstPush) {
  Pair ring(options(8));
  const std::int32_t item = 0;
  expect_anchor(ring.reader, 0, [&] { return ringbuf_push(ring.writer, &item); });
}

TEST(CapiAnchor, OfTheFirstCommit) {
  Pair ring(options(8));
  void* samples = nullptr;
  ASSERT_EQ(ringbuf_reserve(ring.writer, 4, &samples), RINGBUF_OK);
  EXPECT_EQ(info(ring.reader).anchor_index, -1);
  std::memset(samples, 0, 16);
  expect_anchor(ring.reader, 2, [&] { return ringbuf_commit(ring.writer, 3); });
}

TEST(CapiAnchor, OfTheLatestPut) {
  Pair ring(options(8));
  expect_anchor(ring.reader, 4, [&] { return put(ring.writer, 5); });
  expect_anchor(ring.reader, 12, [&] { return put(ring.writer, 8); });
  expect_anchor(ring.writer, 32, [&] { return put(ring.writer, 20); });
}

TEST(CapiAnchor, BelongsToAPutWhenTheyComeFast) {
  Pair ring(options(64));
  const std::int64_t begin = now_ns(CLOCK_MONOTONIC);
  for (std::int64_t i = 1; i <= 300; ++i) {
    ASSERT_EQ(put(ring.writer, 10), RINGBUF_OK);
    const ringbuf_info_t now = info(ring.reader);
    ASSERT_EQ(now.anchor_index % 10, 9) << "not the last sample of a put";
    ASSERT_LT(now.anchor_index, 10 * i);
    ASSERT_GE(now.anchor_monotonic_ns, begin);
    ASSERT_LE(now.anchor_monotonic_ns, now_ns(CLOCK_MONOTONIC));
  }
}

// --- struct sizes --------------------------------------------------------------------------------------------------------

TEST(CapiInfo, ALaterStructIsFilledAsFarAsKnown) {
  struct {
    ringbuf_info_t known;
    std::uint64_t unknown[2];
  } later{};
  Handle writer = make(nullptr, options(4));
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);
  later.known.struct_size = sizeof later;
  EXPECT_EQ(ringbuf_info(writer, &later.known), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(later.known.written, 3);
  EXPECT_EQ(later.known.capacity, 4U);
  EXPECT_EQ(later.known.total_bytes, info(writer).total_bytes);
  EXPECT_EQ(later.unknown[0], 0U);
  EXPECT_EQ(later.unknown[1], 0U);
}

TEST(CapiInfo, AStructThatIsNoneIsRefused) {
  Handle writer = make(nullptr, options(4));
  for (const std::uint32_t size : {0U, 3U}) {
    ringbuf_info_t i;
    std::memset(&i, 0xAB, sizeof i);
    i.struct_size = size;
    EXPECT_EQ(ringbuf_info(writer, &i), RINGBUF_INVALID_ARGUMENT) << size;
    EXPECT_EQ(i.struct_size, size);
    EXPECT_EQ(i.written, static_cast<std::int64_t>(0xABABABABABABABABU)) << "a refused call wrote";
  }
}

TEST(CapiInfo, NothingIsWrittenBeyondTheCallersStruct) {
  for (const std::uint32_t size : {56U, 104U, 167U}) {
    struct {
      ringbuf_info_t info;
    } memory;
    std::memset(&memory, 0xAB, sizeof memory);
    memory.info.struct_size = size;
    Handle writer = make(nullptr, options(4));
    const int code = ringbuf_info(writer, &memory.info);
    EXPECT_TRUE(code == RINGBUF_OK || code == RINGBUF_INVALID_ARGUMENT) << code;
    const auto* bytes = reinterpret_cast<const unsigned char*>(&memory);
    for (std::size_t at = size; at < sizeof memory; ++at) {
      ASSERT_EQ(bytes[at], 0xAB) << "byte " << at << " of a struct of " << size;
    }
  }
}

}  // namespace
