// Who comes first: ringbuf_open_wait, and ringbuf_reopen. What takes other processes is in opening_children.cpp.
#include <algorithm>
#include <array>
#include <limits>
#include <thread>

#include "support.hpp"

namespace {

using namespace capi;

std::string last_error() { return ringbuf_last_error(); }
bool says(const std::string& text) { return last_error().find(text) != std::string::npos; }

int open_wait(Handle& ring, const Name& name, std::int64_t timeout_ns, std::uint32_t flags = 0) {
  return ringbuf_open_wait(ring.out(), name.c(), flags, timeout_ns);
}

// --- ringbuf_open_wait -----------------------------------------------------------------------------------------------

TEST(CapiOpenWait, ALiveRingIsOpenedAtOnce) {
  Name name;
  Handle writer = make(name.c(), options(8));
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);
  for (const std::int64_t timeout :
       {std::int64_t{0}, kMillisecond, kForever, std::numeric_limits<std::int64_t>::max()}) {
    Handle reader;
    ASSERT_EQ(open_wait(reader, name, timeout), RINGBUF_OK) << last_error();
    EXPECT_EQ(info(writer).readers, 1U);
    expect_pops(reader, 0, 3);
  }
  Handle newest;
  ASSERT_EQ(open_wait(newest, name, 0, RINGBUF_FROM_NEWEST | RINGBUF_OBSERVER | RINGBUF_LAZY), RINGBUF_OK);
  EXPECT_EQ(tell(newest), 3);
  EXPECT_EQ(info(writer).readers, 0U);
}

TEST(CapiOpenWait, TheTimeGivenPasses) {
  Name name;
  for (const std::int64_t timeout : {std::int64_t{0}, std::int64_t{1}, 3 * kMillisecond, 120 * kMillisecond}) {
    ringbuf_t* ring = untouched();
    EXPECT_EQ(ringbuf_open_wait(&ring, name.c(), 0, timeout), RINGBUF_TIMEOUT);
    EXPECT_EQ(ring, untouched());
    EXPECT_TRUE(says(name.text()) && says("none")) << last_error();
  }
  EXPECT_FALSE(name.is_there());
}

TEST(CapiOpenWait, ARingWithoutALivingWriterIsWaitedFor) {
  Name name;
  Handle writer = make(name.c(), options(8, 1, RINGBUF_KEEP));
  const Handle keeper = capi::open(name);  // without one the memory may go with the writer
  writer.close();
  for (const std::int64_t timeout : {std::int64_t{0}, 3 * kMillisecond}) {
    Handle reader;
    EXPECT_EQ(open_wait(reader, name, timeout), RINGBUF_TIMEOUT);
    EXPECT_TRUE(says("closed")) << last_error();
  }
}

TEST(CapiOpenWait, WhatIsRefusedIsRefusedAtOnce) {
  Name name;
  ringbuf_t* ring = untouched();
  const auto refused = [&](ringbuf_t** out, const char* of, std::uint32_t flags, const char* argument) {
    EXPECT_EQ(ringbuf_open_wait(out, of, flags, kForever), RINGBUF_INVALID_ARGUMENT) << argument;
    EXPECT_TRUE(says(argument)) << last_error();
    EXPECT_EQ(ring, untouched());
  };
  refused(nullptr, name.c(), 0, "ring");
  refused(&ring, nullptr, 0, "name");
  for (const char* bad : {"", ".dot", "no/name", "no name"}) refused(&ring, bad, 0, "name");
  refused(&ring, std::string(201, 'a').c_str(), 0, "name");
  for (const std::uint32_t flags :
       {static_cast<std::uint32_t>(RINGBUF_AS_WRITER), static_cast<std::uint32_t>(RINGBUF_ANY_SHAPE), 128U, 1U << 31}) {
    refused(&ring, name.c(), flags, "flags");
  }
  EXPECT_EQ(ringbuf_open(&ring, name.c(), RINGBUF_ANY_SHAPE), RINGBUF_INVALID_ARGUMENT);
}

TEST(CapiOpenWait, AFullTableIsToldAtOnce) {
  Name name;
  ringbuf_options_t o = options(8, 1, RINGBUF_LOSSLESS);
  o.max_readers = 1;
  Handle writer = make(name.c(), o);
  Handle first;
  ASSERT_EQ(open_wait(first, name, kForever), RINGBUF_OK);
  ringbuf_t* second = untouched();
  EXPECT_EQ(ringbuf_open_wait(&second, name.c(), 0, kForever), RINGBUF_TOO_MANY_READERS);
  EXPECT_EQ(second, untouched());
  first.close();
  ASSERT_EQ(open_wait(first, name, kForever), RINGBUF_OK);
}

