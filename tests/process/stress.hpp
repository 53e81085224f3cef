// For the stress tests: a ring in memory of our own, so that ThreadSanitizer sees writer and readers at one address, and
// sizes from the environment.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "../support/support.hpp"

namespace stress {

// How many samples each test moves; RINGBUF_STRESS_SAMPLES says otherwise.
inline std::uint64_t samples() {
#ifdef RINGBUF_ATOMIC_COPIES
  constexpr std::uint64_t otherwise = 100'000;
#else
  constexpr std::uint64_t otherwise = 3'000'000;
#endif
  return test::from_environment("RINGBUF_STRESS_SAMPLES", otherwise);
}

class RawRing {
 public:
  explicit RawRing(const ringbuf::Options &options) : memory_(test::memory_for(options)) {
    EXPECT_EQ(ringbuf::Writer::create_raw(writer, memory_.begin(), memory_.bytes(), options), ringbuf::Status::ok)
        << ringbuf::last_error();
  }
  ringbuf::Status open(ringbuf::Reader &reader, const ringbuf::OpenOptions &how = {}) {
    return ringbuf::Reader::open_raw(reader, memory_.begin(), memory_.bytes(), how);
  }

 private:
  test::Memory memory_;

 public:
  ringbuf::Writer writer;
};

// Puts samples [written, until) in blocks of random size, waiting for room where the ring is lossless.
inline void write_until(ringbuf::Writer &writer, std::uint64_t until, test::Random &random) {
  const std::uint64_t most = std::max<std::uint64_t>(1, writer.capacity() / 3);
  while (writer.written() < until) {
    std::uint64_t n = 1 + random.below(most);
    if (!writer.lossless() && random.once_in(200)) n = writer.capacity() + 1 + random.below(5);
    n = std::min(n, until - writer.written());
    const auto samples = test::checked_samples(writer.written(), n);
    std::byte *at = nullptr;
    if (n <= writer.capacity() && random.once_in(3) && writer.reserve(n, at) == ringbuf::Status::ok) {
      ringbuf::copy_in(at, reinterpret_cast<const std::byte *>(samples.data()), samples.size() * sizeof samples[0]);
      ASSERT_EQ(writer.commit(1 + random.below(n)), ringbuf::Status::ok);
      continue;
    }
    const ringbuf::Status status = writer.put(samples.data(), n);
    if (status == ringbuf::Status::full) {
      ASSERT_EQ(writer.wait_space(n, test::forever), ringbuf::Status::ok) << ringbuf::last_error();
    } else {
      ASSERT_EQ(status, ringbuf::Status::ok) << ringbuf::last_error();
    }
  }
}

// All samples copied out in order until the ring is closed.
class Popper {
 public:
  explicit Popper(ringbuf::Reader &reader) : reader_(reader), next_(static_cast<std::uint64_t>(reader.tell())) {}

  // One step; false when the stream has ended.
  bool step(std::uint64_t max) {
    std::uint64_t n = 0;
    items_.resize(static_cast<std::size_t>(max));
    const ringbuf::Status status = reader_.pop_many(items_.data(), max, n);
    if (status == ringbuf::Status::empty) {
      const ringbuf::Status waited = reader_.wait(reader_.tell() + 1, test::forever);
      EXPECT_TRUE(waited == ringbuf::Status::ok || waited == ringbuf::Status::closed) << ringbuf::last_error();
      return waited == ringbuf::Status::ok;
    }
    if (status == ringbuf::Status::overwritten) {
      ++overruns_;
      next_ = static_cast<std::uint64_t>(reader_.tell());
      return true;
    }
    if (status != ringbuf::Status::ok) {
      EXPECT_EQ(status, ringbuf::Status::closed) << ringbuf::last_error();
      return false;
    }
    for (std::uint64_t i = 0; i < n; ++i) wrong_ += items_[static_cast<std::size_t>(i)].is(next_ + i) ? 0 : 1;
    next_ += n;
    received_ += n;
    return true;
  }

  std::uint64_t next() const { return next_; }
  std::uint64_t received() const { return received_; }
  std::uint64_t overruns() const { return overruns_; }
  std::uint64_t wrong() const { return wrong_; }

 private:
  ringbuf::Reader &reader_;
  std::uint64_t next_;
  std::uint64_t received_ = 0;
  std::uint64_t overruns_ = 0;
  std::uint64_t wrong_ = 0;
  std::vector<test::Checked> items_;
};

}  // namespace stress
