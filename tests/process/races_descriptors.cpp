// A process that has no descriptors left: whatever takes one says RINGBUF_SYSTEM and leaves nothing behind, what is open
// goes on, and all is well again when there are some. Each test is a process of its own.
#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "races.hpp"

namespace {

using races::Handle;
using races::Process;

constexpr int most_free = 6;  // with so many everything works

std::size_t open_descriptors() {
  std::size_t count = 0;
  for (int fd = 0; fd < 256; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
  return count;
}

// Takes all descriptors but `free`.
class Shortage {
 public:
  explicit Shortage(int free) {
    rlimit limit{};
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = 128;
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    for (int fd = 0; (fd = ::dup(STDERR_FILENO)) >= 0;) taken_.push_back(fd);
    for (; free > 0; --free) give_back();
  }
  ~Shortage() {
    while (!taken_.empty()) give_back();
  }
  Shortage(const Shortage&) = delete;
  Shortage& operator=(const Shortage&) = delete;

 private:
  void give_back() {
    ::close(taken_.back());
    taken_.pop_back();
  }
  std::vector<int> taken_;
};

// Runs `prepare()` and then `call(handle)`, which returns a code, with fewer and fewer descriptors: it works with enough
// of them, and says SYSTEM with none; in between it does one or the other. When it fails nothing is left open, and
// `check()` runs.
template <class Call, class Prepare, class Check>
void run_short(const char* what, Call call, Prepare prepare, Check check) {
  SCOPED_TRACE(what);
  {
    // What the library opens once for the whole process.
    Handle handle;
    const auto o = races::options(8);
    EXPECT_EQ(ringbuf_create(handle.out(), nullptr, &o), RINGBUF_OK) << ringbuf_last_error();
  }
  for (int free = most_free; free >= 0; --free) {
    SCOPED_TRACE(std::to_string(free) + " descriptors");
    prepare();
    const std::size_t before = open_descriptors();
    {
      Handle handle;
      int code = RINGBUF_OK;
      std::size_t taken = 0;
      {
        const Shortage shortage(free);
        const std::size_t then = open_descriptors();
        code = call(handle);
        taken = open_descriptors() - then;
      }
      if (free == most_free) {
        EXPECT_EQ(code, RINGBUF_OK) << ringbuf_last_error();
      } else if (free == 0) {
        EXPECT_EQ(code, RINGBUF_SYSTEM) << ringbuf_last_error();
      } else {
        EXPECT_TRUE(code == RINGBUF_OK || code == RINGBUF_SYSTEM) << ringbuf_error_name(code);
      }
      if (code != RINGBUF_OK) {
        EXPECT_EQ(taken, 0U);
        EXPECT_FALSE(handle);
        check();
      }
    }
    EXPECT_EQ(open_descriptors(), before);
  }
}

template <class Call>
void run_short(const char* what, Call call) {
  run_short(
      what, call, [] {}, [] {});
}

// The tests run in processes of their own, whose failures show in their exit codes.
#define IN_A_PROCESS(suite, test)                 \
  static void suite##_##test();                   \
  RACES_ROLE(suite##_##test##_process) {          \
    suite##_##test();                             \
    return 0;                                     \
  }                                               \
  TEST(suite, test) {                             \
    Process process(#suite "_" #test "_process"); \
    EXPECT_EQ(process.wait(), 0);                 \
  }                                               \
  static void suite##_##test()

IN_A_PROCESS(Descriptors, Create) {
  const races::Name name;
  const auto o = races::options(8);
  run_short("create", [&](Handle& handle) {
    const int code = ringbuf_create(handle.out(), name.c(), &o);
    EXPECT_EQ(name.is_there(), code == RINGBUF_OK);
    return code;
  });
  run_short("create anonymous", [&](Handle& handle) { return ringbuf_create(handle.out(), nullptr, &o); });
  EXPECT_FALSE(name.is_there());
}

RACES_ROLE(dying_writer) {
  const auto o = races::options(8);
  Handle writer;
  if (ringbuf_create(writer.out(), arguments.at(0).c_str(), &o) != RINGBUF_OK || races::put(writer, 3) != RINGBUF_OK)
    return 1;
  ::_exit(0);
}

// A dead ring is replaced, or it stays as it is.
IN_A_PROCESS(Descriptors, ReplaceOrResume) {
  const races::Name name;
  const auto o = races::options(16);
  for (const bool resume : {false, true}) {
    const auto call = [&](Handle& handle) {
      const int code = resume ? ringbuf_resume(handle.out(), name.c()) : ringbuf_create(handle.out(), name.c(), &o);
      EXPECT_TRUE(name.is_there());
      return code;
    };
    const auto prepare = [&] {
      (void)ringbuf_unlink(name.c());
      Process writer("dying_writer", {name.text()});
      EXPECT_EQ(writer.wait(), 0);
    };
    const auto check = [&] {
      Handle writer, reader;
      ASSERT_EQ(ringbuf_open(reader.out(), name.c(), 0), RINGBUF_OK);
      EXPECT_EQ(ringbuf_resume(writer.out(), name.c()), RINGBUF_OK);
      races::expect_pops(reader, 0, 3);
    };
    run_short(resume ? "resume" : "replace", call, prepare, check);
  }
}

IN_A_PROCESS(Descriptors, Open) {
  const races::Name name;
  const auto o = races::options(8);
  Handle writer;
  ASSERT_EQ(ringbuf_create(writer.out(), name.c(), &o), RINGBUF_OK);
  ASSERT_EQ(races::put(writer, 3), RINGBUF_OK);
  std::intptr_t fd = -1;
  ASSERT_EQ(ringbuf_fd(writer, &fd), RINGBUF_OK);
  run_short("open", [&](Handle& handle) { return ringbuf_open(handle.out(), name.c(), 0); });
  run_short("open_fd", [&](Handle& handle) { return ringbuf_open_fd(handle.out(), fd, 0); });
  EXPECT_EQ(races::info(writer).readers, 0U);
  Handle reader;
  ASSERT_EQ(ringbuf_open(reader.out(), name.c(), 0), RINGBUF_OK);
  races::expect_pops(reader, 0, 3);
}

// ringbuf_fd makes its descriptor when it is asked for the first time.
IN_A_PROCESS(Descriptors, Share) {
  const auto o = races::options(8);
  Handle writer, reader;
  ASSERT_EQ(ringbuf_create(writer.out(), nullptr, &o), RINGBUF_OK);
  std::intptr_t fd = -5;
  {
    const Shortage shortage(0);
    EXPECT_EQ(ringbuf_fd(writer, &fd), RINGBUF_SYSTEM);
    EXPECT_EQ(fd, -5);
  }
  ASSERT_EQ(ringbuf_fd(writer, &fd), RINGBUF_OK);
  {
    const Shortage shortage(0);
    std::intptr_t again = -5;
    EXPECT_EQ(ringbuf_fd(writer, &again), RINGBUF_OK);
    EXPECT_EQ(again, fd);
  }
  EXPECT_EQ(ringbuf_open_fd(reader.out(), fd, 0), RINGBUF_OK);
}

IN_A_PROCESS(Descriptors, OpenRingsGoOn) {
  const races::Name name, overwriting;
  auto o = races::options(8, RINGBUF_LOSSLESS);
  Handle writer, reader, other_writer, other_reader;
  ASSERT_EQ(ringbuf_create(writer.out(), name.c(), &o), RINGBUF_OK);
  ASSERT_EQ(ringbuf_open(reader.out(), name.c(), 0), RINGBUF_OK);
  o.flags = 0;
  ASSERT_EQ(ringbuf_create(other_writer.out(), overwriting.c(), &o), RINGBUF_OK);
  ASSERT_EQ(ringbuf_open(other_reader.out(), overwriting.c(), 0), RINGBUF_OK);
  {
    const Shortage shortage(0);
    for (std::int64_t i = 0; i < 100; i += 8) {
      ASSERT_EQ(races::put(writer, 8), RINGBUF_OK);
      ASSERT_EQ(races::put(writer, 1), RINGBUF_FULL);
      EXPECT_EQ(ringbuf_wait_space(writer, 1, races::millisecond), RINGBUF_TIMEOUT);
      races::expect_pops(reader, i, 8);
      EXPECT_EQ(ringbuf_wait(reader, i + 9, races::millisecond), RINGBUF_TIMEOUT);
    }
    ASSERT_EQ(races::put(other_writer, 8), RINGBUF_OK);
    races::expect_pops(other_reader, 0, 8);
    EXPECT_EQ(ringbuf_wait(other_reader, 9, races::millisecond), RINGBUF_TIMEOUT);
    EXPECT_EQ(races::info(other_reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
    EXPECT_EQ(ringbuf_list([](const char*, const ringbuf_info_t*, void*) { return 0; }, nullptr), RINGBUF_SYSTEM);
    // Closing takes none: the stream ends and the name goes.
    writer.close();
    std::int64_t item = 0;
    EXPECT_EQ(ringbuf_pop(reader, &item), RINGBUF_CLOSED);
    EXPECT_FALSE(name.is_there());
  }
  EXPECT_EQ(races::put(other_writer, 1), RINGBUF_OK);
}

struct Memory {
  explicit Memory(const ringbuf_options_t& o) {
    EXPECT_EQ(ringbuf_size(&o, &bytes), RINGBUF_OK);
    at = ::calloc(1, bytes);
  }
  ~Memory() { std::free(at); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  std::size_t bytes = 0;
  void* at = nullptr;
};

// In the caller's memory the writer's life is looked up in /proc. If that cannot be done, nobody is taken for dead.
IN_A_PROCESS(Descriptors, RawMemory) {
  const auto o = races::options(8, RINGBUF_LOSSLESS);
  const Memory memory(o), late_memory(o);
  Handle writer, reader, late, other;
  ASSERT_EQ(ringbuf_create_raw(writer.out(), memory.at, memory.bytes, &o), RINGBUF_OK);
  ASSERT_EQ(ringbuf_open_raw(reader.out(), memory.at, memory.bytes, 0), RINGBUF_OK);
  int made_late = RINGBUF_OK;
  {
    const Shortage shortage(0);
    EXPECT_NE(ringbuf_open_raw(other.out(), memory.at, memory.bytes, RINGBUF_AS_WRITER), RINGBUF_OK);
    EXPECT_NE(ringbuf_create_raw(other.out(), memory.at, memory.bytes, &o), RINGBUF_OK);
    ASSERT_EQ(races::put(writer, 8), RINGBUF_OK);
    EXPECT_EQ(ringbuf_wait_space(writer, 1, 100 * races::millisecond), RINGBUF_TIMEOUT);
    EXPECT_EQ(races::info(writer).readers, 1U);
    races::expect_pops(reader, 0, 8);
    EXPECT_EQ(ringbuf_wait(reader, 9, 100 * races::millisecond), RINGBUF_TIMEOUT);
    made_late = ringbuf_create_raw(late.out(), late_memory.at, late_memory.bytes, &o);
    EXPECT_TRUE(made_late == RINGBUF_OK || made_late == RINGBUF_SYSTEM) << ringbuf_error_name(made_late);
  }
  EXPECT_EQ(ringbuf_open_raw(other.out(), memory.at, memory.bytes, RINGBUF_AS_WRITER), RINGBUF_BUSY);
  if (made_late == RINGBUF_OK) {
    EXPECT_EQ(ringbuf_open_raw(other.out(), late_memory.at, late_memory.bytes, RINGBUF_AS_WRITER), RINGBUF_BUSY);
  }
  EXPECT_EQ(races::put(writer, 1), RINGBUF_OK);
  races::expect_pops(reader, 8, 1);
}

}  // namespace
