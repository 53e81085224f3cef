// Conformance of src/os, for backends of systems that have fork().
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "../support/forked.hpp"
#include "../support/process.hpp"
#include "../support/support.hpp"
#include "os/os.hpp"
#include "os_support.hpp"

using namespace ringbuf;
using test::Forked;
using test::Line;
using test::Owned;

namespace {

class OsForkedLock : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(os::create(one_, name_.c(), os::page_bytes(), 0600), Status::ok) << last_error();
    ASSERT_EQ(os::publish(one_, name_.c()), Status::ok) << last_error();
    ASSERT_EQ(os::open(two_, name_.c()), Status::ok) << last_error();
  }

  test::Name name_{"fork"};
  Owned one_;
  Owned two_;
};

TEST_F(OsForkedLock, StaysTheParentsWhenAChildDetaches) {
  ASSERT_EQ(os::try_lock(one_, os::writer_lock), Status::ok);
  Forked child([&](const Line &) {
    os::detach(one_);
    if (!one_.is_open()) return 1;
    if (!os::is_locked(one_, os::writer_lock)) return 2;  // the parent's
    if (os::try_lock(one_, os::writer_lock) != Status::busy) return 3;
    if (one_.bytes != os::page_bytes()) return 4;
    os::close(one_);
    return 0;
  });
  EXPECT_EQ(child.wait(), 0);
  EXPECT_TRUE(os::is_locked(two_, os::writer_lock));
  EXPECT_EQ(os::naming(one_, name_.c()), os::Naming::ours);
}

TEST_F(OsForkedLock, IsNotHeldByADetachedChildOfADeadParent) {
  Forked parent([&](const Line &line) {
    os::Object own;
    if (os::open(own, name_.c()) != Status::ok || os::try_lock(own, os::writer_lock) != Status::ok ||
        os::lock_shared(own, os::mapped_lock) != Status::ok) {
      return 1;
    }
    const Forked child([&](const Line &) {
      os::detach(own);
      line.say('.');
      (void)line.hear();  // until the test ends
      return 0;
    });
    (void)line.hear();
    return 2;
  });
  ASSERT_EQ(parent.hear<char>(), '.');
  EXPECT_TRUE(os::is_locked(one_, os::writer_lock));
  EXPECT_TRUE(os::is_shared(one_, os::mapped_lock));
  EXPECT_EQ(parent.kill(), -SIGKILL);
  EXPECT_FALSE(os::is_locked(one_, os::writer_lock));
  EXPECT_FALSE(os::is_shared(one_, os::mapped_lock));
}

TEST(OsForkedProcess, AChildIsAnotherProcessThanItsDeadParent) {
  if (!test::start_times_agree()) {
    GTEST_SKIP() << "/proc tells a process another start time of itself than of others (qemu-user)";
  }
  Owned shared;
  ASSERT_EQ(os::create(shared, nullptr, os::page_bytes(), 0600), Status::ok);
  const test::Mapped mapped(shared);
  auto *token = reinterpret_cast<std::uint64_t *>(mapped.region.begin);
  Forked parent([&](const Line &line) {
    token[0] = os::process_token();
    const Forked child([&](const Line &) {
      token[1] = os::process_token();
      line.say('.');
      (void)line.hear();
      return 0;
    });
    (void)line.hear();
    return 2;
  });
  ASSERT_EQ(parent.hear<char>(), '.');
  EXPECT_NE(token[0], token[1]);
  EXPECT_TRUE(os::process_alive(token[0]));
  EXPECT_TRUE(os::process_alive(token[1]));
  EXPECT_EQ(parent.kill(), -SIGKILL);
  EXPECT_FALSE(os::process_alive(token[0]));
  EXPECT_TRUE(os::process_alive(token[1]));
}

TEST(OsForkedProcess, AZombieDoesNotLive) {
  if (!test::start_times_agree()) {
    GTEST_SKIP() << "/proc tells a process another start time of itself than of others (qemu-user)";
  }
  Owned shared;
  ASSERT_EQ(os::create(shared, nullptr, os::page_bytes(), 0600), Status::ok);
  const test::Mapped mapped(shared);
  auto *token = reinterpret_cast<std::uint64_t *>(mapped.region.begin);
  Forked child([&](const Line &line) {
    *token = os::process_token();
    line.say('.');
    (void)line.hear();
    return 0;
  });
  ASSERT_EQ(child.hear<char>(), '.');
  EXPECT_TRUE(os::process_alive(*token));
  child.say('.');
  child.await_end();
  EXPECT_FALSE(os::process_alive(*token));
  EXPECT_EQ(child.wait(), 0);
}

std::atomic<int> fork_calls{0};

TEST(OsForkedProcess, HandlersRunAroundFork) {
  os::on_fork([] { fork_calls += 1; }, [] { fork_calls += 10; }, [] { fork_calls += 100; });
  Forked child([&](const Line &) { return fork_calls.load(); });
  EXPECT_EQ(child.wait(), 101);
  EXPECT_EQ(fork_calls, 11);
}

// As the registry of open rings does it: whoever has its lock may ask who this process is while another thread forks. That
// none waits for the other for ever is all there is to see.
std::mutex caller_mutex;

TEST(OsForkedProcess, WhoAsksForTheTokenWithALockMayBeForked) {
  if (!test::start_times_agree()) {
    GTEST_SKIP() << "/proc tells each thread another start time of its process (qemu-user)";
  }
  os::on_fork([] { caller_mutex.lock(); }, [] { caller_mutex.unlock(); }, [] { caller_mutex.unlock(); });
  const std::uint64_t token = os::process_token();
  std::atomic<bool> done{false};
  std::thread asker([&] {
    while (!done) {
      {
        const std::lock_guard lock(caller_mutex);
        std::this_thread::yield();
        EXPECT_EQ(os::process_token(), token);
      }
      std::this_thread::yield();
    }
  });
  for (int i = 0; i < 50; ++i) {
    Forked child([&](const Line &) { return os::process_token() == token ? 1 : 0; });
    EXPECT_EQ(child.wait(), 0);
  }
  done = true;
  asker.join();
}

}  // namespace
