// Handles in a forked child: it may read by index and close, and nothing that it does harms its parent's ring.
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <array>
#include <functional>
#include <thread>

#include "process.hpp"

namespace {

using namespace capi;

TEST(CapiFork, WritingInTheChildIsRefused) {
  Pair ring(options(8));
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  void* reserved = nullptr;
  ASSERT_EQ(ringbuf_reserve(ring.writer, 1, &reserved), RINGBUF_OK);
  const auto codes = from_child<std::array<int, 7>>([&] {
    const std::int32_t item = 99;
    void* place = nullptr;
    std::uint64_t count = 0;
    return std::array<int, 7>{ringbuf_put(ring.writer, &item, 1),       ringbuf_push(ring.writer, &item),
                              ringbuf_reserve(ring.writer, 1, &place),  ringbuf_commit(ring.writer, 1),
                              ringbuf_space(ring.writer, &count),       ringbuf_wait_space(ring.writer, 1, 0),
                              ringbuf_set_metadata(ring.writer, "x", 1)};
  });
  for (std::size_t i = 0; i < codes.size(); ++i) {
    EXPECT_EQ(codes[i], RINGBUF_FORKED) << "call " << i;
  }
  EXPECT_EQ(written(ring.writer), 3);
  EXPECT_EQ(ringbuf_commit(ring.writer, 0), RINGBUF_OK) << "the parent's reservation stands";
  expect_pops(ring.reader, 0, 3);
}

TEST(CapiFork, ConsumingInTheChildIsRefused) {
  Pair ring(options(8, 1, RINGBUF_LOSSLESS));
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  const auto codes = from_child<std::array<int, 6>>([&] {
    std::int32_t items[2];
    const void* samples = nullptr;
    std::int64_t position = 0;
    std::uint64_t count = 0;
    return std::array<int, 6>{
        ringbuf_pop(ring.reader, items),
        ringbuf_pop_many(ring.reader, items, 2, &count),
        ringbuf_next(ring.reader, 1, 1, 0, &samples, &position),
        ringbuf_usage(ring.reader, &count),
        ringbuf_tell(ring.reader, &position),
        ringbuf_seek(ring.reader, 1),
    };
  });
  for (std::size_t i = 0; i < codes.size(); ++i) {
    EXPECT_EQ(codes[i], RINGBUF_FORKED) << "call " << i;
  }
  EXPECT_EQ(tell(ring.reader), 0);
  EXPECT_EQ(space(ring.writer), 5U);
  expect_pops(ring.reader, 0, 3);
}

TEST(CapiFork, ReadingByIndexInTheChildWorks) {
  Pair ring(options(8, 4));
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);  // 2 .. 10
  struct Seen {
    int check, early, late, view, read;
    std::int32_t viewed[4], copied[8];
  };
  for (ringbuf_t* each : {static_cast<ringbuf_t*>(ring.reader), static_cast<ringbuf_t*>(ring.writer)}) {
    const auto seen = from_child<Seen>([&] {
      Seen s{};
      s.check = ringbuf_check(each, 2, 10);
      s.early = ringbuf_check(each, 1, 10);
      s.late = ringbuf_check(each, 2, 11);
      const void* samples = nullptr;
      s.view = ringbuf_view(each, 6, 10, &samples);
      if (s.view == RINGBUF_OK) {
        std::memcpy(s.viewed, samples, sizeof s.viewed);
      }
      s.read = ringbuf_read(each, 2, 10, s.copied);
      return s;
    });
    EXPECT_EQ(seen.check, RINGBUF_OK);
    EXPECT_EQ(seen.early, RINGBUF_OVERWRITTEN);
    EXPECT_EQ(seen.late, RINGBUF_NOT_YET);
    EXPECT_EQ(seen.view, RINGBUF_OK);
    EXPECT_EQ(copy(seen.viewed, 4), numbers(6, 4));
    EXPECT_EQ(seen.read, RINGBUF_OK);
    EXPECT_EQ(copy(seen.copied, 8), numbers(2, 8));
  }
}

