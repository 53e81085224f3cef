// Lossless rings whose readers die.
#include <thread>

#include "process.hpp"

namespace {

using namespace capi;

TEST(CapiLossless, ADeadReadersPlaceIsTakenBack) {
  Name name;
  Handle writer = make(name.c(), options(4, 1, RINGBUF_LOSSLESS));
  Child reader([&](Line line) {
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_open(&ring, name.c(), 0));
    line.hold();
    return 0;
  });
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  ASSERT_EQ(put(writer, 4), RINGBUF_OK);
  EXPECT_EQ(put(writer, 1), RINGBUF_FULL);
  reader.kill();
  while (put(writer, 1) == RINGBUF_FULL) {  // the time limit of the test ends what would not end
    const int code = ringbuf_wait_space(writer, 1, 10 * kMillisecond);
    ASSERT_TRUE(code == RINGBUF_OK || code == RINGBUF_TIMEOUT) << code;
  }
  EXPECT_EQ(written(writer), 5);
  EXPECT_EQ(space(writer), 4U);
  EXPECT_EQ(info(writer).readers, 0U);
}

TEST(CapiLossless, WaitSpaceEndsWhenTheReaderDies) {
  Name name;
  Handle writer = make(name.c(), options(4, 1, RINGBUF_LOSSLESS));
  Child reader([&](Line line) {
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_open(&ring, name.c(), 0));
    line.hold();
    return 0;
  });
  ASSERT_EQ(reader.hear<int>(), RINGBUF_OK);
  ASSERT_EQ(put(writer, 4), RINGBUF_OK);
  const pid_t self = ::getpid();
  std::thread killer([&] {
    await_sleep(self);
    reader.kill();
  });
  EXPECT_EQ(ringbuf_wait_space(writer, 4, kForever), RINGBUF_OK);
  killer.join();
  EXPECT_EQ(put(writer, 4), RINGBUF_OK);
}

}  // namespace
