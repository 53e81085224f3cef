// NULL is safe everywhere: a NULL handle gives RINGBUF_NOT_INITIALIZED, any other NULL RINGBUF_INVALID_ARGUMENT.
#include "support.hpp"

namespace {

using namespace capi;

std::int32_t items[8];
void* place = nullptr;
const void* samples = nullptr;
std::uint64_t count = 0;
std::int64_t position = 0;
std::size_t bytes = 0;
intptr_t fd = 0;
ringbuf_info_t information{};

struct Call {
  const char* what;
  int (*call)(ringbuf_t*);
};

const Call kWithHandle[] = {
    {"raw", [](ringbuf_t* r) { return ringbuf_raw(r, &place, &bytes); }},
    {"fd", [](ringbuf_t* r) { return ringbuf_fd(r, &fd); }},
    {"put", [](ringbuf_t* r) { return ringbuf_put(r, items, 1); }},
    {"put nothing", [](ringbuf_t* r) { return ringbuf_put(r, items, 0); }},
    {"push", [](ringbuf_t* r) { return ringbuf_push(r, items); }},
    {"reserve", [](ringbuf_t* r) { return ringbuf_reserve(r, 1, &place); }},
    {"commit", [](ringbuf_t* r) { return ringbuf_commit(r, 0); }},
    {"skip", [](ringbuf_t* r) { return ringbuf_skip(r, 0); }},
    {"stamp", [](ringbuf_t* r) { return ringbuf_stamp(r, 0, 0, 0); }},
    {"time_at", [](ringbuf_t* r) { return ringbuf_time_at(r, 0, &position, &position); }},
    {"index_at", [](ringbuf_t* r) { return ringbuf_index_at(r, 0, 0, &position); }},
    {"gaps",
     [](ringbuf_t* r) {
       return ringbuf_gaps(
           r, [](int64_t, int64_t, void*) { return 1; }, nullptr);
     }},
    {"space", [](ringbuf_t* r) { return ringbuf_space(r, &count); }},
    {"wait_space", [](ringbuf_t* r) { return ringbuf_wait_space(r, 1, kForever); }},
    {"wait_readers", [](ringbuf_t* r) { return ringbuf_wait_readers(r, 1, kForever); }},
    {"reopen", [](ringbuf_t* r) { return ringbuf_reopen(r, 0, kForever); }},
    {"readers",
     [](ringbuf_t* r) {
       return ringbuf_readers(
           r, [](const ringbuf_reader_info_t*, void*) { return 1; }, nullptr);
     }},
    {"set_metadata", [](ringbuf_t* r) { return ringbuf_set_metadata(r, "x", 1); }},
    {"check", [](ringbuf_t* r) { return ringbuf_check(r, 0, 0); }},
    {"view", [](ringbuf_t* r) { return ringbuf_view(r, 0, 1, &samples); }},
    {"read", [](ringbuf_t* r) { return ringbuf_read(r, 0, 1, items); }},
    {"interrupt", [](ringbuf_t* r) { return ringbuf_interrupt(r); }},
    {"wait", [](ringbuf_t* r) { return ringbuf_wait(r, 1, kForever); }},
    {"wait_any",
     [](ringbuf_t* r) {
       const std::int64_t end = 1;
       return ringbuf_wait_any(&r, &end, 1, kForever, &bytes);
     }},
    {"metadata", [](ringbuf_t* r) { return ringbuf_metadata(r, items, sizeof items, &bytes); }},
    {"info", [](ringbuf_t* r) { return ringbuf_info(r, &information); }},
    {"next", [](ringbuf_t* r) { return ringbuf_next(r, 1, 1, kForever, &samples, &position); }},
    {"next_copy", [](ringbuf_t* r) { return ringbuf_next_copy(r, 1, 1, kForever, items, &position); }},
    {"pop", [](ringbuf_t* r) { return ringbuf_pop(r, items); }},
    {"pop_many", [](ringbuf_t* r) { return ringbuf_pop_many(r, items, 1, &count); }},
    {"usage", [](ringbuf_t* r) { return ringbuf_usage(r, &count); }},
    {"tell", [](ringbuf_t* r) { return ringbuf_tell(r, &position); }},
    {"seek", [](ringbuf_t* r) { return ringbuf_seek(r, 0); }},
    {"send", [](ringbuf_t* r) { return ringbuf_send(r, items, 1); }},
    {"send_event", [](ringbuf_t* r) { return ringbuf_send_event(r, 1, 2, items, 1); }},
    {"receive", [](ringbuf_t* r) { return ringbuf_receive(r, kForever, &samples, &bytes, &position); }},
    {"message",
     [](ringbuf_t* r) {
       ringbuf_message_t message{};
       message.struct_size = sizeof message;
       return ringbuf_message(r, 24, &message);
     }},
    {"poll_fd", [](ringbuf_t* r) { return ringbuf_poll_fd(r, &fd); }},
    {"poll_arm", [](ringbuf_t* r) { return ringbuf_poll_arm(r, 0); }},
};

TEST(CapiNull, AHandle) {
  information.struct_size = sizeof information;
  for (const Call& each : kWithHandle) {
    EXPECT_EQ(each.call(nullptr), RINGBUF_NOT_INITIALIZED) << each.what;
  }
  EXPECT_EQ(ringbuf_close(nullptr), RINGBUF_OK);
}

const Call kOfWriter[] = {
    {"put samples", [](ringbuf_t* r) { return ringbuf_put(r, nullptr, 2); }},
    {"push item", [](ringbuf_t* r) { return ringbuf_push(r, nullptr); }},
    {"reserve samples", [](ringbuf_t* r) { return ringbuf_reserve(r, 1, nullptr); }},
    {"space count", [](ringbuf_t* r) { return ringbuf_space(r, nullptr); }},
    {"set_metadata bytes", [](ringbuf_t* r) { return ringbuf_set_metadata(r, nullptr, 2); }},
};

const Call kOfReader[] = {
    {"next samples", [](ringbuf_t* r) { return ringbuf_next(r, 1, 1, 0, nullptr, &position); }},
    {"next start", [](ringbuf_t* r) { return ringbuf_next(r, 1, 1, 0, &samples, nullptr); }},
    {"next_copy samples", [](ringbuf_t* r) { return ringbuf_next_copy(r, 1, 1, 0, nullptr, &position); }},
    {"next_copy start", [](ringbuf_t* r) { return ringbuf_next_copy(r, 1, 1, 0, items, nullptr); }},
    {"pop item", [](ringbuf_t* r) { return ringbuf_pop(r, nullptr); }},
    {"pop_many items", [](ringbuf_t* r) { return ringbuf_pop_many(r, nullptr, 2, &count); }},
    {"pop_many count", [](ringbuf_t* r) { return ringbuf_pop_many(r, items, 2, nullptr); }},
    {"receive bytes", [](ringbuf_t* r) { return ringbuf_receive(r, 0, nullptr, &bytes, &position); }},
    {"receive size", [](ringbuf_t* r) { return ringbuf_receive(r, 0, &samples, nullptr, &position); }},
    {"receive start", [](ringbuf_t* r) { return ringbuf_receive(r, 0, &samples, &bytes, nullptr); }},
    {"usage count", [](ringbuf_t* r) { return ringbuf_usage(r, nullptr); }},
    {"tell position", [](ringbuf_t* r) { return ringbuf_tell(r, nullptr); }},
};

const Call kOfBoth[] = {
    {"raw raw", [](ringbuf_t* r) { return ringbuf_raw(r, nullptr, &bytes); }},
    {"raw bytes", [](ringbuf_t* r) { return ringbuf_raw(r, &place, nullptr); }},
    {"raw both", [](ringbuf_t* r) { return ringbuf_raw(r, nullptr, nullptr); }},
    {"fd fd", [](ringbuf_t* r) { return ringbuf_fd(r, nullptr); }},
    {"view samples", [](ringbuf_t* r) { return ringbuf_view(r, 0, 2, nullptr); }},
    {"read samples", [](ringbuf_t* r) { return ringbuf_read(r, 0, 2, nullptr); }},
    {"metadata bytes", [](ringbuf_t* r) { return ringbuf_metadata(r, nullptr, 8, &bytes); }},
    {"metadata size", [](ringbuf_t* r) { return ringbuf_metadata(r, items, sizeof items, nullptr); }},
    {"readers visit", [](ringbuf_t* r) { return ringbuf_readers(r, nullptr, nullptr); }},
    {"gaps visit", [](ringbuf_t* r) { return ringbuf_gaps(r, nullptr, nullptr); }},
    {"message message", [](ringbuf_t* r) { return ringbuf_message(r, 24, nullptr); }},
    {"time_at times", [](ringbuf_t* r) { return ringbuf_time_at(r, 0, nullptr, nullptr); }},
    {"index_at index", [](ringbuf_t* r) { return ringbuf_index_at(r, 0, 0, nullptr); }},
    {"info info", [](ringbuf_t* r) { return ringbuf_info(r, nullptr); }},
};

TEST(CapiNull, AnArgumentBesideAHandle) {
  Pair ring(options(8, 4));
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  ASSERT_EQ(ringbuf_set_metadata(ring.writer, "old", 3), RINGBUF_OK);
  for (const Call& each : kOfWriter) {
    EXPECT_EQ(each.call(ring.writer), RINGBUF_INVALID_ARGUMENT) << each.what;
  }
  for (const Call& each : kOfReader) {
    EXPECT_EQ(each.call(ring.reader), RINGBUF_INVALID_ARGUMENT) << each.what;
  }
  for (const Call& each : kOfBoth) {
    EXPECT_EQ(each.call(ring.writer), RINGBUF_INVALID_ARGUMENT) << each.what;
    EXPECT_EQ(each.call(ring.reader), RINGBUF_INVALID_ARGUMENT) << each.what;
  }
  // Nothing was changed or lost by all that.
  EXPECT_EQ(written(ring.writer), 3);
  EXPECT_EQ(info(ring.writer).oldest, 0);
  EXPECT_EQ(tell(ring.reader), 0);
  char metadata[4] = {};
  ASSERT_EQ(ringbuf_metadata(ring.reader, metadata, sizeof metadata, &bytes), RINGBUF_OK);
  EXPECT_STREQ(metadata, "old");
  expect_pops(ring.reader, 0, 3);
}

TEST(CapiNull, AnArgumentOfThoseThatMakeAHandle) {
  Name name, live("live");
  Handle writer = make(live.c(), options(8));
  const ringbuf_options_t o = options(8);
  alignas(64) static unsigned char memory[65536];
  ASSERT_EQ(ringbuf_fd(writer, &fd), RINGBUF_OK);
  ringbuf_t* ring = untouched();
  EXPECT_EQ(ringbuf_create(nullptr, name.c(), &o), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_create(&ring, name.c(), nullptr), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_create(nullptr, nullptr, nullptr), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_create_or_resume(nullptr, name.c(), &o), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_create_or_resume(&ring, nullptr, &o), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_create_or_resume(&ring, name.c(), nullptr), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_open(nullptr, live.c(), 0), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_open(&ring, nullptr, 0), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_resume(nullptr, live.c()), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_resume(&ring, nullptr), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_open_fd(nullptr, fd, 0), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_create_raw(nullptr, memory, sizeof memory, &o), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_create_raw(&ring, nullptr, sizeof memory, &o), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_create_raw(&ring, memory, sizeof memory, nullptr), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_open_raw(nullptr, memory, sizeof memory, 0), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_open_raw(&ring, nullptr, sizeof memory, 0), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ring, untouched());
  EXPECT_FALSE(name.is_there());
  EXPECT_EQ(info(writer).readers, 0U) << "a refused open kept its place";
  for (const unsigned char byte : memory) {
    ASSERT_EQ(byte, 0);
  }
}

TEST(CapiNull, AnArgumentOfTheRest) {
  const ringbuf_options_t o = options(8);
  EXPECT_EQ(ringbuf_options_init(nullptr, sizeof o), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_size(nullptr, &bytes), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_size(&o, nullptr), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_unlink(nullptr), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_list(nullptr, nullptr), RINGBUF_INVALID_ARGUMENT);
  std::uint32_t code = 0;
  EXPECT_EQ(ringbuf_type_code(nullptr, &code), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_type_code("int16", nullptr), RINGBUF_INVALID_ARGUMENT);
}

}  // namespace