TEST(CapiFork, TheChildSeesWhatTheParentPutsLater) {
  Pair ring(options(8));
  Child child([&](Line line) {
    line.say(ringbuf_check(ring.reader, 0, 1));
    line.hear();
    return ringbuf_check(ring.reader, 0, 1);
  });
  EXPECT_EQ(child.hear<int>(), RINGBUF_NOT_YET);
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  child.say('g');
  EXPECT_EQ(child.wait(), RINGBUF_OK);
}

TEST(CapiFork, TheChildsCloseHarmsNobody) {
  for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_LOSSLESS)}) {
    Pair ring(options(8, 1, flags));
    ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
    const auto codes = from_child<std::array<int, 2>>([&] {
      const int writer = ringbuf_close(ring.writer);
      return std::array<int, 2>{writer, ringbuf_close(ring.reader)};
    });
    EXPECT_EQ(codes[0], RINGBUF_OK);
    EXPECT_EQ(codes[1], RINGBUF_OK);
    EXPECT_TRUE(ring.name.is_there());
    const ringbuf_info_t i = info(ring.reader);
    EXPECT_EQ(i.state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
    EXPECT_EQ(i.readers, 1U) << "the child gave the parent's place away";
    ringbuf_t* other = untouched();
    EXPECT_EQ(ringbuf_resume(&other, ring.name.c()), RINGBUF_BUSY) << "the child gave the parent's lock away";
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    expect_pops(ring.reader, 0, 4);
  }
}

