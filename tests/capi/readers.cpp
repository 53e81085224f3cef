// Who is there: ringbuf_readers, ringbuf_wait_readers, and ringbuf_create_or_resume, which does not care who was.
#include <thread>

#include "process.hpp"

namespace {

using namespace capi;

int collect(const ringbuf_reader_info_t* reader, void* user) {
  EXPECT_EQ(reader->struct_size, sizeof *reader);
  static_cast<std::vector<ringbuf_reader_info_t>*>(user)->push_back(*reader);
  return 0;
}

std::vector<ringbuf_reader_info_t> readers(ringbuf_t* ring) {
  std::vector<ringbuf_reader_info_t> found;
  EXPECT_EQ(ringbuf_readers(ring, collect, &found), RINGBUF_OK) << ringbuf_last_error();
  return found;
}

TEST(CapiReaders, SaysWhereEachIs) {
  for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_LOSSLESS)}) {
    Pair ring(options(8, 1, flags), RINGBUF_RESYNC_OLDEST);
    Handle observer = capi::open(ring.name, RINGBUF_OBSERVER);
    ASSERT_EQ(put(ring.writer, 6), RINGBUF_OK);
    expect_pops(ring.reader, 0, 4);
    for (ringbuf_t* asker : {static_cast<ringbuf_t*>(ring.writer), static_cast<ringbuf_t*>(ring.reader)}) {
      const auto found = readers(asker);
      ASSERT_EQ(found.size(), 1U);
      EXPECT_EQ(found[0].process_id, static_cast<std::uint32_t>(::getpid()));
      EXPECT_EQ(found[0].position, 4);
      EXPECT_EQ(found[0].lag, 2U);
      EXPECT_EQ(found[0].lost, 0U);
      EXPECT_EQ(found[0].overruns, 0U);
      EXPECT_EQ(found[0].holds_back, flags != 0 ? 1U : 0U);
    }
  }
}

TEST(CapiReaders, SaysWhatEachHasLost) {
  Pair ring(options(8), RINGBUF_RESYNC_OLDEST);
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 5), RINGBUF_OK);
  EXPECT_EQ(readers(ring.writer)[0].lag, 13U) << "more than there is: it is about to lose some";
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
  const auto found = readers(ring.writer);
  EXPECT_EQ(found[0].lost, 5U);
  EXPECT_EQ(found[0].overruns, 1U);
  EXPECT_EQ(found[0].position, 5);
}

TEST(CapiReaders, EndsWhenTheVisitorSaysSo) {
  Pair ring(options(8));
  Handle other = capi::open(ring.name);
  EXPECT_EQ(readers(ring.writer).size(), 2U);
  int visits = 0;
  const auto one = [](const ringbuf_reader_info_t*, void* user) { return ++*static_cast<int*>(user); };
  EXPECT_EQ(ringbuf_readers(ring.writer, one, &visits), RINGBUF_OK);
  EXPECT_EQ(visits, 1);
}

TEST(CapiReaders, TheDeadAreNotAmongThem) {
#ifdef RINGBUF_TEST_PORTABLE
  GTEST_SKIP() << "only Linux tells which process it is, in which namespace";
#endif
  NEEDS_START_TIMES();
  Pair ring(options(8));
  Child reader([&](Line line) {
    ringbuf_t* other = nullptr;
    line.say(ringbuf_open(&other, ring.name.c(), 0));
    line.hold();
    return 0;
  });
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  const auto both = readers(ring.writer);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].process_id + both[1].process_id, static_cast<std::uint32_t>(::getpid() + reader.pid()));
  reader.kill();
  EXPECT_EQ(readers(ring.writer).size(), 1U);
}

TEST(CapiReaders, TheWriterIsKnownToo) {
#ifdef RINGBUF_TEST_PORTABLE
  GTEST_SKIP() << "only Linux tells which process it is, in which namespace";
#endif
  NEEDS_START_TIMES();
  Name name;
  Child writer([&](Line line) {
    Handle ring = make(name.c(), options(4));
    line.say(static_cast<std::uint32_t>(::getpid()) +
             (info(ring).writer_pid == static_cast<std::uint32_t>(::getpid()) ? 0U : 1U));
    line.hold();
    return 0;
  });
  const auto pid = writer.hear<std::uint32_t>();
  EXPECT_EQ(pid, static_cast<std::uint32_t>(writer.pid()));
  Handle reader = capi::open(name);
  EXPECT_EQ(info(reader).writer_pid, pid);
  const ringbuf_info_t i = info(reader);
  void* raw = nullptr;
  std::size_t bytes = 0;
  ASSERT_EQ(ringbuf_raw(reader, &raw, &bytes), RINGBUF_OK);
  EXPECT_EQ(i.data_offset % 4096, 0U);
  EXPECT_LE(i.data_offset + i.buf_size_bytes + i.pocket_size_bytes, bytes);
  writer.kill();
  EXPECT_EQ(info(reader).writer_pid, 0U);
  Handle resumed = resume(name);
  EXPECT_EQ(info(reader).writer_pid, static_cast<std::uint32_t>(::getpid()));
}

