// What src/os/posix promises beyond the seam: where rings lie and whom they belong to, that what the dead leave goes, and
// what holds where there are no descriptors left.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "../support/child.hpp"
#include "../support/support.hpp"
#include "os/os.hpp"
#include "os_support.hpp"

using namespace ringbuf;
using process::Child;
using test::Owned;

namespace {

namespace fs = std::filesystem;

// A directory of its own, removed with all that is in it.
class Directory {
 public:
  Directory() {
    static int counter = 0;
    if (counter == 0) remove_those_of_the_dead();
    path_ = prefix + std::to_string(::getpid()) + "." + std::to_string(++counter);
    fs::create_directory(path_);
  }
  Directory(const Directory &) = delete;
  Directory &operator=(const Directory &) = delete;
  ~Directory() { fs::remove_all(path_); }

  const fs::path &path() const { return path_; }
  std::string text() const { return path_.string(); }

  // The rings in it, whether they have a name already or not.
  std::size_t rings() const {
    std::size_t count = 0;
    for (const auto &entry : fs::directory_iterator(path_)) {
      if (entry.path() != path_ / ".ringbuf-locks" && entry.path() != path_ / ".ringbuf-processes") ++count;
    }
    return count;
  }

 private:
  static constexpr char prefix[] = "/dev/shm/ringbuf-test-directory.";

  static void remove_those_of_the_dead() {
    for (const auto &entry : fs::directory_iterator("/dev/shm")) {
      const std::string path = entry.path().string();
      if (path.rfind(prefix, 0) != 0) continue;
      const auto owner = static_cast<pid_t>(std::atol(path.c_str() + sizeof prefix - 1));
      if (owner > 0 && ::kill(owner, 0) != 0 && errno == ESRCH) fs::remove_all(entry.path());
    }
  }

  fs::path path_;
};

// The rings of this program, those of the suite as well, are in a directory of its own, since the two files that the backend
// keeps beside them stay there.
class OwnDirectory : public testing::Environment {
 public:
  void SetUp() override {
    directory_.emplace();
    ::setenv("RINGBUF_DIRECTORY", directory_->text().c_str(), 1);
  }
  void TearDown() override { directory_.reset(); }

