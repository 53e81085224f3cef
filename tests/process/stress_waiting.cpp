// Sleepers of all kinds at once, and what is replaced while others read it.
#include <gtest/gtest.h>

#include <algorithm>

#include "stress.hpp"

using namespace ringbuf;
using stress::RawRing;

namespace {

// The writer puts one sample only after everybody has asked for it: a lost wake-up stops them all.
TEST(Waiting, NobodySleepsThroughASample) {
  RawRing ring(test::checked_options(8));
  const std::uint64_t rounds = stress::samples() / 200;
  constexpr std::size_t sleepers = 3;
  std::atomic<std::uint64_t> awake[sleepers] = {};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < sleepers; ++i) {
    threads.emplace_back([&, i] {
      OpenOptions how;
      how.observer = i == 2;  // cannot announce that it waits
      Reader reader;
      ASSERT_EQ(ring.open(reader, how), Status::ok);
      ASSERT_EQ(reader.is_registered(), !how.observer);
      const std::uint64_t step = i == 1 ? 3 : 1;  // one who sleeps for longer
      for (std::uint64_t end = step; end <= rounds; end += step) {
        if (i == 2 && end % 50 != 0) continue;
        ASSERT_EQ(reader.wait(static_cast<std::int64_t>(end), test::forever), Status::ok) << last_error();
        awake[i] = end;
      }
      awake[i] = UINT64_MAX;
    });
  }
  for (std::uint64_t i = 0; i < rounds; ++i) {
    const auto sample = test::Checked::of(i);
    ASSERT_EQ(ring.writer.push(&sample), Status::ok);
    while (awake[0] < i + 1) std::this_thread::yield();
  }
  for (std::thread &thread : threads) thread.join();
}

// The same for one who waits for several rings. Each round is of one ring alone.
TEST(Waiting, NobodySleepsThroughASampleOfAnyRing) {
  test::Random random;
  constexpr std::size_t count = 3;
  std::vector<std::unique_ptr<RawRing>> rings;
  Reader readers[count];
  Ring *waited[count];
  std::int64_t ends[count];
  for (std::size_t i = 0; i < count; ++i) {
    rings.push_back(std::make_unique<RawRing>(test::checked_options(8)));
    ASSERT_EQ(rings[i]->open(readers[i]), Status::ok);
    waited[i] = &readers[i];
    ends[i] = 1;
  }
  const std::uint64_t rounds = stress::samples() / 200;
  std::atomic<std::uint64_t> done{0};
  std::thread sleeper([&] {
    for (std::uint64_t round = 0; round < rounds; ++round) {
      std::size_t which = count;
      ASSERT_EQ(wait_any(waited, ends, test::forever, which), Status::ok) << last_error();
      ASSERT_LT(which, count);
      ++ends[which];
      done = round + 1;
    }
  });
  for (std::uint64_t round = 0; round < rounds; ++round) {
    Writer &writer = rings[static_cast<std::size_t>(random.below(count))]->writer;
    const auto sample = test::Checked::of(writer.written());
    ASSERT_EQ(writer.push(&sample), Status::ok);
    while (done < round + 1) std::this_thread::yield();
  }
  sleeper.join();
}

TEST(Waiting, WritersAndReadersSleepForOneAnother) {
  test::Random random;
  RawRing ring(test::checked_options(3, 1, true));
  const std::uint64_t count = stress::samples() / 50;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    auto reader = std::make_shared<Reader>();
    ASSERT_EQ(ring.open(*reader), Status::ok);
    threads.emplace_back([reader, i, count] {
      // One consumes by copy, one through windows, one waits and seeks.
      std::uint64_t next = 0;
      test::Checked item{};
      Window<test::Checked> window;
      Status status = Status::ok;
      while (next < count) {
        const auto at = static_cast<std::int64_t>(next);
        if (i == 0) {
          ASSERT_EQ(reader->wait(at + 1, test::forever), Status::ok) << last_error();
          ASSERT_EQ(reader->pop(&item), Status::ok) << last_error();
        } else if (i == 1) {
          status = reader->next(1, 1, test::forever, window);
          ASSERT_EQ(status, Status::ok) << last_error();
          item = window[0][0];
        } else {
          ASSERT_EQ(reader->wait(at + 1, test::forever), Status::ok) << last_error();
          ASSERT_EQ(reader->read(at, at + 1, &item), Status::ok) << last_error();
          ASSERT_EQ(reader->seek(at + 1), Status::ok) << last_error();
        }
        ASSERT_TRUE(item.is(next));
        ++next;
      }
    });
  }
  stress::write_until(ring.writer, count, random);
  for (std::thread &thread : threads) thread.join();
}

