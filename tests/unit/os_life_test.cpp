// Conformance of src/os: locks, processes, sleeping.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "../process/child.hpp"
#include "os/os.hpp"
#include "os_support.hpp"
#include "support.hpp"

using namespace ringbuf;
using process::Child;
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

// Takes the lock of a name's memory and keeps it until it is told to end.
ROLE(lock_holder) {
  Owned own;
  if (os::open(own, arguments.text("name").c_str()) != Status::ok) return 1;
  if (os::try_lock(own, {static_cast<std::uint32_t>(arguments.number("lock"))}) != Status::ok) return 2;
  process::say("ready");
  process::hear();
  return 0;
}

TEST_F(OsLock, IsReleasedWhenTheProcessThatHoldsItIsKilled) {
  Child child("lock_holder", {{"name", name_.text()}, {"lock", std::to_string(os::writer_lock.number)}});
  ASSERT_EQ(child.line(), "ready");
  EXPECT_TRUE(os::is_locked(one_, os::writer_lock));
  EXPECT_EQ(os::try_lock(one_, os::writer_lock), Status::busy);
  EXPECT_EQ(child.kill(), test::killed);
  EXPECT_FALSE(os::is_locked(one_, os::writer_lock));
  EXPECT_EQ(os::try_lock(one_, os::writer_lock), Status::ok);
}

TEST_F(OsLock, ThatIsFreeIsNeverRefusedBecauseOthersLookAtIt) {
  std::atomic<bool> done{false};
  std::thread watcher([&] {
    Owned own;
    ASSERT_EQ(os::open(own, name_.c()), Status::ok) << last_error();
    while (!done) (void)os::is_locked(own, os::writer_lock);
  });
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(os::try_lock(one_, os::writer_lock), Status::ok) << i;
    ASSERT_EQ(os::try_lock(two_, os::writer_lock), Status::busy) << i;
    os::unlock(one_, os::writer_lock);
    ASSERT_FALSE(os::is_locked(two_, os::writer_lock)) << i;
  }
  done = true;
  watcher.join();
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

ROLE(token_teller) {
  process::say(std::to_string(os::process_token()));
  process::hear();
  return 0;
}

TEST(OsProcess, ZombiesAndTheDeadDoNotLive) {
  Child child("token_teller", {});
  const std::uint64_t token = child.number();
  EXPECT_NE(token, os::process_token());
  EXPECT_TRUE(os::process_alive(token));
  child.tell("end");
  child.await_end();
  EXPECT_FALSE(os::process_alive(token)) << "the system still knows it, since we have not asked how it ended";
  EXPECT_EQ(child.wait(), 0);
  EXPECT_FALSE(os::process_alive(token));
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

// Sleeps on the word at the beginning of a name's memory until it has moved to `until`, and says each value that it has
// seen.
ROLE(os_sleeper) {
  Owned own;
  os::Region region;
  if (os::open(own, arguments.text("name").c_str()) != Status::ok) return 1;
  if (os::map(own, region) != Status::ok || os::protect(region, 0, os::page_bytes()) != Status::ok) return 2;
  const auto *word = reinterpret_cast<const Atomic32 *>(region.begin);
  const auto until = static_cast<std::uint32_t>(arguments.number("until"));
  std::uint32_t seen = 0;
  process::say("ready");
  while (seen != until) {
    while (word->load() == seen) os::wait(own, word, seen, hour_ns);
    seen = word->load();
    process::say(std::to_string(seen));
  }
  os::unmap(region);
  return 0;
}

// With no time limit: a wake-up that is lost is a test that never ends.
TEST(OsWait, WakesOtherProcessesOneMoveAtATime) {
  constexpr std::uint32_t moves = 200;
  const test::Name name("sleep");
  Owned object;
  ASSERT_EQ(os::create(object, name.c(), os::page_bytes(), 0600), Status::ok) << last_error();
  ASSERT_EQ(os::publish(object, name.c()), Status::ok) << last_error();
  const test::Mapped mapped(object);
  auto *word = reinterpret_cast<Atomic32 *>(mapped.region.begin);
  Child one("os_sleeper", {{"name", name.text()}, {"until", std::to_string(moves)}});
  Child two("os_sleeper", {{"name", name.text()}, {"until", std::to_string(moves)}});
  ASSERT_EQ(one.line(), "ready");
  ASSERT_EQ(two.line(), "ready");
  for (std::uint32_t i = 0; i < moves; ++i) {
    word->store(i + 1);
    os::wake_all(object, word, i);
    ASSERT_EQ(one.number(), i + 1);
    ASSERT_EQ(two.number(), i + 1);
  }
  EXPECT_EQ(one.wait(), 0);
  EXPECT_EQ(two.wait(), 0);
}

// Two who move the word, so that each of them moves it from another value.
TEST(OsWait, WhoMovesTheWordWakesThoseOfItsOwnMove) {
  constexpr std::uint32_t moves = 3000;
  Owned object;
  ASSERT_EQ(os::create(object, nullptr, os::page_bytes(), 0600), Status::ok) << last_error();
  const test::Mapped mapped(object);
  auto *word = reinterpret_cast<Atomic32 *>(mapped.region.begin);
  const auto move = [&] {
    for (std::uint32_t i = 0; i < moves; ++i) os::wake_all(object, word, word->fetch_add(1));
  };
  std::thread sleeper([&] {
    for (std::uint32_t seen = word->load(); seen != 2 * moves; seen = word->load()) {
      os::wait(object, word, seen, hour_ns);
    }
  });
  std::thread one(move);
  std::thread two(move);
  one.join();
  two.join();
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