TEST(CapiOpenWait, TheReaderMayComeFirst) {
  for (int round = 0; round < 20; ++round) {
    Name name;
    Handle reader;
    std::thread waiter([&] { ASSERT_EQ(open_wait(reader, name, kForever), RINGBUF_OK) << last_error(); });
    for (int i = 0; i < round; ++i) std::this_thread::yield();
    Handle writer = make(name.c(), options(8));
    waiter.join();
    ASSERT_EQ(put(writer, 2), RINGBUF_OK);
    expect_pops(reader, 0, 2);
  }
}

TEST(CapiOpenWait, ManyWaitForOne) {
  Name name;
  std::array<Handle, 6> readers;
  std::vector<std::thread> threads;
  for (Handle& each : readers) {
    threads.emplace_back([&] { ASSERT_EQ(open_wait(each, name, kForever), RINGBUF_OK) << last_error(); });
  }
  Handle writer = make(name.c(), options(8));
  EXPECT_EQ(ringbuf_wait_readers(writer, 6, kForever), RINGBUF_OK);
  for (std::thread& each : threads) each.join();
}

TEST(CapiOpenWait, AResumedRingEndsTheWait) {
  Name name;
  Handle writer = make(name.c(), options(8, 1, RINGBUF_KEEP));
  ASSERT_EQ(put(writer, 2), RINGBUF_OK);
  const Handle keeper = capi::open(name);
  writer.close();
  Handle reader;
  std::thread waiter([&] { ASSERT_EQ(open_wait(reader, name, kForever), RINGBUF_OK) << last_error(); });
  writer = resume(name);
  waiter.join();
  expect_pops(reader, 0, 2);
}

// --- ringbuf_reopen --------------------------------------------------------------------------------------------------

TEST(CapiReopen, OnALiveRingNothingChanges) {
  Pair ring(options(8, 4));
  ASSERT_EQ(put(ring.writer, 5), RINGBUF_OK);
  expect_pops(ring.reader, 0, 2);
  const void* before = nullptr;
  ASSERT_EQ(ringbuf_view(ring.reader, 2, 4, &before), RINGBUF_OK);
  EXPECT_EQ(ringbuf_reopen(ring.reader, RINGBUF_FROM_NEWEST, 0), RINGBUF_OK) << last_error();
  const void* after = nullptr;
  ASSERT_EQ(ringbuf_view(ring.reader, 2, 4, &after), RINGBUF_OK);
  EXPECT_EQ(after, before);
  expect_pops(ring.reader, 2, 3);
  EXPECT_EQ(info(ring.writer).readers, 1U);
}

TEST(CapiReopen, AResumedRingGoesOnWhereItWas) {
  for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_LOSSLESS)}) {
    Pair ring(options(8, 1, RINGBUF_KEEP | flags));
    ASSERT_EQ(put(ring.writer, 5), RINGBUF_OK);
    expect_pops(ring.reader, 0, 2);
    const void* window = nullptr;
    ASSERT_EQ(ringbuf_view(ring.reader, 2, 3, &window), RINGBUF_OK);
    ring.writer.close();
    EXPECT_EQ(ringbuf_reopen(ring.reader, 0, 0), RINGBUF_TIMEOUT);
    EXPECT_EQ(ringbuf_reopen(ring.reader, 0, 3 * kMillisecond), RINGBUF_TIMEOUT);
    ring.writer = resume(ring.name);
    ASSERT_EQ(ringbuf_reopen(ring.reader, RINGBUF_FROM_NEWEST, kForever), RINGBUF_OK) << last_error();
    EXPECT_EQ(tell(ring.reader), 2);
    EXPECT_EQ(ringbuf_wait(ring.reader, 6, 0), RINGBUF_TIMEOUT) << "no longer closed";
    EXPECT_EQ(copy(window, 1), numbers(2, 1));
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    expect_pops(ring.reader, 2, 4);
    EXPECT_EQ(info(ring.writer).readers, 1U);
  }
}

