// What src/os/posix promises beyond the seam: where rings lie and whom they belong to, that nothing stays behind for good,
// and that sleeping and living go on where there are no descriptors left.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "../process/child.hpp"
#include "forked.hpp"
#include "os/posix/posix.hpp"
#include "os_support.hpp"
#include "support.hpp"

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

  // What is in the working directory, as far as it does not stay there.
  std::set<std::string> left() const {
    std::set<std::string> found;
    for (const auto &entry : fs::directory_iterator(path_ / ".ringbuf")) {
      const std::string name = entry.path().filename().string();
      if (name != "look" && name != "w") found.insert(name);
    }
    return found;
  }
  std::size_t gates() const {
    const auto all = fs::directory_iterator(path_ / ".ringbuf" / "w");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
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

// The rings of this program, those of the suite as well, are in a directory of its own, since what the backend keeps beside
// them stays there.
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

std::string text_of(Status status) { return status_name(static_cast<int>(status)); }

// Becomes a user, unless that is 0, and uses a directory, unless that is "": creates a ring, opens it, sleeps, and says
// what came of it; then waits for its end.
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
  os::Region region;
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
  if (status == Status::ok) status = os::map(opened, region);
  if (status == Status::ok) {
    os::Object none;
    none.ring = os::process_token();
    const Atomic32 own_word{};
    os::wait(opened, &test::word_at(region, 0), 0, 1);
    os::wait(none, &own_word, 0, 1);
  }
  if (status != Status::ok) std::cerr << last_error() << "\n";
  process::say(text_of(status));
  if (process::hear() == "name") {
    (void)os::unlink_own(named, name.c_str());
    process::say("done");
    process::hear();
  }
  os::unmap(region);
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

TEST(OsPosix, UsersShareADirectoryWhoseWorkIsRoots) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes root, to become other users";
  const Directory directory;
  fs::permissions(directory.path(), fs::perms(01777));
  {
    EXPECT_EQ(user_of(directory.text()).line(), "RINGBUF_OK");
    EXPECT_EQ(user_of(directory.text(), 1'000'001).line(), "RINGBUF_OK");
    EXPECT_EQ(user_of(directory.text(), 1'000'002).line(), "RINGBUF_OK");
  }
  ASSERT_EQ(::chown((directory.path() / ".ringbuf").c_str(), 1'000'001, 1'000'001), 0);
  EXPECT_EQ(user_of(directory.text(), 1'000'001).line(), "RINGBUF_OK");
  EXPECT_EQ(user_of(directory.text(), 1'000'002).line(), "RINGBUF_PERMISSION") << "a stranger could remove our locks";
}

TEST(OsPosix, WhoClosesLeavesNothingBehind) {
  const Directory directory;
  {
    Child process = user_of(directory.text());
    ASSERT_EQ(process.line(), "RINGBUF_OK");
    process.tell("name");
    ASSERT_EQ(process.line(), "done");
    process.tell("end");
    EXPECT_EQ(process.wait(), 0);
  }
  const std::set<std::string> left = directory.left();
  ASSERT_EQ(left.size(), 1u) << "the file of the process is removed by the next one";
  EXPECT_EQ(left.begin()->rfind("process-", 0), 0u) << *left.begin();
}

TEST(OsPosix, WhatTheDeadLeaveGoesWithTheNextCreate) {
  const Directory directory;
  Child living = user_of(directory.text());
  ASSERT_EQ(living.line(), "RINGBUF_OK");
  const std::set<std::string> of_the_living = directory.left();
  for (int i = 0; i < 3; ++i) {
    Child dying = user_of(directory.text());
    ASSERT_EQ(dying.line(), "RINGBUF_OK");
    dying.tell("name");
    ASSERT_EQ(dying.line(), "done");
    dying.kill();
    EXPECT_GT(directory.left().size(), of_the_living.size());
  }
  Child next = user_of(directory.text());
  ASSERT_EQ(next.line(), "RINGBUF_OK");
  next.kill();
  EXPECT_LE(directory.gates(), 1u);
  const std::set<std::string> left = directory.left();
  for (const std::string &name : of_the_living) EXPECT_EQ(left.count(name), 1u) << name << " is in use";
  EXPECT_EQ(left.size(), 2 * of_the_living.size()) << "there is more than that of two processes";
}

