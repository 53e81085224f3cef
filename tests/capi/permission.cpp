// Readers that may only read: another user's process, or a file of mode 0444. They open, read, wait, are woken, and
// consume as observers. Being root is what makes it possible to be another user.
#include "process.hpp"

namespace {

using namespace capi;

#define SKIP_UNLESS_ROOT()                                \
  if (::geteuid() != 0) {                                 \
    GTEST_SKIP() << "needs root, to become another user"; \
  }                                                       \
  static_assert(true)

bool become_nobody() { return ::setgid(kNobody) == 0 && ::setuid(kNobody) == 0 && ::geteuid() == kNobody; }

// What a reader of another user goes through; 0 if all went well, else the step that did not.
int read_as_nobody(const Name& name, const Line& line) {
  if (!become_nobody()) {
    return 10;
  }
  if (::access(path(name).c_str(), W_OK) == 0) {
    return 11;  // not the case that was to be tested
  }
  ringbuf_t* ring = nullptr;
  const int opened = ringbuf_open(&ring, name.c(), 0);
  if (opened != RINGBUF_OK) {
    line.say(opened);
    return 12;
  }
  std::int32_t room[3] = {};
  const void* samples = nullptr;
  if (ringbuf_read(ring, 0, 3, room) != RINGBUF_OK || copy(room, 3) != numbers(0, 3)) {
    return 13;
  }
  if (ringbuf_view(ring, 0, 3, &samples) != RINGBUF_OK || copy(samples, 3) != numbers(0, 3)) {
    return 14;
  }
  for (std::int32_t i = 0; i < 3; ++i) {
    std::int32_t item = -1;
    if (ringbuf_pop(ring, &item) != RINGBUF_OK || item != i) {
      return 15;
    }
  }
  std::int32_t item = -1;
  if (ringbuf_pop(ring, &item) != RINGBUF_EMPTY) {
    return 16;
  }
  if (ringbuf_wait(ring, 4, 0) != RINGBUF_TIMEOUT) {
    return 17;
  }
  ringbuf_info_t i{};
  i.struct_size = sizeof i;
  if (ringbuf_info(ring, &i) != RINGBUF_OK || i.readers != 0 || i.position != 3 ||
      i.state != static_cast<std::uint32_t>(RINGBUF_STATE_LIVE)) {
    return 18;
  }
  line.say(RINGBUF_OK);
  if (ringbuf_wait(ring, 5, kForever) != RINGBUF_OK) {
    return 19;
  }
  std::uint64_t count = 0;
  if (ringbuf_pop_many(ring, room, 3, &count) != RINGBUF_OK || count != 2 || room[0] != 3 || room[1] != 4) {
    return 20;
  }
  line.say(RINGBUF_OK);
  std::int64_t start = -1;
  if (ringbuf_next(ring, 1, 1, kForever, &samples, &start) != RINGBUF_CLOSED) {
    return 21;
  }
  return ringbuf_close(ring) == RINGBUF_OK ? 0 : 22;
}

void run(std::uint32_t mode, std::uint32_t flags) {
  Name name;
  ringbuf_options_t o = options(8, 2, flags);
  o.mode = mode;
  Handle writer = make(name.c(), o);
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);
  Child reader([&](Line line) { return read_as_nobody(name, line); });
  EXPECT_EQ(reader.hear<int>(), RINGBUF_OK);
  await_sleep(reader.pid());
  EXPECT_EQ(put(writer, 2), RINGBUF_OK);
  EXPECT_EQ(reader.hear<int>(), RINGBUF_OK);
  await_sleep(reader.pid());
  EXPECT_EQ(writer.close(), RINGBUF_OK);
  EXPECT_EQ(reader.wait(), 0);
}

TEST(CapiReadOnly, AnotherUsersRingOfMode0644) {
  SKIP_UNLESS_ROOT();
  run(0644, 0);
}

TEST(CapiReadOnly, AnotherUsersRingOfMode0444) {
  SKIP_UNLESS_ROOT();
  run(0444, 0);
}

TEST(CapiReadOnly, AnotherUsersLosslessRing) {
  SKIP_UNLESS_ROOT();
  run(0644, RINGBUF_LOSSLESS);
}

