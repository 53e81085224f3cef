// Processes of two PID namespaces, as those of two containers are, share a ring and see each other's deaths. Both are
// process 1 where they live, so that nothing that relies on process ids can tell them apart.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "../support/mounts.hpp"
#include "races.hpp"

namespace {

using races::Handle;
using races::Process;

// Says the process id of a child that is process 1 of a PID namespace of its own, sees /proc so, and goes on with `body`.
// The child's exit code, or 200 + the signal that ended it.
template <class Body>
int in_namespace(const races::Line& line, Body body) {
  if (!test::unshare_mounts(CLONE_NEWPID).empty()) return 10;
  int go[2];
  if (::pipe2(go, O_CLOEXEC) != 0) return 14;
  const pid_t child = ::fork();
  if (child < 0) return 12;
  if (child == 0) {
    (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
    char byte = 0;
    ::close(go[1]);
    (void)test::Line(go[0], -1).try_to_hear(byte);  // ends when the process id has been said
    if (::getpid() != 1 || ::mount("proc", "/proc", "proc", 0, nullptr) != 0) ::_exit(13);
    ::_exit(body());
  }
  line.say(child);
  ::close(go[1]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 200 + WTERMSIG(status);
}

bool can_unshare() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(test::unshare_mounts(CLONE_NEWPID).empty() ? 0 : 1);
  int status = 1;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

#define NEEDS_NAMESPACES() \
  if (!can_unshare()) GTEST_SKIP() << "PID and mount namespaces by unshare take root"

// Creates or resumes a ring, and puts as many samples as it is told to until it is told to put none.
RACES_ROLE(contained_writer) {
  return in_namespace(line, [&] {
    Handle writer;
    int code = 0;
    if (arguments.at(1) == "resume") {
      code = ringbuf_resume(writer.out(), arguments.at(0).c_str());
    } else {
      const auto o = races::options(8, arguments.at(1) == "lossless" ? RINGBUF_LOSSLESS : 0);
      code = ringbuf_create(writer.out(), arguments.at(0).c_str(), &o);
    }
    line.say(code);
    if (code != RINGBUF_OK) return 0;
    for (;;) {
      const auto count = line.hear<std::uint64_t>();
      if (count == 0) return 0;
      line.say(races::put(writer, count));
    }
  });
}

// Opens a ring and waits for as many samples as it is told to, until it is told 0; says the code.
RACES_ROLE(contained_reader) {
  return in_namespace(line, [&] {
    Handle reader;
    const int code = ringbuf_open(reader.out(), arguments.at(0).c_str(), 0);
    line.say(code);
    if (code != RINGBUF_OK) return 0;
    for (;;) {
      const auto end = line.hear<std::int64_t>();
      if (end == 0) return 0;
      line.say(ringbuf_wait(reader, end, races::forever));
    }
  });
}

// Tries to become the writer of memory that another namespace's process writes.
RACES_ROLE(contained_raw_writer) {
  return in_namespace(line, [&] {
    void* raw =
        ::mmap(nullptr, std::stoul(arguments.at(1)), PROT_READ | PROT_WRITE, MAP_SHARED, std::stoi(arguments.at(0)), 0);
    if (raw == MAP_FAILED) return 1;
    Handle writer;
    line.say(ringbuf_open_raw(writer.out(), raw, std::stoul(arguments.at(1)), RINGBUF_AS_WRITER));
    line.hear<char>();
    writer.close();
    return 0;
  });
}

TEST(Namespaces, WriterDies) {
  NEEDS_NAMESPACES();
  const races::Name name;
  Process writer("contained_writer", {name.text(), "create"});
  const auto writer_pid = writer.hear<pid_t>();
  ASSERT_EQ(writer.hear<int>(), RINGBUF_OK);
  Process reader("contained_reader", {name.text()});
  const auto reader_pid = reader.hear<pid_t>();
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  Process second("contained_writer", {name.text(), "resume"});
  second.hear<pid_t>();
  EXPECT_EQ(second.hear<int>(), RINGBUF_BUSY);

  writer.say(std::uint64_t{3});
  EXPECT_EQ(writer.hear<int>(), RINGBUF_OK);
  reader.say(std::int64_t{3});
  EXPECT_EQ(reader.hear<int>(), RINGBUF_OK);
  reader.say(std::int64_t{4});
  test::await_sleep(reader_pid);
  EXPECT_EQ(::kill(writer_pid, SIGKILL), 0);
  EXPECT_EQ(reader.hear<int>(), RINGBUF_STALE);
  EXPECT_EQ(writer.wait(), 200 + SIGKILL);

  Handle here;
  ASSERT_EQ(ringbuf_open(here.out(), name.c(), 0), RINGBUF_OK);
  EXPECT_EQ(races::info(here).state, static_cast<std::uint32_t>(RINGBUF_STATE_DEAD));
  Process third("contained_writer", {name.text(), "resume"});
  third.hear<pid_t>();
  ASSERT_EQ(third.hear<int>(), RINGBUF_OK);
  third.say(std::uint64_t{2});
  EXPECT_EQ(third.hear<int>(), RINGBUF_OK);
  reader.say(std::int64_t{5});
  EXPECT_EQ(reader.hear<int>(), RINGBUF_OK);
  races::expect_pops(here, 0, 5);
  reader.say(std::int64_t{0});
  EXPECT_EQ(reader.wait(), 0);
  third.say(std::uint64_t{0});
  EXPECT_EQ(third.wait(), 0);
  std::int64_t item = 0;
  EXPECT_EQ(ringbuf_pop(here, &item), RINGBUF_CLOSED);
}

TEST(Namespaces, ReaderOfALosslessRingDies) {
  NEEDS_NAMESPACES();
  const races::Name name;
  const auto o = races::options(8, RINGBUF_LOSSLESS);
  Handle writer;
  ASSERT_EQ(ringbuf_create(writer.out(), name.c(), &o), RINGBUF_OK);
  Process reader("contained_reader", {name.text()});
  const auto reader_pid = reader.hear<pid_t>();
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  EXPECT_EQ(races::put(writer, 8), RINGBUF_OK);
  EXPECT_EQ(races::put(writer, 1), RINGBUF_FULL);
  EXPECT_EQ(ringbuf_wait_space(writer, 1, 200 * races::millisecond), RINGBUF_TIMEOUT);
  EXPECT_EQ(races::info(writer).readers, 1U);
  EXPECT_EQ(::kill(reader_pid, SIGKILL), 0);
  EXPECT_EQ(ringbuf_wait_space(writer, 8, races::forever), RINGBUF_OK);
  EXPECT_EQ(races::put(writer, 8), RINGBUF_OK);
  EXPECT_EQ(races::info(writer).readers, 0U);
  EXPECT_EQ(reader.wait(), 200 + SIGKILL);
}

// In the caller's memory there are no locks of the kernel, and the process ids of another namespace mean nothing here: a
// writer there always counts as living.
TEST(Namespaces, RawMemory) {
  NEEDS_NAMESPACES();
  const auto o = races::options(8);
  std::size_t bytes = 0;
  ASSERT_EQ(ringbuf_size(&o, &bytes), RINGBUF_OK);
  const int fd = ::memfd_create("races", 0);
  ASSERT_EQ(::ftruncate(fd, static_cast<off_t>(bytes)), 0);
  void* raw = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ASSERT_NE(raw, MAP_FAILED);
  {
    Handle writer;
    ASSERT_EQ(ringbuf_create_raw(writer.out(), raw, bytes, &o), RINGBUF_OK);
    EXPECT_EQ(races::put(writer, 5), RINGBUF_OK);
    Process other("contained_raw_writer", {std::to_string(fd), std::to_string(bytes)});
    other.hear<pid_t>();
    EXPECT_EQ(other.hear<int>(), RINGBUF_BUSY);
    other.say('c');
    EXPECT_EQ(other.wait(), 0);
  }
  // A writer that leaves says so, and its place is anybody's.
  Process other("contained_raw_writer", {std::to_string(fd), std::to_string(bytes)});
  other.hear<pid_t>();
  EXPECT_EQ(other.hear<int>(), RINGBUF_OK);
  other.say('c');
  EXPECT_EQ(other.wait(), 0);
  ::munmap(raw, bytes);
  ::close(fd);
}

}  // namespace
