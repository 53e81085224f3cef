// What others leave under a name, or do to a ring's file, and what the system does not give: other users, locks that they hold,
// files that they cut short, limits. Being root is what makes it possible to be another user, and to take /proc away.
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <cstddef>

#include "../support/mounts.hpp"
#include "process.hpp"

namespace {

using namespace capi;

constexpr uid_t kSomebody = 1234;

#define SKIP_UNLESS_ROOT()                                \
  if (::geteuid() != 0) {                                 \
    GTEST_SKIP() << "needs root, to become another user"; \
  }                                                       \
  static_assert(true)

bool become(uid_t user) { return ::setgid(user) == 0 && ::setuid(user) == 0; }

// A locked range of a ring's file, as src/os/linux/linux.cpp has it: 0 the writer's lock, 1 the name's, 16 + i that of place i.
bool lock(int fd, int command, short type, long first, long count = 1) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = (off_t{1} << 62) + first;
  range.l_len = count;
  if (::fcntl(fd, command, &range) != 0) return false;
  return command != F_OFD_GETLK || range.l_type == F_UNLCK;
}

// Another user, who may only read the ring and holds locks of it, until he is killed.
class Stranger {
 public:
  Stranger(const Name& name, long first, long count = 1)
      : child_([&name, first, count](Line line) {
          if (!become(kNobody)) return 1;
          const int fd = ::open(path(name).c_str(), O_RDONLY);
          line.say(fd >= 0 && lock(fd, F_OFD_SETLK, F_RDLCK, first, count));
          line.hold();
          return 0;
        }) {
    EXPECT_TRUE(child_.hear<bool>());
  }
  void kill() { child_.kill(); }

 private:
  Child child_;
};

// Three samples, readable by all, whose writer died.
void leave_a_dead_ring(const Name& name, std::uint32_t mode = 0644, std::uint32_t flags = 0) {
  Child writer([&](Line line) {
    ringbuf_t* ring = nullptr;
    ringbuf_options_t o = options(8, 1, flags);
    o.mode = mode;
    const int code = ringbuf_create(&ring, name.c(), &o);
    line.say(code == RINGBUF_OK ? put(ring, 3) : code);
    line.hold();
    return 0;
  });
  ASSERT_EQ(writer.hear<int>(), RINGBUF_OK);
  writer.kill();
}

bool says(const std::string& what) { return std::string(ringbuf_last_error()).find(what) != std::string::npos; }

std::uint64_t pages_of(const Name& name) {
  struct stat st {};
  EXPECT_EQ(::stat(path(name).c_str(), &st), 0);
  return static_cast<std::uint64_t>(st.st_blocks) / 8;
}

// --- other users' rings --------------------------------------------------------------------------------------------------

// A stranger leaves what looks like a dead ring and cuts it short as soon as somebody has its lock.
void expect_create_survives(uid_t user, int expected) {
  Name name;
  Child stranger([&](Line line) {
    if (!become(kNobody)) return 1;
    ringbuf_t* ring = nullptr;
    const ringbuf_options_t o = options(100);
    void* raw = nullptr;
    std::size_t bytes = 0;
    if (ringbuf_create(&ring, nullptr, &o) != RINGBUF_OK || ringbuf_raw(ring, &raw, &bytes) != RINGBUF_OK) return 2;
    const std::vector<char> image(static_cast<char*>(raw), static_cast<char*>(raw) + bytes);
    ::umask(0);
    bool said = false;
    for (;;) {
      const int fd = ::open(path(name).c_str(), O_RDWR | O_CREAT, 0666);
      if (fd < 0 || ::pwrite(fd, image.data(), image.size(), 0) < 0) return 3;
      if (!said) line.say(said = true);
      for (int i = 0; i < 10000 && lock(fd, F_OFD_GETLK, F_WRLCK, 0); ++i) {
      }
      if (::ftruncate(fd, 0) != 0) return 4;
      ::close(fd);
    }
  });
  ASSERT_TRUE(stranger.hear<bool>());
  for (int i = 0; i < 60; ++i) {
    const int code = in_child([&] {
      if (!become(user)) return 100;
      ringbuf_t* ring = nullptr;
      const ringbuf_options_t o = options(100000);
      return ringbuf_create(&ring, name.c(), &o);
    });
    // Root may replace it, and then finds its own dead ring.
    ASSERT_TRUE(code == expected || code == RINGBUF_EXISTS) << code;
  }
}

