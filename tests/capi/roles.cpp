// Who may do what: a reader may not write, a writer may not consume, both may read by index.
#include "support.hpp"

namespace {

using namespace capi;

std::int32_t item = 5;
std::int32_t room[8];
std::uint64_t count = 0;
std::int64_t position = 0;
std::size_t size = 0;
void* place = nullptr;
const void* samples = nullptr;

struct Call {
  const char* name;
  int (*call)(ringbuf_t*);
};

const Call kWriting[] = {
    {"put", [](ringbuf_t* r) { return ringbuf_put(r, &item, 1); }},
    {"push", [](ringbuf_t* r) { return ringbuf_push(r, &item); }},
    {"reserve", [](ringbuf_t* r) { return ringbuf_reserve(r, 1, &place); }},
    {"commit", [](ringbuf_t* r) { return ringbuf_commit(r, 1); }},
    {"commit nothing", [](ringbuf_t* r) { return ringbuf_commit(r, 0); }},
    {"send", [](ringbuf_t* r) { return ringbuf_send(r, &item, 1); }},
    {"send_event", [](ringbuf_t* r) { return ringbuf_send_event(r, 1, 2, &item, 1); }},
    {"skip", [](ringbuf_t* r) { return ringbuf_skip(r, 1); }},
    {"stamp", [](ringbuf_t* r) { return ringbuf_stamp(r, 0, 0, 0); }},
    {"space", [](ringbuf_t* r) { return ringbuf_space(r, &count); }},
    {"wait_space", [](ringbuf_t* r) { return ringbuf_wait_space(r, 1, 0); }},
    {"wait_readers", [](ringbuf_t* r) { return ringbuf_wait_readers(r, 1, 0); }},
    {"set_metadata", [](ringbuf_t* r) { return ringbuf_set_metadata(r, "x", 1); }},
};

const Call kConsuming[] = {
    {"next", [](ringbuf_t* r) { return ringbuf_next(r, 1, 1, 0, &samples, &position); }},
    {"next_copy", [](ringbuf_t* r) { return ringbuf_next_copy(r, 1, 1, 0, room, &position); }},
    {"pop", [](ringbuf_t* r) { return ringbuf_pop(r, room); }},
    {"pop_many", [](ringbuf_t* r) { return ringbuf_pop_many(r, room, 2, &count); }},
    {"receive", [](ringbuf_t* r) { return ringbuf_receive(r, 0, &samples, &size, &position); }},
    {"usage", [](ringbuf_t* r) { return ringbuf_usage(r, &count); }},
    {"tell", [](ringbuf_t* r) { return ringbuf_tell(r, &position); }},
    {"seek", [](ringbuf_t* r) { return ringbuf_seek(r, 0); }},
};

void expect_reader_cannot_write(const ringbuf_options_t& o, std::uint32_t flags) {
  Pair ring(o, flags);
  ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);
  ASSERT_EQ(ringbuf_set_metadata(ring.writer, "m", 1), RINGBUF_OK);
  for (const Call& each : kWriting) {
    EXPECT_EQ(each.call(ring.reader), RINGBUF_WRITE_FORBIDDEN) << each.name;
  }
  EXPECT_EQ(written(ring.writer), 2);
  ASSERT_EQ(ringbuf_read(ring.reader, 0, 2, room), RINGBUF_OK);
  EXPECT_EQ(copy(room, 2), numbers(0, 2));
  char metadata[4] = {};
  ASSERT_EQ(ringbuf_metadata(ring.reader, metadata, sizeof metadata, &size), RINGBUF_OK);
  EXPECT_EQ(std::string(metadata, size), "m");
}

TEST(CapiRoles, AReaderMayNotWrite) {
  expect_reader_cannot_write(options(4), 0);
  expect_reader_cannot_write(options(4, 1, RINGBUF_LOSSLESS), 0);
}

TEST(CapiRoles, AnObserverMayNotWrite) { expect_reader_cannot_write(options(4), RINGBUF_OBSERVER); }

TEST(CapiRoles, AWriterMayNotConsume) {
  for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_LOSSLESS)}) {
    Pair ring(options(4, 1, flags));
    ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);
    for (const Call& each : kConsuming) {
      EXPECT_EQ(each.call(ring.writer), RINGBUF_READ_FORBIDDEN) << each.name;
    }
    EXPECT_EQ(tell(ring.reader), 0);
    expect_pops(ring.reader, 0, 2);
  }
}

TEST(CapiRoles, AWriterOfAnEmptyRingMayNotConsumeEither) {
  Handle writer = make(nullptr, options(4));
  for (const Call& each : kConsuming) {
    EXPECT_EQ(each.call(writer), RINGBUF_READ_FORBIDDEN) << each.name;
  }
}

TEST(CapiRoles, AResumedWriterIsAWriter) {
  Name name;
  Handle first = make(name.c(), options(4, 1, RINGBUF_KEEP));
  ASSERT_EQ(put(first, 2), RINGBUF_OK);
  const Handle keeper = capi::open(name);  // without one the memory may go with the writer
  first.close();
  Handle writer = resume(name);
  for (const Call& each : kConsuming) {
    EXPECT_EQ(each.call(writer), RINGBUF_READ_FORBIDDEN) << each.name;
  }
  EXPECT_EQ(put(writer, 1), RINGBUF_OK);
}

TEST(CapiRoles, BothReadByIndex) {
  Pair ring(options(4, 2));
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  for (ringbuf_t* each : {static_cast<ringbuf_t*>(ring.writer), static_cast<ringbuf_t*>(ring.reader)}) {
    EXPECT_EQ(ringbuf_check(each, 0, 3), RINGBUF_OK);
    EXPECT_EQ(ringbuf_check(each, 0, 4), RINGBUF_NOT_YET);
    ASSERT_EQ(ringbuf_view(each, 1, 3, &samples), RINGBUF_OK);
    EXPECT_EQ(copy(samples, 2), numbers(1, 2));
    ASSERT_EQ(ringbuf_read(each, 0, 3, room), RINGBUF_OK);
    EXPECT_EQ(copy(room, 3), numbers(0, 3));
    EXPECT_EQ(ringbuf_wait(each, 3, kForever), RINGBUF_OK);
    EXPECT_EQ(ringbuf_wait(each, 4, 0), RINGBUF_TIMEOUT);
    EXPECT_EQ(info(each).written, 3);
  }
}

}  // namespace
