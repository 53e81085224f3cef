// ringbuf_poll_fd and ringbuf_poll_arm: descriptors for event loops. What takes other processes is in
// polling_children.cpp.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#ifdef __linux__
#include <sys/epoll.h>
#endif

#include <atomic>
#include <filesystem>
#include <thread>

#include "polling.hpp"
#include "process.hpp"
#include "several.hpp"

namespace {

using namespace capi;

TEST(CapiPoll, BadInputIsRefusedAndChangesNothing) {
  ringbuf_options_t o = options(4);
  o.first_index = 100;
  Pair ring(o);
  const auto expect_text = [](const char* text) {
    EXPECT_NE(std::string(ringbuf_last_error()).find(text), std::string::npos) << ringbuf_last_error();
  };
  const int before = descriptors();
  EXPECT_EQ(arm(ring.reader, 101), RINGBUF_INVALID_ARGUMENT);
  expect_text("ringbuf_poll_fd");
  EXPECT_EQ(ringbuf_poll_fd(ring.reader, nullptr), RINGBUF_INVALID_ARGUMENT);
  expect_text("fd");
  intptr_t fd = 4711;
  EXPECT_EQ(ringbuf_poll_fd(ring.writer, &fd), RINGBUF_UNSUPPORTED);
  expect_text("writer");
  EXPECT_EQ(arm(ring.writer, 101), RINGBUF_UNSUPPORTED);
  expect_text("writer");
  EXPECT_EQ(fd, 4711);
  EXPECT_EQ(descriptors(), before);
  const int made = poll_fd(ring.reader);
  EXPECT_EQ(arm(ring.reader, 101), RINGBUF_OK);
  for (const std::int64_t end : {std::int64_t{99}, std::int64_t{-1}}) {
    EXPECT_EQ(arm(ring.reader, end), RINGBUF_BAD_INDEX);
    expect_text("100");
  }
  EXPECT_FALSE(readable(made));
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  EXPECT_TRUE(readable(made, kHowever)) << "still armed for what it was armed for";
}

TEST(CapiPoll, TheDescriptorIsASocketAndStaysTheSame) {
  Pair ring(options(4));
  const int fd = poll_fd(ring.reader);
  EXPECT_EQ(poll_fd(ring.reader), fd);
  EXPECT_EQ(::fcntl(fd, F_GETFD), FD_CLOEXEC);
  EXPECT_NE(::fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ASSERT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
  EXPECT_EQ(address.ss_family, AF_UNIX);
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  EXPECT_FALSE(readable(fd)) << "it has not been armed";
}

TEST(CapiPoll, WhatIsThereMakesItReadableAtOnce) {
  Pair ring(options(4));
  const int fd = poll_fd(ring.reader);
  EXPECT_EQ(arm(ring.reader, 0), RINGBUF_OK);
  EXPECT_TRUE(readable(fd));
  ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);
  for (const std::int64_t end : {0, 1, 2}) {
    EXPECT_EQ(arm(ring.reader, end), RINGBUF_OK);
    EXPECT_TRUE(readable(fd));
    EXPECT_TRUE(readable(fd)) << "level-triggered";
  }
  EXPECT_EQ(arm(ring.reader, 3), RINGBUF_OK);
  EXPECT_FALSE(readable(fd)) << "armed again";
  EXPECT_EQ(arm(ring.reader, 2), RINGBUF_OK);
  EXPECT_TRUE(readable(fd));
  char bytes[8];
  EXPECT_EQ(::read(fd, bytes, sizeof bytes), 1) << "one byte, however often it was armed";
  EXPECT_FALSE(readable(fd)) << "its byte has been read";
}

TEST(CapiPoll, APutMakesItReadable) {
  Pair ring(options(8));
  const int fd = poll_fd(ring.reader);
  for (std::int64_t i = 0; i < 200; ++i) {
    ASSERT_EQ(arm(ring.reader, i + 1), RINGBUF_OK);
    ASSERT_FALSE(readable(fd));
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    ASSERT_TRUE(readable(fd, kHowever));
    expect_pops(ring.reader, i, 1);
  }
}

TEST(CapiPoll, ItIsReadableForItsEndAlone) {
  Pair ring(options(8));
  Handle second = capi::open(ring.name);
  const int fd = poll_fd(ring.reader), near = poll_fd(second);
  ASSERT_EQ(arm(ring.reader, 3), RINGBUF_OK);
  for (std::int64_t end = 1; end <= 3; ++end) {
    ASSERT_EQ(arm(second, end), RINGBUF_OK);
    EXPECT_FALSE(readable(fd));
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    EXPECT_TRUE(readable(near, kHowever));  // whose announcement was the smaller one
  }
  EXPECT_TRUE(readable(fd, kHowever));
}

TEST(CapiPoll, SpuriousReadinessIsHarmless) {
  Pair ring(options(8));
  const int fd = poll_fd(ring.reader);
  ASSERT_EQ(arm(ring.reader, 1), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  ASSERT_TRUE(readable(fd, kHowever));
  expect_pops(ring.reader, 0, 1);
  EXPECT_TRUE(readable(fd)) << "though nothing is left";
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_EMPTY);
  EXPECT_EQ(ringbuf_wait(ring.reader, 2, 0), RINGBUF_TIMEOUT);
  ASSERT_EQ(arm(ring.reader, 2), RINGBUF_OK);
  EXPECT_FALSE(readable(fd));
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  EXPECT_TRUE(readable(fd, kHowever));
  expect_pops(ring.reader, 1, 1);
}

TEST(CapiPoll, TheEndOfTheStreamMakesItReadable) {
  Pair ring(options(8));
  const int fd = poll_fd(ring.reader);
  ASSERT_EQ(arm(ring.reader, 1), RINGBUF_OK);
  ASSERT_EQ(ring.writer.close(), RINGBUF_OK);
  EXPECT_TRUE(readable(fd, kHowever));
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_CLOSED);
  EXPECT_EQ(arm(ring.reader, 1), RINGBUF_OK);
  EXPECT_TRUE(readable(fd)) << "and at once";
}

