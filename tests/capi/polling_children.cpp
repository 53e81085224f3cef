// Descriptors for event loops with other processes: their puts and deaths, forks, read-only readers, no futex_waitv.
#include <sys/socket.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "polling.hpp"
#include "process.hpp"
#ifdef __linux__
#include "refuse.hpp"
#endif

namespace {

using namespace capi;

// A process that pops `count` samples by means of its descriptor. 0 if all went well.
int pop_by_polling(const Name& name, const Line& line, std::int64_t count) {
  ringbuf_t* ring = nullptr;
  intptr_t fd = -1;
  if (ringbuf_open(&ring, name.c(), 0) != RINGBUF_OK || ringbuf_poll_fd(ring, &fd) != RINGBUF_OK) return 10;
  for (std::int64_t i = 0; i < count; ++i) {
    if (arm(ring, i + 1) != RINGBUF_OK) return 11;
    line.say(readable(static_cast<int>(fd)));
    if (!readable(static_cast<int>(fd), kHowever)) return 12;
    std::int32_t item = -1;
    if (ringbuf_pop(ring, &item) != RINGBUF_OK || item != i) return 13;
  }
  if (arm(ring, count + 1) != RINGBUF_OK) return 14;
  line.say(readable(static_cast<int>(fd)));
  if (!readable(static_cast<int>(fd), kHowever)) return 15;
  return pop_code(ring);
}

void expect_woken(Handle& writer, Child& reader, int count) {
  for (int i = 0; i < count; ++i) {
    ASSERT_FALSE(reader.hear<bool>());
    if (i % 2 == 0) await_sleep(reader.pid());
    ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  }
  ASSERT_FALSE(reader.hear<bool>());
  await_sleep(reader.pid());
  ASSERT_EQ(writer.close(), RINGBUF_OK);
  EXPECT_EQ(reader.wait(), RINGBUF_CLOSED);
}

TEST(CapiPoll, IsWokenByAnotherProcess) {
  Name name;
  Handle writer = make(name.c(), options(8));
  Child reader([&](Line line) { return pop_by_polling(name, line, 20); });
  expect_woken(writer, reader, 20);
}

TEST(CapiPoll, TheDeathOfTheWriterMakesItReadable) {
  Name name;
  Child writer([&](Line line) {
    ringbuf_t* ring = nullptr;
    const ringbuf_options_t o = options(8);
    line.say(ringbuf_create(&ring, name.c(), &o));
    line.hold();
    return 0;
  });
  ASSERT_EQ(writer.hear<int>(), RINGBUF_OK);
  Handle reader = capi::open(name);
  const int fd = poll_fd(reader);
  ASSERT_EQ(arm(reader, 1), RINGBUF_OK);
  EXPECT_FALSE(readable(fd));
  writer.kill();
  EXPECT_TRUE(readable(fd, kHowever));
  // A pop asks once a clock tick whether the writer lives, so it may not know of the death yet.
  int code = pop_code(reader);
  for (; code == RINGBUF_EMPTY; code = pop_code(reader)) {
    ASSERT_EQ(arm(reader, 1), RINGBUF_OK);
    EXPECT_TRUE(readable(fd, kHowever));
  }
  EXPECT_EQ(code, RINGBUF_STALE);
}

TEST(CapiPoll, AReaderThatMayOnlyReadIsWoken) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become another user";
  Name name;
  ringbuf_options_t o = options(8);
  o.mode = 0644;
  Handle writer = make(name.c(), o);
  Child reader([&](Line line) {
    if (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0 || ::access(path(name).c_str(), W_OK) == 0) return 20;
    return pop_by_polling(name, line, 6);
  });
  expect_woken(writer, reader, 6);
}

#ifdef __linux__
TEST(CapiPoll, WorksWithoutFutexWaitv) {
  for (const int error : {ENOSYS, EPERM}) {
    Name name;
    Handle writer = make(name.c(), options(8));
    Child reader([&](Line line) {
      const bool refused = refuse(kFutexWaitv, error);
      line.say(refused);
      return refused ? pop_by_polling(name, line, 6) : 0;
    });
    if (!reader.hear<bool>()) GTEST_SKIP() << "no seccomp filter is to be had";
    expect_woken(writer, reader, 6);
  }
}
#endif

