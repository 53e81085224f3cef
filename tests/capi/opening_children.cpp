// ringbuf_open_wait and ringbuf_reopen beside other processes: readers that start first, writers that die, and what is left
// of a process that is killed while it waits.
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

#include "process.hpp"

namespace {

using namespace capi;

int make_and_hold(Line line, const Name& name, const ringbuf_options_t& o, std::uint64_t samples) {
  ringbuf_t* ring = nullptr;
  int code = ringbuf_create(&ring, name.c(), &o);
  if (code == RINGBUF_OK) code = put(ring, samples);
  line.say(code);
  line.hold();
  return 0;
}

TEST(CapiOpenWait, AProcessThatStartsBeforeTheWriter) {
  Name name;
  Child reader([&](Line line) {
    ringbuf_t* ring = nullptr;
    line.say(0);
    const int code = ringbuf_open_wait(&ring, name.c(), 0, kForever);
    std::int32_t item = -1;
    if (code != RINGBUF_OK) return code;
    return ringbuf_wait(ring, 1, kForever) == RINGBUF_OK && ringbuf_pop(ring, &item) == RINGBUF_OK && item == 0 ? 0
                                                                                                                : 100;
  });
  ASSERT_EQ(reader.hear<int>(), 0);
  await_sleep(reader.pid());
  Handle writer = make(name.c(), options(8, 1, RINGBUF_LOSSLESS));
  ASSERT_EQ(ringbuf_wait_readers(writer, 1, kForever), RINGBUF_OK);
  ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  EXPECT_EQ(reader.wait(), 0);
}

TEST(CapiOpenWait, ThroughARingThatIsDeadAndOneThatIsClosed) {
  Name name;
  const ringbuf_options_t o = options(8, 1, RINGBUF_KEEP);
  Child dying([&](Line line) { return make_and_hold(line, name, o, 2); });
  ASSERT_EQ(dying.hear<int>(), RINGBUF_OK);
  dying.kill();
  Child reader([&](Line line) {
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_open_wait(&ring, name.c(), 0, 0));
    line.say(ringbuf_open_wait(&ring, name.c(), 0, kForever));
    line.say(ringbuf_wait(ring, 4, kForever));
    return static_cast<int>(tell(ring) + written(ring));
  });
  ASSERT_EQ(reader.hear<int>(), RINGBUF_TIMEOUT);
  await_sleep(reader.pid());
  Handle replaced = make(name.c(), o);
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  await_sleep(reader.pid());
  ASSERT_EQ(put(replaced, 4), RINGBUF_OK);
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  EXPECT_EQ(reader.wait(), 4);
}

TEST(CapiOpenWait, ASignalDoesNotEndIt) {
  Name name;
  Child reader([&](Line line) {
    struct sigaction action {};
    action.sa_handler = [](int) {};  // and no SA_RESTART
    ::sigaction(SIGUSR1, &action, nullptr);
    ringbuf_t* ring = nullptr;
    line.say(0);
    return ringbuf_open_wait(&ring, name.c(), 0, kForever);
  });
  ASSERT_EQ(reader.hear<int>(), 0);
  for (int i = 0; i < 20; ++i) {
    await_sleep(reader.pid());
    ASSERT_EQ(::kill(reader.pid(), SIGUSR1), 0);
  }
  Handle writer = make(name.c(), options(8));
  EXPECT_EQ(reader.wait(), RINGBUF_OK);
}

TEST(CapiOpenWait, AKilledWaiterLeavesNothing) {
  Name name;
  Child reader([&](Line line) {
    ringbuf_t* ring = nullptr;
    line.say(0);
    return ringbuf_open_wait(&ring, name.c(), 0, kForever);
  });
  ASSERT_EQ(reader.hear<int>(), 0);
  await_sleep(reader.pid());
  reader.kill();
  EXPECT_FALSE(name.is_there());
  Handle writer = make(name.c(), options(8));
  EXPECT_EQ(info(writer).readers, 0U);
}

// One thread waits. Others open, fork and close: no lock is held meanwhile, and a child that is forked while it sleeps keeps no
// descriptor of the wait. (One that is forked while the descriptor is being opened may.)
TEST(CapiOpenWait, BesideForkOpenAndClose) {
  EXPECT_EQ(in_child([] {
              Name awaited, name;
              Handle writer = make(name.c(), options(8));
              const int before = descriptors();
              Handle reader;
              std::atomic<int> code{-1};
              std::promise<pid_t> id;
              std::thread waiter([&] {
                id.set_value(::gettid());
                code = ringbuf_open_wait(reader.out(), awaited.c(), 0, kForever);
              });
              await_sleep(id.get_future().get());
              int in_the_grandchild = 0;
              for (int round = 0; round < 50 && in_the_grandchild == 0; ++round) {
                in_the_grandchild = in_child([&] {
                  Handle mine;
                  if (ringbuf_open(mine.out(), name.c(), 0) != RINGBUF_OK) return 1;
                  mine.close();
                  return descriptors() > before + 2 ? 2 : 0;  // the pipes of in_child
                });
                Handle other = capi::open(name);
              }
              Handle made = make(awaited.c(), options(8));
              waiter.join();
              if (in_the_grandchild != 0) return in_the_grandchild;
              if (code != RINGBUF_OK) return 3;
              reader.close();
              made.close();
              return descriptors() == before ? 0 : 4;
            }),
            0);
}

struct Opening {
  const char* name;
  std::atomic<bool> begun{false};
  int code = -1;
  ringbuf_t* ring = nullptr;

