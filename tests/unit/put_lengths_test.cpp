// Puts and copies of every length that is copied in a way of its own (detail/copy.hpp, put_many.cpp), to and from any alignment.
#include <numeric>

#include "../support/support.hpp"

using namespace ringbuf;

namespace {

constexpr std::size_t most = 600;
constexpr std::uint64_t capacity = 16384;  // a lossless ring announces a sixteenth at a time: several puts

class PutLengths : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    ASSERT_EQ(Writer::create_raw(writer_, memory_.begin(), memory_.bytes(), options()), Status::ok) << last_error();
    Info info{};
    ASSERT_EQ(writer_.info(info), Status::ok);
    // A lossless ring without a reader announces each put by itself.
    ASSERT_EQ(Reader::open_raw(reader_, memory_.begin(), memory_.bytes()), Status::ok) << last_error();
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
    ASSERT_EQ(reader_.seek(static_cast<std::int64_t>(written_ + size)), Status::ok) << last_error();
    for (const std::byte sample : samples) expected_[static_cast<std::size_t>(written_++ % capacity)] = sample;
    const auto differs = std::mismatch(expected_.begin(), expected_.end(), data_).first - expected_.begin();
    ASSERT_EQ(differs, static_cast<std::ptrdiff_t>(capacity)) << "after " << size << " bytes that end at " << written_;
  }

  // Puts random bytes of the test's own, at any alignment.
  void put_others(std::size_t size) {
    std::vector<std::byte> samples(size + static_cast<std::size_t>(random_.below(64)));
    for (std::byte &sample : samples) sample = static_cast<std::byte>(random_.draw());
    put(samples.data() + (samples.size() - size), size);
  }

  test::Memory memory_ = test::memory_for(options());
  test::Random random_;
  Writer writer_;
  Reader reader_;
  std::byte *data_ = nullptr;
  std::vector<std::byte> expected_;
  std::uint64_t written_ = 0;
};

TEST_P(PutLengths, StoreTheirBytesAndNothingElse) {
  for (std::size_t size = 1; size <= most; ++size) {
    for (int turn = 0; turn < 4; ++turn) ASSERT_NO_FATAL_FAILURE(put_others(size));
  }
}

// A writer may put samples of its own ring, also some that the put itself overwrites.
TEST_P(PutLengths, OfTheRingsOwnSamples) {
  for (std::size_t size = 1; size <= most; ++size) {
    for (int turn = 0; turn < 4; ++turn) {
      while (offset() == 0 || offset() + size > capacity) {  // it would be in two pieces, or have a pocket
        ASSERT_NO_FATAL_FAILURE(put_others(1 + static_cast<std::size_t>(random_.below(most))));
      }
      const std::size_t first = offset() - std::min(offset(), size);
      const std::size_t last = std::min<std::size_t>(capacity, offset() + 2 * size) - size;
      const std::int64_t from = random_.between(static_cast<std::int64_t>(first), static_cast<std::int64_t>(last));
      ASSERT_NO_FATAL_FAILURE(put(data_ + from, size));
    }
  }
}

TEST_P(PutLengths, ComeOutAsTheyAre) {
  while (written_ < capacity) ASSERT_NO_FATAL_FAILURE(put_others(most));
  std::vector<std::size_t> sizes(most);
  std::iota(sizes.begin(), sizes.end(), 1);
  for (const std::size_t size : {detail::safe_part, 2 * detail::safe_part, detail::most_in_parts})
    sizes.insert(sizes.end(), {size - 1, size, size + 1});
  const auto oldest = static_cast<std::int64_t>(written_ - capacity + credit_ahead(capacity));
  for (const std::size_t size : sizes) {
    for (int turn = 0; turn < 4; ++turn) {
      const std::int64_t start = random_.between(oldest, static_cast<std::int64_t>(written_ - size));
      const auto before = static_cast<std::size_t>(random_.below(64));
      std::vector<std::byte> wanted(before + size + 64, std::byte{0xa5});
      std::vector<std::byte> copied = wanted;
      for (std::size_t i = 0; i < size; ++i)
        wanted[before + i] = expected_[(static_cast<std::size_t>(start) + i) % capacity];
      ASSERT_EQ(reader_.read(start, start + static_cast<std::int64_t>(size), copied.data() + before), Status::ok)
          << last_error();
      ASSERT_EQ(copied, wanted) << size << " bytes from " << start;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, PutLengths, testing::Bool(),
                         [](const auto &kind) { return kind.param ? "Lossless" : "Overwriting"; });

}  // namespace
