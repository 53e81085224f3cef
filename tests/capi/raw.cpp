// Rings in the caller's memory: ringbuf_create_raw and ringbuf_open_raw.
#include "raw.hpp"

#include "../support/process.hpp"

namespace {

using namespace capi;

int open_code(const Memory& memory, std::uint32_t flags = 0) {
  ringbuf_t* ring = untouched();
  const int code = ringbuf_open_raw(&ring, memory.at(), memory.bytes(), flags);
  EXPECT_EQ(ring, untouched());
  return code;
}

TEST(CapiRawMemory, IsARing) {
  const ringbuf_options_t o = options(8, 3);
  Memory memory(size_of(o));
  Handle writer = make_raw(memory, o);
  ASSERT_EQ(put(writer, 8), RINGBUF_OK);
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);
  Handle reader = open_raw(memory);
  EXPECT_EQ(info(reader).written, 11);
  EXPECT_EQ(info(reader).readers, 1U);
  const void* samples = nullptr;
  ASSERT_EQ(ringbuf_view(reader, 3, 11, &samples), RINGBUF_OK);
  EXPECT_EQ(copy(samples, 8), numbers(3, 8));
  ASSERT_EQ(ringbuf_seek(reader, 3), RINGBUF_OK);
  expect_pops(reader, 3, 8);
  ASSERT_EQ(writer.close(), RINGBUF_OK);
  EXPECT_EQ(pop_code(reader), RINGBUF_CLOSED);
  EXPECT_EQ(reader.close(), RINGBUF_OK);
}

