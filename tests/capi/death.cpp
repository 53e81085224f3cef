// Processes that end: killed writers and what their readers are told.
#include <memory>

#include "process.hpp"

namespace {

using namespace capi;

// A process that makes a ring, puts `count` numbers and holds it.
class Writer : public Child {
 public:
  Writer(const Name& name, const ringbuf_options_t& o, std::uint64_t count)
      : Child([&name, o, count](Line line) {
          ringbuf_t* ring = nullptr;
          int code = ringbuf_create(&ring, name.c(), &o);
          if (code == RINGBUF_OK) {
            code = ringbuf_put(ring, numbers(0, count).data(), count);
          }
          line.say(code);
          line.hold();
          return 0;
        }) {
    EXPECT_EQ(hear<int>(), RINGBUF_OK);
  }
};

std::uint32_t state(ringbuf_t* ring) { return info(ring).state; }

TEST(CapiDeath, ReadersDrainAndAreTold) {
  Name name;
  Writer writer(name, options(8), 3);
  Handle reader = capi::open(name);
  EXPECT_EQ(state(reader), static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
  writer.kill();
  EXPECT_EQ(state(reader), static_cast<std::uint32_t>(RINGBUF_STATE_DEAD));
  expect_pops(reader, 0, 3);
  EXPECT_EQ(pop_code(reader), RINGBUF_STALE);
  std::uint64_t count = 9;
  std::int32_t room[4];
  EXPECT_EQ(ringbuf_pop_many(reader, room, 4, &count), RINGBUF_STALE);
  EXPECT_EQ(count, 0U);
  const void* samples = nullptr;
  std::int64_t start = -1;
  EXPECT_EQ(ringbuf_next(reader, 1, 1, kForever, &samples, &start), RINGBUF_STALE);
  EXPECT_EQ(ringbuf_wait(reader, 4, kForever), RINGBUF_STALE);
  EXPECT_EQ(ringbuf_wait(reader, 3, kForever), RINGBUF_OK);
  EXPECT_EQ(ringbuf_check(reader, 0, 3), RINGBUF_OK);
}

TEST(CapiDeath, TheNameStaysAndCanBeOpened) {
  Name name;
  Writer(name, options(8), 3).kill();
  EXPECT_TRUE(name.is_there());
  Handle reader = capi::open(name);
  EXPECT_EQ(state(reader), static_cast<std::uint32_t>(RINGBUF_STATE_DEAD));
  expect_pops(reader, 0, 3);
  EXPECT_EQ(pop_code(reader), RINGBUF_STALE);
}

TEST(CapiDeath, AnotherGoesOn) {
  Name name;
  Writer writer(name, options(8), 3);
  Handle reader = capi::open(name);
  writer.kill();
  Handle next = resume(name);
  EXPECT_EQ(written(next), 3);
  EXPECT_EQ(info(next).generation, 2U);
  EXPECT_EQ(state(reader), static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
  ASSERT_EQ(put(next, 5), RINGBUF_OK);
  expect_pops(reader, 0, 8);
  EXPECT_EQ(pop_code(reader), RINGBUF_EMPTY);
}

TEST(CapiDeath, WithinAWaitItIsTold) {
  Name name;
  Writer writer(name, options(8), 3);
  Child waiter([&](Line line) {
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_open(&ring, name.c(), 0));
    return ringbuf_wait(ring, 4, kForever);
  });
  Child slider([&](Line line) {
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_open(&ring, name.c(), 0));
    const void* samples = nullptr;
    std::int64_t start = -1;
    return ringbuf_next(ring, 4, 4, kForever, &samples, &start);
  });
  Child observer([&](Line line) {
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_open(&ring, name.c(), RINGBUF_OBSERVER));
    return ringbuf_wait(ring, 4, 3600 * 1000 * kMillisecond);
  });
  for (Child* each : {&waiter, &slider, &observer}) {
    ASSERT_EQ(each->hear<int>(), RINGBUF_OK);
    await_sleep(each->pid());
  }
  writer.kill();
  EXPECT_EQ(waiter.wait(), RINGBUF_STALE);
  EXPECT_EQ(slider.wait(), RINGBUF_STALE);
  EXPECT_EQ(observer.wait(), RINGBUF_STALE);
}