// An overrun reader of a ring that ends, and the next ring of that name.
TEST(CapiReopen, AnotherRingOfTheName) {
  for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_LOSSLESS)}) {
    Pair ring(options(8, 1, flags), RINGBUF_RESYNC_OLDEST);
    ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
    if (flags == 0) {
      ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
      EXPECT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
    }
    const ringbuf_info_t before = info(ring.reader);
    ring.writer.close();
    ring.writer = make(ring.name.c(), options(8, 1, flags));
    ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
    ASSERT_EQ(ringbuf_reopen(ring.reader, 0, 0), RINGBUF_OK) << last_error();
    const ringbuf_info_t after = info(ring.reader);
    EXPECT_EQ(after.position, 0);
    EXPECT_EQ(after.written, 4);
    EXPECT_EQ(after.state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
    EXPECT_EQ(after.readers, 1U) << "registered there";
    EXPECT_EQ(after.lost, flags == 0 ? 3U : 0U);
    EXPECT_EQ(after.lost, before.lost);
    EXPECT_EQ(after.overruns, before.overruns);
    expect_pops(ring.reader, 0, 4);
    if (flags == 0) {
      ASSERT_EQ(put(ring.writer, 9), RINGBUF_OK);
      EXPECT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
      EXPECT_GT(info(ring.reader).lost, before.lost);
      EXPECT_EQ(info(ring.reader).overruns, before.overruns + 1);
    } else {
      ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
      EXPECT_EQ(put(ring.writer, 1), RINGBUF_FULL) << "it holds the writer of the new ring back";
      expect_pops(ring.reader, 4, 8);
    }
  }
}

TEST(CapiReopen, TheFlagsAreThoseOfTheNewRing) {
  Pair ring(options(8, 1, RINGBUF_LOSSLESS));
  ring.writer.close();
  ring.writer = make(ring.name.c(), options(8, 1, RINGBUF_LOSSLESS));
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  ASSERT_EQ(ringbuf_reopen(ring.reader, RINGBUF_FROM_NEWEST | RINGBUF_OBSERVER | RINGBUF_RESYNC_LAP, 0), RINGBUF_OK);
  EXPECT_EQ(tell(ring.reader), 4);
  EXPECT_EQ(info(ring.writer).readers, 0U);
  for (int i = 0; i < 2; ++i) ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK) << "an observer does not hold it back";
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(tell(ring.reader), 12);
}

TEST(CapiReopen, AnotherShapeTakesAFlag) {
  const struct {
    const char* field;
    void (*change)(ringbuf_options_t&);
  } cases[] = {
      {"data_type", [](ringbuf_options_t& o) { o.data_type = RINGBUF_UINT32; }},
      {"channels", [](ringbuf_options_t& o) { o.channels = 2; }},
      {"capacity", [](ringbuf_options_t& o) { o.capacity = 9; }},
      {"window", [](ringbuf_options_t& o) { o.window = 3; }},
      {"RINGBUF_LOSSLESS", [](ringbuf_options_t& o) { o.flags |= RINGBUF_LOSSLESS; }},
  };
  for (const auto& each : cases) {
    Pair ring(options(8, 2));
    ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
    expect_pops(ring.reader, 0, 1);
    ring.writer.close();
    ringbuf_options_t o = options(8, 2);
    each.change(o);
    ring.writer = make(ring.name.c(), o);
    const std::array<std::int32_t, 4> samples = {7, 8, 9, 10};
    ASSERT_EQ(ringbuf_put(ring.writer, samples.data(), 2), RINGBUF_OK);
    EXPECT_EQ(ringbuf_reopen(ring.reader, 0, kForever), RINGBUF_INCOMPATIBLE) << each.field;
    EXPECT_TRUE(says(each.field)) << last_error();
    EXPECT_EQ(info(ring.writer).readers, 0U) << each.field;
    // The handle is as before: it still has what is left of the old ring.
    expect_pops(ring.reader, 1, 2);
    EXPECT_EQ(pop_code(ring.reader), RINGBUF_CLOSED);
    ASSERT_EQ(ringbuf_reopen(ring.reader, RINGBUF_ANY_SHAPE, 0), RINGBUF_OK) << last_error();
    const ringbuf_info_t there = info(ring.reader);
    EXPECT_EQ(there.channels, o.channels);
    EXPECT_EQ(there.capacity, o.capacity);
    EXPECT_EQ(there.window, o.window);
    std::array<std::int32_t, 2> item = {};
    ASSERT_EQ(ringbuf_pop(ring.reader, item.data()), RINGBUF_OK);
    EXPECT_EQ(item[0], 7);
  }
}

TEST(CapiReopen, OpaqueItemsOfAnotherSizeAreAnotherShape) {
  Name name;
  ringbuf_options_t o = options(8, 1, 0, RINGBUF_BYTES);
  o.item_size = 12;
  Handle writer = make(name.c(), o);
  Handle reader = capi::open(name);
  writer.close();
  o.item_size = 16;
  writer = make(name.c(), o);
  EXPECT_EQ(ringbuf_reopen(reader, 0, kForever), RINGBUF_INCOMPATIBLE);
  EXPECT_TRUE(says("item_size")) << last_error();
  EXPECT_EQ(ringbuf_reopen(reader, RINGBUF_ANY_SHAPE, kForever), RINGBUF_OK);
}