TEST(CapiPoll, AnInterruptionIsForCallsThatSleep) {
  Pair ring(options(8));
  const int fd = poll_fd(ring.reader);
  EXPECT_EQ(ringbuf_interrupt(ring.reader), RINGBUF_OK);
  ASSERT_EQ(arm(ring.reader, 1), RINGBUF_OK);
  EXPECT_FALSE(readable(fd));
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  EXPECT_TRUE(readable(fd, kHowever));
  EXPECT_EQ(ringbuf_wait(ring.reader, 2, kForever), RINGBUF_INTERRUPTED);
}

TEST(CapiPoll, ReopeningKeepsTheDescriptorAndDisarmsIt) {
  Pair ring(options(8));
  const int fd = poll_fd(ring.reader);
  ASSERT_EQ(arm(ring.reader, 1), RINGBUF_OK);
  Handle kept = std::move(ring.writer);
  ASSERT_EQ(kept.close(), RINGBUF_OK);
  ASSERT_TRUE(readable(fd, kHowever));
  for (int round = 0; round < 3; ++round) {
    Handle writer = make(ring.name.c(), options(8));
    ASSERT_EQ(ringbuf_reopen(ring.reader, 0, kForever), RINGBUF_OK) << ringbuf_last_error();
    EXPECT_EQ(poll_fd(ring.reader), fd);
    ASSERT_EQ(arm(ring.reader, 1), RINGBUF_OK);
    EXPECT_FALSE(readable(fd));
    ASSERT_EQ(put(writer, 1), RINGBUF_OK);
    EXPECT_TRUE(readable(fd, kHowever));
    ASSERT_EQ(arm(ring.reader, 2), RINGBUF_OK);  // left armed
    EXPECT_FALSE(readable(fd));
  }
}

TEST(CapiPoll, AWriterThatResumesTheRingMakesItReadable) {
  Name name;
  Handle writer = make(name.c(), options(8, 1, RINGBUF_KEEP));
  Handle reader = capi::open(name);
  const int fd = poll_fd(reader);
  ASSERT_EQ(writer.close(), RINGBUF_OK);
  ASSERT_EQ(arm(reader, 1), RINGBUF_OK);
  EXPECT_TRUE(readable(fd));
  writer = resume(name);
  ASSERT_EQ(ringbuf_reopen(reader, 0, kForever), RINGBUF_OK);
  ASSERT_EQ(arm(reader, 1), RINGBUF_OK);
  EXPECT_FALSE(readable(fd));
  ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  EXPECT_TRUE(readable(fd, kHowever));
}

TEST(CapiPoll, NothingIsLeftOfIt) {
  Name name;
  Handle writer = make(name.c(), options(8));
  capi::open(name).close();
  const int before = descriptors();
  for (int i = 0; i < 50; ++i) {
    Handle one = capi::open(name), two = capi::open(name);
    const int fd = poll_fd(one);
    (void)poll_fd(two);
    ASSERT_EQ(arm(one, 1 + i / 10), RINGBUF_OK);
    if (i % 10 == 0) {
      ASSERT_EQ(put(writer, 1), RINGBUF_OK);
      ASSERT_TRUE(readable(fd, kHowever));
    }
  }
  EXPECT_EQ(descriptors(), before);
}

#ifdef __linux__
std::size_t threads() {
  std::size_t count = 0;
  for (const auto& each : std::filesystem::directory_iterator("/proc/self/task")) {
    count += each.is_directory() ? 1 : 0;
  }
  return count;
}

