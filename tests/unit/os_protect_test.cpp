// Conformance of src/os, for backends whose pages can be protected.
#include <gtest/gtest.h>

#include "../support/support.hpp"
#include "os/os.hpp"
#include "os_support.hpp"

using namespace ringbuf;
using test::Owned;

namespace {

TEST(OsProtect, ProtectedPagesCannotBeWritten) {
  Owned object;
  const std::size_t page = os::page_bytes();
  ASSERT_EQ(os::create(object, nullptr, std::uint64_t{5} * page, 0600), Status::ok);
  const test::Mapped mapped(object);
  ASSERT_EQ(os::protect(mapped.region, page, 2 * page), Status::ok);
  auto *bytes = reinterpret_cast<volatile unsigned char *>(mapped.region.begin);
  bytes[page - 1] = 1;
  bytes[3 * page] = 1;
  EXPECT_EQ(bytes[page], 0);
  EXPECT_DEATH(bytes[page] = 1, "");
  EXPECT_DEATH(bytes[3 * page - 1] = 1, "");
  EXPECT_EQ(bytes[page], 0);
  EXPECT_EQ(bytes[3 * page - 1], 0);
}

}  // namespace
