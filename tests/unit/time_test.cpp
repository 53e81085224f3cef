// The time anchor as its users see it. (That it is read whole while it changes is in interleaving_test and in the stress
// tests.)
#include <gtest/gtest.h>

#include "../support/support.hpp"

using namespace ringbuf;

namespace {

TEST(Time, ThereIsNoAnchorBeforeTheFirstPut) {
  Writer writer;
  ASSERT_EQ(Writer::create(writer, nullptr, test::checked_options(8)), Status::ok);
  Info info{};
  ASSERT_EQ(writer.info(info), Status::ok);
  EXPECT_FALSE(info.has_anchor);
}

TEST(Time, TheAnchorIsTheLastSampleOfAPutAndNeverGoesBack) {
  Writer writer;
  ASSERT_EQ(Writer::create(writer, nullptr, test::checked_options(8)), Status::ok);
  protocol::Time last{};
  for (std::uint64_t put = 0; put < 5000; ++put) {
    const std::uint64_t n = 1 + put % 13;
    const auto samples = test::checked_samples(writer.written(), n);
    ASSERT_EQ(writer.put(samples.data(), n), Status::ok);
    Info info{};
    ASSERT_EQ(writer.info(info), Status::ok);
    ASSERT_TRUE(info.has_anchor);
    // Puts that come thick and fast share anchors, but the first ones each have their own.
    if (put < 50) {
      ASSERT_EQ(info.anchor.index, writer.written() - 1);
    }
    ASSERT_LT(info.anchor.index, writer.written());
    ASSERT_GE(info.anchor.index, last.index);
    ASSERT_GE(info.anchor.monotonic_ns, last.monotonic_ns);
    if (put > 0 && info.anchor.index == last.index) {
      ASSERT_EQ(info.anchor.monotonic_ns, last.monotonic_ns) << "one sample, one time";
    }
    ASSERT_GT(info.anchor.realtime_ns, 1'600'000'000'000'000'000);
    last = info.anchor;
  }
  EXPECT_GT(last.index, 0u);
}

}  // namespace