TEST(CapiRawMemory, IsWhereTheCallerSaid) {
  const ringbuf_options_t o = options(8);
  Memory memory(size_of(o));
  Handle writer = make_raw(memory, o);
  void* raw = nullptr;
  std::size_t bytes = 0;
  ASSERT_EQ(ringbuf_raw(writer, &raw, &bytes), RINGBUF_OK);
  EXPECT_EQ(raw, memory.at());
  EXPECT_EQ(bytes, memory.bytes());
  intptr_t fd = 7;
  EXPECT_EQ(ringbuf_fd(writer, &fd), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(fd, 7);
}

TEST(CapiRawMemory, AlignedToEightBytesIsEnough) {
  const ringbuf_options_t o = options(8, 2);
  const std::size_t need = size_of(o);
  for (const std::size_t offset : {std::size_t{8}, std::size_t{24}, std::size_t{4088}}) {
    Memory memory(need + 8192, 0xEE);
    Handle writer;
    ASSERT_EQ(ringbuf_create_raw(writer.out(), memory.at(offset), need, &o), RINGBUF_OK) << offset;
    Handle reader;
    ASSERT_EQ(ringbuf_open_raw(reader.out(), memory.at(offset), need, RINGBUF_RESYNC_OLDEST), RINGBUF_OK) << offset;
    ASSERT_EQ(put(writer, 8), RINGBUF_OK);
    ASSERT_EQ(put(writer, 1), RINGBUF_OK);
    EXPECT_EQ(pop_code(reader), RINGBUF_OVERWRITTEN);
    expect_pops(reader, 1, 8);
    writer.close();
    reader.close();
    const std::string all = memory.content();
    EXPECT_EQ(all.find_first_not_of('\xEE'), offset) << "it wrote before its memory";
    EXPECT_LT(all.find_last_not_of('\xEE'), offset + need) << "it wrote behind its memory";
  }
}

TEST(CapiRawMemory, MisalignedIsRefused) {
  const ringbuf_options_t o = options(8);
  const std::size_t need = size_of(o);
  Memory memory(need + 4096);
  for (std::size_t offset = 1; offset < 8; ++offset) {
    ringbuf_t* ring = untouched();
    EXPECT_EQ(ringbuf_create_raw(&ring, memory.at(offset), need, &o), RINGBUF_INVALID_ARGUMENT) << offset;
    EXPECT_EQ(ringbuf_open_raw(&ring, memory.at(offset), need, 0), RINGBUF_INVALID_ARGUMENT) << offset;
    EXPECT_EQ(ring, untouched());
  }
  EXPECT_EQ(memory.content().find_first_not_of('\0'), std::string::npos) << "a refused call wrote";
}

TEST(CapiRawMemory, TooSmallIsRefused) {
  const ringbuf_options_t o = options(8);
  const std::size_t need = size_of(o);
  Memory memory(need);
  ringbuf_t* ring = untouched();
  for (const std::size_t bytes : {need - 1, need - 8, need / 2, std::size_t{8}, std::size_t{0}}) {
    EXPECT_EQ(ringbuf_create_raw(&ring, memory.at(), bytes, &o), RINGBUF_INVALID_ARGUMENT) << bytes;
  }
  EXPECT_EQ(ring, untouched());
  EXPECT_EQ(memory.content().find_first_not_of('\0'), std::string::npos) << "a refused call wrote";
}

TEST(CapiRawMemory, LessThanTheRingSaysIsCorrupt) {
  const ringbuf_options_t o = options(8);
  Memory memory(size_of(o));
  Handle writer = make_raw(memory, o);
  ringbuf_t* ring = untouched();
  EXPECT_EQ(ringbuf_open_raw(&ring, memory.at(), memory.bytes() - 1, 0), RINGBUF_CORRUPT);
  EXPECT_EQ(ringbuf_open_raw(&ring, memory.at(), 4096, 0), RINGBUF_CORRUPT);
  EXPECT_EQ(ring, untouched());
}

TEST(CapiRawMemory, MoreThanNeededIsFine) {
  const ringbuf_options_t o = options(8);
  Memory memory(size_of(o) + 100000);
  Handle writer = make_raw(memory, o);
  ASSERT_EQ(put(writer, 2), RINGBUF_OK);
  Handle reader = open_raw(memory);
  expect_pops(reader, 0, 2);
}

TEST(CapiRawMemory, ZeroedIsNoRingYet) {
  Memory memory(65536);
  EXPECT_EQ(open_code(memory), RINGBUF_NOT_INITIALIZED);
  EXPECT_EQ(open_code(memory, RINGBUF_OBSERVER), RINGBUF_NOT_INITIALIZED);
  EXPECT_EQ(open_code(memory, RINGBUF_AS_WRITER), RINGBUF_NOT_INITIALIZED);
}

TEST(CapiRawMemory, GarbageIsCorrupt) {
  for (const int value : {0x01, 0x55, 0xFF}) {
    const auto fill = static_cast<unsigned char>(value);
    Memory memory(65536, fill);
    EXPECT_EQ(open_code(memory), RINGBUF_CORRUPT);
    EXPECT_EQ(open_code(memory, RINGBUF_OBSERVER), RINGBUF_CORRUPT);
    EXPECT_EQ(open_code(memory, RINGBUF_AS_WRITER), RINGBUF_CORRUPT);
    EXPECT_EQ(memory.content(), std::string(65536, static_cast<char>(fill))) << "a refused call wrote";
  }
}

TEST(CapiRawMemory, GarbageIsNoHindranceToCreate) {
  const ringbuf_options_t o = options(8);
  Memory memory(size_of(o), 0xA5);
  Handle writer = make_raw(memory, o);
  Handle reader = open_raw(memory);
  EXPECT_EQ(info(reader).written, 0);
  EXPECT_EQ(info(reader).readers, 1U);
  EXPECT_EQ(info(reader).anchor_index, -1);
  EXPECT_EQ(info(reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
  ASSERT_EQ(put(writer, 2), RINGBUF_OK);
  expect_pops(reader, 0, 2);
}

TEST(CapiRawMemory, HasOneWriter) {
  NEEDS_START_TIMES();
  const ringbuf_options_t o = options(8, 1, RINGBUF_KEEP);
  Memory memory(size_of(o));
  Handle writer = make_raw(memory, o);
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);
  ringbuf_t* second = untouched();
  EXPECT_EQ(ringbuf_create_raw(&second, memory.at(), memory.bytes(), &o), RINGBUF_EXISTS);
  EXPECT_EQ(ringbuf_open_raw(&second, memory.at(), memory.bytes(), RINGBUF_AS_WRITER), RINGBUF_BUSY);
  EXPECT_EQ(second, untouched());
  ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  ASSERT_EQ(writer.close(), RINGBUF_OK);

  Handle next = open_raw(memory, RINGBUF_AS_WRITER);
  EXPECT_EQ(info(next).written, 4);
  EXPECT_EQ(info(next).generation, 2U);
  ASSERT_EQ(put(next, 1), RINGBUF_OK);
  Handle reader = open_raw(memory);
  expect_pops(reader, 0, 5);
}

TEST(CapiRawMemory, CreateReplacesAClosedRing) {
  const ringbuf_options_t o = options(8);
  Memory memory(size_of(o));
  Handle writer = make_raw(memory, o);
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);
  ASSERT_EQ(writer.close(), RINGBUF_OK);
  Handle anew = make_raw(memory, o);
  EXPECT_EQ(info(anew).written, 0);
  ASSERT_EQ(put(anew, 1), RINGBUF_OK);
  Handle reader = open_raw(memory);
  expect_pops(reader, 0, 1);
}

TEST(CapiRawMemory, AnObserverNeedsNoWritePermission) {
  const ringbuf_options_t o = options(8);
  Memory memory(size_of(o));
  Handle writer = make_raw(memory, o);
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);
  ASSERT_EQ(writer.close(), RINGBUF_OK);
  ASSERT_TRUE(memory.make_read_only());
  Handle reader = open_raw(memory, RINGBUF_OBSERVER);
  EXPECT_EQ(ringbuf_check(reader, 0, 3), RINGBUF_OK);
  EXPECT_EQ(ringbuf_wait(reader, 3, kForever), RINGBUF_OK);
  EXPECT_EQ(ringbuf_wait(reader, 4, kForever), RINGBUF_CLOSED);
  expect_pops(reader, 0, 3);
  EXPECT_EQ(pop_code(reader), RINGBUF_CLOSED);
  EXPECT_EQ(reader.close(), RINGBUF_OK);
}

TEST(CapiRawMemory, UnknownFlagsAreRefused) {
  const ringbuf_options_t o = options(8);
  Memory memory(size_of(o));
  Handle writer = make_raw(memory, o);
  EXPECT_EQ(open_code(memory, 64), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(open_code(memory, 0x40000000U), RINGBUF_INVALID_ARGUMENT);
}

}  // namespace