TEST(CapiReadOnly, ALosslessWriterIsNotHeldBack) {
  SKIP_UNLESS_ROOT();
  Name name;
  ringbuf_options_t o = options(4, 1, RINGBUF_LOSSLESS);
  o.mode = 0644;
  Handle writer = make(name.c(), o);
  Child reader([&](Line line) {
    if (!become_nobody()) {
      return 10;
    }
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_open(&ring, name.c(), RINGBUF_RESYNC_OLDEST));
    line.hear();
    std::int32_t item = -1;
    if (ringbuf_pop(ring, &item) != RINGBUF_OVERWRITTEN) {
      return 11;
    }
    return ringbuf_pop(ring, &item) == RINGBUF_OK && item == 4 ? 0 : 12;
  });
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  EXPECT_EQ(info(writer).readers, 0U);
  ASSERT_EQ(put(writer, 4), RINGBUF_OK);
  ASSERT_EQ(put(writer, 4), RINGBUF_OK);
  reader.say('g');
  EXPECT_EQ(reader.wait(), 0);
}

TEST(CapiReadOnly, TheDeathOfTheWriterIsTold) {
  SKIP_UNLESS_ROOT();
  Name name;
  Child writer([&](Line line) {
    ringbuf_t* ring = nullptr;
    ringbuf_options_t o = options(8);
    o.mode = 0444;
    line.say(ringbuf_create(&ring, name.c(), &o));
    line.hold();
    return 0;
  });
  ASSERT_EQ(writer.hear<int>(), RINGBUF_OK);
  Child reader([&](Line line) {
    if (!become_nobody()) {
      return 100;
    }
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_open(&ring, name.c(), 0));
    return ringbuf_wait(ring, 1, kForever);
  });
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  await_sleep(reader.pid());
  writer.kill();
  EXPECT_EQ(reader.wait(), RINGBUF_STALE);
}

TEST(CapiPermission, WhatIsForbiddenIsSaidAndHarmsNothing) {
  SKIP_UNLESS_ROOT();
  Name closed("closed"), readable("readable"), kept("kept");
  ringbuf_options_t o = options(8);
  Handle first = make(closed.c(), o);
  o.mode = 0644;
  Handle second = make(readable.c(), o);
  o.flags = RINGBUF_KEEP;
  make(kept.c(), o).close();
  struct Codes {
    int open, resume_live, resume_kept, unlink, create, listed_closed, listed_readable;
  };
  const auto codes = from_child<Codes>([&] {
    Codes c{};
    if (!become_nobody()) {
      return c;
    }
    ringbuf_t* ring = nullptr;
    c.open = ringbuf_open(&ring, closed.c(), 0);
    c.resume_live = ringbuf_resume(&ring, readable.c());
    c.resume_kept = ringbuf_resume(&ring, kept.c());
    c.unlink = ringbuf_unlink(readable.c());  // /dev/shm is sticky
    c.create = ringbuf_create(&ring, closed.c(), &o);
    c.listed_closed = is_listed(closed.text()) ? 1 : 0;
    c.listed_readable = is_listed(readable.text()) ? 1 : 0;
    return c;
  });
  EXPECT_EQ(codes.open, RINGBUF_PERMISSION);
  EXPECT_TRUE(codes.resume_live == RINGBUF_PERMISSION || codes.resume_live == RINGBUF_BUSY) << codes.resume_live;
  EXPECT_EQ(codes.resume_kept, RINGBUF_PERMISSION);
  EXPECT_EQ(codes.unlink, RINGBUF_PERMISSION);
  EXPECT_TRUE(codes.create == RINGBUF_EXISTS || codes.create == RINGBUF_PERMISSION) << codes.create;
  EXPECT_EQ(codes.listed_closed, 0) << "it may not be read";
  EXPECT_EQ(codes.listed_readable, 1);
  EXPECT_TRUE(closed.is_there());
  EXPECT_TRUE(readable.is_there());
  EXPECT_TRUE(kept.is_there());
  EXPECT_EQ(put(second, 1), RINGBUF_OK);
  EXPECT_EQ(put(first, 1), RINGBUF_OK);
}

TEST(CapiPermission, AReaderOfMode0666TakesAPlace) {
  SKIP_UNLESS_ROOT();
  Name name;
  ringbuf_options_t o = options(4, 1, RINGBUF_LOSSLESS);
  o.mode = 0666;
  Handle writer = make(name.c(), o);
  Child reader([&](Line line) {
    if (!become_nobody()) {
      return 100;
    }
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_open(&ring, name.c(), 0));
    line.hear();
    std::int32_t item = -1;
    return ringbuf_pop(ring, &item) == RINGBUF_OK && item == 0 ? 0 : 101;
  });
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  EXPECT_EQ(info(writer).readers, 1U);
  ASSERT_EQ(put(writer, 4), RINGBUF_OK);
  EXPECT_EQ(put(writer, 1), RINGBUF_FULL);
  reader.say('g');
  EXPECT_EQ(reader.wait(), 0);
}

}  // namespace
