// Conformance of src/os: locks.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "../support/support.hpp"
#include "os/os.hpp"
#include "os_peer.hpp"
#include "os_support.hpp"

using namespace ringbuf;
using test::Owned;

namespace {

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
  EXPECT_EQ(os::try_lock(one_, os::name_lock), Status::busy);
  os::unlock(two_, os::name_lock);
  EXPECT_EQ(os::try_lock(one_, os::name_lock), Status::ok);
}

TEST_F(OsLock, EachMemoryHasLocksOfItsOwn) {
  const test::Name other("other");
  Owned three;
  ASSERT_EQ(os::create(three, other.c(), os::page_bytes(), 0600), Status::ok) << last_error();
  ASSERT_EQ(os::try_lock(one_, os::writer_lock), Status::ok);
  EXPECT_FALSE(os::is_locked(three, os::writer_lock));
  EXPECT_EQ(os::try_lock(three, os::writer_lock), Status::ok);
}

// The memory has the locks, not the name.
TEST_F(OsLock, StaysWhenTheNameGoesToAnother) {
  ASSERT_EQ(os::try_lock(one_, os::writer_lock), Status::ok);
  ASSERT_EQ(test::unlink_name(name_.c()), Status::ok);
  EXPECT_TRUE(os::is_locked(two_, os::writer_lock));
  Owned successor;
  ASSERT_EQ(os::create(successor, name_.c(), os::page_bytes(), 0600), Status::ok) << last_error();
  ASSERT_EQ(os::publish(successor, name_.c()), Status::ok) << last_error();
  EXPECT_EQ(os::try_lock(successor, os::writer_lock), Status::ok);
  os::close(successor);
  EXPECT_TRUE(os::is_locked(two_, os::writer_lock));
  EXPECT_EQ(os::try_lock(two_, os::writer_lock), Status::busy);
  EXPECT_EQ(os::try_lock(two_, os::reader_lock(3)), Status::ok) << "new locks of memory without a name";
  EXPECT_TRUE(os::is_locked(one_, os::reader_lock(3)));
}

TEST_F(OsLock, AnAnonymousObjectHasThemToo) {
  Owned made;
  Owned opened;
  std::intptr_t handle = -1;
  ASSERT_EQ(os::create(made, nullptr, os::page_bytes(), 0600), Status::ok) << last_error();
  ASSERT_EQ(os::try_lock(made, os::writer_lock), Status::ok);
  ASSERT_EQ(os::share(made, handle), Status::ok);
  ASSERT_EQ(os::open_handle(opened, handle), Status::ok) << last_error();
  EXPECT_TRUE(os::is_locked(opened, os::writer_lock));
  EXPECT_EQ(os::try_lock(opened, os::writer_lock), Status::busy);
  EXPECT_EQ(os::try_lock(opened, os::reader_lock(0)), Status::ok);
  EXPECT_TRUE(os::is_locked(made, os::reader_lock(0)));
  os::close(made);
  EXPECT_EQ(os::try_lock(opened, os::writer_lock), Status::ok) << "its holder has closed";
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
  EXPECT_FALSE(os::is_shared(one_, os::read_only_waiter_lock));
  ASSERT_EQ(os::lock_shared(one_, os::read_only_waiter_lock), Status::ok);
  ASSERT_EQ(os::lock_shared(two_, os::read_only_waiter_lock), Status::ok);
  Owned third;
  ASSERT_EQ(os::open(third, name_.c()), Status::ok);
  EXPECT_FALSE(os::is_locked(third, os::read_only_waiter_lock));
  EXPECT_TRUE(os::is_shared(third, os::read_only_waiter_lock));
  os::unlock(one_, os::read_only_waiter_lock);
  EXPECT_TRUE(os::is_shared(third, os::read_only_waiter_lock));
  os::unlock(two_, os::read_only_waiter_lock);
  EXPECT_FALSE(os::is_shared(third, os::read_only_waiter_lock));
}

TEST_F(OsLock, IsHeldOffAndThenTaken) {
  ASSERT_EQ(os::try_lock(two_, os::writer_lock), Status::ok);
  EXPECT_EQ(os::hold_off(one_, os::writer_lock), Status::busy);
  os::unlock(two_, os::writer_lock);
  ASSERT_EQ(os::hold_off(one_, os::writer_lock), Status::ok);
  EXPECT_EQ(os::try_lock(two_, os::writer_lock), Status::busy);
  os::unlock(one_, os::writer_lock);
  EXPECT_EQ(os::try_lock(two_, os::writer_lock), Status::ok);
}

