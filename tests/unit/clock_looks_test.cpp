// A look at the clock costs more than a put of a few bytes, so puts that come fast share one; those that come slowly have one
// each. On the in-memory backend, whose clock stands still.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "../support/backend/memory.hpp"
#include "ringbuf/ringbuf.hpp"

using namespace ringbuf;

namespace {

constexpr int early_puts = 64;  // of a tick, which all look
constexpr int many = 1600;
constexpr int very_many = 6400;  // of one tick: more than a million a second

class ClockLooks : public testing::TestWithParam<std::uint64_t> {
 protected:
  void SetUp() override {
    Options options;
    options.data_type = DataType::int16;
    options.channels = 1;
    options.capacity = 5000;
    ASSERT_EQ(Writer::create(writer_, nullptr, options), Status::ok) << last_error();
  }
  // Returns how many looks that took.
  std::uint64_t put(int puts, std::uint64_t count) {
    const std::vector<std::int16_t> samples(static_cast<std::size_t>(count));
    const std::uint64_t before = clock_.looks();
    for (int i = 0; i < puts; ++i) EXPECT_EQ(writer_.put(samples.data(), count), Status::ok);
    return clock_.looks() - before;
  }

  os::memory::StillClock clock_;
  Writer writer_;
};

TEST_P(ClockLooks, AreSharedByPutsThatComeFast) {
  EXPECT_EQ(put(early_puts, GetParam()), early_puts);
  put(2, GetParam());
  const std::uint64_t looks = put(many, GetParam());
  EXPECT_GE(looks, many / 40);
  EXPECT_LE(looks, many / 16 + 1);
}

// Those of few samples by more: in so many samples a look is due anyway.
TEST_P(ClockLooks, AreSharedByMorePutsThatComeVeryFast) {
  const int shared = GetParam() <= 4 ? 64 : 16;
  EXPECT_GE(put(early_puts + many, GetParam()), early_puts + many / 40);
  put(very_many, GetParam());
  const std::uint64_t looks = put(very_many, GetParam());
  EXPECT_GE(looks, very_many / 128);
  EXPECT_LE(looks, very_many / shared + 1);
  clock_.next_tick();
  EXPECT_GE(put(256 + early_puts + many, 1), early_puts + many / 40)
      << "of the next tick again as many as of the first";
}

TEST_P(ClockLooks, ComeSoonWhereFastPutsBecomeSlow) {
  for (const int fast : {many, very_many}) {
    put(early_puts + fast, GetParam());
    int puts = 0;
    clock_.next_tick();
    while (put(1, 1) == 0) ++puts;
    EXPECT_LE(puts, 256);
    EXPECT_EQ(put(early_puts - 1, 1), early_puts - 1);
    EXPECT_LE(put(many, 1), many / 16 + 1);
  }
}

INSTANTIATE_TEST_SUITE_P(SamplesOfAPut, ClockLooks,
                         testing::Values(1, 2, 3, 8, 15, 16, 17, 31, 32, 100, 255, 256, 1000));

}  // namespace
