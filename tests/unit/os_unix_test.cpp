// What the backends of Unix systems promise beyond the seam: a ring is a file in a directory, with the mode asked for and
// pages that are there; what is no plain file is refused.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "../support/support.hpp"
#include "os/os.hpp"
#include "os_support.hpp"

using namespace ringbuf;
using test::Owned;

namespace {

constexpr std::uint64_t bytes = 65536;

std::string path(const test::Name &name) { return test::name_path(name.text()); }

TEST(OsUnix, TheFileHasItsModeWhateverTheUmask) {
  const test::Name name("mode");
  const mode_t before = ::umask(0077);
  Owned object;
  ASSERT_EQ(os::create(object, name.c(), bytes, 0664), Status::ok);
  ASSERT_EQ(os::publish(object, name.c()), Status::ok);
  ::umask(before);
  struct stat st {};
  ASSERT_EQ(::stat(path(name).c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0664u);
  EXPECT_EQ(st.st_size, static_cast<off_t>(bytes));
  EXPECT_GE(static_cast<std::uint64_t>(st.st_blocks) * 512, bytes) << "pages are missing";
}

TEST(OsUnix, LinksAreNotFollowed) {
  const test::Name name("target");
  const test::Name link("link");
  Owned object;
  ASSERT_EQ(os::create(object, name.c(), bytes, 0600), Status::ok);
  ASSERT_EQ(os::publish(object, name.c()), Status::ok);
  ASSERT_EQ(::symlink(path(name).c_str(), path(link).c_str()), 0);
  Owned found;
  EXPECT_EQ(os::open(found, link.c()), Status::corrupt);
  EXPECT_FALSE(found.is_open());
  EXPECT_EQ(os::naming(object, link.c()), os::Naming::other);
  Owned other;
  ASSERT_EQ(os::create(other, link.c(), bytes, 0600), Status::ok);
  EXPECT_EQ(os::publish(other, link.c()), Status::exists);
}

TEST(OsUnix, DirectoriesAreRefused) {
  const test::Name name("directory");
  ASSERT_EQ(::mkdir(path(name).c_str(), 0700), 0);
  Owned found;
  EXPECT_EQ(os::open(found, name.c()), Status::corrupt);
  EXPECT_FALSE(found.is_open());
  ::rmdir(path(name).c_str());
}

TEST(OsUnix, FifosAreRefusedWithoutWaitingForThem) {
  const test::Name name("fifo");
  ASSERT_EQ(::mkfifo(path(name).c_str(), 0600), 0);
  Owned found;
  EXPECT_EQ(os::open(found, name.c()), Status::corrupt);
  EXPECT_FALSE(found.is_open());
}

// What the system says of the one is never taken for what became of the other.
TEST(OsUnix, WhatIsNoFileComesAndGoes) {
  const test::Name name("thing");
  std::atomic<bool> done{false};
  std::thread other([&] {
    for (int i = 0; i < 5000; ++i) {
      EXPECT_EQ(::mkdir(path(name).c_str(), 0700), 0);
      EXPECT_EQ(::rmdir(path(name).c_str()), 0);
      EXPECT_EQ(::symlink("/nowhere", path(name).c_str()), 0);
      EXPECT_EQ(::unlink(path(name).c_str()), 0);
    }
    done = true;
  });
  while (!done) {
    Owned found;
    const Status status = os::open(found, name.c());
    EXPECT_TRUE(status == Status::corrupt || status == Status::not_found) << last_error();
  }
  other.join();
}

TEST(OsUnix, ADescriptorOfSomethingElseIsRefused) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  Owned found;
  EXPECT_EQ(os::open_handle(found, ends[0]), Status::corrupt);
  EXPECT_FALSE(found.is_open());
  EXPECT_EQ(::fcntl(ends[0], F_GETFD), 0) << "the descriptor is its owner's";
  ::close(ends[0]);
  ::close(ends[1]);
}

// Another process may close it or keep it, and the object's locks do not depend on that.
TEST(OsUnix, ADescriptorThatIsHandedOutIsNoObjectsOwn) {
  Owned made;
  Owned found;
  std::intptr_t handle = -1;
  ASSERT_EQ(os::create(made, nullptr, bytes, 0600), Status::ok);
  ASSERT_EQ(os::share(made, handle), Status::ok);
  ASSERT_EQ(os::open_handle(found, handle), Status::ok);
  EXPECT_NE(handle, made.fd);
  EXPECT_NE(handle, found.fd);
}

TEST(OsUnix, DescriptorsDoNotGoThroughExec) {
  const test::Name name("exec");
  Owned object;
  Owned found;
  std::intptr_t handle = -1;
  ASSERT_EQ(os::create(object, name.c(), bytes, 0600), Status::ok);
  ASSERT_EQ(os::publish(object, name.c()), Status::ok);
  ASSERT_EQ(os::open(found, name.c()), Status::ok);
  ASSERT_EQ(os::share(object, handle), Status::ok);
  for (const int fd : {object.fd, found.fd, static_cast<int>(handle)}) EXPECT_EQ(::fcntl(fd, F_GETFD), FD_CLOEXEC);
}

// A user who may only read the ring can hold a shared lock of a slot; that keeps nobody else from holding it off.
TEST(OsUnix, ALockIsHeldOffByManyAndBesideAnotherUsersSharedLock) {
  const test::Name name("held-off");
  Owned one;
  Owned two;
  Owned third;
  ASSERT_EQ(os::create(one, name.c(), bytes, 0600), Status::ok);
  ASSERT_EQ(os::publish(one, name.c()), Status::ok);
  ASSERT_EQ(os::open(two, name.c()), Status::ok);
  ASSERT_EQ(os::open(third, name.c()), Status::ok);
  ASSERT_EQ(os::lock_shared(one, os::writer_lock), Status::ok);
  ASSERT_EQ(os::hold_off(two, os::writer_lock), Status::ok);
  EXPECT_FALSE(os::is_locked(third, os::writer_lock)) << "nobody has it";
  EXPECT_EQ(os::try_lock(third, os::writer_lock), Status::busy);
  os::unlock(one, os::writer_lock);
  EXPECT_EQ(os::try_lock(third, os::writer_lock), Status::busy);
  os::unlock(two, os::writer_lock);
  EXPECT_EQ(os::try_lock(third, os::writer_lock), Status::ok);
}

}  // namespace