// --- ringbuf_wait_readers --------------------------------------------------------------------------------------------

TEST(CapiWaitReaders, AtOnceOrNot) {
  for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_LOSSLESS)}) {
    Name name;
    ringbuf_options_t o = options(4, 1, flags);
    o.max_readers = 2;
    Handle writer = make(name.c(), o);
    EXPECT_EQ(ringbuf_wait_readers(writer, 0, kForever), RINGBUF_OK);
    EXPECT_EQ(ringbuf_wait_readers(writer, 1, 0), RINGBUF_TIMEOUT);
    EXPECT_EQ(ringbuf_wait_readers(writer, 1, kMillisecond), RINGBUF_TIMEOUT);
    EXPECT_EQ(ringbuf_wait_readers(writer, 3, kForever), RINGBUF_INVALID_ARGUMENT);
    Handle observer = capi::open(name, RINGBUF_OBSERVER);
    EXPECT_EQ(ringbuf_wait_readers(writer, 1, 0), RINGBUF_TIMEOUT);
    Handle reader = capi::open(name);
    EXPECT_EQ(ringbuf_wait_readers(writer, 1, kForever), RINGBUF_OK);
    EXPECT_EQ(ringbuf_wait_readers(reader, 1, 0), RINGBUF_WRITE_FORBIDDEN);
    reader.close();
    EXPECT_EQ(ringbuf_wait_readers(writer, 1, 0), RINGBUF_TIMEOUT);
  }
}

TEST(CapiWaitReaders, EndsWhenTheLastOneComes) {
  for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_LOSSLESS)}) {
    Name name;
    Handle writer = make(name.c(), options(4, 1, flags));
    const pid_t self = ::getpid();
    Handle first, second;
    std::thread opener([&] {
      await_sleep(self);
      first = capi::open(name);
      second = capi::open(name);
    });
    EXPECT_EQ(ringbuf_wait_readers(writer, 2, kForever), RINGBUF_OK);
    opener.join();
    // Nothing is left of the waiting: the writer waits for room as ever.
    ASSERT_EQ(put(writer, 4), RINGBUF_OK);
    EXPECT_EQ(put(writer, 1), flags != 0 ? RINGBUF_FULL : RINGBUF_OK);
  }
}

TEST(CapiWaitReaders, TheDeadDoNotCount) {
  Name name;
  Handle writer = make(name.c(), options(4));
  Child reader([&](Line line) {
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_open(&ring, name.c(), 0));
    line.hold();
    return 0;
  });
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  EXPECT_EQ(ringbuf_wait_readers(writer, 1, kForever), RINGBUF_OK);
  reader.kill();
  EXPECT_EQ(ringbuf_wait_readers(writer, 1, 0), RINGBUF_TIMEOUT);
}

// --- ringbuf_create_or_resume ----------------------------------------------------------------------------------------

int create_or_resume(Handle& ring, const Name& name, const ringbuf_options_t& o) {
  return ringbuf_create_or_resume(ring.out(), name.c(), &o);
}