TEST(CapiFork, TheChildsEndHarmsNobody) {
  Pair ring(options(8));
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  EXPECT_EQ(in_child([] { return 7; }), 7);
  Child killed([](Line line) {
    line.hold();
    return 0;
  });
  killed.kill();
  EXPECT_TRUE(ring.name.is_there());
  EXPECT_EQ(info(ring.reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  expect_pops(ring.reader, 0, 4);
}

TEST(CapiFork, TheChildMayOpenItsOwn) {
  Pair ring(options(8));
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  Name childs("child");
  EXPECT_EQ(in_child([&] {
              ringbuf_t *reader = nullptr, *writer = nullptr;
              const ringbuf_options_t o = options(4);
              std::int32_t item = -1;
              if (ringbuf_open(&reader, ring.name.c(), 0) != RINGBUF_OK || ringbuf_pop(reader, &item) != RINGBUF_OK ||
                  item != 0) {
                return 100;
              }
              if (ringbuf_resume(&writer, ring.name.c()) != RINGBUF_BUSY) {
                return 103;
              }
              if (ringbuf_create(&writer, childs.c(), &o) != RINGBUF_OK || ringbuf_push(writer, &item) != RINGBUF_OK) {
                return 101;
              }
              ringbuf_close(reader);
              ringbuf_close(writer);
              return childs.is_there() ? 102 : 0;
            }),
            0);
  EXPECT_EQ(tell(ring.reader), 0);
  EXPECT_EQ(info(ring.reader).readers, 1U);
}

TEST(CapiForked, AChildsExitRemovesNothing) {
  Name name;
  test::Process child({"fork", name.text()}, RINGBUF_TEST_EXIT_CHILD);
  std::string line;
  ASSERT_TRUE(child.read_line(line)) << "the number of the step that failed: " << child.wait();
  child.write_line("leave");
  EXPECT_EQ(child.wait(), 0);
  EXPECT_FALSE(name.is_there());
}

// --- children of which nobody told the library ------------------------------------------------------------------------

pid_t clone_like_fork() {
  std::fflush(nullptr);
  return static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

extern "C" pid_t _Fork() __attribute__((weak));  // glibc 2.34 and POSIX 2024: runs no handlers

// The ways to make a child with memory of its own of which no handler is told.
std::vector<pid_t (*)()> births() {
  std::vector<pid_t (*)()> all{clone_like_fork};
  if (_Fork != nullptr) all.push_back(_Fork);
  return all;
}

int exit_code_of(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

// An emulator may accept the advice and ignore it.
[[maybe_unused]] bool forks_wipe_memory() {
  constexpr int wipe_on_fork = 18;  // MADV_WIPEONFORK
  const auto bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  char& word = *static_cast<char*>(memory);
  word = 1;
  bool wiped = ::madvise(memory, bytes, wipe_on_fork) == 0;
  if (wiped) {
    const pid_t child = clone_like_fork();
    if (child == 0) ::_exit(word);
    wiped = exit_code_of(child) == 0;
  }
  ::munmap(memory, bytes);
  return wiped;
}

#ifdef RINGBUF_TEST_PORTABLE
#define NEEDS_MEMORY_THAT_FORKS_WIPE() GTEST_SKIP() << "only Linux tells of a child that was made past the C library"
#else
#define NEEDS_MEMORY_THAT_FORKS_WIPE() \
  if (!forks_wipe_memory()) GTEST_SKIP() << "no memory that forks wipe"
#endif

TEST(CapiFork, AChildOfARawCloneIsRefusedAndItsExitEndsNothing) {
  NEEDS_MEMORY_THAT_FORKS_WIPE();
  for (const auto birth : births()) {
    Pair ring(options(8));
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    std::fflush(nullptr);
    const pid_t child = birth();
    if (child == 0) {
      const std::int32_t item = 99;
      std::exit(ringbuf_put(ring.writer, &item, 1));  // with all that is done at exit
    }
    EXPECT_EQ(exit_code_of(child), RINGBUF_FORKED);
    EXPECT_EQ(written(ring.writer), 1);
    EXPECT_EQ(info(ring.reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
    EXPECT_TRUE(ring.name.is_there());
  }
}

TEST(CapiFork, AChildOfARawCloneMayReadCloseAndMakeRings) {
  NEEDS_MEMORY_THAT_FORKS_WIPE();
  for (const auto birth : births()) {
    Pair ring(options(8));
    ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
    const pid_t child = birth();
    if (child == 0) {
      std::int32_t item = 0;
      int wrong = 0;
      wrong += ringbuf_read(ring.reader, 1, 2, &item) != RINGBUF_OK || item != 1;
      wrong += info(ring.writer).state != RINGBUF_STATE_LIVE;  // its parent lives
      wrong += ringbuf_pop(ring.reader, &item) != RINGBUF_FORKED;
      wrong += ring.writer.close() != RINGBUF_OK;
      const ringbuf_options_t o = options(8);
      ringbuf_t* own = nullptr;
      wrong += ringbuf_create(&own, nullptr, &o) != RINGBUF_OK;
      wrong += ringbuf_put(own, &item, 1) != RINGBUF_OK;
      wrong += ringbuf_close(own) != RINGBUF_OK;
      ::_exit(wrong);
    }
    EXPECT_EQ(exit_code_of(child), 0);
    EXPECT_EQ(put(ring.writer, 1), RINGBUF_OK);
    EXPECT_EQ(info(ring.reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
  }
}

TEST(CapiFork, AChildOfARawCloneThatHasCalledKeepsNoDeadWriterAlive) {
  NEEDS_MEMORY_THAT_FORKS_WIPE();
  for (const auto birth : births()) {
    Name name;
    Child parent([&](Line line) {
      const ringbuf_options_t o = options(8);
      ringbuf_t* writer = nullptr;
      if (ringbuf_create(&writer, name.c(), &o) != RINGBUF_OK) return 1;
      const pid_t child = birth();
      if (child == 0) {
        const std::int32_t item = 99;
        line.say(ringbuf_put(writer, &item, 1));
        line.hold();
      }
      line.hold();
    });
    EXPECT_EQ(parent.hear(), RINGBUF_FORKED);
    parent.kill();
    Handle resumed;
    EXPECT_EQ(ringbuf_resume(resumed.out(), name.c()), RINGBUF_OK) << ringbuf_last_error();
  }
}

// A child of vfork shares the memory of its parent: it opens nothing, and what is the parent's stays as it is.
TEST(CapiFork, AChildOfVforkOpensNothing) {
#ifdef RINGBUF_TEST_PORTABLE
  GTEST_SKIP() << "only Linux tells of a child that was made past the C library";
#endif
  Pair ring(options(8));
  const ringbuf_options_t o = options(8);
  ringbuf_t* own = nullptr;
  volatile bool shared = false;
  const pid_t child = ::vfork();
  if (child == 0) {
    shared = true;
    ::_exit(ringbuf_create(&own, nullptr, &o));
  }
  const int code = exit_code_of(child);
  if (!shared) GTEST_SKIP() << "vfork is a fork here";
  EXPECT_EQ(code, RINGBUF_FORKED);
  EXPECT_EQ(own, nullptr);
  EXPECT_EQ(put(ring.writer, 1), RINGBUF_OK);
  EXPECT_EQ(info(ring.reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
}

// --- a fork at any time ----------------------------------------------------------------------------------------------

// Children that stay, forked while `operate` is run over and over in another thread. What they have copied must not keep
// anything locked.
template <class Operate>
void fork_beside(int forks, Operate operate) {
  std::atomic<bool> stop{false};
  std::thread thread([&] {
    while (!stop && !testing::Test::HasFailure()) operate();
  });
  constexpr std::size_t kept = 64;
  std::vector<pid_t> children;
  const auto end = [&](std::size_t i) {
    ::kill(children[i], SIGKILL);
    (void)exit_code_of(children[i]);
  };
  for (int i = 0; i < forks && !testing::Test::HasFailure(); ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (;;) ::pause();
    }
    if (child < 0) break;
    children.push_back(child);
    if (children.size() > kept) {
      end(0);
      children.erase(children.begin());
    }
  }
  stop = true;
  thread.join();
  operate();
  for (std::size_t i = 0; i < children.size(); ++i) end(i);
}

TEST(CapiFork, BesideAReadersCloseLosesNoPlace) {
  Name name;
  ringbuf_options_t o = options(16, 1, RINGBUF_LOSSLESS);
  o.max_readers = 1;
  Handle writer;
  ASSERT_EQ(ringbuf_create(writer.out(), name.c(), &o), RINGBUF_OK);
  fork_beside(2000, [&] {
    Handle reader;
    EXPECT_EQ(ringbuf_open(reader.out(), name.c(), 0), RINGBUF_OK) << ringbuf_last_error();
  });
}

TEST(CapiFork, BesideAWritersCloseLeavesARingThatCanBeResumed) {
  Name name;
  const ringbuf_options_t o = options(16, 1, RINGBUF_KEEP);
  Handle writer;
  ASSERT_EQ(ringbuf_create(writer.out(), name.c(), &o), RINGBUF_OK);
  writer.close();
  fork_beside(2000, [&] {
    Handle resumed;
    EXPECT_EQ(ringbuf_resume(resumed.out(), name.c()), RINGBUF_OK) << ringbuf_last_error();
  });
}

// Handlers of the program's own, one set before the library's, one after.
std::function<void()>& early_handler() {
  static std::function<void()> handler;
  return handler;
}
std::function<void()>& late_handler() {
  static std::function<void()> handler;
  return handler;
}
void run_early() {
  if (early_handler()) early_handler()();
}
void run_late() {
  if (late_handler()) late_handler()();
}
[[maybe_unused]] const int early_set = ::pthread_atfork(run_early, run_early, run_early);

TEST(CapiFork, AProgramsHandlersMayOpenAndCloseRings) {
  Name name;
  Handle writer;
  const ringbuf_options_t o = options(8);
  ASSERT_EQ(ringbuf_create(writer.out(), name.c(), &o), RINGBUF_OK);
  ASSERT_EQ(::pthread_atfork(run_late, run_late, run_late), 0);
  int calls = 0;
  const auto open_and_close = [&] {
    ringbuf_t* reader = nullptr;
    ringbuf_t* made = nullptr;
    if (ringbuf_open(&reader, name.c(), 0) == RINGBUF_OK && ringbuf_create(&made, nullptr, &o) == RINGBUF_OK) ++calls;
    ringbuf_close(made);
    ringbuf_close(reader);
  };
  early_handler() = open_and_close;
  late_handler() = open_and_close;
  const int in_the_child = in_child([&] { return calls; });
  early_handler() = nullptr;
  late_handler() = nullptr;
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(in_the_child, 4);
  EXPECT_EQ(put(writer, 1), RINGBUF_OK);
  // The registry is as it was.
  EXPECT_EQ(in_child([&] { return ringbuf_put(writer, "1234", 1); }), RINGBUF_FORKED);
}

TEST(CapiFork, AHandlerThatClosesTheParentsRingInTheChildEndsNothing) {
  Pair ring(options(8));
  pid_t parent = ::getpid();
  ringbuf_t* writer = ring.writer;
  early_handler() = [&] {
    if (::getpid() != parent) ringbuf_close(writer);
  };
  EXPECT_EQ(in_child([] { return 7; }), 7);
  early_handler() = nullptr;
  EXPECT_EQ(put(ring.writer, 1), RINGBUF_OK);
  EXPECT_EQ(info(ring.reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
}

// --- threads that are cancelled ----------------------------------------------------------------------------------------

// A thread that is cancelled in the middle of whatever it calls ends behind a call, and leaves nothing open.
TEST(CapiCancel, InACallEndsNothingButTheThread) {
  EXPECT_EQ(in_child([] {
              Name name;
              const ringbuf_options_t o = options(8, 1, RINGBUF_LOSSLESS);
              static const char* shared = nullptr;
              shared = name.c();
              ringbuf_t* writer = nullptr;
              if (ringbuf_create(&writer, name.c(), &o) != RINGBUF_OK) return 1;
              for (int round = 0; round < 200; ++round) {
                pthread_t thread{};
                const auto body = [](void*) -> void* {
                  for (;;) {
                    ringbuf_t* reader = nullptr;
                    const auto visit = [](const char*, const ringbuf_info_t*, void*) { return 0; };
                    int before = 0;
                    // The handle is the program's to look after.
                    ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
                    (void)ringbuf_open(&reader, shared, 0);
                    ::pthread_setcancelstate(before, &before);
                    (void)ringbuf_wait(reader, 1, 1000);
                    (void)ringbuf_list(visit, nullptr);
                    (void)ringbuf_unlink("capi-test.no-such-ring");
                    (void)ringbuf_close(reader);
                    ::pthread_testcancel();
                  }
                };
                if (::pthread_create(&thread, nullptr, body, nullptr) != 0) return 2;
                for (int i = 0; i < round % 16; ++i) ::sched_yield();
                ::pthread_cancel(thread);
                void* result = nullptr;
                ::pthread_join(thread, &result);
                if (result != PTHREAD_CANCELED) return 3;
                if (info(writer).readers != 0) return 4;
              }
              return ringbuf_close(writer);
            }),
            0);
}

TEST(CapiCancel, AWaitWithoutLimitIsEndedByAnInterrupt) {
  EXPECT_EQ(in_child([] {
              const ringbuf_options_t o = options(8);
              static ringbuf_t* ring = nullptr;
              if (ringbuf_create(&ring, nullptr, &o) != RINGBUF_OK) return 1;
              pthread_t thread{};
              const auto body = [](void*) -> void* {
                (void)ringbuf_wait(ring, 1, kForever);
                ::pthread_testcancel();
                return nullptr;
              };
              if (::pthread_create(&thread, nullptr, body, nullptr) != 0) return 2;
              ::pthread_cancel(thread);
              (void)ringbuf_interrupt(ring);
              void* result = nullptr;
              ::pthread_join(thread, &result);
              if (result != PTHREAD_CANCELED && result != nullptr) return 3;
              return ringbuf_close(ring);
            }),
            0);
}

}  // namespace
