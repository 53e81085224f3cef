// ringbuf_wait_any with other processes: their puts and deaths, signals, a forked child, and no futex_waitv.
#include "process.hpp"
#ifdef __linux__
#include "refuse.hpp"
#endif

namespace {

using namespace capi;

// Two named rings, and a process that waits for one sample of either. It says each answer: 10 * code + which.
struct Two {
  Name names[2];
  Handle writers[2] = {make(names[0].c(), options(8)), make(names[1].c(), options(8))};

  int wait_for_either(const Line& line, int answers) const {
    ringbuf_t* rings[2] = {};
    for (int i = 0; i < 2; ++i) {
      if (ringbuf_open(&rings[i], names[i].c(), 0) != RINGBUF_OK) return 100;
    }
    line.say(RINGBUF_OK);
    std::int64_t ends[] = {1, 1};
    for (int i = 0; i < answers; ++i) {
      std::size_t which = 9;
      const int code = ringbuf_wait_any(rings, ends, 2, kForever, &which);
      if (which < 2) ++ends[which];
      line.say(code * 10 + static_cast<int>(which));
    }
    return 0;
  }
};

void expect_both_wake(Two& two, Child& reader) {
  for (const int i : {1, 0, 0, 1}) {
    await_sleep(reader.pid());
    ASSERT_EQ(put(two.writers[i], 1), RINGBUF_OK);
    ASSERT_EQ(reader.hear<int>(), i);
  }
  two.writers[1].close();
  EXPECT_EQ(reader.hear<int>(), RINGBUF_CLOSED * 10 + 1);
  EXPECT_EQ(reader.wait(), 0);
}

TEST(CapiWaitAny, IsWokenByOtherProcesses) {
  Two two;
  Child reader([&](Line line) { return two.wait_for_either(line, 5); });
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  expect_both_wake(two, reader);
}

TEST(CapiWaitAny, ASignalDoesNotEndIt) {
  Two two;
  Child reader([&](Line line) {
    struct sigaction action {};
    action.sa_handler = [](int) {};  // and no SA_RESTART
    ::sigaction(SIGUSR1, &action, nullptr);
    return two.wait_for_either(line, 5);
  });
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  for (int i = 0; i < 20; ++i) {
    await_sleep(reader.pid());
    ASSERT_EQ(::kill(reader.pid(), SIGUSR1), 0);
  }
  expect_both_wake(two, reader);
}

#ifdef __linux__
TEST(CapiWaitAny, WorksWithoutFutexWaitv) {
  for (const int error : {ENOSYS, EPERM}) {
    Two two;
    Child reader([&](Line line) {
      const bool refused = refuse(kFutexWaitv, error);
      line.say(refused);
      return refused ? two.wait_for_either(line, 5) : 0;
    });
    if (!reader.hear<bool>()) GTEST_SKIP() << "no seccomp filter is to be had";
    ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
    expect_both_wake(two, reader);
  }
}
#endif

TEST(CapiWaitAny, TheDeathOfAWriterAnswers) {
  Name living("living"), dying("dying");
  Handle writer = make(living.c(), options(8));
  Child other([&](Line line) {
    ringbuf_t* ring = nullptr;
    const ringbuf_options_t o = options(8);
    line.say(ringbuf_create(&ring, dying.c(), &o));
    line.hold();
    return 0;
  });
  ASSERT_EQ(other.hear<int>(), RINGBUF_OK);
  Handle readers[] = {capi::open(living), capi::open(dying)};
  ringbuf_t* const rings[] = {readers[0], readers[1]};
  const std::int64_t ends[] = {1, 1};
  std::size_t which = 9;
  EXPECT_EQ(ringbuf_wait_any(rings, ends, 2, kMillisecond, &which), RINGBUF_TIMEOUT);
  std::thread killer([&] {
    await_sleep(::getpid());
    other.kill();
  });
  EXPECT_EQ(ringbuf_wait_any(rings, ends, 2, kForever, &which), RINGBUF_STALE);
  EXPECT_EQ(which, 1U);
  killer.join();
}

// As ringbuf_wait: a call by index, which the child may make through its parent's handles.
TEST(CapiWaitAny, AForkedChildMayWait) {
  Pair one(options(8)), two(options(8));
  Child child([&](Line line) {
    ringbuf_t* const rings[] = {one.reader, two.reader};
    const std::int64_t ends[] = {1, 1};
    std::size_t which = 9;
    line.say(0);
    const int code = ringbuf_wait_any(rings, ends, 2, kForever, &which);
    return code * 10 + static_cast<int>(which);
  });
  ASSERT_EQ(child.hear<int>(), 0);
  await_sleep(child.pid());
  ASSERT_EQ(put(two.writer, 1), RINGBUF_OK);
  EXPECT_EQ(child.wait(), 1);
}

}  // namespace
