// Puts of every length that is copied in a way of its own (detail/copy.hpp, put_many.cpp), to and from any alignment.
#include "../support/support.hpp"

using namespace ringbuf;

namespace {

constexpr std::size_t most = 600;
constexpr std::uint64_t capacity = 4096;

class PutLengths : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    ASSERT_EQ(Writer::create_raw(writer_, memory_.begin(), memory_.bytes(), options()), Status::ok) << last_error();
    Info info{};
    ASSERT_EQ(writer_.info(info), Status::ok);
    data_ = memory_.begin() + info.geometry.data_offset;
    expected_.assign(data_, data_ + capacity);
  }

  static Options options() {
    return {.data_type = DataType::uint8, .capacity = capacity, .window = 1, .lossless = GetParam()};
  }
  std::size_t offset() const { return static_cast<std::size_t>(written_ % capacity); }

  // Puts what is at `from`, which may lie in the data.
  void put(const std::byte *from, std::size_t size) {
    const std::vector<std::byte> samples(from, from + size);
    ASSERT_EQ(writer_.put(from, size), Status::ok) << last_error();
    for (const std::byte sample : samples) expected_[static_cast<std::size_t>(written_++ % capacity)] = sample;
    ASSERT_EQ(std::vector<std::byte>(data_, data_ + capacity), expected_) << size << " bytes that end at " << written_;
  }

  test::Memory memory_ = test::memory_for(options());
  test::Random random_;
  Writer writer_;
  std::byte *data_ = nullptr;
  std::vector<std::byte> expected_;
  std::uint64_t written_ = 0;
};

TEST_P(PutLengths, StoreTheirBytesAndNothingElse) {
  for (std::size_t size = 1; size <= most; ++size) {
    for (int turn = 0; turn < 4; ++turn) {
      std::vector<std::byte> samples(size + static_cast<std::size_t>(random_.below(64)));
      for (std::byte &sample : samples) sample = static_cast<std::byte>(random_.draw());
      put(samples.data() + (samples.size() - size), size);
    }
  }
}

// A writer may put samples of its own ring, also some that the put itself overwrites.
TEST_P(PutLengths, OfTheRingsOwnSamples) {
  for (std::size_t size = 1; size <= most; ++size) {
    for (int turn = 0; turn < 4; ++turn) {
      if (offset() == 0 || offset() + size > capacity) {  // in two pieces, or with a pocket
        const std::vector<std::byte> samples(most, static_cast<std::byte>(random_.draw()));
        while (offset() == 0 || offset() + size > capacity)
          put(samples.data(), 1 + static_cast<std::size_t>(random_.below(most)));
      }
      const std::size_t first = offset() - std::min(offset(), size);
      const std::size_t last = std::min<std::size_t>(capacity, offset() + 2 * size) - size;
      put(data_ + random_.between(static_cast<std::int64_t>(first), static_cast<std::int64_t>(last)), size);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, PutLengths, testing::Bool(),
                         [](const auto &kind) { return kind.param ? "Lossless" : "Overwriting"; });

}  // namespace
