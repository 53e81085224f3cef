// Conformance of src/os: who a process is, and whether it lives.
#include <gtest/gtest.h>

#include "../support/process.hpp"
#include "../support/support.hpp"
#include "os/os.hpp"
#include "os_peer.hpp"
#include "os_support.hpp"

using namespace ringbuf;
using test::Owned;

namespace {

TEST(OsProcess, KnowsItself) {
  const std::uint64_t token = os::process_token();
  EXPECT_NE(token, 0u);
  EXPECT_EQ(os::process_token(), token);
  EXPECT_TRUE(os::process_alive(token));
  EXPECT_FALSE(os::process_alive(0));
  EXPECT_EQ(os::process_domain(), os::process_domain());
}

TEST(OsProcess, AnotherTokenIsAnotherProcess) {
  EXPECT_FALSE(os::process_alive(os::process_token() + (std::uint64_t{1} << 40)));
}

TEST(OsProcess, TheDeadDoNotLive) {
  if (!test::start_times_agree()) {
    GTEST_SKIP() << "/proc tells a process another start time of itself than of others (qemu-user)";
  }
  const test::Name name("token");
  Owned made;
  ASSERT_EQ(os::create(made, name.c(), os::page_bytes(), 0600), Status::ok) << last_error();
  ASSERT_EQ(os::publish(made, name.c()), Status::ok) << last_error();
  test::Peer peer(name.c());
  const std::uint64_t token = peer.process_token();
  EXPECT_NE(token, os::process_token());
  EXPECT_EQ(peer.process_token(), token);
  EXPECT_TRUE(os::process_alive(token));
  peer.kill();
  EXPECT_FALSE(os::process_alive(token));
}

}  // namespace