TEST(CapiStrangers, ADeadRingThatIsCutShortKillsNobodyWhoCreates) {
  SKIP_UNLESS_ROOT();
  expect_create_survives(kSomebody, RINGBUF_EXISTS);
  expect_create_survives(0, RINGBUF_OK);
}

TEST(CapiStrangers, AnotherUsersDeadRingIsToldAndNotReplaced) {
  SKIP_UNLESS_ROOT();
  Name name;
  leave_a_dead_ring(name, 0666);
  const std::string before = read_file(path(name));
  EXPECT_EQ(in_child([&] {
              if (!become(kSomebody)) return 100;
              ringbuf_t* ring = nullptr;
              const ringbuf_options_t o = options(8);
              const int code = ringbuf_create(&ring, name.c(), &o);
              return says("user 0 ") ? code : 101;
            }),
            RINGBUF_EXISTS);
  EXPECT_TRUE(read_file(path(name)) == before) << "it was written to";
}

TEST(CapiStrangers, AnotherUsersRingIsNotResumed) {
  SKIP_UNLESS_ROOT();
  Name name;
  EXPECT_EQ(in_child([&] {
              if (!become(kNobody)) return 100;
              ringbuf_options_t o = options(8, 1, RINGBUF_KEEP);
              o.mode = 0666;
              ringbuf_t* ring = nullptr;
              const int code = ringbuf_create(&ring, name.c(), &o);
              ringbuf_close(ring);
              return code;
            }),
            RINGBUF_OK);
  const std::string before = read_file(path(name));
  ringbuf_t* ring = untouched();
  EXPECT_EQ(ringbuf_resume(&ring, name.c()), RINGBUF_PERMISSION);
  EXPECT_TRUE(says("user 65534")) << ringbuf_last_error();
  EXPECT_EQ(ring, untouched());
  EXPECT_TRUE(read_file(path(name)) == before) << "it was written to";
  // Its size is sealed: whoever made it cannot take it away.
  Handle anonymous = make(nullptr, options(8));
  intptr_t fd = -1;
  ASSERT_EQ(ringbuf_fd(anonymous, &fd), RINGBUF_OK);
  const int kept = ::dup(static_cast<int>(fd));
  ASSERT_EQ(::fchown(kept, kNobody, kNobody), 0);
  anonymous.close();
  Handle resumed;
  EXPECT_EQ(ringbuf_open_fd(resumed.out(), kept, RINGBUF_AS_WRITER), RINGBUF_OK) << ringbuf_last_error();
  ::close(kept);
}

// --- other users' locks --------------------------------------------------------------------------------------------------

TEST(CapiStrangers, TheLockOfANameIsNotWaitedForWithoutEnd) {
  SKIP_UNLESS_ROOT();
  Name dead, live;
  leave_a_dead_ring(dead);
  ringbuf_options_t o = options(8);
  o.mode = 0644;
  Handle writer = make(live.c(), o);
  const std::string before = read_file(path(dead));
  Stranger first(dead, 1), second(live, 1);
  ringbuf_t* ring = untouched();
  EXPECT_EQ(ringbuf_create(&ring, dead.c(), &o), RINGBUF_BUSY);
  EXPECT_EQ(ring, untouched());
  EXPECT_EQ(ringbuf_unlink(dead.c()), RINGBUF_BUSY);
  EXPECT_TRUE(read_file(path(dead)) == before) << "it was written to";
  EXPECT_EQ(writer.close(), RINGBUF_OK);
  EXPECT_TRUE(live.is_there()) << "nothing has been held up in vain";
  first.kill();
  second.kill();
  for (const Name* name : {&dead, &live}) {
    EXPECT_EQ(ringbuf_create(writer.out(), name->c(), &o), RINGBUF_OK) << ringbuf_last_error();
    EXPECT_EQ(info(writer).written, 0);
  }
}

