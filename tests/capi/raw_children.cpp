// Rings in memory that is shared with another process.
#include "../support/process.hpp"
#include "process.hpp"
#include "raw.hpp"

namespace {

using namespace capi;

TEST(CapiRawMemory, IsReadByAnotherProcess) {
  NEEDS_START_TIMES();
  const ringbuf_options_t o = options(8);
  Memory memory(size_of(o));
  Handle writer = make_raw(memory, o);
  Child child([&](Line line) {
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_open_raw(&ring, memory.at(), memory.bytes(), 0));
    std::int32_t items[3] = {};
    const int waited = ringbuf_wait(ring, 3, kForever);
    const int read = ringbuf_read(ring, 0, 3, items);
    return waited == 0 && read == 0 && items[2] == 2 ? 0 : 100;
  });
  ASSERT_EQ(child.hear<int>(), RINGBUF_OK);
  await_sleep(child.pid());
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);
  EXPECT_EQ(child.wait(), 0);
}

TEST(CapiRawMemory, HasOneWriterInAllProcesses) {
  NEEDS_START_TIMES();
  const ringbuf_options_t o = options(8, 1, RINGBUF_KEEP);
  Memory memory(size_of(o));
  Handle writer = make_raw(memory, o);
  EXPECT_EQ(in_child([&] {
              ringbuf_t* ring = nullptr;
              return ringbuf_open_raw(&ring, memory.at(), memory.bytes(), RINGBUF_AS_WRITER);
            }),
            RINGBUF_BUSY);
  EXPECT_EQ(put(writer, 1), RINGBUF_OK);
}

}  // namespace