TEST(CapiPoll, ItsThreadEndsWithTheLastDescriptor) {
  const auto await_threads = [](std::size_t count) {
    while (threads() != count) std::this_thread::yield();
  };
  // Those of sanitizers and emulators, which may come with the first thread; those of other tests may still be ending.
  std::thread([] {}).join();
  std::size_t others = threads();
  for (int look = 0; look < 1000; ++look) others = std::min(others, threads());
  for (int round = 0; round < 3; ++round) {
    Several several(130);
    for (ringbuf_t* each : several.rings) (void)poll_fd(each);
    EXPECT_EQ(threads(), others + 2) << "one for every 127 rings";
    several.readers.clear();
    await_threads(others);
  }
}

// Signals for the process are for the threads of the program.
TEST(CapiPoll, ItsThreadTakesNoSignals) {
  static std::atomic<int> taken;
  taken = 0;
  struct sigaction action {
  }, before{};
  action.sa_handler = [](int) { ++taken; };
  ::sigaction(SIGUSR1, &action, &before);
  sigset_t one, mask;
  ::sigemptyset(&one);
  ::sigaddset(&one, SIGUSR1);
  Pair ring(options(8));
  const int fd = poll_fd(ring.reader);
  ::pthread_sigmask(SIG_BLOCK, &one, &mask);
  ASSERT_EQ(::kill(::getpid(), SIGUSR1), 0);
  for (std::int64_t i = 0; i < 20; ++i) {
    ASSERT_EQ(arm(ring.reader, i + 1), RINGBUF_OK);
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    ASSERT_TRUE(readable(fd, kHowever));
  }
  EXPECT_EQ(taken, 0);
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  EXPECT_EQ(taken, 1);
  ::sigaction(SIGUSR1, &before, nullptr);
}

// Raises the limit of descriptors as far as this process may.
bool allows_descriptors(rlim_t count) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  if (limit.rlim_cur < count) limit.rlim_cur = std::min(limit.rlim_max, count);
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= count;
}

TEST(CapiPoll, ManyRingsInOneEpoll) {
  NEEDS_START_TIMES();  // the poller looks whether the writers live
  if (!allows_descriptors(2500)) GTEST_SKIP() << "this process may not have 2,500 descriptors";
  for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_OBSERVER)}) {
    for (const std::size_t count : {std::size_t{1}, std::size_t{2}, std::size_t{128}, std::size_t{1000}}) {
      Several several(count, flags);
      const int loop = ::epoll_create1(EPOLL_CLOEXEC);
      ASSERT_GE(loop, 0);
      for (std::size_t i = 0; i < count; ++i) {
        epoll_event event{EPOLLIN, {}};
        event.data.u64 = i;
        ASSERT_EQ(::epoll_ctl(loop, EPOLL_CTL_ADD, poll_fd(several.rings[i]), &event), 0);
        ASSERT_EQ(arm(several.rings[i], 1), RINGBUF_OK);
      }
      for (std::size_t round = 0; round < 60; ++round) {
        const std::size_t i = round * 7919 % count;
        ASSERT_EQ(put(several.writers[i], 1), RINGBUF_OK);
        epoll_event events[4];
        ASSERT_EQ(::epoll_wait(loop, events, 4, -1), 1);
        const std::uint64_t which = events[0].data.u64;  // a packed struct: no reference to it
        ASSERT_EQ(which, i);
        std::int32_t item = -1;
        ASSERT_EQ(ringbuf_pop(several.rings[i], &item), RINGBUF_OK);
        ASSERT_EQ(arm(several.rings[i], ++several.ends[i]), RINGBUF_OK);
      }
      ::close(loop);
    }
  }
}

TEST(CapiPoll, MoreThanFitAreRefusedAndChangeNothing) {
  const int code = in_child([] {
    Several several(2);
    const int next = ::dup(0);  // the lowest that is free
    rlimit limit{};
    if (next < 0 || ::close(next) != 0 || ::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 100;
    limit.rlim_cur = static_cast<rlim_t>(next) + 3;  // for one pair and a half
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return 101;
    const int fd = poll_fd(several.rings[0]);
    intptr_t untouched = 4711;
    if (ringbuf_poll_fd(several.rings[1], &untouched) != RINGBUF_SYSTEM || untouched != 4711) return 102;
    if (*ringbuf_last_error() == '\0' || arm(several.rings[1], 1) != RINGBUF_INVALID_ARGUMENT) return 103;
    if (arm(several.rings[0], 1) != RINGBUF_OK || put(several.writers[0], 1) != RINGBUF_OK) return 104;
    return readable(fd, kHowever) ? 0 : 105;
  });
  EXPECT_EQ(code, 0);
}
#endif

}  // namespace
