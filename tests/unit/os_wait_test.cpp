// Conformance of src/os: sleeping, the clocks, and random numbers.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "../support/support.hpp"
#include "os/os.hpp"
#include "os_peer.hpp"
#include "os_support.hpp"

using namespace ringbuf;
using test::hour_ns;
using test::Owned;

namespace {

class OsWait : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(os::create(object_, name_.c(), os::page_bytes(), 0600), Status::ok) << last_error();
    ASSERT_EQ(os::publish(object_, name_.c()), Status::ok) << last_error();
    ASSERT_EQ(os::map(object_, region_), Status::ok) << last_error();
    none_.ring = os::process_token();
  }
  void TearDown() override { os::unmap(region_); }

  Atomic32 &word(std::size_t offset = 0) const { return test::word_at(region_, offset); }

  test::Name name_{"wait"};
  Owned object_;
  os::Region region_;
  os::Object none_;      // whose memory is the caller's
  Atomic32 own_word_{};  // which is here
};

TEST_F(OsWait, ReturnsAtOnceWhenTheWordIsAnother) {
  word() = own_word_ = 1;
  os::wait(object_, &word(), 0, hour_ns);
  os::wait(none_, &own_word_, 0, hour_ns);
}

TEST_F(OsWait, ReturnsWhenTheTimeHasPassed) {
  for (const std::int64_t timeout_ns : {std::int64_t{20'000'000}, std::int64_t{1}, std::int64_t{0}}) {
    os::wait(object_, &word(), 0, timeout_ns);
    os::wait(none_, &own_word_, 0, timeout_ns);
  }
}

TEST_F(OsWait, ReturnsWhenWoken) {
  std::thread sleeper([&] { (void)test::sleep_at(object_, region_, 0, 0); });
  word() = 1;
  os::wake_all(object_, &word(), 0);
  sleeper.join();
}

TEST_F(OsWait, ReturnsWhenWokenInTheCallersMemory) {
  std::thread sleeper([&] {
    while (own_word_.load() == 0) os::wait(none_, &own_word_, 0, hour_ns);
  });
  own_word_ = 1;
  os::wake_all(none_, &own_word_, 0);
  sleeper.join();
}

TEST_F(OsWait, WakesEverybodyThroughAnotherMappingThatIsReadOnly) {
  const test::Mapped read_only(object_);
  ASSERT_EQ(os::protect(read_only.region, 0, os::page_bytes()), Status::ok);
  std::thread one([&] { (void)test::sleep_at(object_, read_only.region, 0, 0); });
  std::thread two([&] { (void)test::sleep_at(object_, read_only.region, 0, 0); });
  word() = 1;
  os::wake_all(object_, &word(), 0);
  one.join();
  two.join();
}

// In what follows nothing has a time limit: a wake-up that is lost is a test that never ends.

// Each waits for the other one's move, on a word of its own, so that each sleeps while it is woken over the other word.
TEST_F(OsWait, TwoInTurn) {
  constexpr std::uint32_t turns = 2000;
  constexpr std::size_t ping = 8;
  constexpr std::size_t pong = 12;
  Owned other;
  ASSERT_EQ(os::open(other, name_.c()), Status::ok) << last_error();
  const test::Mapped theirs(other);
  std::thread player([&] {
    for (std::uint32_t turn = 0; turn < turns; ++turn) {
      (void)test::sleep_at(other, theirs.region, ping, turn);
      test::word_at(theirs.region, pong) = turn + 1;
      os::wake_all(other, &test::word_at(theirs.region, pong), turn);
    }
  });
  for (std::uint32_t turn = 0; turn < turns; ++turn) {
    word(ping) = turn + 1;
    os::wake_all(object_, &word(ping), turn);
    (void)test::sleep_at(object_, region_, pong, turn);
  }
  player.join();
}

// Two who move the word, each of them from another value.
TEST_F(OsWait, WhoMovesTheWordWakesThoseOfItsOwnMove) {
  constexpr std::uint32_t moves = 3000;
  const auto move = [&] {
    for (std::uint32_t i = 0; i < moves; ++i) os::wake_all(object_, &word(), word().fetch_add(1));
  };
  std::thread sleeper([&] {
    for (std::uint32_t seen = word(); seen != 2 * moves;) seen = test::sleep_at(object_, region_, 0, seen);
  });
  std::thread one(move);
  std::thread two(move);
  one.join();
  two.join();
  sleeper.join();
}

