// Large rings: what a put and a window cost against the capacity, the length of the window and the number of readers.
// Samples of 1024 float32. Only with --large, since making such a ring takes seconds.
#pragma once

#include "stream.hpp"
#include "window.hpp"

namespace bench {

inline constexpr std::uint32_t large_channels = 1024;
inline constexpr std::size_t large_sample_bytes = large_channels * sizeof(float);
inline constexpr std::size_t large_readers_ring_bytes = std::size_t{1} << 30;

inline std::vector<std::size_t> large_capacities(std::size_t most_bytes) {
  std::vector<std::size_t> capacities;
  for (std::size_t bytes = std::size_t{64} << 20; bytes < most_bytes; bytes *= 4) capacities.push_back(bytes);
  if (most_bytes != 0) capacities.push_back(most_bytes);
  return capacities;
}
inline const std::vector<std::size_t> large_reader_counts = {0, 1, 2, 4, 8, 16};

// A ring of `most_bytes`, and windows of up to half of it.
inline WindowShape large_windows(std::size_t most_bytes) {
  const std::uint64_t capacity = most_bytes / large_sample_bytes;
  WindowShape shape{large_channels, capacity, {}, 16};
  for (std::uint64_t length = 1; length <= capacity / 2; length *= 32) shape.lengths.push_back(length);
  if (shape.lengths.back() != capacity / 2) shape.lengths.push_back(capacity / 2);
  return shape;
}

inline std::string large_put_row(std::size_t bytes) { return "large/put/" + std::to_string(bytes >> 20) + " MiB"; }
inline std::string large_readers_row(std::size_t readers) {
  return "large/put/" + std::to_string(readers) + " readers";
}
inline std::string large_window_row(std::uint64_t length) { return "large/window/" + std::to_string(length); }

// A peer has: Peer(Arena &, bytes, readers), open(), put(const std::byte *sample), expect_newest(n).
template <class Peer>
class LargePutSolo final : public Solo {
 public:
  LargePutSolo(Arena &arena, std::size_t bytes, std::size_t readers) : peer_(arena, bytes, readers) {}

  void open() override { peer_.open(); }

  void measure(Slice &slice) override {
    const std::uint64_t first = samples_.next();
    slice.begin_ns = now_ns();
    do {
      for (int i = 0; i < 64; ++i) peer_.put(samples_.take().samples);
      slice.writer_end_ns = now_ns();
    } while (slice.writer_end_ns < slice.begin_ns + slice.length_ns);
    slice.count = samples_.next() - first;
    peer_.expect_newest(samples_.next() - 1);
  }

 private:
  Peer peer_;
  Blocks<large_sample_bytes> samples_;
};

template <class Peer>
void add_large_puts(Registry &registry, const std::string &name, Kind kind) {
  if (registry.large_bytes == 0) return;
  for (const std::size_t bytes : large_capacities(registry.large_bytes)) {
    registry
        .solo(large_put_row(bytes), name, kind,
              [bytes](Arena &arena) { return std::make_unique<LargePutSolo<Peer>>(arena, bytes, 0); })
        .most_forks = 1;
  }
}

template <class Peer>
void add_large_readers(Registry &registry, const std::string &name, Kind kind) {
  if (registry.large_bytes < large_readers_ring_bytes) return;
  for (const std::size_t readers : large_reader_counts) {
    registry
        .solo(large_readers_row(readers), name, kind,
              [readers](Arena &arena) {
                return std::make_unique<LargePutSolo<Peer>>(arena, large_readers_ring_bytes, readers);
              })
        .most_forks = 1;
  }
}

}  // namespace bench
