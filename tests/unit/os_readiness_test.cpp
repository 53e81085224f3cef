// Conformance of src/os: descriptors for event loops, and the thread that makes them readable, where a system has them.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "os/os.hpp"
#include "ringbuf/ringbuf.hpp"

using namespace ringbuf;

namespace {

class OsReadiness : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(os::make_readiness(readiness_), Status::ok) << last_error(); }
  void TearDown() override { os::close(readiness_); }

  int given() const { return static_cast<int>(readiness_.given); }
  bool readable(int timeout_ms = 0) const {
    pollfd one{given(), POLLIN, 0};
    int ready = 0;
    do {
      ready = ::poll(&one, 1, timeout_ms);
    } while (ready < 0 && errno == EINTR);
    return ready == 1 && one.revents == POLLIN;
  }

  os::Readiness readiness_;
};

TEST_F(OsReadiness, IsReadableFromSetToClear) {
  EXPECT_FALSE(readable());
  os::clear_ready(readiness_);
  EXPECT_FALSE(readable());
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(os::set_ready(readiness_));
    EXPECT_TRUE(readable());
    EXPECT_TRUE(readable());
    os::clear_ready(readiness_);
    EXPECT_FALSE(readable());
  }
}

TEST_F(OsReadiness, ItsHolderReadsOneByteOfEachSet) {
  char bytes[8];
  EXPECT_TRUE(os::set_ready(readiness_));
  EXPECT_EQ(::read(given(), bytes, sizeof bytes), 1);
  EXPECT_FALSE(readable());
  EXPECT_EQ(::read(given(), bytes, sizeof bytes), -1) << "it does not block";
  EXPECT_EQ(errno, EAGAIN);
}

TEST_F(OsReadiness, OneClearUndoesManySets) {
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(os::set_ready(readiness_));
  EXPECT_TRUE(readable());
  os::clear_ready(readiness_);
  EXPECT_FALSE(readable());
}

TEST_F(OsReadiness, EndsThePollOfAnotherThread) {
  for (int i = 0; i < 100; ++i) {
    std::thread loop([&] { EXPECT_TRUE(readable(-1)); });
    EXPECT_TRUE(os::set_ready(readiness_));
    loop.join();
    os::clear_ready(readiness_);
  }
}

// No signal comes of it (SIGPIPE would end this program), and nothing is to be tried again.
TEST_F(OsReadiness, AHolderThatHasShutItDownIsNoFailure) {
  ASSERT_EQ(::shutdown(given(), SHUT_RDWR), 0);
  EXPECT_TRUE(os::set_ready(readiness_));
  os::clear_ready(readiness_);
}

TEST_F(OsReadiness, NothingOfItGoesThroughExec) {
  for (const std::intptr_t end : {readiness_.given, readiness_.ours}) {
    EXPECT_EQ(::fcntl(static_cast<int>(end), F_GETFD), FD_CLOEXEC);
  }
}

// Both ends are closed once. Others may have their numbers by the second time.
TEST_F(OsReadiness, IsClosedOnce) {
  const int ends[] = {given(), static_cast<int>(readiness_.ours)};
  os::close(readiness_);
  EXPECT_EQ(readiness_.given, -1);
  EXPECT_EQ(readiness_.ours, -1);
  for (const int end : ends) EXPECT_EQ(::fcntl(end, F_GETFD), -1);
  for (const int end : ends) ASSERT_EQ(::dup2(STDERR_FILENO, end), end);
  os::close(readiness_);
  for (const int end : ends) EXPECT_EQ(::close(end), 0);
}

struct Started {
  std::thread::id thread;
  int open_to = 0;  // a signal that is not blocked
  std::atomic<bool> done{false};

  static void run(void *argument) {
    auto &started = *static_cast<Started *>(argument);
    sigset_t blocked;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGCHLD, SIGTSTP,
                             SIGTTIN, SIGTTOU, SIGURG, SIGPROF, SIGVTALRM, SIGWINCH, SIGIO, SIGXCPU, SIGXFSZ}) {
      if (sigismember(&blocked, signal) == 0) started.open_to = signal;
    }
    started.thread = std::this_thread::get_id();
    started.done = true;
  }
};

TEST(OsThread, RunsWithItsArgumentAndTakesNoSignals) {
  sigset_t before;
  sigset_t after;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &before);
  for (int i = 0; i < 20; ++i) {
    Started one;
    Started two;
    ASSERT_EQ(os::start_thread(Started::run, &one), Status::ok) << last_error();
    ASSERT_EQ(os::start_thread(Started::run, &two), Status::ok) << last_error();
    for (const Started *each : {&one, &two}) {
      while (!each->done) std::this_thread::yield();
      EXPECT_EQ(each->open_to, 0);
      EXPECT_NE(each->thread, std::this_thread::get_id());
    }
  }
  ::pthread_sigmask(SIG_BLOCK, nullptr, &after);
  for (int signal = 1; signal < 32; ++signal) {
    EXPECT_EQ(sigismember(&after, signal), sigismember(&before, signal)) << "the caller's signals: " << signal;
  }
}

}  // namespace
