// Conformance of src/os: locks, processes, sleeping.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "forked.hpp"
#include "os/os.hpp"
#include "os_support.hpp"
#include "support.hpp"

using namespace ringbuf;
using test::Forked;
using test::Line;
using test::Owned;

namespace {

constexpr std::int64_t hour_ns = 3'600'000'000'000;

class OsLock : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(os::create(one_, name_.c(), os::page_bytes(), 0600), Status::ok) << last_error();
    ASSERT_EQ(os::publish(one_, name_.c()), Status::ok) << last_error();
    ASSERT_EQ(os::open(two_, name_.c()), Status::ok) << last_error();
  }

  test::Name name_{"lock"};
  Owned one_;
  Owned two_;
};

TEST_F(OsLock, HasOneHolderInOneProcessAsWell) {
  EXPECT_FALSE(os::is_locked(two_, os::writer_lock));
  ASSERT_EQ(os::try_lock(one_, os::writer_lock), Status::ok);
  EXPECT_TRUE(os::is_locked(two_, os::writer_lock));
  EXPECT_TRUE(os::is_shared(two_, os::writer_lock)) << "in any way";
  EXPECT_EQ(os::try_lock(two_, os::writer_lock), Status::busy);
  EXPECT_FALSE(os::is_locked(one_, os::writer_lock)) << "it is our own";
  EXPECT_EQ(os::try_lock(one_, os::writer_lock), Status::ok) << "ours already";
  os::unlock(one_, os::writer_lock);
  EXPECT_FALSE(os::is_locked(two_, os::writer_lock));
  EXPECT_EQ(os::try_lock(two_, os::writer_lock), Status::ok);
}

TEST_F(OsLock, EachNumberIsALockOfItsOwn) {
  ASSERT_EQ(os::try_lock(one_, os::writer_lock), Status::ok);
  ASSERT_EQ(os::try_lock(one_, os::reader_lock(1023)), Status::ok);
  EXPECT_EQ(os::try_lock(two_, os::name_lock), Status::ok);
  EXPECT_EQ(os::try_lock(two_, os::reader_lock(0)), Status::ok);
  EXPECT_EQ(os::try_lock(two_, os::reader_lock(1022)), Status::ok);
  EXPECT_EQ(os::try_lock(two_, os::reader_lock(1023)), Status::busy);
}

TEST_F(OsLock, IsReleasedWithItsObject) {
  os::Object third;
  ASSERT_EQ(os::open(third, name_.c()), Status::ok);
  ASSERT_EQ(os::try_lock(third, os::writer_lock), Status::ok);
  EXPECT_TRUE(os::is_locked(one_, os::writer_lock));
  os::close(third);
  EXPECT_FALSE(os::is_locked(one_, os::writer_lock));
}

TEST_F(OsLock, StaysWhenAnotherObjectOfTheMemoryCloses) {
  ASSERT_EQ(os::try_lock(one_, os::writer_lock), Status::ok);
  std::intptr_t handle = -1;
  ASSERT_EQ(os::share(one_, handle), Status::ok);
  {
    Owned third;
    Owned fourth;
    ASSERT_EQ(os::open(third, name_.c()), Status::ok);
    ASSERT_EQ(os::open_handle(fourth, handle), Status::ok);
    EXPECT_EQ(os::try_lock(fourth, os::writer_lock), Status::busy);
  }
  EXPECT_TRUE(os::is_locked(two_, os::writer_lock));
}

TEST_F(OsLock, SharedLocksHaveManyHoldersAndDoNotCountAsExclusive) {
  EXPECT_FALSE(os::is_shared(one_, os::silent_reader_lock));
  ASSERT_EQ(os::lock_shared(one_, os::silent_reader_lock), Status::ok);
  ASSERT_EQ(os::lock_shared(two_, os::silent_reader_lock), Status::ok);
  Owned third;
  ASSERT_EQ(os::open(third, name_.c()), Status::ok);
  EXPECT_FALSE(os::is_locked(third, os::silent_reader_lock));
  EXPECT_TRUE(os::is_shared(third, os::silent_reader_lock));
  os::unlock(one_, os::silent_reader_lock);
  EXPECT_TRUE(os::is_shared(third, os::silent_reader_lock));
  os::unlock(two_, os::silent_reader_lock);
  EXPECT_FALSE(os::is_shared(third, os::silent_reader_lock));
}

TEST_F(OsLock, AnObjectThatIsNotOpenIsTakenForLocked) { EXPECT_TRUE(os::is_locked(os::Object(), os::writer_lock)); }

TEST_F(OsLock, IsReleasedWhenTheProcessThatHoldsItIsKilled) {
  Forked child([&](const Line &line) {
    os::Object own;
    if (os::open(own, name_.c()) != Status::ok || os::try_lock(own, os::writer_lock) != Status::ok) return 1;
    line.send();
    (void)line.receive();
    return 2;
  });
  ASSERT_TRUE(child.line().receive());
  EXPECT_TRUE(os::is_locked(one_, os::writer_lock));
  EXPECT_EQ(os::try_lock(one_, os::writer_lock), Status::busy);
  EXPECT_EQ(child.kill(), -SIGKILL);
  EXPECT_FALSE(os::is_locked(one_, os::writer_lock));
  EXPECT_EQ(os::try_lock(one_, os::writer_lock), Status::ok);
}

