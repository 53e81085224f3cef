// A stopped process (SIGSTOP) is not a dead one.
#include <gtest/gtest.h>
#include <signal.h>

#include "races.hpp"

namespace {

using races::Handle;
using races::Process;

// Creates a ring and puts as many samples as it is told to, until that is none.
RACES_ROLE(obedient_writer) {
  const auto o = races::options(8);
  Handle writer;
  if (ringbuf_create(writer.out(), arguments.at(0).c_str(), &o) != RINGBUF_OK) return 1;
  line.say('c');
  while (const auto count = line.hear<std::uint64_t>()) line.say(races::put(writer, count));
  return 0;
}

// Opens a ring and pops as many samples as it is told to, which must follow one another, until that is none.
RACES_ROLE(obedient_reader) {
  Handle reader;
  if (ringbuf_open(reader.out(), arguments.at(0).c_str(), 0) != RINGBUF_OK) return 1;
  line.say('o');
  std::int64_t expected = 0;
  while (const auto count = line.hear<std::uint64_t>()) {
    for (std::uint64_t i = 0; i < count; ++i, ++expected) {
      std::int64_t item = -1;
      if (ringbuf_wait(reader, expected + 1, races::forever) != RINGBUF_OK) return 2;
      if (ringbuf_pop(reader, &item) != RINGBUF_OK || item != expected) return 3;
    }
    line.say(expected);
  }
  return 0;
}

TEST(Stopped, Writer) {
  const races::Name name;
  Process writer("obedient_writer", {name.text()});
  writer.hear<char>();
  Handle reader;
  ASSERT_EQ(ringbuf_open(reader.out(), name.c(), 0), RINGBUF_OK);
  writer.say(std::uint64_t{3});
  ASSERT_EQ(writer.hear<int>(), RINGBUF_OK);
  races::expect_pops(reader, 0, 3);
  writer.stop();
  const void* samples = nullptr;
  std::int64_t start = 0, item = 0;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ringbuf_wait(reader, 4, 150 * races::millisecond), RINGBUF_TIMEOUT);
    EXPECT_EQ(ringbuf_next(reader, 1, 1, 20 * races::millisecond, &samples, &start), RINGBUF_TIMEOUT);
    EXPECT_EQ(ringbuf_pop(reader, &item), RINGBUF_EMPTY);
    EXPECT_EQ(races::info(reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
  }
  const auto o = races::options(8);
  Handle other;
  EXPECT_EQ(ringbuf_resume(other.out(), name.c()), RINGBUF_BUSY);
  EXPECT_EQ(ringbuf_create(other.out(), name.c(), &o), RINGBUF_EXISTS);
  writer.say(std::uint64_t{5});  // it will hear this when it goes on
  writer.signal(SIGCONT);
  EXPECT_EQ(ringbuf_wait(reader, 8, races::forever), RINGBUF_OK);
  races::expect_pops(reader, 3, 5);
  EXPECT_EQ(writer.hear<int>(), RINGBUF_OK);
  writer.say(std::uint64_t{0});
  EXPECT_EQ(writer.wait(), 0);
  EXPECT_EQ(ringbuf_pop(reader, &item), RINGBUF_CLOSED);
}

// Stopped while it sleeps in a wait: what is put meanwhile, and a death, reach it when it goes on.
TEST(Stopped, SleepingReader) {
  const races::Name name;
  const auto o = races::options(8);
  Handle writer;
  ASSERT_EQ(ringbuf_create(writer.out(), name.c(), &o), RINGBUF_OK);
  Process reader("obedient_reader", {name.text()});
  reader.hear<char>();
  reader.say(std::uint64_t{2});
  test::await_sleep(reader.pid());
  reader.stop();
  EXPECT_EQ(races::put(writer, 2), RINGBUF_OK);
  EXPECT_FALSE(reader.has_spoken());
  reader.signal(SIGCONT);
  EXPECT_EQ(reader.hear<std::int64_t>(), 2);
  reader.say(std::uint64_t{0});
  EXPECT_EQ(reader.wait(), 0);
}

TEST(Stopped, ReaderOfALosslessRing) {
  const races::Name name;
  const auto o = races::options(8, RINGBUF_LOSSLESS);
  Handle writer;
  ASSERT_EQ(ringbuf_create(writer.out(), name.c(), &o), RINGBUF_OK);
  Process reader("obedient_reader", {name.text()});
  reader.hear<char>();
  ASSERT_EQ(races::put(writer, 5), RINGBUF_OK);
  reader.say(std::uint64_t{2});
  EXPECT_EQ(reader.hear<std::int64_t>(), 2);
  reader.stop();
  std::uint64_t room = 0;
  ASSERT_EQ(ringbuf_space(writer, &room), RINGBUF_OK);
  EXPECT_EQ(races::put(writer, room), RINGBUF_OK);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(races::put(writer, 1), RINGBUF_FULL);
    EXPECT_EQ(ringbuf_wait_space(writer, 1, 150 * races::millisecond), RINGBUF_TIMEOUT);
    EXPECT_EQ(races::info(writer).readers, 1U);
  }
  reader.say(static_cast<std::uint64_t>(races::info(writer).written) - 2 + 8);  // those that are there, and 8 more
  reader.signal(SIGCONT);
  const std::int64_t end = races::info(writer).written + 8;
  while (races::info(writer).written < end) {
    ASSERT_EQ(ringbuf_wait_space(writer, 1, races::forever), RINGBUF_OK);
    ASSERT_EQ(races::put(writer, 1), RINGBUF_OK);
  }
  EXPECT_EQ(reader.hear<std::int64_t>(), end);
  reader.say(std::uint64_t{0});
  EXPECT_EQ(reader.wait(), 0);
}

}  // namespace
