// Conformance of src/os: sleeping on several words at once. A system that cannot do that says so, and no time has passed.
#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "../support/support.hpp"
#include "os/os.hpp"
#include "os_support.hpp"

using namespace ringbuf;
using test::hour_ns;
using test::Owned;

namespace {

class OsWaitAny : public testing::Test {
 protected:
  // Memory of its own for each word, and a second mapping of it that is read-only, for the sleeper.
  struct Place {
    Place() {
      EXPECT_EQ(os::create(object, nullptr, os::page_bytes(), 0600), Status::ok) << last_error();
      EXPECT_EQ(os::map(object, writable), Status::ok) << last_error();
      EXPECT_EQ(os::map(object, read_only), Status::ok) << last_error();
      EXPECT_EQ(os::protect(read_only, 0, os::page_bytes()), Status::ok) << last_error();
    }
    Place(const Place &) = delete;
    Place &operator=(const Place &) = delete;
    ~Place() {
      os::unmap(writable);
      os::unmap(read_only);
    }
    Owned object;
    os::Region writable, read_only;
  };

  // The first look at what the system can do: it returns at once, since the word is another.
  void SetUp() override {
    for (std::size_t i = 0; i < os::max_sleeps; ++i) places_.push_back(std::make_unique<Place>());
    word(0) = 1;
    const os::Sleep sleep{&seen(0), 0};
    can_ = os::wait_any(&sleep, 1, hour_ns);
    word(0) = 0;
  }

  Atomic32 &word(std::size_t i) const { return test::word_at(places_[i]->writable, 4); }
  const Atomic32 &seen(std::size_t i) const { return test::word_at(places_[i]->read_only, 4); }
  void move(std::size_t i) {
    const std::uint32_t before = word(i).fetch_add(1);
    os::wake_all(places_[i]->object, &word(i), before);
  }
  std::vector<os::Sleep> all_of(std::size_t count) const {
    std::vector<os::Sleep> sleeps;
    for (std::size_t i = 0; i < count; ++i) sleeps.push_back({&seen(i), seen(i).load()});
    return sleeps;
  }

  std::vector<std::unique_ptr<Place>> places_;
  bool can_ = false;
};

constexpr std::size_t counts[] = {1, 2, os::max_sleeps};

TEST_F(OsWaitAny, FalseMeansThatNoTimeHasPassed) {
  if (can_) return;
  for (const std::size_t count : counts) EXPECT_FALSE(os::wait_any(all_of(count).data(), count, hour_ns));
}

TEST_F(OsWaitAny, ReturnsAtOnceWhenOneWordIsAnother) {
  for (const std::size_t count : counts) {
    for (const std::size_t which : {std::size_t{0}, count / 2, count - 1}) {
      const std::vector<os::Sleep> sleeps = all_of(count);
      ++word(which);
      EXPECT_EQ(os::wait_any(sleeps.data(), count, hour_ns), can_);
    }
  }
}

TEST_F(OsWaitAny, ReturnsWhenTheTimeHasPassed) {
  for (const std::size_t count : counts) {
    const std::vector<os::Sleep> sleeps = all_of(count);
    for (const std::int64_t timeout_ns : {std::int64_t{20'000'000}, std::int64_t{1}, std::int64_t{0}}) {
      EXPECT_EQ(os::wait_any(sleeps.data(), count, timeout_ns), can_);
    }
  }
}

// A wake-up that is lost is a test that never ends. The sleeper answers each move on a word of its own, so that it sleeps
// again before the next one, or is about to.
TEST_F(OsWaitAny, ReturnsWhenAnyOfThemIsWoken) {
  if (!can_) return;
  Place answers;
  Atomic32 &answer = test::word_at(answers.writable, 0);
  for (const std::size_t count : counts) {
    constexpr std::uint32_t turns = 300;
    answer = 0;
    std::thread sleeper([&] {
      std::vector<os::Sleep> sleeps = all_of(count);
      answer = 1;
      os::wake_all(answers.object, &answer, 0);
      for (std::uint32_t turn = 1; turn <= turns; ++turn) {
        const std::size_t which = turn * 7 % count;
        while (seen(which).load() == sleeps[which].expected) {
          EXPECT_TRUE(os::wait_any(sleeps.data(), count, hour_ns));
        }
        ++sleeps[which].expected;
        answer = turn + 1;
        os::wake_all(answers.object, &answer, turn);
      }
    });
    for (std::uint32_t turn = 1; turn <= turns; ++turn) {
      (void)test::sleep_at(answers.object, answers.read_only, 0, turn - 1);
      if (turn % 2 == 0) std::this_thread::yield();
      move(turn * 7 % count);
    }
    sleeper.join();
  }
}

TEST_F(OsWaitAny, AllWhoSleepOnAWordAreWoken) {
  if (!can_) return;
  const auto sleep = [&](std::size_t count) {
    const std::vector<os::Sleep> sleeps = all_of(count);
    while (seen(count - 1).load() == 0) EXPECT_TRUE(os::wait_any(sleeps.data(), count, hour_ns));
  };
  std::thread one([&] { sleep(2); });
  std::thread two([&] { sleep(2); });
  std::thread three([&] { (void)test::sleep_at(places_[1]->object, places_[1]->read_only, 4, 0); });
  move(1);
  one.join();
  two.join();
  three.join();
}

}  // namespace