 private:
  std::optional<Directory> directory_;
};
[[maybe_unused]] auto *const own_directory = testing::AddGlobalTestEnvironment(new OwnDirectory);

// Becomes a user, unless that is 0, and uses a directory, unless that is "": makes rings, locks what can be locked, and says
// what came of it, its token and its number; then waits for its end.
ROLE(os_posix_user) {
  const std::string &directory = arguments.text("directory");
  const auto user = static_cast<uid_t>(arguments.number("user"));
  if (directory.empty()) {
    ::unsetenv("RINGBUF_DIRECTORY");
  } else {
    ::setenv("RINGBUF_DIRECTORY", directory.c_str(), 1);
  }
  if (user != 0 && (::setgid(user) != 0 || ::setuid(user) != 0)) return 1;
  Owned anonymous;
  Owned unpublished;
  Owned named;
  Owned opened;
  const std::string name = "ring." + std::to_string(::getpid());
  Status status = os::create(named, name.c_str(), os::page_bytes(), 0600);
  if (status == Status::ok) status = os::create(unpublished, "never", os::page_bytes(), 0600);
  if (status == Status::ok) status = os::create(anonymous, nullptr, os::page_bytes(), 0600);
  if (status == Status::ok) status = os::publish(named, name.c_str());
  if (status == Status::ok) status = os::open(opened, name.c_str());
  if (status == Status::ok) status = os::try_lock(named, os::writer_lock);
  if (status == Status::ok) status = os::try_lock(anonymous, os::writer_lock);
  if (status == Status::ok) status = os::try_lock(opened, os::reader_lock(7));
  if (status == Status::ok) status = os::lock_shared(opened, os::mapped_lock);
  if (status != Status::ok) std::cerr << last_error() << "\n";
  process::say(text_of(status));
  process::say(std::to_string(os::process_token()));
  process::say(std::to_string(::getpid()));
  if (process::hear() == "unlink") {
    (void)os::unlink_own(named, name.c_str());
    process::say("done");
    process::hear();
  }
  return 0;
}

Child user_of(const std::string &directory, uid_t user = 0) {
  return Child("os_posix_user", {{"directory", directory}, {"user", std::to_string(user)}});
}

TEST(OsPosix, TheDefaultDirectoryIsForItsUserAlone) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes root, to become a user that nobody else is";
  const auto user = static_cast<uid_t>(1'000'000 + ::getpid());
  const fs::path path = "/tmp/ringbuf-" + std::to_string(user);
  struct Cleaner {
    const fs::path &path;
    ~Cleaner() { fs::remove_all(path); }
  } cleaner{path};
  {
    Child process = user_of("", user);
    EXPECT_EQ(process.line(), "RINGBUF_OK");
    struct stat st {};
    ASSERT_EQ(::stat(path.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 07777, 0700u);
    EXPECT_EQ(st.st_uid, user);
  }
  fs::permissions(path, fs::perms(0770));
  EXPECT_EQ(user_of("", user).line(), "RINGBUF_PERMISSION") << "others can write there";
  fs::permissions(path, fs::perms(0700));
  EXPECT_EQ(user_of("", user).line(), "RINGBUF_OK");
  ASSERT_EQ(::chown(path.c_str(), user + 1, user), 0);
  EXPECT_EQ(user_of("", user).line(), "RINGBUF_PERMISSION") << "it is another user's";
  fs::remove_all(path);
  const Directory elsewhere;
  fs::permissions(elsewhere.path(), fs::perms(0777));
  fs::create_directory_symlink(elsewhere.path(), path);
  EXPECT_EQ(user_of("", user).line(), "RINGBUF_PERMISSION") << "it leads elsewhere";
}

TEST(OsPosix, TheDirectoryGivenHasToBeThere) {
  EXPECT_EQ(user_of("here").line(), "RINGBUF_SYSTEM") << "it is not absolute";
  EXPECT_EQ(user_of("/" + std::string(600, 'x')).line(), "RINGBUF_SYSTEM") << "it is too long";
  const Directory directory;
  EXPECT_EQ(user_of(directory.text() + "/none").line(), "RINGBUF_SYSTEM");
  EXPECT_EQ(user_of(directory.text()).line(), "RINGBUF_OK");
}

TEST(OsPosix, UsersShareADirectoryWhoseLocksAreRoots) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes root, to become other users";
  const Directory directory;
  fs::permissions(directory.path(), fs::perms(01777));
  {
    EXPECT_EQ(user_of(directory.text()).line(), "RINGBUF_OK");
    EXPECT_EQ(user_of(directory.text(), 1'000'001).line(), "RINGBUF_OK");
    EXPECT_EQ(user_of(directory.text(), 1'000'002).line(), "RINGBUF_OK");
  }
  ASSERT_EQ(::chown((directory.path() / ".ringbuf-locks").c_str(), 1'000'001, 1'000'001), 0);
  EXPECT_EQ(user_of(directory.text(), 1'000'001).line(), "RINGBUF_OK");
  EXPECT_EQ(user_of(directory.text(), 1'000'002).line(), "RINGBUF_PERMISSION") << "a stranger could remove our locks";
}

TEST(OsPosix, WhoClosesLeavesNothingBehind) {
  const Directory directory;
  Child process = user_of(directory.text());
  ASSERT_EQ(process.line(), "RINGBUF_OK");
  process.tell("unlink");
  (void)process.number();
  (void)process.number();
  ASSERT_EQ(process.line(), "done");
  EXPECT_EQ(directory.rings(), 1u) << "the one without a name";
  process.tell("end");
  EXPECT_EQ(process.wait(), 0);
  EXPECT_EQ(directory.rings(), 0u);
}

