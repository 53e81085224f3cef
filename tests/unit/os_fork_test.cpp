// Conformance of src/os where there is fork(): locks in forked children, and the handlers.
#include <gtest/gtest.h>

#include <atomic>

#include "forked.hpp"
#include "os/os.hpp"
#include "os_support.hpp"
#include "support.hpp"

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

  test::Name name_{"lock"};
  Owned one_;
  Owned two_;
};

TEST_F(OsForkedLock, StaysTheParentsWhenAForkedChildDetaches) {
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

TEST_F(OsForkedLock, IsNotHeldByADetachedChildOfADeadParent) {
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

std::atomic<int> fork_calls{0};

TEST(OsProcess, ForkHandlersRunAroundFork) {
  os::on_fork([] { fork_calls += 1; }, [] { fork_calls += 10; }, [] { fork_calls += 100; });
  Forked child([&](const Line &) { return fork_calls.load(); });
  EXPECT_EQ(child.wait(), 101);
  EXPECT_EQ(fork_calls, 11);
}

}  // namespace
