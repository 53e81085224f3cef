// Descriptors for event loops: no readiness is lost. Whoever misses one polls for ever.
#include <gtest/gtest.h>
#include <poll.h>

#include <memory>

#include "stress.hpp"

using namespace ringbuf;
using stress::RawRing;

namespace {

int descriptor(Reader &reader) {
  std::intptr_t fd = -1;
  EXPECT_EQ(reader.poll_fd(fd), Status::ok) << last_error();
  return static_cast<int>(fd);
}

// The writer puts one sample only after the last one was taken. Readers that wait by themselves take announcements away,
// and others come and go, so that the poller has to make its list anew.
TEST(Polling, NobodyMissesASample) {
  test::Random random;
  constexpr std::size_t count = 3;
  std::vector<std::unique_ptr<RawRing>> rings;
  Reader readers[count];
  std::vector<pollfd> ready;
  for (std::size_t i = 0; i < count; ++i) {
    rings.push_back(std::make_unique<RawRing>(test::checked_options(64)));
    ASSERT_EQ(rings[i]->open(readers[i]), Status::ok);
    ready.push_back({descriptor(readers[i]), POLLIN, 0});
    ASSERT_EQ(readers[i].poll_arm(1), Status::ok);
  }
  const std::uint64_t rounds = stress::samples() / 200;
  std::atomic<std::uint64_t> taken{0};
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    for (std::uint64_t round = 0; round < rounds;) {
      ASSERT_GE(::poll(ready.data(), count, -1), 1);
      for (std::size_t i = 0; i < count; ++i) {
        if (ready[i].revents == 0) continue;
        test::Checked item{};
        const Status status = readers[i].pop(&item);
        if (status == Status::ok) taken = ++round;
        ASSERT_TRUE(status == Status::ok || status == Status::empty) << last_error();
        ASSERT_EQ(readers[i].poll_arm(readers[i].tell() + 1), Status::ok) << last_error();
      }
    }
  });
  threads.emplace_back([&] {
    Reader reader;
    ASSERT_EQ(rings[0]->open(reader), Status::ok);
    while (!done) (void)reader.wait(static_cast<std::int64_t>(reader.written()) + 1, test::millisecond_ns);
  });
  threads.emplace_back([&] {
    while (!done) {
      Reader reader;
      ASSERT_EQ(rings[1]->open(reader), Status::ok);
      (void)descriptor(reader);
      ASSERT_EQ(reader.poll_arm(static_cast<std::int64_t>(reader.written()) + 1), Status::ok);
    }
  });
  for (std::uint64_t round = 0; round < rounds; ++round) {
    Writer &writer = rings[static_cast<std::size_t>(random.below(count))]->writer;
    const auto sample = test::Checked::of(writer.written());
    ASSERT_EQ(writer.push(&sample), Status::ok);
    while (taken < round + 1) std::this_thread::yield();
  }
  done = true;
  for (std::thread &thread : threads) thread.join();
}

// The writer does not wait. The reader sees all samples of a lossless ring, in whatever steps.
TEST(Polling, AStreamAtFullSpeed) {
  test::Random random;
  RawRing ring(test::checked_options(256, 1, true));
  Reader reader;
  ASSERT_EQ(ring.open(reader), Status::ok);
  pollfd ready{descriptor(reader), POLLIN, 0};
  const std::uint64_t count = stress::samples() / 10;
  std::thread poller([&] {
    std::vector<test::Checked> items(64);
    for (std::uint64_t next = 0; next < count;) {
      ASSERT_EQ(reader.poll_arm(static_cast<std::int64_t>(next) + 1), Status::ok) << last_error();
      ASSERT_EQ(::poll(&ready, 1, -1), 1);
      std::uint64_t got = 0;
      ASSERT_EQ(reader.pop_many(items.data(), items.size(), got), Status::ok) << last_error();
      for (std::uint64_t i = 0; i < got; ++i) ASSERT_TRUE(items[static_cast<std::size_t>(i)].is(next + i));
      next += got;
    }
  });
  stress::write_until(ring.writer, count, random);
  poller.join();
}

}  // namespace
