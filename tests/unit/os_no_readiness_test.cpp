// Conformance of src/os: backends that have no descriptors for event loops say so, and nothing happens.
#include <gtest/gtest.h>

#include "os/os.hpp"
#include "ringbuf/ringbuf.hpp"

using namespace ringbuf;

namespace {

TEST(OsReadiness, ThereIsNone) {
  os::Readiness readiness;
  EXPECT_EQ(os::make_readiness(readiness), Status::unsupported);
  EXPECT_STRNE(last_error(), "");
  EXPECT_EQ(readiness.given, -1);
  EXPECT_EQ(readiness.ours, -1);
  EXPECT_TRUE(os::set_ready(readiness)) << "nothing is to be tried again";
  os::clear_ready(readiness);
  os::close(readiness);
  os::close(readiness);
}

TEST(OsThread, ThereIsNone) {
  EXPECT_EQ(os::start_thread([](void *) { ADD_FAILURE(); }, nullptr), Status::unsupported);
  EXPECT_STRNE(last_error(), "");
}

}  // namespace
