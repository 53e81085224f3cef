// Other processes at a ring that lives, and rings that outlive all who had them open.
#include "process.hpp"

namespace {

using namespace capi;

TEST(CapiLife, AnotherProcessCannotResumeALiveRing) {
  Name name;
  Handle writer = make(name.c(), options(4));
  EXPECT_EQ(in_child([&] {
              ringbuf_t* ring = nullptr;
              return ringbuf_resume(&ring, name.c());
            }),
            RINGBUF_BUSY);
  EXPECT_EQ(info(writer).generation, 1U);
  EXPECT_EQ(put(writer, 1), RINGBUF_OK);
}

TEST(CapiLife, AReaderInAnotherProcessRemovesNothing) {
  Name name;
  Handle writer = make(name.c(), options(4));
  EXPECT_EQ(in_child([&] {
              ringbuf_t* ring = nullptr;
              const int code = ringbuf_open(&ring, name.c(), 0);
              ringbuf_close(ring);
              return code;
            }),
            RINGBUF_OK);
  EXPECT_TRUE(name.is_there());
  EXPECT_EQ(info(writer).readers, 0U);
}

TEST(CapiLife, KeepKeepsWhatNobodyHasOpen) {
  Name name;
  Handle first = make(name.c(), options(4, 1, RINGBUF_KEEP));
  ASSERT_EQ(put(first, 3), RINGBUF_OK);
  EXPECT_EQ(first.close(), RINGBUF_OK);
  EXPECT_TRUE(name.is_there());
  Handle second = resume(name);
  EXPECT_EQ(written(second), 3);
  EXPECT_EQ(second.close(), RINGBUF_OK);
  EXPECT_EQ(ringbuf_unlink(name.c()), RINGBUF_OK);
  EXPECT_FALSE(name.is_there());
}

}  // namespace