TEST_F(OsLock, StaysTheParentsWhenAForkedChildDetaches) {
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
}

TEST_F(OsLock, IsNotHeldByADetachedChildOfADeadParent) {
  Forked parent([&](const Line &line) {
    os::Object own;
    if (os::open(own, name_.c()) != Status::ok || os::try_lock(own, os::writer_lock) != Status::ok) return 1;
    const Forked child([&](const Line &) {
      os::detach(own);
      line.send();
      (void)line.receive();  // until the test ends
      return 0;
    });
    (void)line.receive();
    return 2;
  });
  ASSERT_TRUE(parent.line().receive());
  EXPECT_TRUE(os::is_locked(one_, os::writer_lock));
  EXPECT_EQ(parent.kill(), -SIGKILL);
  EXPECT_FALSE(os::is_locked(one_, os::writer_lock));
}

TEST(OsProcess, KnowsItself) {
  const std::uint64_t token = os::process_token();
  EXPECT_NE(token, 0u);
  EXPECT_EQ(os::process_token(), token);
  EXPECT_TRUE(os::process_alive(token));
  EXPECT_FALSE(os::process_alive(0));
  EXPECT_EQ(os::process_domain(), os::process_domain());
}

TEST(OsProcess, AnotherStartTimeIsAnotherProcess) {
  EXPECT_FALSE(os::process_alive(os::process_token() + (std::uint64_t{1} << 40)));
}

TEST(OsProcess, ZombiesAndTheDeadDoNotLive) {
  const test::Name name("token");
  Owned shared;
  ASSERT_EQ(os::create(shared, nullptr, os::page_bytes(), 0600), Status::ok);
  const test::Mapped mapped(shared);
  auto *token = reinterpret_cast<std::uint64_t *>(mapped.region.begin);
  Forked child([&](const Line &line) {
    *token = os::process_token();
    line.send();
    (void)line.receive();
    return 0;
  });
  ASSERT_TRUE(child.line().receive());
  EXPECT_NE(*token, os::process_token());
  EXPECT_TRUE(os::process_alive(*token));
  child.line().send();
  child.wait_until_zombie();
  EXPECT_FALSE(os::process_alive(*token));
  EXPECT_EQ(child.wait(), 0);
  EXPECT_FALSE(os::process_alive(*token));
}

std::atomic<int> fork_calls{0};

TEST(OsProcess, ForkHandlersRunAroundFork) {
  os::on_fork([] { fork_calls += 1; }, [] { fork_calls += 10; }, [] { fork_calls += 100; });
  Forked child([&](const Line &) { return fork_calls.load(); });
  EXPECT_EQ(child.wait(), 101);
  EXPECT_EQ(fork_calls, 11);
}

// Memory that is no Object.
os::Object own_memory() {
  os::Object none;
  none.ring = os::process_token();
  return none;
}

TEST(OsWait, ReturnsAtOnceWhenTheWordIsAnother) {
  const Atomic32 word{1};
  os::wait(own_memory(), &word, 0, hour_ns);
}

TEST(OsWait, ReturnsWhenTheTimeHasPassed) {
  const Atomic32 word{0};
  os::wait(own_memory(), &word, 0, 1'000'000);
  os::wait(own_memory(), &word, 0, 0);
}

TEST(OsWait, ReturnsWhenWoken) {
  Atomic32 word{0};
  std::thread sleeper([&] {
    while (word.load() == 0) os::wait(own_memory(), &word, 0, hour_ns);
  });
  word = 1;
  os::wake_all(own_memory(), &word, 0);
  sleeper.join();
}

TEST(OsWait, WakesEverybodyThroughAnotherMappingThatIsReadOnly) {
  Owned object;
  ASSERT_EQ(os::create(object, nullptr, os::page_bytes(), 0600), Status::ok);
  const test::Mapped writable(object);
  const test::Mapped read_only(object);
  ASSERT_EQ(os::protect(read_only.region, 0, os::page_bytes()), Status::ok);
  auto *word = reinterpret_cast<Atomic32 *>(writable.region.begin);
  const auto *seen = reinterpret_cast<const Atomic32 *>(read_only.region.begin);
  const auto sleep = [&] {
    while (seen->load() == 0) os::wait(object, seen, 0, hour_ns);
  };
  std::thread one(sleep);
  std::thread two(sleep);
  word->store(1);
  os::wake_all(object, word, 0);
  one.join();
  two.join();
}

TEST(OsClock, NeverGoesBack) {
  std::int64_t last = os::monotonic_ns();
  std::int64_t last_tick = os::tick_ns();
  EXPECT_GT(last, 0);
  EXPECT_GT(os::realtime_ns(), 1'600'000'000'000'000'000);
  for (int i = 0; i < 100'000; ++i) {
    const std::int64_t tick = os::tick_ns();
    const std::int64_t now = os::monotonic_ns();
    ASSERT_GE(now, last);
    ASSERT_GE(tick, last_tick);
    ASSERT_LE(tick, now);
    last = now;
    last_tick = tick;
  }
}

}  // namespace
