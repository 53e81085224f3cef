// /dev/shm as a small tmpfs of our own, in a mount namespace: what happens when it is full. Takes root.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "races.hpp"

namespace {

using races::Handle;
using races::Process;

class Full : public testing::Test {
 protected:
  void SetUp() override {
    if (!shm_.is_there()) GTEST_SKIP() << shm_.why_not();
  }

  // Takes what is left with a file that is no ring.
  void fill() {
    const int fd = ::open("/dev/shm/.filler", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    ASSERT_GE(fd, 0);
    const std::vector<char> page(4096, 'x');
    ssize_t n = 0;
    while ((n = ::write(fd, page.data(), page.size())) > 0) {
    }
    EXPECT_EQ(errno, ENOSPC);
    ::close(fd);
    EXPECT_EQ(shm_.bytes_free(), 0U);
  }

  // A ring of about so many bytes.
  static ringbuf_options_t of_bytes(std::uint64_t bytes) { return races::options(bytes / sizeof(std::int64_t)); }

  races::PrivateShm shm_{"2m"};
  races::Name name_;
};

// Creates a ring of so many bytes, puts three samples and waits to be killed.
RACES_ROLE(filler) {
  const auto o = races::options(std::stoull(arguments.at(1)) / sizeof(std::int64_t));
  Handle writer;
  const int code = ringbuf_create(writer.out(), arguments.at(0).c_str(), &o);
  if (code == RINGBUF_OK && races::put(writer, 3) != RINGBUF_OK) return 1;
  line.say(code);
  line.hear<char>();
  return 0;
}

TEST_F(Full, CreateSaysSoAndLeavesNothing) {
  const races::Name other;
  const auto small = of_bytes(512 * 1024);
  Handle writer, reader, refused;
  ASSERT_EQ(ringbuf_create(writer.out(), name_.c(), &small), RINGBUF_OK);
  ASSERT_EQ(ringbuf_open(reader.out(), name_.c(), 0), RINGBUF_OK);
  ASSERT_EQ(races::put(writer, 100), RINGBUF_OK);
  const std::uint64_t used = shm_.bytes_used();
  const auto large = of_bytes(4 << 20);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ringbuf_create(refused.out(), other.c(), &large), RINGBUF_NO_SPACE);
    EXPECT_FALSE(other.is_there());
    EXPECT_EQ(shm_.bytes_used(), used);
  }
  EXPECT_EQ(ringbuf_create(refused.out(), name_.c(), &large), RINGBUF_EXISTS);
  races::expect_pops(reader, 0, 100);
  EXPECT_EQ(races::put(writer, 100), RINGBUF_OK);
  races::expect_pops(reader, 100, 100);
  // What fits is still made.
  EXPECT_EQ(ringbuf_create(refused.out(), other.c(), &small), RINGBUF_OK);
}

TEST_F(Full, ExistingRingsGoOn) {
  const auto o = of_bytes(512 * 1024);
  Handle writer;
  ASSERT_EQ(ringbuf_create(writer.out(), name_.c(), &o), RINGBUF_OK);
  fill();
  // Every page is touched for the first time now.
  Handle reader;
  ASSERT_EQ(ringbuf_open(reader.out(), name_.c(), 0), RINGBUF_OK);
  const std::vector<char> metadata(4096, 'm');
  EXPECT_EQ(ringbuf_set_metadata(writer, metadata.data(), metadata.size()), RINGBUF_OK);
  EXPECT_EQ(ringbuf_set_metadata(writer, metadata.data(), metadata.size()), RINGBUF_OK);
  const std::uint64_t chunk = o.capacity / 4;
  for (std::uint64_t i = 0; i < 10; ++i) {
    ASSERT_EQ(races::put(writer, chunk), RINGBUF_OK);
    races::expect_pops(reader, static_cast<std::int64_t>(i * chunk), chunk);
  }
  std::vector<char> read(4096);
  std::size_t size = 0;
  EXPECT_EQ(ringbuf_metadata(reader, read.data(), read.size(), &size), RINGBUF_OK);
  EXPECT_EQ(read, metadata);
  // All places of the reader table.
  std::array<Handle, 16> readers;
  for (Handle& each : readers) EXPECT_EQ(ringbuf_open(each.out(), name_.c(), 0), RINGBUF_OK);
  EXPECT_EQ(races::info(writer).readers, 16U);
  writer.close();
  std::int64_t item = 0;
  EXPECT_EQ(ringbuf_pop(reader, &item), RINGBUF_CLOSED);
}

TEST_F(Full, DeadRingThatFillsItIsReplaced) {
  constexpr std::uint64_t bytes = 1536 * 1024;
  Process writer("filler", {name_.text(), std::to_string(bytes)});
  ASSERT_EQ(writer.hear<int>(), RINGBUF_OK);
  writer.kill();
  const auto o = of_bytes(bytes);
  // Too large even then: the dead ring stays, and can be resumed.
  const auto large = of_bytes(4 << 20);
  Handle next;
  EXPECT_EQ(ringbuf_create(next.out(), name_.c(), &large), RINGBUF_NO_SPACE);
  ASSERT_EQ(ringbuf_resume(next.out(), name_.c()), RINGBUF_OK);
  EXPECT_EQ(races::info(next).written, 3);
  next.close();

  Process again("filler", {name_.text(), std::to_string(bytes)});
  ASSERT_EQ(again.hear<int>(), RINGBUF_OK);
  again.kill();
  ASSERT_EQ(ringbuf_create(next.out(), name_.c(), &o), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(races::info(next).written, 0);
  EXPECT_EQ(races::put(next, 10), RINGBUF_OK);
  next.close();
  EXPECT_EQ(shm_.bytes_used(), 0U);
}

// A reader that still has it keeps the memory of a dead ring: there is no room to be had by removing the ring's name, so it
// stays and can be resumed.
TEST_F(Full, DeadRingWithAReaderIsNotLost) {
  constexpr std::uint64_t bytes = 1536 * 1024;
  Process writer("filler", {name_.text(), std::to_string(bytes)});
  ASSERT_EQ(writer.hear<int>(), RINGBUF_OK);
  Handle reader;
  ASSERT_EQ(ringbuf_open(reader.out(), name_.c(), 0), RINGBUF_OK);
  writer.kill();
  const auto o = of_bytes(bytes);
  Handle next;
  EXPECT_EQ(ringbuf_create(next.out(), name_.c(), &o), RINGBUF_NO_SPACE);
  ASSERT_EQ(ringbuf_resume(next.out(), name_.c()), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(races::put(next, 2), RINGBUF_OK);
  races::expect_pops(reader, 0, 5);
}

}  // namespace
