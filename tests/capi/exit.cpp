// Rings left open at exit: a process that leaves without closing has closed them.
#include "support.hpp"

namespace {

using namespace capi;

// Lets exit_child leave as `how` says while we have its ring open.
void expect_closed(const char* how, std::int64_t samples) {
  Name name;
  test::Process child({how, name.text()}, RINGBUF_TEST_EXIT_CHILD);
  std::string line;
  ASSERT_TRUE(child.read_line(line)) << "it ended with " << child.wait();
  Handle reader = capi::open(name);
  EXPECT_EQ(info(reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
  child.write_line("leave");
  EXPECT_EQ(child.wait(), 0);
  EXPECT_FALSE(name.is_there());
  for (std::int64_t i = 0; i < samples; ++i) {
    std::int32_t item = 0;
    EXPECT_EQ(ringbuf_pop(reader, &item), RINGBUF_OK);
    EXPECT_EQ(item, 7);
  }
  EXPECT_EQ(pop_code(reader), RINGBUF_CLOSED) << "and not stale, as after a crash";
}

TEST(CapiExit, ReturningFromMainClosesWhatIsOpen) { expect_closed("return", 1); }

TEST(CapiExit, ExitClosesWhatIsOpen) { expect_closed("exit", 1); }

#ifndef _WIN32
TEST(CapiExit, AThreadOfTheLibraryDoesNotKeepItFromLeaving) { expect_closed("armed", 1); }
#endif

}  // namespace
