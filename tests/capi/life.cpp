// The life of a named ring: create, open, resume, close, unlink, replaced by a newer one. Its file is in file.cpp, the
// death of processes in death.cpp.
#include "support.hpp"

namespace {

using namespace capi;

int open_code(const Name& name, std::uint32_t flags = 0) {
  ringbuf_t* ring = untouched();
  const int code = ringbuf_open(&ring, name.c(), flags);
  if (code == RINGBUF_OK) {
    ringbuf_close(ring);
  } else {
    EXPECT_EQ(ring, untouched());
  }
  return code;
}

int resume_code(const Name& name) {
  ringbuf_t* ring = untouched();
  const int code = ringbuf_resume(&ring, name.c());
  if (code == RINGBUF_OK) {
    ringbuf_close(ring);
  } else {
    EXPECT_EQ(ring, untouched());
  }
  return code;
}

TEST(CapiLife, AnUnknownFlagIsRefused) {
  Name name;
  Handle writer = make(name.c(), options(4));
  EXPECT_EQ(open_code(name, 64), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(open_code(name, 0x80000000U), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(open_code(name, RINGBUF_OBSERVER | 128U), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(open_code(name, RINGBUF_AS_WRITER), RINGBUF_INVALID_ARGUMENT);  // not by name: that is ringbuf_resume
  EXPECT_EQ(info(writer).readers, 0U);
}

TEST(CapiLife, ALiveNameIsTaken) {
  Name name;
  Handle writer = make(name.c(), options(4));
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);
  const ringbuf_options_t other = options(64);
  ringbuf_t* second = untouched();
  EXPECT_EQ(ringbuf_create(&second, name.c(), &other), RINGBUF_EXISTS);
  EXPECT_EQ(second, untouched());
  EXPECT_EQ(info(writer).capacity, 4U);
  EXPECT_EQ(info(writer).state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
  Handle reader = capi::open(name);
  expect_pops(reader, 0, 3);
  ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  expect_pops(reader, 3, 1);
}

TEST(CapiLife, ALiveRingCannotBeResumed) {
  Name name;
  Handle writer = make(name.c(), options(4));
  EXPECT_EQ(resume_code(name), RINGBUF_BUSY);
  EXPECT_EQ(info(writer).generation, 1U);
  EXPECT_EQ(put(writer, 1), RINGBUF_OK);
}

TEST(CapiLife, OpeningAndClosingReadersRemovesNothing) {
  Name name;
  Handle writer = make(name.c(), options(4));
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(open_code(name), RINGBUF_OK);
    EXPECT_EQ(open_code(name, RINGBUF_OBSERVER), RINGBUF_OK);
  }
  EXPECT_TRUE(name.is_there());
  EXPECT_EQ(info(writer).readers, 0U);
  EXPECT_EQ(resume_code(name), RINGBUF_BUSY);
}

TEST(CapiLife, CloseRemovesTheName) {
  Name name;
  Handle writer = make(name.c(), options(4));
  EXPECT_TRUE(name.is_there());
  EXPECT_EQ(writer.close(), RINGBUF_OK);
  EXPECT_FALSE(name.is_there());
  EXPECT_FALSE(is_listed(name.text()));
  EXPECT_EQ(open_code(name), RINGBUF_NOT_FOUND);
  EXPECT_EQ(resume_code(name), RINGBUF_NOT_FOUND);
}

TEST(CapiLife, TheNameCanBeUsedAgain) {
  Name name;
  for (std::uint64_t capacity = 1; capacity <= 20; ++capacity) {
    Handle writer = make(name.c(), options(capacity));
    Handle reader = capi::open(name);
    EXPECT_EQ(info(reader).capacity, capacity);
    ASSERT_EQ(put(writer, 1), RINGBUF_OK);
    expect_pops(reader, 0, 1);
  }
}

TEST(CapiLife, ReadersDrainAClosedRing) {
  Name name;
  Handle writer = make(name.c(), options(4));
  Handle reader = capi::open(name);
  ASSERT_EQ(put(writer, 4), RINGBUF_OK);
  EXPECT_EQ(writer.close(), RINGBUF_OK);
  EXPECT_EQ(info(reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_CLOSED));
  expect_pops(reader, 0, 4);
  EXPECT_EQ(pop_code(reader), RINGBUF_CLOSED);
}

TEST(CapiLife, KeepKeepsTheName) {
  Name name;
  Handle writer = make(name.c(), options(4, 1, RINGBUF_KEEP));
  ASSERT_EQ(put(writer, 6), RINGBUF_OK);
  const Handle keeper = capi::open(name, RINGBUF_OBSERVER);  // without one the memory may go with the writer
  EXPECT_EQ(writer.close(), RINGBUF_OK);
  EXPECT_TRUE(name.is_there());
  EXPECT_TRUE(is_listed(name.text()));
  Handle reader = capi::open(name);
  EXPECT_EQ(info(reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_CLOSED));
  EXPECT_EQ(info(reader).written, 6);
  expect_pops(reader, 2, 4);
  EXPECT_EQ(pop_code(reader), RINGBUF_CLOSED);
  EXPECT_EQ(reader.close(), RINGBUF_OK);
  EXPECT_TRUE(name.is_there()) << "a reader removes nothing";
}

TEST(CapiLife, ResumeGoesOnAndLosesNothing) {
  Name name;
  Handle writer = make(name.c(), options(8, 3, RINGBUF_KEEP));
  ASSERT_EQ(put(writer, 8), RINGBUF_OK);
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);  // 3 .. 11
  ASSERT_EQ(ringbuf_set_metadata(writer, "units", 5), RINGBUF_OK);
  Handle reader = capi::open(name);
  ASSERT_EQ(ringbuf_seek(reader, 3), RINGBUF_OK);
  expect_pops(reader, 3, 2);
  EXPECT_EQ(writer.close(), RINGBUF_OK);

  writer = resume(name);
  const ringbuf_info_t i = info(writer);
  EXPECT_EQ(i.written, 11);
  EXPECT_EQ(i.oldest, 3);
  EXPECT_EQ(i.generation, 2U);
  EXPECT_EQ(i.state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
  EXPECT_EQ(i.flags, static_cast<std::uint32_t>(RINGBUF_KEEP));
  EXPECT_EQ(info(reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
  expect_pops(reader, 5, 6);
  EXPECT_EQ(pop_code(reader), RINGBUF_EMPTY) << "the stream goes on";
  ASSERT_EQ(put(writer, 2), RINGBUF_OK);
  expect_pops(reader, 11, 2);
  EXPECT_EQ(ringbuf_check(reader, 5, 13), RINGBUF_OK);
  std::int32_t room[8];
  ASSERT_EQ(ringbuf_read(reader, 5, 13, room), RINGBUF_OK);
  EXPECT_EQ(copy(room, 8), numbers(5, 8));
  char metadata[16] = {};
  std::size_t size = 0;
  ASSERT_EQ(ringbuf_metadata(writer, metadata, sizeof metadata, &size), RINGBUF_OK);
  EXPECT_EQ(std::string(metadata, size), "units");
  EXPECT_EQ(resume_code(name), RINGBUF_BUSY);

  EXPECT_EQ(writer.close(), RINGBUF_OK);
  EXPECT_TRUE(name.is_there()) << "KEEP is the ring's";
  EXPECT_EQ(pop_code(reader), RINGBUF_CLOSED);
}

TEST(CapiLife, ResumeManyTimes) {
  Name name;
  Handle writer = make(name.c(), options(4, 1, RINGBUF_KEEP));
  const Handle keeper = capi::open(name);
  writer.close();
  for (std::int64_t round = 0; round < 30; ++round) {
    writer = resume(name);
    EXPECT_EQ(info(writer).written, round);
    EXPECT_EQ(info(writer).generation, static_cast<std::uint64_t>(round + 2));
    ASSERT_EQ(put(writer, 1), RINGBUF_OK);
    ASSERT_EQ(writer.close(), RINGBUF_OK);
  }
  Handle reader = capi::open(name);
  expect_pops(reader, 26, 4);
}

TEST(CapiLife, CreateReplacesAKeptRing) {
  Name name;
  Handle old_writer = make(name.c(), options(4, 1, RINGBUF_KEEP));
  ASSERT_EQ(put(old_writer, 2), RINGBUF_OK);
  Handle old_reader = capi::open(name);
  EXPECT_EQ(old_writer.close(), RINGBUF_OK);

  Handle writer = make(name.c(), options(16));
  Handle reader = capi::open(name);
  EXPECT_EQ(info(reader).capacity, 16U);
  EXPECT_EQ(info(reader).written, 0);
  EXPECT_EQ(info(reader).generation, 1U);
  ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  expect_pops(reader, 0, 1);

  expect_pops(old_reader, 0, 2);
  EXPECT_EQ(pop_code(old_reader), RINGBUF_STALE) << "told to open the new one";
  EXPECT_EQ(ringbuf_wait(old_reader, 3, kForever), RINGBUF_STALE);
  EXPECT_EQ(info(old_reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_SUPERSEDED));
}

// --- unlink --------------------------------------------------------------------------------------------------------------

TEST(CapiUnlink, WhoHasItOpenKeepsIt) {
  Pair ring(options(4));
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  EXPECT_EQ(ringbuf_unlink(ring.name.c()), RINGBUF_OK);
  EXPECT_FALSE(ring.name.is_there());
  EXPECT_EQ(open_code(ring.name), RINGBUF_NOT_FOUND);
  EXPECT_EQ(ringbuf_unlink(ring.name.c()), RINGBUF_NOT_FOUND);
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  expect_pops(ring.reader, 0, 2);
}

TEST(CapiUnlink, RemovesAKeptRing) {
  Name name;
  Handle writer = make(name.c(), options(4, 1, RINGBUF_KEEP));
  const Handle keeper = capi::open(name);
  writer.close();
  EXPECT_TRUE(name.is_there());
  EXPECT_EQ(ringbuf_unlink(name.c()), RINGBUF_OK);
  EXPECT_FALSE(name.is_there());
}

TEST(CapiUnlink, ReadersOfARingWhoseNameIsAnothersAreTold) {
  Pair old(options(4));
  ASSERT_EQ(put(old.writer, 1), RINGBUF_OK);
  EXPECT_EQ(ringbuf_unlink(old.name.c()), RINGBUF_OK);
  Handle writer = make(old.name.c(), options(8));
  expect_pops(old.reader, 0, 1);
  EXPECT_EQ(ringbuf_wait(old.reader, 2, kForever), RINGBUF_STALE);
  Handle reader = capi::open(old.name);
  EXPECT_EQ(ringbuf_wait(reader, 1, 0), RINGBUF_TIMEOUT);
}

TEST(CapiUnlink, CloseRemovesOnlyItsOwnRing) {
  Name name;
  Handle first = make(name.c(), options(4));
  EXPECT_EQ(ringbuf_unlink(name.c()), RINGBUF_OK);
  Handle second = make(name.c(), options(8));
  EXPECT_EQ(first.close(), RINGBUF_OK);
  EXPECT_TRUE(name.is_there()) << "the name belonged to the second ring by then";
  Handle reader = capi::open(name);
  EXPECT_EQ(info(reader).capacity, 8U);
  ASSERT_EQ(put(second, 1), RINGBUF_OK);
  expect_pops(reader, 0, 1);
}

TEST(CapiClose, NullIsFine) { EXPECT_EQ(ringbuf_close(nullptr), RINGBUF_OK); }

}  // namespace