// A metadata block is one byte, repeated as often as the byte says: any mixture shows.
TEST(Waiting, MetadataAreNeverAMixture) {
  RawRing ring(test::checked_options(8));
  const std::uint64_t changes = stress::samples() / 20;
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      OpenOptions how;
      how.observer = true;
      Reader reader;
      ASSERT_EQ(ring.open(reader, how), Status::ok);
      unsigned char bytes[256];
      std::uint64_t seen = 0;
      while (!done) {
        std::size_t size = 0;
        ASSERT_EQ(reader.metadata(bytes, sizeof bytes, size), Status::ok) << last_error();
        if (size == 0) continue;
        ASSERT_EQ(size, bytes[0]);
        ASSERT_TRUE(std::all_of(bytes, bytes + size, [&](unsigned char b) { return b == bytes[0]; }));
        ++seen;
      }
      std::cout << seen << " looks\n";
    });
  }
  unsigned char bytes[256];
  for (std::uint64_t i = 0; i < changes; ++i) {
    const auto length = static_cast<unsigned char>(1 + i % 255);
    std::fill_n(bytes, length, length);
    ASSERT_EQ(ring.writer.set_metadata(bytes, length), Status::ok);
  }
  done = true;
  for (std::thread &thread : threads) thread.join();
}

TEST(Waiting, AnchorsAreNeverAMixture) {
  Anchor anchor{};
  std::atomic<bool> done{false};
  std::thread reader([&] {
    std::uint64_t last = 0;
    while (!done) {
      protocol::Time time{};
      if (!protocol::load_anchor(anchor, time)) continue;
      ASSERT_EQ(time.monotonic_ns, static_cast<std::int64_t>(time.index * 3));
      ASSERT_EQ(time.realtime_ns, static_cast<std::int64_t>(time.index * 7));
      ASSERT_GE(time.index, last);
      last = time.index;
    }
  });
  for (std::uint64_t i = 1; i <= stress::samples(); ++i) {
    protocol::set_anchor(anchor, {i, static_cast<std::int64_t>(i * 3), static_cast<std::int64_t>(i * 7)});
  }
  done = true;
  reader.join();
}

// Sample i has the time 1000 * i, by its stamp or by the line between two stamps. A torn mark would lie beside that line.
TEST(Waiting, TimesAreNeverAMixture) {
  Options options = test::checked_options(700);
  options.sample_rate = 1e6;
  RawRing ring(options);
  const auto put = [&](std::uint64_t i) {
    const auto sample = test::Checked::of(i);
    ASSERT_EQ(ring.writer.push(&sample), Status::ok);
    const auto ns = static_cast<std::int64_t>(1000 * i);
    ASSERT_EQ(ring.writer.stamp(static_cast<std::int64_t>(i), ns, ns + 12345), Status::ok) << last_error();
  };
  put(0);
  std::atomic<bool> done{false};
  std::thread reader_thread([&] {
    Reader reader;
    ASSERT_EQ(ring.open(reader), Status::ok);
    test::Random random;
    while (!done) {
      const std::uint64_t written = reader.written();
      const auto index = static_cast<std::int64_t>(written - 1 - random.below(std::min<std::uint64_t>(written, 600)));
      protocol::Time time{};
      if (reader.time_at(index, time) != Status::ok) continue;  // overwritten meanwhile
      ASSERT_EQ(time.monotonic_ns, 1000 * index);
      ASSERT_EQ(time.realtime_ns, 1000 * index + 12345);
      std::int64_t found = -1;
      if (reader.index_at(Clock::monotonic, 1000 * index, found) == Status::ok) {
        ASSERT_EQ(found, index);
      }
    }
  });
  for (std::uint64_t i = 1; i <= stress::samples() / 10; ++i) put(i);
  done = true;
  reader_thread.join();
}

}  // namespace
