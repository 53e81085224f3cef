// A writer that restarts again and again, under ten readers that open its rings again.
#include <gtest/gtest.h>

#include <array>
#include <atomic>

#include "stress.hpp"

using namespace ringbuf;

namespace {

constexpr std::size_t reader_count = 10;
constexpr std::int64_t canary = 0x5a5a5a5a5a5a5a5a;

// What each reader has seen last. The writer restarts only when everybody has seen its round.
struct Board {
  std::uint64_t rounds;
  std::array<std::atomic<std::int64_t>, reader_count> seen;
};

// Room for one sample of the ring that is open, and nothing more.
class Room {
 public:
  explicit Room(const Reader &reader) : bytes_(reader.channels() + 1, canary) {}
  void *at() { return bytes_.data(); }
  // The value, which all channels have.
  std::int64_t value() const {
    EXPECT_EQ(bytes_.back(), canary);
    for (std::size_t i = 0; i + 1 < bytes_.size(); ++i) EXPECT_EQ(bytes_[i], bytes_[0]);
    return bytes_[0];
  }

 private:
  std::vector<std::int64_t> bytes_;
};

void read_all(const char *name, std::size_t number, Board &board) {
  OpenOptions how;
  how.observer = number % 3 == 2;
  Reader reader;
  ASSERT_EQ(Reader::open_wait(reader, name, how, test::forever), Status::ok) << last_error();
  Room room(reader);
  for (std::int64_t last = 0; last + 1 < static_cast<std::int64_t>(board.rounds);) {
    std::int64_t start = 0;
    const Status status = reader.next_copy(1, 1, test::forever, room.at(), start);
    if (status == Status::ok) {
      const std::int64_t value = room.value();
      ASSERT_GE(value, last);
      last = value;
      board.seen[number] = value;
      continue;
    }
    ASSERT_TRUE(status == Status::closed || status == Status::stale) << last_error();
    const std::uint32_t channels = reader.channels();
    Status reopened = reader.reopen(how, test::forever);
    if (reopened == Status::incompatible) {
      ASSERT_EQ(reader.channels(), channels) << "the handle is as before";
      OpenOptions any = how;
      any.any_shape = true;
      reopened = reader.reopen(any, test::forever);
      room = Room(reader);
    }
    ASSERT_EQ(reopened, Status::ok) << last_error();
    ASSERT_EQ(reader.is_registered(), !how.observer);
  }
}

TEST(Restarts, NobodyIsLeftBehind) {
  test::Random random;
  const test::Name name("restarts");
  Board board{std::max<std::uint64_t>(20, stress::samples() / 3000), {}};
  for (auto &seen : board.seen) seen = -1;  // the first ring stays, on Windows by its readers, until all have it open
  std::vector<std::thread> readers;
  for (std::size_t i = 0; i < reader_count; ++i) {
    readers.emplace_back([&, i] { read_all(name.c(), i, board); });
  }
  Options options;
  options.data_type = DataType::int64;
  options.capacity = 16;
  options.keep = true;
  Writer writer;
  for (std::uint64_t round = 0; round < board.rounds; ++round) {
    writer = Writer();
    if (round != 0 && random.once_in(16)) {
      ASSERT_EQ(Writer::resume(writer, name.c()), Status::ok) << last_error();
    } else {
      if (random.once_in(5)) options.channels = static_cast<std::uint32_t>(1 + random.below(3));
      if (random.once_in(8)) options.lossless = !options.lossless;
      ASSERT_EQ(Writer::create(writer, name.c(), options), Status::ok) << last_error();
    }
    const std::vector<std::int64_t> sample(writer.channels(), static_cast<std::int64_t>(round));
    ASSERT_EQ(writer.push(sample.data()), Status::ok) << last_error();
    for (const auto &seen : board.seen) {
      while (seen < static_cast<std::int64_t>(round)) std::this_thread::yield();
    }
  }
  for (std::thread &reader : readers) reader.join();
  Info info;
  ASSERT_EQ(writer.info(info), Status::ok);
  EXPECT_EQ(info.readers, 0u);
}

}  // namespace