TEST(CapiDeath, IsTheWritersAndNotItsChilds) {
  // The writer is killed while a child that it forked, with all that it had open, goes on.
  Name name;
  Child writer([&](Line line) {
    ringbuf_t* ring = nullptr;
    const ringbuf_options_t o = options(8);
    int code = ringbuf_create(&ring, name.c(), &o);
    code = code != 0 ? code : put(ring, 3);
    const pid_t grandchild = ::fork();
    if (grandchild == 0) {
      line.hold();
    }
    line.say(code);
    line.say(grandchild);
    for (;;) {
      ::pause();
    }
    return 0;
  });
  ASSERT_EQ(writer.hear<int>(), RINGBUF_OK);
  const pid_t grandchild = writer.hear<pid_t>();
  ASSERT_GT(grandchild, 0);
  Handle reader = capi::open(name);
  writer.kill();
  EXPECT_EQ(::kill(grandchild, 0), 0) << "it lives";
  expect_pops(reader, 0, 3);
  EXPECT_EQ(ringbuf_wait(reader, 4, 20'000 * kMillisecond), RINGBUF_STALE);
  ringbuf_t* next = nullptr;
  EXPECT_EQ(ringbuf_resume(&next, name.c()), RINGBUF_OK);
  ringbuf_close(next);
  ::kill(grandchild, SIGKILL);
}

TEST(CapiDeath, AStoppedWriterIsAlive) {
  Name name;
  Writer writer(name, options(8), 3);
  Handle reader = capi::open(name);
  ASSERT_EQ(::kill(writer.pid(), SIGSTOP), 0);
  EXPECT_EQ(ringbuf_wait(reader, 4, 20 * kMillisecond), RINGBUF_TIMEOUT);
  EXPECT_EQ(state(reader), static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
  ringbuf_t* other = untouched();
  EXPECT_EQ(ringbuf_resume(&other, name.c()), RINGBUF_BUSY);
  const ringbuf_options_t o = options(8);
  EXPECT_EQ(ringbuf_create(&other, name.c(), &o), RINGBUF_EXISTS);
  ASSERT_EQ(::kill(writer.pid(), SIGCONT), 0);
  writer.kill();
}

TEST(CapiDeath, HalfAPutIsNotReadable) {
  // It died with a reservation of which it had written a part.
  Name name;
  Child writer([&](Line line) {
    ringbuf_t* ring = nullptr;
    const ringbuf_options_t o = options(8, 8);
    int code = ringbuf_create(&ring, name.c(), &o);
    code = code != 0 ? code : ringbuf_put(ring, numbers(0, 8).data(), 8);
    void* place = nullptr;
    code = code != 0 ? code : ringbuf_reserve(ring, 3, &place);
    if (code == 0) {
      std::memset(place, 0xEE, 12);
    }
    line.say(code);
    line.hold();
    return 0;
  });
  ASSERT_EQ(writer.hear<int>(), RINGBUF_OK);
  writer.kill();
  Handle next = resume(name);
  EXPECT_EQ(written(next), 8);
  EXPECT_EQ(ringbuf_check(next, 2, 8), RINGBUF_OVERWRITTEN) << "the bytes of three samples are ruined";
  std::int32_t room[5];
  ASSERT_EQ(ringbuf_read(next, 3, 8, room), RINGBUF_OK);
  EXPECT_EQ(copy(room, 5), numbers(3, 5));
  ASSERT_EQ(put(next, 3), RINGBUF_OK);
  const void* samples = nullptr;
  ASSERT_EQ(ringbuf_view(next, 3, 11, &samples), RINGBUF_OK);
  EXPECT_EQ(copy(samples, 8), numbers(3, 8));
}

TEST(CapiDeath, ManyReplaceOneDeadRing) {
  // Several processes find the same dead ring; each time exactly one makes the new one, the others find it alive.
  Name name;
  for (int round = 0; round < 10; ++round) {
    Writer(name, options(8), 1).kill();
    std::vector<std::unique_ptr<Child>> racers;
    for (int i = 0; i < 4; ++i) {
      racers.push_back(std::make_unique<Child>([&](Line line) {
        line.hear();
        ringbuf_t* ring = nullptr;
        const ringbuf_options_t o = options(16);
        line.say(ringbuf_create(&ring, name.c(), &o));
        line.hear();
        return ringbuf_close(ring);
      }));
    }
    for (const auto& racer : racers) {
      racer->say('g');
    }
    int made = 0;
    for (const auto& racer : racers) {
      const int code = racer->hear<int>();
      EXPECT_TRUE(code == RINGBUF_OK || code == RINGBUF_EXISTS) << code;
      made += code == RINGBUF_OK ? 1 : 0;
    }
    EXPECT_EQ(made, 1);
    {
      Handle reader = capi::open(name);
      EXPECT_EQ(info(reader).capacity, 16U);
      EXPECT_EQ(state(reader), static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
    }
    for (const auto& racer : racers) {
      racer->say('g');
      EXPECT_EQ(racer->wait(), RINGBUF_OK);
    }
    EXPECT_FALSE(name.is_there());
  }
}

}  // namespace