// Whether a child of a program with threads can start one. Sanitizers and emulators may not let it.
bool children_have_threads() {
  std::atomic<bool> done{false};
  std::thread other([&] {
    while (!done) std::this_thread::yield();
  });
  const pid_t pid = ::fork();
  if (pid == 0) {
    pthread_t thread;
    ::_exit(::pthread_create(
                &thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr) == 0
                ? 0
                : 1);
  }
  int status = 1;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  done = true;
  other.join();
  return status == 0;
}

// Its thread has begun before the fork: AddressSanitizer allocates in a thread that begins, and a child that is forked
// meanwhile finds the allocator locked for ever.
TEST(CapiPoll, AForkedChildHasNoneOfIt) {
  if (!children_have_threads()) GTEST_SKIP() << "no threads in a forked child";
  Pair before(options(8));
  const int begun = poll_fd(before.reader);
  ASSERT_EQ(arm(before.reader, 1), RINGBUF_OK);
  ASSERT_EQ(put(before.writer, 1), RINGBUF_OK);
  ASSERT_TRUE(readable(begun, kHowever));
  Pair ring(options(8));
  const int fd = poll_fd(ring.reader);
  ASSERT_EQ(arm(ring.reader, 1), RINGBUF_OK);
  Child child([&](Line line) {
    intptr_t given = 4711;
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0) return 30;  // closed here
    if (ringbuf_poll_fd(ring.reader, &given) != RINGBUF_FORKED || given != 4711) return 31;
    if (arm(ring.reader, 1) != RINGBUF_FORKED) return 32;
    ringbuf_close(ring.reader.release());
    return pop_by_polling(ring.name, line, 5);  // with a thread of its own
  });
  for (std::int64_t i = 0; i < 5; ++i) {
    ASSERT_FALSE(child.hear<bool>());
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    ASSERT_TRUE(readable(fd, kHowever)) << "the parent's goes on";
    ASSERT_EQ(arm(ring.reader, i + 2), RINGBUF_OK);
    EXPECT_FALSE(readable(fd));
  }
  ASSERT_FALSE(child.hear<bool>());
  ring.writer.close();
  EXPECT_TRUE(readable(fd, kHowever));
  EXPECT_EQ(child.wait(), RINGBUF_CLOSED);
}

// While other threads arm, wake and close, none of it stops in the child.
TEST(CapiPoll, ForksWhileDescriptorsComeAndGo) {
#ifdef RINGBUF_TEST_SANITIZED
  GTEST_SKIP() << "no threads in a forked child that are sure to begin";
#endif
  if (!children_have_threads()) GTEST_SKIP() << "no threads in a forked child";
  Pair ring(options(8));
  std::atomic<bool> done{false};
  std::thread poller([&] {
    while (!done) {
      Handle reader = capi::open(ring.name, RINGBUF_FROM_NEWEST);
      const int fd = poll_fd(reader);
      ASSERT_EQ(arm(reader, tell(reader) + 1), RINGBUF_OK);
      ASSERT_TRUE(readable(fd, kHowever));
    }
  });
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    EXPECT_EQ(in_child([&] {
                ringbuf_t* reader = nullptr;
                intptr_t fd = -1;
                if (ringbuf_open(&reader, ring.name.c(), 0) != RINGBUF_OK) return 40;
                if (ringbuf_poll_fd(reader, &fd) != RINGBUF_OK || arm(reader, 1) != RINGBUF_OK) return 41;
                return readable(static_cast<int>(fd), kHowever) ? ringbuf_close(reader) : 42;
              }),
              0);
  }
  done = true;
  ring.writer.close();
  poller.join();
}

TEST(CapiPoll, ExecClosesTheDescriptors) {
  Pair ring(options(8));
  const int fd = poll_fd(ring.reader);
  const std::string command = "! test -e /proc/self/fd/" + std::to_string(fd);
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
