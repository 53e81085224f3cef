// Overwriting rings under load: a reader may be too late, but never takes a torn sample for a whole one, nor a whole one
// for overwritten.
#include <gtest/gtest.h>

#include "stress.hpp"

using namespace ringbuf;
using stress::Popper;
using stress::RawRing;

namespace {

bool all_are_whole(const test::Checked *samples, std::int64_t start, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (!samples[i].is(static_cast<std::uint64_t>(start) + i)) return false;
  }
  return true;
}

TEST(Overwriting, NoTornSampleIsTakenForWhole) {
  test::Random random;
  constexpr std::uint64_t capacity = 128;
  constexpr std::int64_t size = 24;
  RawRing ring(test::checked_options(capacity, size));
  const std::uint64_t count = stress::samples() * 4;
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;

  // Windows in place, around the newest sample.
  threads.emplace_back([&] {
    Reader reader;
    ASSERT_EQ(ring.open(reader), Status::ok);
    test::Checked copy[size];
    std::uint64_t whole = 0;
    do {
      const std::int64_t start = static_cast<std::int64_t>(reader.written()) - size;
      if (start < 0) continue;
      Window<test::Checked> window;
      if (reader.view(start, start + size, window) != Status::ok) continue;
      copy_out(reinterpret_cast<std::byte *>(copy), reinterpret_cast<const std::byte *>(window.elements().data()),
               sizeof copy);
      const bool right = all_are_whole(copy, start, size);
      if (!window.valid()) continue;
      ASSERT_TRUE(right) << start;
      ++whole;
    } while (!done || whole == 0);
    std::cout << whole << " windows\n";
  });

  // Copies by index, the oldest and most endangered.
  threads.emplace_back([&] {
    Reader reader;
    ASSERT_EQ(ring.open(reader), Status::ok);
    test::Checked copy[size];
    std::uint64_t whole = 0;
    do {
      Info info{};
      ASSERT_EQ(reader.info(info), Status::ok);
      if (info.written < size) continue;
      const std::int64_t start = static_cast<std::int64_t>(std::min(info.oldest + capacity / 2, info.written - size));
      if (reader.read(start, start + size, copy) != Status::ok) continue;
      ASSERT_TRUE(all_are_whole(copy, start, size)) << start;
      ++whole;
    } while (!done || whole == 0);
    std::cout << whole << " copies\n";
  });

  // In order, with overruns told.
  for (const Resync rule : {Resync::middle, Resync::oldest, Resync::newest, Resync::lap}) {
    OpenOptions how;
    how.resync = rule;
    auto reader = std::make_shared<Reader>();
    ASSERT_EQ(ring.open(*reader, how), Status::ok);
    threads.emplace_back([reader, count, seed = random.below(UINT64_MAX)] {
      test::Random own(seed);
      Popper popper(*reader);
      while (popper.step(1 + own.below(40))) {
      }
      EXPECT_EQ(popper.wrong(), 0u);
      EXPECT_EQ(popper.received() + reader->lost(), popper.next());
      EXPECT_EQ(popper.next(), count);
      EXPECT_EQ(popper.overruns(), reader->overruns());
    });
  }
  stress::write_until(ring.writer, count, random);
  done = true;
  threads[0].join();
  threads[1].join();
  ring.writer.close();
  for (std::size_t i = 2; i < threads.size(); ++i) threads[i].join();
}

// Nothing is overwritten in a ring that holds everything, whenever one asks.
TEST(Overwriting, NothingIsCalledOverwrittenThatWasNot) {
  constexpr std::uint64_t block = 16;
  const std::uint64_t blocks = stress::samples() / block / 4;
  RawRing ring(test::checked_options(block * blocks));
  Reader reader;
  ASSERT_EQ(ring.open(reader), Status::ok);
  std::atomic<std::uint64_t> seen{0};
  std::thread writer([&] {
    for (std::uint64_t i = 0; i < blocks; ++i) {
      while (seen < i) std::this_thread::yield();
      const auto samples = test::checked_samples(i * block, block);
      ASSERT_EQ(ring.writer.put(samples.data(), block), Status::ok);
    }
  });
  std::uint64_t wrong = 0;
  test::Checked copy[4];
  for (std::uint64_t i = 0; i < blocks; ++i) {
    const auto end = static_cast<std::int64_t>((i + 1) * block);
    Status status = Status::ok;
    while ((status = reader.check(end - 4, end)) == Status::not_yet) std::this_thread::yield();
    wrong += status == Status::ok ? 0 : 1;
    status = reader.read(end - 4, end, copy);
    wrong += status == Status::ok && all_are_whole(copy, end - 4, 4) ? 0 : 1;
    seen = i + 1;
  }
  writer.join();
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