TEST(CapiReopen, AFailureLeavesTheHandleAsItWas) {
  Name name;
  ringbuf_options_t o = options(8, 1, RINGBUF_LOSSLESS);
  o.max_readers = 1;
  Handle writer = make(name.c(), o);
  Handle reader = capi::open(name);
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);
  expect_pops(reader, 0, 1);
  writer.close();
  EXPECT_EQ(ringbuf_reopen(reader, 0, 0), RINGBUF_TIMEOUT);
  writer = make(name.c(), o);
  Handle other = capi::open(name);
  EXPECT_EQ(ringbuf_reopen(reader, 0, kForever), RINGBUF_TOO_MANY_READERS);
  const void* window = nullptr;
  ASSERT_EQ(ringbuf_view(reader, 1, 2, &window), RINGBUF_OK);
  EXPECT_EQ(copy(window, 1), numbers(1, 1));
  expect_pops(reader, 1, 2);
  EXPECT_EQ(pop_code(reader), RINGBUF_CLOSED);
  other.close();
  ASSERT_EQ(ringbuf_reopen(reader, 0, kForever), RINGBUF_OK) << last_error();
  ASSERT_EQ(put(writer, 2), RINGBUF_OK);
  expect_pops(reader, 0, 2);
}

TEST(CapiReopen, WhoMayAndWhoMayNot) {
  Name name;
  EXPECT_EQ(ringbuf_reopen(nullptr, 0, kForever), RINGBUF_NOT_INITIALIZED);
  Handle writer = make(name.c(), options(8));
  EXPECT_EQ(ringbuf_reopen(writer, 0, kForever), RINGBUF_UNSUPPORTED);
  EXPECT_TRUE(says("writer")) << last_error();
  Handle reader = capi::open(name);
  for (const std::uint32_t flags : {static_cast<std::uint32_t>(RINGBUF_AS_WRITER), 128U, 1U << 31}) {
    EXPECT_EQ(ringbuf_reopen(reader, flags, kForever), RINGBUF_INVALID_ARGUMENT);
    EXPECT_TRUE(says("flags")) << last_error();
  }
  Handle anonymous = make(nullptr, options(8));
  for (ringbuf_t* each : {static_cast<ringbuf_t*>(writer), static_cast<ringbuf_t*>(anonymous)}) {
    intptr_t fd = -1;
    ASSERT_EQ(ringbuf_fd(each, &fd), RINGBUF_OK) << last_error();
    Handle by_fd;
    ASSERT_EQ(ringbuf_open_fd(by_fd.out(), fd, 0), RINGBUF_OK) << last_error();
    EXPECT_EQ(ringbuf_reopen(by_fd, 0, kForever), RINGBUF_UNSUPPORTED);
    EXPECT_TRUE(says("name")) << last_error();
  }
  alignas(64) static std::array<char, 1 << 16> memory;
  const ringbuf_options_t o = options(8);
  Handle raw_writer, raw_reader;
  ASSERT_EQ(ringbuf_create_raw(raw_writer.out(), memory.data(), memory.size(), &o), RINGBUF_OK) << last_error();
  ASSERT_EQ(ringbuf_open_raw(raw_reader.out(), memory.data(), memory.size(), 0), RINGBUF_OK) << last_error();
  EXPECT_EQ(ringbuf_reopen(raw_reader, 0, kForever), RINGBUF_UNSUPPORTED);
}

TEST(CapiReopen, AnInterruptEndsTheWaitAndChangesNothing) {
  Pair ring(options(8));
  ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);
  ring.writer.close();
  ASSERT_EQ(ringbuf_interrupt(ring.reader), RINGBUF_OK);
  EXPECT_EQ(ringbuf_reopen(ring.reader, 0, 0), RINGBUF_TIMEOUT) << "it takes no notice of one";
  EXPECT_EQ(ringbuf_reopen(ring.reader, 0, kForever), RINGBUF_INTERRUPTED);
  std::thread other([&] { (void)ringbuf_interrupt(ring.reader); });
  EXPECT_EQ(ringbuf_reopen(ring.reader, 0, kForever), RINGBUF_INTERRUPTED);
  other.join();
  expect_pops(ring.reader, 0, 2);
}

// Interrupts that come while the ring of the handle is exchanged.
TEST(CapiReopen, InterruptsBesideIt) {
  Pair ring(options(8));
  std::atomic<bool> done{false};
  std::thread other([&] {
    while (!done.load()) (void)ringbuf_interrupt(ring.reader);
  });
  for (int round = 0; round < 200; ++round) {
    ring.writer.close();
    ring.writer = make(ring.name.c(), options(8));
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    ASSERT_EQ(ringbuf_reopen(ring.reader, 0, 0), RINGBUF_OK) << last_error();
    expect_pops(ring.reader, 0, 1);
  }
  done = true;
  other.join();
}

}  // namespace
