// What src/os/linux.cpp promises beyond the seam.
#include <gtest/gtest.h>
#include <unistd.h>

#include "os/os.hpp"
#include "os_support.hpp"
#include "support.hpp"

using namespace ringbuf;
using test::Owned;

namespace {

TEST(OsLinux, AnAnonymousObjectCannotBeCutShort) {
  Owned object;
  ASSERT_EQ(os::create(object, nullptr, 65536, 0600), Status::ok);
  EXPECT_NE(::ftruncate(static_cast<int>(object.handle), 4096), 0);
}

}  // namespace