// A ring of a dead writer stays with all that belongs to it, until its name goes.
TEST(OsPosix, ARingThatHasANameKeepsItsLocks) {
  const Directory directory;
  {
    Child dying = user_of(directory.text());
    ASSERT_EQ(dying.line(), "RINGBUF_OK");
  }
  const auto rings = [&] {
    std::set<std::string> found;
    for (const auto &entry : fs::directory_iterator(directory.path())) {
      struct stat st {};
      if (::stat(entry.path().c_str(), &st) != 0 || !S_ISREG(st.st_mode)) continue;
      std::ostringstream name;
      name << std::hex << st.st_dev << "-" << st.st_ino;
      found.insert(name.str());
    }
    return found;
  };
  ASSERT_EQ(rings().size(), 1u);
  const std::string ring = *rings().begin();
  EXPECT_EQ(directory.left().count(ring), 1u);
  { EXPECT_EQ(user_of(directory.text()).line(), "RINGBUF_OK"); }
  EXPECT_EQ(directory.left().count(ring), 1u);
  std::vector<std::ifstream> files;  // no other file gets their numbers
  for (const auto &entry : fs::directory_iterator(directory.path())) {
    if (!entry.is_regular_file()) continue;
    files.emplace_back(entry.path());
    fs::remove(entry.path());
  }
  { EXPECT_EQ(user_of(directory.text()).line(), "RINGBUF_OK"); }
  EXPECT_EQ(directory.left().count(ring), 0u);
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

TEST(OsPosix, ASleeperWithoutADescriptorLooksByItself) {
  Owned object;
  ASSERT_EQ(os::create(object, nullptr, os::page_bytes(), 0600), Status::ok) << last_error();
  const test::Mapped mapped(object);
  const Shortage shortage;
  std::thread sleeper([&] { (void)test::sleep_at(object, mapped.region, 0, 0); });
  test::word_at(mapped.region, 0) = 1;  // nobody is woken
  sleeper.join();
  os::wait(object, &test::word_at(mapped.region, 0), 1, 3'000'000);
}

TEST(OsPosix, AProcessWithoutItsFileGoesByItsNumber) {
  test::Forked child([](const test::Line &line) {
    std::uint64_t token = 0;
    {
      const Shortage shortage;
      token = os::process_token();
    }
    if (token == 0 || !os::process_alive(token)) return 1;
    if (os::process_token() == token) return 2;  // there is a file now
    if (!os::process_alive(token)) return 3;
    line.send();
    return 0;
  });
  EXPECT_TRUE(child.line().receive());
  EXPECT_EQ(child.wait(), 0);
}

// Two who wake each other in turn, in memory of their own, while somebody tidies up the gates all the time. A wake-up that
// is lost is a test that never ends.
TEST(OsPosix, WhoTidiesUpTakesNobodysWakeUp) {
  constexpr std::uint32_t turns = 3000;
  os::Object none;
  none.ring = os::process_token();
  struct Words {
    alignas(8) Atomic32 ping{};
    Atomic32 pong{};
  } words;
  const auto sleep = [&](const Atomic32 &word, std::uint32_t expected) {
    while (word.load() == expected) os::wait(none, &word, expected, test::hour_ns);
  };
  std::atomic<bool> done{false};
  std::thread tidier([&] {
    while (!done) os::posix::sweep();
  });
  std::thread guest([&] {  // leaves gates behind at which nobody sleeps any more
    while (!done) os::wait(none, &words.ping, words.ping, 1);
  });
  std::thread player([&] {
    for (std::uint32_t turn = 0; turn < turns; ++turn) {
      sleep(words.ping, turn);
      words.pong = turn + 1;
      os::wake_all(none, &words.pong, turn);
    }
  });
  for (std::uint32_t turn = 0; turn < turns; ++turn) {
    words.ping = turn + 1;
    os::wake_all(none, &words.ping, turn);
    sleep(words.pong, turn);
  }
  player.join();
  done = true;
  tidier.join();
  guest.join();
}

// A gate whose maker died before it could say that it is for all.
TEST(OsPosix, AGateIsForAllAsSoonAsSomebodySleepsAtIt) {
  Owned object;
  ASSERT_EQ(os::create(object, nullptr, os::page_bytes(), 0600), Status::ok) << last_error();
  const test::Mapped mapped(object);
  const os::posix::WorkPath gate = os::posix::WorkPath(*object.extra).below("w").below("g0");
  ASSERT_EQ(::mkfifo(gate.text, 0600), 0) << gate.text;
  os::wait(object, &test::word_at(mapped.region, 0), 0, 1);
  struct stat st {};
  ASSERT_EQ(::stat(gate.text, &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0666u);
}

}  // namespace
