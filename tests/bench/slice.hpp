// What the two ends of a slice tell each other, in shared memory.
#pragma once

#include <atomic>
#include <cstdint>

#include "clock.hpp"

namespace bench {

// A slice lasts about `length_ns`: the writer decides when it is over, and then says how many items it sent, so that the
// reader knows when it has them all.
struct Slice {
  static constexpr std::uint64_t running = UINT64_MAX;

  std::int64_t length_ns = 0;
  std::int64_t begin_ns = 0;       // by the writer
  std::uint64_t count = 0;         // by the writer: items of this slice
  std::int64_t writer_end_ns = 0;  // by the writer
  double direct = -1;              // by either: the value itself, where it is not count over time; else negative

  std::size_t variant = 0;  // which row of the contender's this slice was for

  alignas(128) std::atomic<std::uint64_t> total{running};  // by the writer: items of all slices so far

  alignas(128) std::int64_t reader_end_ns = 0;  // by the reader
  std::uint64_t lost = 0;                       // by the reader

  // Where the reader has received everything (`seen` items of all slices); asked only when there is nothing to read.
  bool complete(std::uint64_t seen) const noexcept { return total.load(std::memory_order_acquire) == seen; }
};

// Cuts the writer's work into chunks of some microseconds, so that looking at the clock costs nothing to speak of.
class Pacer {
 public:
  std::uint64_t chunk() const noexcept { return chunk_; }

  void begin(Slice &slice) noexcept {
    slice.begin_ns = last_ns_ = now_ns();
    end_ns_ = slice.begin_ns + slice.length_ns;
  }

  // After each chunk: whether the slice goes on.
  bool more() noexcept {
    const std::int64_t now = now_ns();
    if (now - last_ns_ < 5'000 && chunk_ < (1U << 20)) chunk_ *= 2;
    if (now - last_ns_ > 50'000 && chunk_ > 1) chunk_ /= 2;
    last_ns_ = now;
    return now < end_ns_;
  }

  // `total`: items of all slices so far.
  void end(Slice &slice, std::uint64_t count, std::uint64_t total) noexcept {
    slice.count = count;
    slice.writer_end_ns = now_ns();
    slice.total.store(total, std::memory_order_release);
  }

 private:
  std::uint64_t chunk_ = 1;
  std::int64_t last_ns_ = 0;
  std::int64_t end_ns_ = 0;
};

}  // namespace bench