  static void* run(void* argument) {
    auto& opening = *static_cast<Opening*>(argument);
    opening.begun = true;
    opening.code = ringbuf_open_wait(&opening.ring, opening.name, 0, kForever);
    ::pthread_testcancel();
    return nullptr;
  }
};

// A thread that is cancelled while it waits, or before, gets its handle and ends after the call.
TEST(CapiOpenWait, ACancellationWaitsForItsEnd) {
  EXPECT_EQ(in_child([] {
              Name name;
              int open_before = -1;
              for (int round = 0; round < 100; ++round) {
                pthread_t thread{};
                Opening opening{name.c()};
                if (::pthread_create(&thread, nullptr, Opening::run, &opening) != 0) return 1;
                while (round % 2 != 0 && !opening.begun) ::sched_yield();
                for (int i = 0; i < round % 16; ++i) ::sched_yield();
                ::pthread_cancel(thread);
                for (int i = 0; i < round % 8; ++i) ::sched_yield();
                Handle writer = make(name.c(), options(8));
                void* result = nullptr;
                ::pthread_join(thread, &result);
                if (result != PTHREAD_CANCELED) return 2;
                if (opening.code != RINGBUF_OK || opening.ring == nullptr) return 3;
                if (info(writer).readers != 1) return 4;
                if (ringbuf_close(opening.ring) != RINGBUF_OK || writer.close() != RINGBUF_OK) return 5;
                if (open_before == -1) open_before = descriptors();
                if (descriptors() != open_before) return 6;
              }
              return 0;
            }),
            0);
}

TEST(CapiOpenWait, ExitBesideIt) {
  Name name;
  Child child([&](Line line) -> int {
    static const char* awaited = nullptr;
    awaited = name.c();
    std::thread([] {
      ringbuf_t* ring = nullptr;
      (void)ringbuf_open_wait(&ring, awaited, 0, kForever);
    }).detach();
    Handle writer = make(nullptr, options(8));
    line.say(0);
    std::fflush(nullptr);
    std::exit(7);
  });
  EXPECT_EQ(child.hear<int>(), 0);
  EXPECT_EQ(child.wait(), 7);
}

TEST(CapiReopen, ARingThatWasResumedAfterACrash) {
  for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_LOSSLESS)}) {
    Name name;
    const ringbuf_options_t o = options(8, 1, flags);
    Child writer([&](Line line) { return make_and_hold(line, name, o, 4); });
    ASSERT_EQ(writer.hear<int>(), RINGBUF_OK);
    Handle reader = capi::open(name);
    expect_pops(reader, 0, 1);
    writer.kill();
    EXPECT_EQ(ringbuf_wait(reader, 5, kForever), RINGBUF_STALE);
    EXPECT_EQ(ringbuf_reopen(reader, 0, 0), RINGBUF_TIMEOUT);
    EXPECT_EQ(ringbuf_wait(reader, 5, kForever), RINGBUF_STALE);
    Handle resumed = resume(name);
    ASSERT_EQ(ringbuf_reopen(reader, RINGBUF_FROM_NEWEST, kForever), RINGBUF_OK) << ringbuf_last_error();
    EXPECT_EQ(ringbuf_wait(reader, 5, 0), RINGBUF_TIMEOUT) << "no longer stale";
    EXPECT_EQ(info(resumed).readers, 1U);
    ASSERT_EQ(put(resumed, 1), RINGBUF_OK);
    expect_pops(reader, 1, 4);
  }
}

TEST(CapiReopen, ARingThatWasReplacedAfterACrash) {
  Name name;
  Child writer([&](Line line) { return make_and_hold(line, name, options(8), 4); });
  ASSERT_EQ(writer.hear<int>(), RINGBUF_OK);
  Handle reader = capi::open(name);
  writer.kill();
  Child next([&](Line line) {
    (void)line.hear<int>();
    return make_and_hold(line, name, options(8), 2);
  });
  std::thread other([&] {
    await_sleep(::getpid());
    next.say(0);
  });
  EXPECT_EQ(ringbuf_reopen(reader, 0, kForever), RINGBUF_OK) << ringbuf_last_error();
  other.join();
  ASSERT_EQ(next.hear<int>(), RINGBUF_OK);
  expect_pops(reader, 0, 2);
}

TEST(CapiReopen, TheChildMayNotReopenTheParentsHandle) {
  Pair ring(options(8));
  EXPECT_EQ(in_child([&] { return ringbuf_reopen(ring.reader, 0, kForever); }), RINGBUF_FORKED);
  EXPECT_EQ(ringbuf_reopen(ring.reader, 0, kForever), RINGBUF_OK);
}

// After it the parent's handle is disowned in a child, and closed once.
TEST(CapiReopen, ForkAfterIt) {
  Pair ring(options(8, 1, RINGBUF_LOSSLESS));
  ring.writer.close();
  ring.writer = make(ring.name.c(), options(8, 1, RINGBUF_LOSSLESS));
  ASSERT_EQ(ringbuf_reopen(ring.reader, 0, kForever), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);
  EXPECT_EQ(in_child([&] {
              if (pop_code(ring.reader) != RINGBUF_FORKED) return 1;
              return ring.reader.close();
            }),
            RINGBUF_OK);
  EXPECT_EQ(info(ring.writer).readers, 1U);
  expect_pops(ring.reader, 0, 2);
  ring.reader.close();
  EXPECT_EQ(info(ring.writer).readers, 0U);
}

}  // namespace
