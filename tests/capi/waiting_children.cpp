// Waiting for samples in other processes: woken, interrupted by signals, told of another ring.
#include <memory>

#include "process.hpp"

namespace {

using namespace capi;

TEST(CapiWait, ASignalDoesNotEndIt) {
  Name name;
  Handle writer = make(name.c(), options(8));
  Child reader([&](Line line) {
    struct sigaction action {};
    action.sa_handler = [](int) {};  // and no SA_RESTART
    ::sigaction(SIGUSR1, &action, nullptr);
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_open(&ring, name.c(), 0));
    return ringbuf_wait(ring, 1, kForever);
  });
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  for (int i = 0; i < 20; ++i) {
    await_sleep(reader.pid());
    ASSERT_EQ(::kill(reader.pid(), SIGUSR1), 0);
  }
  await_sleep(reader.pid());
  ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  EXPECT_EQ(reader.wait(), RINGBUF_OK);
}

TEST(CapiWait, ManyWaitersAreAllWoken) {
  Name name;
  Handle writer = make(name.c(), options(8));
  std::vector<std::unique_ptr<Child>> readers;
  for (int i = 0; i < 6; ++i) {
    const std::uint32_t flags = i % 2 == 0 ? 0U : static_cast<std::uint32_t>(RINGBUF_OBSERVER);
    readers.push_back(std::make_unique<Child>([&name, flags](Line line) {
      ringbuf_t* ring = nullptr;
      line.say(ringbuf_open(&ring, name.c(), flags));
      const int code = ringbuf_wait(ring, 1, kForever);
      std::int32_t item = -1;
      return code != RINGBUF_OK ? code : ringbuf_pop(ring, &item) == RINGBUF_OK && item == 0 ? 0 : 100;
    }));
  }
  for (const auto& reader : readers) {
    ASSERT_EQ(reader->hear<int>(), RINGBUF_OK);
    await_sleep(reader->pid());
  }
  ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  for (const auto& reader : readers) {
    EXPECT_EQ(reader->wait(), RINGBUF_OK);
  }
}

TEST(CapiWait, AReplacedRingIsStale) {
  // The reader sleeps on a ring whose writer has been killed and whose name is given to a new one.
  Name name;
  Child dying([&](Line line) {
    ringbuf_t* ring = nullptr;
    const ringbuf_options_t o = options(8);
    line.say(ringbuf_create(&ring, name.c(), &o));
    line.hold();
    return 0;
  });
  ASSERT_EQ(dying.hear<int>(), RINGBUF_OK);
  Child reader([&](Line line) {
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_open(&ring, name.c(), 0));
    return ringbuf_wait(ring, 1, kForever);
  });
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  await_sleep(reader.pid());
  dying.kill();
  Handle writer = make(name.c(), options(8));
  ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  EXPECT_EQ(reader.wait(), RINGBUF_STALE);
}

}  // namespace
