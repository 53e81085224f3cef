// A window of samples, found and validated: where it is, and after its use whether it was whole. Single process; nothing of
// the samples is touched in the time measured, and afterwards some windows are looked at.
//
// A peer has: Peer(Arena &, longest), open() (the ring then holds window_written(longest) samples, stamped), look(start, end)
// and check(start, end).
#pragma once

#include <cstring>

#include "../fail.hpp"
#include "../row.hpp"

namespace bench {

inline constexpr std::uint32_t window_channels = 64;  // float32
inline constexpr std::uint64_t window_sample_bytes = window_channels * sizeof(float);

// Samples of the ring, all of its memory used; and how many are written to it: once round and a quarter more.
constexpr std::uint64_t window_capacity(std::uint64_t longest) { return longest + longest / 4; }
constexpr std::uint64_t window_written(std::uint64_t longest) { return window_capacity(longest) + longest / 4; }

inline void stamp_sample(std::byte *samples, std::uint64_t i, std::uint64_t n) noexcept {
  std::memcpy(samples + i * window_sample_bytes, &n, sizeof n);
}
inline void expect_sample(const std::byte *samples, std::uint64_t i, std::uint64_t n) noexcept {
  std::uint64_t found;
  std::memcpy(&found, samples + i * window_sample_bytes, sizeof found);
  expect_sequence(n, found);
}

template <class Peer>
class WindowSolo final : public Solo {
 public:
  WindowSolo(Arena &arena, std::vector<std::uint64_t> lengths)
      : lengths_(std::move(lengths)), peer_(arena, longest()) {}

  void open() override { peer_.open(); }

  void measure(Slice &slice) override {
    slice.variant = turn_++ % lengths_.size();
    const auto length = static_cast<std::int64_t>(lengths_[slice.variant]);
    const auto written = static_cast<std::int64_t>(window_written(longest()));
    const std::int64_t oldest = written - static_cast<std::int64_t>(window_capacity(longest()));
    const std::int64_t newest = written - length;
    std::int64_t start = oldest;
    std::uint64_t count = 0;
    slice.begin_ns = now_ns();
    const std::int64_t end_ns = slice.begin_ns + slice.length_ns;
    do {
      for (int i = 0; i < 256; ++i, ++count) {
        keep(peer_.look(start, start + length));
        peer_.check(start, start + length);
        start = start == newest ? oldest : start + 1;
      }
    } while (now_ns() < end_ns);
    slice.writer_end_ns = now_ns();
    slice.count = count;
    for (const std::int64_t at : {oldest, (oldest + newest) / 2, newest}) {
      const std::byte *samples = peer_.look(at, at + length);
      expect_sample(samples, 0, static_cast<std::uint64_t>(at));
      expect_sample(samples, lengths_[slice.variant] - 1, static_cast<std::uint64_t>(at + length - 1));
    }
  }

 private:
  std::uint64_t longest() const { return lengths_.back(); }

  std::vector<std::uint64_t> lengths_;
  Peer peer_;
  std::size_t turn_ = 0;
};

// Ascending; the longest is 256 MiB.
inline std::vector<std::uint64_t> window_lengths(bool quick) {
  if (quick) return {1, 64, 1024, 16384};
  return {1, 64, 1024, 16384, 262144, 1048576};
}
inline std::string window_row(std::uint64_t length) { return "window/" + std::to_string(length); }

template <class Peer>
void add_windows(Registry &registry, const std::string &name, Kind kind, std::uint64_t most = UINT64_MAX) {
  std::vector<std::uint64_t> lengths = window_lengths(registry.quick);
  while (lengths.back() > most) lengths.pop_back();
  std::vector<std::string> rows;
  for (const std::uint64_t length : lengths) rows.push_back(window_row(length));
  registry
      .solo(rows, name, kind, [lengths](Arena &arena) { return std::make_unique<WindowSolo<Peer>>(arena, lengths); })
      .most_forks = 3;  // the ring takes a while to make
}

}  // namespace bench