TEST_F(OsWait, WakesOtherProcessesOneMoveAtATime) {
  constexpr std::uint32_t moves = 300;
  test::Peer one(name_.c());
  test::Peer two(name_.c());
  ASSERT_EQ(one.opened(), Status::ok);
  ASSERT_EQ(two.opened(), Status::ok);
  for (std::uint32_t i = 0; i < moves; ++i) {
    one.sleep(0, i);
    two.sleep(0, i);
    if (i % 2 == 1) std::this_thread::yield();
    word() = i + 1;
    os::wake_all(object_, &word(), i);
    ASSERT_EQ(one.woke(), i + 1);
    ASSERT_EQ(two.woke(), i + 1);
  }
}

// A sleeper that dies leaves nothing behind that others trip over.
TEST_F(OsWait, ADeadSleeperDisturbsNobody) {
  test::Peer living(name_.c());
  ASSERT_EQ(living.opened(), Status::ok);
  {
    test::Peer dying(name_.c());
    ASSERT_EQ(dying.opened(), Status::ok);
    dying.sleep(0, 0);
    dying.kill();
  }
  living.sleep(0, 0);
  word() = 1;
  os::wake_all(object_, &word(), 0);
  EXPECT_EQ(living.woke(), 1u);
}

// A name that comes into being ends the sleep, whether that was before it or during it.
TEST(OsNames, AWatchSeesANameComeIntoBeing) {
  const test::Name other("other");
  for (const bool before : {true, false}) {
    const test::Name name("awaited");
    Owned watch;
    const Status watching = os::watch_names(watch);
    if (watching == Status::unsupported) {  // then a wait merely sleeps
      os::wait_for_name(watch, name.c(), 1'000'000);
      return;
    }
    ASSERT_EQ(watching, Status::ok) << last_error();
    Owned object, another;
    ASSERT_EQ(os::create(object, name.c(), os::page_bytes(), 0600), Status::ok) << last_error();
    ASSERT_EQ(os::create(another, other.c(), os::page_bytes(), 0600), Status::ok) << last_error();
    const auto appear = [&] {
      EXPECT_EQ(os::publish(another, other.c()), Status::ok) << last_error();
      EXPECT_EQ(os::unlink_own(another, other.c()), Status::ok) << last_error();
      EXPECT_EQ(os::publish(object, name.c()), Status::ok) << last_error();
    };
    if (before) appear();
    std::thread maker([&] {
      if (!before) appear();
    });
    while (os::naming(object, name.c()) != os::Naming::ours) os::wait_for_name(watch, name.c(), hour_ns);
    maker.join();
    os::wait_for_name(watch, name.c(), 0);
  }
}

TEST(OsNames, WithoutAWatchTheTimePasses) {
  const os::Object none;
  for (const std::int64_t timeout_ns : {std::int64_t{20'000'000}, std::int64_t{1}, std::int64_t{0}}) {
    const std::int64_t before = os::monotonic_ns();
    os::wait_for_name(none, "no-such-name", timeout_ns);
    EXPECT_GE(os::monotonic_ns() - before, timeout_ns);
  }
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

// All that was asked for is random, and nothing else is touched.
TEST(OsRandom, FillsWhatItIsGiven) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{16}, std::size_t{256}}) {
    std::vector<std::uint8_t> bytes(size + 2), before, all(size + 2);
    for (int draw = 0; draw < 64; ++draw) {
      before = bytes;
      ASSERT_TRUE(os::random_bytes(bytes.data() + 1, size));
      EXPECT_TRUE(size == 1 || bytes != before);
      for (std::size_t i = 0; i < bytes.size(); ++i) all[i] |= bytes[i];
    }
    EXPECT_EQ(all.front(), 0);
    EXPECT_EQ(all.back(), 0);
    for (std::size_t i = 1; i <= size; ++i) EXPECT_EQ(all[i], 0xff) << "byte " << i - 1 << " of " << size;
  }
}

}  // namespace