TEST(CapiStrangers, TheWritersLockOfADeadRingIsToldAsBusy) {
  SKIP_UNLESS_ROOT();
  Name name;
  leave_a_dead_ring(name);
  Stranger stranger(name, 0);
  ringbuf_t* ring = untouched();
  const ringbuf_options_t o = options(8);
  EXPECT_EQ(ringbuf_create(&ring, name.c(), &o), RINGBUF_BUSY) << "its writer does not live";
  EXPECT_EQ(ringbuf_resume(&ring, name.c()), RINGBUF_BUSY);
  EXPECT_TRUE(says("no writer")) << ringbuf_last_error();
  EXPECT_EQ(ring, untouched());
  stranger.kill();
  Handle resumed;
  EXPECT_EQ(ringbuf_resume(resumed.out(), name.c()), RINGBUF_OK);
  EXPECT_EQ(info(resumed).written, 3);
}

TEST(CapiStrangers, ThePlaceOfADeadReaderIsFreedWhoeverSharesItsLock) {
  SKIP_UNLESS_ROOT();
  Name name;
  ringbuf_options_t o = options(8, 1, RINGBUF_LOSSLESS);
  o.mode = 0644;
  Handle writer = make(name.c(), o);
  Child reader([&](Line line) {
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_open(&ring, name.c(), 0));
    line.hold();
    return 0;
  });
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  ASSERT_EQ(put(writer, 8), RINGBUF_OK);
  reader.kill();
  Stranger stranger(name, 16, 16);
  EXPECT_EQ(ringbuf_wait_space(writer, 8, 10'000 * kMillisecond), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(put(writer, 8), RINGBUF_OK);
  EXPECT_EQ(info(writer).readers, 0U);
}

// --- files of other sizes ------------------------------------------------------------------------------------------------

TEST(CapiStrangers, OpenAllocatesNothing) {
  Name larger, holes;
  const ringbuf_options_t o = options(1 << 20);
  Handle first = make(larger.c(), o), second = make(holes.c(), o);
  const std::uint64_t pages = pages_of(larger);
  ASSERT_EQ(::truncate(path(larger).c_str(), off_t{1} << 30), 0);
  const int fd = ::open(path(holes).c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  const auto end = static_cast<off_t>(info(second).total_bytes);
  ASSERT_EQ(::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 65536, end - 65536), 0);
  // Behind the ring there are as many as it lacks.
  ASSERT_EQ(::fallocate(fd, 0, end, end), 0);
  const std::uint64_t punched = pages_of(holes);
  Handle reader, other;
  EXPECT_EQ(ringbuf_open(reader.out(), larger.c(), RINGBUF_OBSERVER), RINGBUF_OK);
  EXPECT_EQ(pages_of(larger), pages) << "for what is behind the ring";
  EXPECT_EQ(ringbuf_open(other.out(), holes.c(), RINGBUF_OBSERVER), RINGBUF_OK);
  EXPECT_EQ(pages_of(holes), punched) << "for what has been taken out of the ring";
  ::close(fd);
}

TEST(CapiStrangers, ResumeFillsWhatHasBeenTakenOut) {
  Name name;
  make(name.c(), options(1 << 20, 1, RINGBUF_KEEP)).close();
  const std::uint64_t pages = pages_of(name);
  const int fd = ::open(path(name).c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 1 << 20, 1 << 20), 0);
  ::close(fd);
  Handle writer;
  ASSERT_EQ(ringbuf_resume(writer.out(), name.c()), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(pages_of(name), pages);
}

TEST(CapiStrangers, UnlinkRemovesRingsAndNothingElse) {
  Name letter("letter"), empty("empty"), directory("directory"), link("link"), cut("cut"), later("later");
  write_file(path(letter), std::string(5000, 's'));
  write_file(path(empty), "");
  ASSERT_EQ(::mkdir(path(directory).c_str(), 0700), 0);
  ASSERT_EQ(::symlink(path(letter).c_str(), path(link).c_str()), 0);
  EXPECT_EQ(ringbuf_unlink(letter.c()), RINGBUF_CORRUPT);
  EXPECT_EQ(ringbuf_unlink(empty.c()), RINGBUF_NOT_INITIALIZED);
  EXPECT_EQ(ringbuf_unlink(directory.c()), RINGBUF_CORRUPT);
  EXPECT_EQ(ringbuf_unlink(link.c()), RINGBUF_CORRUPT);
  EXPECT_TRUE(letter.is_there() && empty.is_there());
  EXPECT_EQ(::rmdir(path(directory).c_str()), 0);
  EXPECT_EQ(::unlink(path(link).c_str()), 0);
  // Rings that nobody can open any more.
  make(cut.c(), options(8, 1, RINGBUF_KEEP)).close();
  ASSERT_EQ(::truncate(path(cut).c_str(), 100), 0);
  EXPECT_EQ(ringbuf_unlink(cut.c()), RINGBUF_OK) << ringbuf_last_error();
  make(later.c(), options(8, 1, RINGBUF_KEEP)).close();
  std::string bytes = read_file(path(later));
  ++bytes[8];
  write_file(path(later), bytes);
  EXPECT_EQ(ringbuf_unlink(later.c()), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_FALSE(cut.is_there() || later.is_there());
}

// --- limits ----------------------------------------------------------------------------------------------------------------

// In a child: creates rings of 8 MiB, named and not, and returns the code if the text has all of `words`.
template <class Limit>
int create_within(Limit limit, int expected, const std::vector<std::string>& words) {
  Name name;
  return in_child([&] {
    if (!limit()) return 100;
    ringbuf_t* ring = nullptr;
    const ringbuf_options_t o = options(2 << 20);
    std::size_t bytes = 0;
    if (ringbuf_size(&o, &bytes) != RINGBUF_OK) return 101;
    for (const char* which : {name.c(), static_cast<const char*>(nullptr)}) {
      if (ringbuf_create(&ring, which, &o) != expected) return 102;
      for (const std::string& word : words) {
        if (!says(word)) return 103;
      }
      if (expected == RINGBUF_NO_SPACE && !says(std::to_string(bytes))) return 104;
    }
    return name.is_there() ? 105 : expected;
  });
}

bool limited(int what, rlim_t bytes) {
  const struct rlimit limit { bytes, bytes };
  return ::setrlimit(static_cast<decltype(RLIMIT_AS)>(what), &limit) == 0;
}

TEST(CapiLimits, OfTheSizeOfFiles) {
  EXPECT_EQ(
      create_within([] { return limited(RLIMIT_FSIZE, 1 << 20); }, RINGBUF_NO_SPACE, {"RLIMIT_FSIZE", " 1048576 "}),
      RINGBUF_NO_SPACE);
}

#define NEEDS_LIMITS_OF_THE_ADDRESS_SPACE()                                               \
  if (std::getenv("RINGBUF_TEST_EMULATOR") != nullptr) {                                  \
    GTEST_SKIP() << "not to be had on this machine: RINGBUF_NO_MEMORY, from an emulator"; \
  }

#ifndef RINGBUF_TEST_SANITIZED  // which take address space of their own
TEST(CapiLimits, OfTheAddressSpace) {
  NEEDS_LIMITS_OF_THE_ADDRESS_SPACE();
  const auto limit = [] {
    std::ifstream statm("/proc/self/statm");
    rlim_t pages = 0;
    statm >> pages;
    return limited(RLIMIT_AS, pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + (4 << 20));
  };
  EXPECT_EQ(create_within(limit, RINGBUF_NO_MEMORY, {"RLIMIT_AS"}), RINGBUF_NO_MEMORY);
}

TEST(CapiLimits, OfLockedMemory) {
  NEEDS_LIMITS_OF_THE_ADDRESS_SPACE();
  SKIP_UNLESS_ROOT();
  const auto limit = [] { return limited(RLIMIT_MEMLOCK, 4 << 20) && become(kNobody) && ::mlockall(MCL_FUTURE) == 0; };
  EXPECT_EQ(create_within(limit, RINGBUF_NO_MEMORY, {"mlockall", "RLIMIT_MEMLOCK", " 4194304 "}), RINGBUF_NO_MEMORY);
}
#endif

// A memory control group of 4 MiB, of the first or the second version.
class Group {
 public:
  Group() {
    for (const char* root : {"/sys/fs/cgroup/memory", "/sys/fs/cgroup"}) {
      directory_ = std::string(root) + "/ringbuf-test." + std::to_string(test::process_id());
      const bool first = std::string(root) == "/sys/fs/cgroup/memory";
      if (::mkdir(directory_.c_str(), 0755) != 0) continue;
      if (write(first ? "memory.limit_in_bytes" : "memory.max", "4194304")) return;
      ::rmdir(directory_.c_str());
    }
    directory_.clear();
  }
  ~Group() {
    if (is_there()) {
      EXPECT_EQ(::rmdir(directory_.c_str()), 0);
    }
  }
  bool is_there() const { return !directory_.empty(); }
  bool enter() const { return write("cgroup.procs", std::to_string(::getpid())); }

 private:
  bool write(const std::string& file, const std::string& text) const {
    std::ofstream out(directory_ + "/" + file);
    out << text << std::flush;
    return out.good();
  }

  std::string directory_;
};

TEST(CapiLimits, OfAMemoryControlGroup) {
  const Group group;
  if (!group.is_there()) GTEST_SKIP() << "needs root, and a memory control group that it may make";
  EXPECT_EQ(create_within([&] { return group.enter(); }, RINGBUF_NO_SPACE, {"control group"}), RINGBUF_NO_SPACE);
}

// --- what is not mounted ---------------------------------------------------------------------------------------------------

// In a child that has an empty directory in the place of another one: the code that it gets, if the text names `word`.
template <class Body>
int without(const char* directory, const char* word, Body body) {
  return in_child([&] {
    if (!test::unshare_mounts().empty() || ::mount("none", directory, "tmpfs", 0, nullptr) != 0) return 100;
    const int code = body();
    return code == RINGBUF_OK || says(word) ? code : 101;
  });
}

TEST(CapiMissing, ProcAndDevShmAreNamed) {
  SKIP_UNLESS_ROOT();
  if (in_child([] { return test::unshare_mounts().empty() ? 0 : 1; }) != 0) GTEST_SKIP() << "needs a mount namespace";
  Name name, other;
  Handle writer = make(name.c(), options(8));
  ringbuf_t* ring = nullptr;
  const ringbuf_options_t o = options(8);
  EXPECT_EQ(without("/proc", "/proc", [&] { return ringbuf_create(&ring, other.c(), &o); }), RINGBUF_SYSTEM);
  EXPECT_EQ(without("/proc", "/proc", [&] { return ringbuf_create(&ring, nullptr, &o); }), RINGBUF_SYSTEM);
  EXPECT_EQ(without("/proc", "/proc", [&] { return ringbuf_open(&ring, name.c(), 0); }), RINGBUF_SYSTEM);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(without("/dev", "/dev/shm",
                      [&] {
                        switch (i) {
                          case 0:
                            return ringbuf_create(&ring, other.c(), &o);
                          case 1:
                            return ringbuf_open(&ring, name.c(), 0);
                          case 2:
                            return ringbuf_resume(&ring, name.c());
                          case 3:
                            return ringbuf_unlink(name.c());
                          default:
                            return ringbuf_list([](const char*, const ringbuf_info_t*, void*) { return 0; }, nullptr);
                        }
                      }),
              RINGBUF_SYSTEM)
        << i;
  }
  EXPECT_FALSE(other.is_there());
}

}  // namespace