TEST(CapiCreateOrResume, CreatesThenResumes) {
  Name name;
  ringbuf_options_t o = options(8, 1, RINGBUF_KEEP);
  Handle ring;
  ASSERT_EQ(create_or_resume(ring, name, o), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(info(ring).generation, 1U);
  ASSERT_EQ(put(ring, 5), RINGBUF_OK);
  Handle second;
  EXPECT_EQ(create_or_resume(second, name, o), RINGBUF_BUSY);
  ring.close();
  o.flags = 0;  // not compared: the ring that is there keeps its own
  o.sample_rate = 5;
  ASSERT_EQ(create_or_resume(ring, name, o), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(info(ring).generation, 2U);
  EXPECT_EQ(info(ring).written, 5);
  EXPECT_EQ(info(ring).flags, static_cast<std::uint32_t>(RINGBUF_KEEP));
  ring.close();
  EXPECT_TRUE(name.is_there());
}

TEST(CapiCreateOrResume, TakesOverFromTheDead) {
  Name name;
  const ringbuf_options_t o = options(8);
  Child writer([&](Line line) {
    Handle ring;
    line.say(create_or_resume(ring, name, o));
    line.say(put(ring, 3));
    line.hold();
    return 0;
  });
  ASSERT_EQ(writer.hear<int>(), RINGBUF_OK);
  ASSERT_EQ(writer.hear<int>(), RINGBUF_OK);
  Handle reader = capi::open(name);
  writer.kill();
  Handle ring;
  ASSERT_EQ(create_or_resume(ring, name, o), RINGBUF_OK);
  EXPECT_EQ(info(ring).generation, 2U);
  expect_pops(reader, 0, 3);
  EXPECT_EQ(pop_code(reader), RINGBUF_EMPTY);
}

TEST(CapiCreateOrResume, AnotherShapeIsRefusedAndNothingChanges) {
  const struct {
    const char* field;
    void (*change)(ringbuf_options_t&);
  } cases[] = {
      {"data_type is int32", [](ringbuf_options_t& o) { o.data_type = RINGBUF_UINT32; }},
      {"channels is 1", [](ringbuf_options_t& o) { o.channels = 2; }},
      {"capacity is 8", [](ringbuf_options_t& o) { o.capacity = 9; }},
      {"window is 2", [](ringbuf_options_t& o) { o.window = 3; }},
      {"window is 2", [](ringbuf_options_t& o) { o.window = 0; }},
      {"RINGBUF_LOSSLESS of flags is 0", [](ringbuf_options_t& o) { o.flags |= RINGBUF_LOSSLESS; }},
  };
  Name name;
  const ringbuf_options_t there = options(8, 2, RINGBUF_KEEP);
  Handle ring = make(name.c(), there);
  ASSERT_EQ(put(ring, 5), RINGBUF_OK);
  ring.close();
  const std::string before = read_file(path(name));
  for (const auto& each : cases) {
    ringbuf_options_t o = there;
    each.change(o);
    ringbuf_t* refused = untouched();
    EXPECT_EQ(ringbuf_create_or_resume(&refused, name.c(), &o), RINGBUF_INCOMPATIBLE) << each.field;
    EXPECT_NE(std::string(ringbuf_last_error()).find(each.field), std::string::npos) << ringbuf_last_error();
    EXPECT_EQ(refused, untouched());
    EXPECT_TRUE(read_file(path(name)) == before) << each.field;
  }
  ASSERT_EQ(create_or_resume(ring, name, there), RINGBUF_OK) << ringbuf_last_error();
}

TEST(CapiCreateOrResume, OpaqueItemsOfAnotherSizeAreRefused) {
  Name name;
  ringbuf_options_t o = options(8, 1, RINGBUF_KEEP, RINGBUF_BYTES);
  o.item_size = 12;
  Handle ring = make(name.c(), o);
  ring.close();
  o.item_size = 16;
  EXPECT_EQ(create_or_resume(ring, name, o), RINGBUF_INCOMPATIBLE);
  EXPECT_NE(std::string(ringbuf_last_error()).find("item_size is 12"), std::string::npos) << ringbuf_last_error();
}

TEST(CapiCreateOrResume, WhatItCannotUseItRefuses) {
  Name name;
  ringbuf_t* ring = untouched();
  ringbuf_options_t o = options(8);
  EXPECT_EQ(ringbuf_create_or_resume(&ring, nullptr, &o), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_create_or_resume(&ring, "no/name", &o), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_create_or_resume(nullptr, name.c(), &o), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_create_or_resume(&ring, name.c(), nullptr), RINGBUF_INVALID_ARGUMENT);
  o.capacity = 0;
  EXPECT_EQ(ringbuf_create_or_resume(&ring, name.c(), &o), RINGBUF_INVALID_ARGUMENT);
  EXPECT_FALSE(name.is_there());
  write_file(path(name), std::string(5000, 'x'));
  o.capacity = 8;
  EXPECT_EQ(ringbuf_create_or_resume(&ring, name.c(), &o), RINGBUF_CORRUPT);
  EXPECT_EQ(ring, untouched());
}

// --- RINGBUF_LAZY ----------------------------------------------------------------------------------------------------

// Pages of this process in memory that it shares with others.
std::size_t shared_pages() {
  std::istringstream statm(read_file("/proc/self/statm"));
  std::size_t size = 0, resident = 0, shared = 0;
  statm >> size >> resident >> shared;
  return shared;
}

TEST(CapiLazy, MapsPagesAsTheyAreUsed) {
  Name name;
  Child writer([&](Line line) {
    Handle ring = make(name.c(), options(16 << 20));  // 64 MiB
    line.say(put(ring, 100));
    line.hold();
    return 0;
  });
  ASSERT_EQ(writer.hear<int>(), RINGBUF_OK);
  const std::size_t none = shared_pages();
  Handle lazy = capi::open(name, RINGBUF_LAZY);
  EXPECT_LT(shared_pages(), none + 1024) << "of 16384";
  expect_pops(lazy, 0, 100);
  lazy.close();
  Handle eager = capi::open(name);
  if (shared_pages() < none + 8192) {
    GTEST_SKIP() << "this kernel does not make pages present";
  }
}

}  // namespace
