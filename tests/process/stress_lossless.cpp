// Lossless rings under load: whoever is registered gets every sample, and joining and leaving at any moment neither loses
// one nor stops the writer.
#include <gtest/gtest.h>

#include "stress.hpp"

using namespace ringbuf;
using stress::Popper;
using stress::RawRing;

namespace {

void everything_arrives(std::uint64_t capacity, int readers) {
  test::Random random;
  RawRing ring(test::checked_options(capacity, std::min<std::uint64_t>(capacity, 8), true));
  const std::uint64_t count = stress::samples();
  std::vector<std::thread> threads;
  for (int i = 0; i < readers; ++i) {
    auto reader = std::make_shared<Reader>();
    ASSERT_EQ(ring.open(*reader), Status::ok) << last_error();
    threads.emplace_back([reader, count, seed = random.below(UINT64_MAX)] {
      test::Random own(seed);
      Popper popper(*reader);
      while (popper.step(1 + own.below(reader->capacity()))) {
      }
      EXPECT_EQ(popper.wrong(), 0u);
      EXPECT_EQ(popper.overruns(), 0u);
      EXPECT_EQ(popper.received(), count);
      EXPECT_EQ(popper.next(), count);
      EXPECT_EQ(reader->lost(), 0u);
    });
  }
  stress::write_until(ring.writer, count, random);
  ring.writer.close();
  for (std::thread &thread : threads) thread.join();
}

TEST(Lossless, OneReaderGetsEverything) { everything_arrives(1024, 1); }
TEST(Lossless, OneReaderGetsEverythingThroughATinyRing) {
  // Each sample is a wake-up or two.
  test::Random random;
  RawRing ring(test::checked_options(1, 1, true));
  const std::uint64_t count = stress::samples() / 50;
  Reader reader;
  ASSERT_EQ(ring.open(reader), Status::ok);
  std::thread thread([&] {
    Popper popper(reader);
    while (popper.step(1)) {
    }
    EXPECT_EQ(popper.received(), count);
    EXPECT_EQ(popper.wrong(), 0u);
  });
  stress::write_until(ring.writer, count, random);
  ring.writer.close();
  thread.join();
}
TEST(Lossless, FourReadersGetEverything) { everything_arrives(512, 4); }

TEST(Lossless, WindowsHandedOutStayWhole) {
  test::Random random;
  constexpr std::uint64_t size = 16;
  RawRing ring(test::checked_options(64, size, true));
  const std::uint64_t count = stress::samples();
  Reader reader;
  ASSERT_EQ(ring.open(reader), Status::ok);
  std::thread thread([&] {
    Window<test::Checked> window;
    std::uint64_t wrong = 0;
    std::int64_t expected = 0;
    Status status = Status::ok;
    while ((status = reader.next(size, size / 2, test::forever, window)) == Status::ok) {
      wrong += window.start() == expected ? 0 : 1;
      expected += size / 2;
      for (std::size_t i = 0; i < size; ++i) {
        wrong += window[i][0].is(static_cast<std::uint64_t>(window.start()) + i) ? 0 : 1;
      }
      wrong += window.valid() ? 0 : 1;
    }
    EXPECT_EQ(status, Status::closed);
    EXPECT_EQ(wrong, 0u);
    EXPECT_GT(expected + static_cast<std::int64_t>(size), static_cast<std::int64_t>(count));
  });
  stress::write_until(ring.writer, count, random);
  ring.writer.close();
  thread.join();
}

// Readers come and go all the time, from the oldest and from the newest sample, go back, leave in the middle.
TEST(Lossless, ReadersJoinAndLeaveUnderLoad) {
  test::Random random;
  RawRing ring(test::checked_options(64, 8, true));
  const std::uint64_t count = stress::samples() / 2;
  std::atomic<bool> done{false};
  std::atomic<bool> joined{false};
  std::atomic<std::uint64_t> visits{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, seed = random.below(UINT64_MAX)] {
      test::Random own(seed);
      while (!done) {
        OpenOptions how;
        how.from_newest = own.once_in(2);
        Reader reader;
        ASSERT_EQ(ring.open(reader, how), Status::ok) << last_error();
        ASSERT_TRUE(reader.is_registered());
        joined = true;
        Popper popper(reader);
        for (std::uint64_t steps = own.below(20); steps > 0 && !done; --steps) {
          if (!own.once_in(8)) {
            if (!popper.step(1 + own.below(40))) break;
            continue;
          }
          // Back if it can still be had; then everything from there on is there again.
          const std::int64_t to = reader.tell() - static_cast<std::int64_t>(own.below(40));
          const Status sought = reader.seek(to);
          if (sought == Status::ok) {
            Popper again(reader);
            if (!again.step(1 + own.below(40))) break;
            ASSERT_EQ(again.wrong(), 0u);
            ASSERT_EQ(again.overruns(), 0u);
            if (reader.seek(static_cast<std::int64_t>(popper.next())) != Status::ok) break;
          } else {
            ASSERT_TRUE(sought == Status::overwritten || sought == Status::bad_index) << last_error();
          }
        }
        ASSERT_EQ(popper.wrong(), 0u);
        ASSERT_EQ(popper.overruns(), 0u);
        ASSERT_EQ(reader.lost(), 0u);
        ++visits;
      }
    });
  }
  // A ring without readers would be written at once, before anybody comes.
  while (!joined && !testing::Test::HasFatalFailure()) std::this_thread::yield();
  stress::write_until(ring.writer, count, random);
  done = true;
  ring.writer.close();
  for (std::thread &thread : threads) thread.join();
  EXPECT_GT(visits, 0u);
  std::cout << visits << " visits\n";
}

}  // namespace