TEST_F(OsLock, AllThatAnObjectHasAreReleasedAtOnce) {
  for (const os::Lock lock : {os::writer_lock, os::name_lock, os::reader_lock(0), os::reader_lock(1023)}) {
    ASSERT_EQ(os::try_lock(one_, lock), Status::ok) << lock.number;
  }
  ASSERT_EQ(os::lock_shared(one_, os::mapped_lock), Status::ok);
  ASSERT_EQ(os::try_lock(two_, os::reader_lock(1)), Status::ok);
  os::unlock_all(one_);
  for (const os::Lock lock : {os::writer_lock, os::name_lock, os::reader_lock(0), os::reader_lock(1023)}) {
    EXPECT_FALSE(os::is_locked(two_, lock)) << lock.number;
  }
  EXPECT_FALSE(os::is_shared(two_, os::mapped_lock));
  EXPECT_TRUE(os::is_locked(one_, os::reader_lock(1))) << "another's stays";
}

TEST_F(OsLock, ARenewedObjectLocksAsBefore) {
  ASSERT_EQ(os::try_lock(two_, os::reader_lock(2)), Status::ok);
  ASSERT_EQ(os::renew(one_), Status::ok) << last_error();
  EXPECT_EQ(os::try_lock(one_, os::reader_lock(2)), Status::busy);
  EXPECT_EQ(os::try_lock(one_, os::writer_lock), Status::ok);
  EXPECT_TRUE(os::is_locked(two_, os::writer_lock));
}

TEST_F(OsLock, AnObjectThatIsNotOpenIsTakenForLocked) { EXPECT_TRUE(os::is_locked(os::Object(), os::writer_lock)); }

// Looks at the locks of a name's memory as long as it lives.
class Watcher {
 public:
  explicit Watcher(const char *name) {
    EXPECT_EQ(os::open(object_, name), Status::ok) << last_error();
    thread_ = std::thread([&] {
      while (!done_) {
        (void)os::is_locked(object_, os::writer_lock);
        (void)os::is_shared(object_, os::mapped_lock);
      }
    });
  }
  Watcher(const Watcher &) = delete;
  Watcher &operator=(const Watcher &) = delete;
  ~Watcher() {
    done_ = true;
    thread_.join();
  }

 private:
  Owned object_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

TEST_F(OsLock, ThatIsFreeIsNeverRefusedBecauseOthersLookAtIt) {
  const Watcher watcher(name_.c());
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(os::try_lock(one_, os::writer_lock), Status::ok) << i;
    ASSERT_EQ(os::try_lock(two_, os::writer_lock), Status::busy) << i;
    os::unlock(one_, os::writer_lock);
    ASSERT_FALSE(os::is_locked(two_, os::writer_lock)) << i;
    ASSERT_EQ(os::lock_shared(one_, os::mapped_lock), Status::ok) << i;
    ASSERT_TRUE(os::is_shared(two_, os::mapped_lock)) << i;
    os::unlock(one_, os::mapped_lock);
    ASSERT_FALSE(os::is_shared(two_, os::mapped_lock)) << i;
  }
}

TEST_F(OsLock, HoldsAgainstAnotherProcess) {
  test::Peer peer(name_.c());
  ASSERT_EQ(peer.opened(), Status::ok);
  ASSERT_EQ(os::try_lock(one_, os::writer_lock), Status::ok);
  EXPECT_TRUE(peer.is_locked(os::writer_lock));
  EXPECT_EQ(peer.try_lock(os::writer_lock), Status::busy);
  os::unlock(one_, os::writer_lock);
  EXPECT_FALSE(peer.is_locked(os::writer_lock));
  EXPECT_EQ(peer.try_lock(os::writer_lock), Status::ok);
  EXPECT_TRUE(os::is_locked(one_, os::writer_lock));
  EXPECT_EQ(os::try_lock(one_, os::writer_lock), Status::busy);
}

TEST_F(OsLock, IsReleasedWhenTheProcessThatHoldsItIsKilled) {
  test::Peer peer(name_.c());
  ASSERT_EQ(peer.try_lock(os::writer_lock), Status::ok);
  ASSERT_EQ(peer.try_lock(os::reader_lock(1)), Status::ok);
  ASSERT_EQ(peer.lock_shared(os::mapped_lock), Status::ok);
  EXPECT_TRUE(os::is_locked(one_, os::writer_lock));
  EXPECT_TRUE(os::is_locked(one_, os::reader_lock(1)));
  EXPECT_TRUE(os::is_shared(one_, os::mapped_lock));
  EXPECT_EQ(os::try_lock(one_, os::writer_lock), Status::busy);
  peer.kill();
  EXPECT_FALSE(os::is_locked(one_, os::writer_lock));
  EXPECT_FALSE(os::is_locked(one_, os::reader_lock(1)));
  EXPECT_FALSE(os::is_shared(one_, os::mapped_lock));
  EXPECT_EQ(os::try_lock(one_, os::writer_lock), Status::ok);
}

}  // namespace