TEST(OsPosix, WhatHasNoNameYetGoesWithTheNextCreateWhenItsMakerIsDead) {
  const Directory directory;
  Child living = user_of(directory.text());
  ASSERT_EQ(living.line(), "RINGBUF_OK");
  EXPECT_EQ(directory.rings(), 2u);
  Child dying = user_of(directory.text());
  ASSERT_EQ(dying.line(), "RINGBUF_OK");
  EXPECT_EQ(directory.rings(), 4u);
  dying.kill();
  EXPECT_EQ(directory.rings(), 4u) << "a ring of a dead writer keeps its name";
  Child next = user_of(directory.text());
  ASSERT_EQ(next.line(), "RINGBUF_OK");
  EXPECT_EQ(directory.rings(), 5u);
}

TEST(OsPosix, AProcessIsKnownByItsToken) {
  Child other = user_of(std::getenv("RINGBUF_DIRECTORY"));
  ASSERT_EQ(other.line(), "RINGBUF_OK");
  const std::uint64_t token = other.number();
  EXPECT_EQ(os::process_number_of(token), other.number());
  EXPECT_EQ(os::process_number_of(os::process_token()), static_cast<std::uint32_t>(::getpid()));
  other.kill();
  EXPECT_EQ(os::process_number_of(token), 0u);
}

// Whoever closes a descriptor of the file would take the process's life from it.
TEST(OsPosix, AProcessLivesWhateverItsObjectsDo) {
  const std::uint64_t token = os::process_token();
  {
    Owned object;
    ASSERT_EQ(os::create(object, nullptr, os::page_bytes(), 0600), Status::ok) << last_error();
    ASSERT_EQ(os::renew(object), Status::ok) << last_error();
  }
  EXPECT_EQ(os::process_token(), token);
  EXPECT_TRUE(os::process_alive(token));
}

// Takes all descriptors that this process may have.
class Shortage {
 public:
  Shortage() {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    rlimit limit = before_;
    limit.rlim_cur = 256;
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    for (int fd = 0; (fd = ::dup(STDERR_FILENO)) >= 0;) taken_.push_back(fd);
  }
  Shortage(const Shortage &) = delete;
  Shortage &operator=(const Shortage &) = delete;
  ~Shortage() {
    for (const int fd : taken_) ::close(fd);
    (void)::setrlimit(RLIMIT_NOFILE, &before_);
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

TEST(OsPosix, ADirectoryThatCannotBeReadIsNotTakenForAnEmptyOne) {
  Owned object;
  ASSERT_EQ(os::create(object, nullptr, os::page_bytes(), 0600), Status::ok) << last_error();
  const Shortage shortage;
  int visits = 0;
  const auto count = [](const char *, void *user) { return ++*static_cast<int *>(user) > 0; };
  EXPECT_EQ(os::enumerate(count, &visits), Status::system);
  EXPECT_EQ(visits, 0);
}

ROLE(os_posix_short_of_descriptors) {
  (void)arguments;
  std::uint64_t token = 0;
  {
    const Shortage shortage;
    token = os::process_token();
    if (os::process_number_of(token) != static_cast<std::uint32_t>(::getpid())) return 1;
  }
  if (!os::process_alive(token)) return 2;
  if (os::process_token() == token) return 3;  // there is a file now
  if (!os::process_alive(token)) return 4;
  return 0;
}

TEST(OsPosix, AProcessWithoutItsFileGoesByItsNumber) {
  EXPECT_EQ(Child("os_posix_short_of_descriptors", {}).wait(), 0);
}

// So whoever waits sees within a pause that it was interrupted, and needs no wake-up.
TEST(OsPosix, AWaitIsOnePause) {
  Owned object;
  ASSERT_EQ(os::create(object, nullptr, os::page_bytes(), 0600), Status::ok) << last_error();
  const test::Mapped mapped(object);
  for (int i = 0; i < 20; ++i) os::wait(object, &test::word_at(mapped.region, 0), 0, test::hour_ns);
}

}  // namespace
