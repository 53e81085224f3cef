// A window of samples, found and validated: where it is, and after its use whether it was whole. Single process; nothing of
// the samples is touched in the time measured, and afterwards some windows are looked at.
//
// A peer has: Peer(Arena &, WindowShape), open() (shape.written() samples, stamped, have then gone through the ring),
// look(start, end) and check(start, end).
#pragma once

#include <cstring>

#include "../fail.hpp"
#include "../row.hpp"

namespace bench {

struct WindowShape {
  std::uint32_t channels;              // float32
  std::uint64_t capacity;              // samples
  std::vector<std::uint64_t> lengths;  // of the windows, ascending, in samples
  std::size_t other_readers = 0;       // that are attached and do nothing

  std::uint64_t longest() const { return lengths.back(); }
  // The whole ring has been used, and a part of it twice.
  std::uint64_t written() const { return capacity + longest() / 4; }
  std::size_t sample_bytes() const { return channels * sizeof(float); }
};

inline void stamp_sample(std::byte *sample, std::uint64_t n) noexcept { std::memcpy(sample, &n, sizeof n); }
inline void expect_sample(const std::byte *sample, std::uint64_t n) noexcept {
  std::uint64_t found;
  std::memcpy(&found, sample, sizeof found);
  expect_sequence(n, found);
}

template <class Peer>
class WindowSolo final : public Solo {
 public:
  WindowSolo(Arena &arena, const WindowShape &shape) : shape_(shape), peer_(arena, shape) {}

  void open() override { peer_.open(); }

  void measure(Slice &slice) override {
    slice.variant = turn_++ % shape_.lengths.size();
    const auto length = static_cast<std::int64_t>(shape_.lengths[slice.variant]);
    const auto written = static_cast<std::int64_t>(shape_.written());
    const std::int64_t oldest = written - static_cast<std::int64_t>(shape_.capacity);
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
      expect_sample(samples, static_cast<std::uint64_t>(at));
      expect_sample(samples + static_cast<std::size_t>(length - 1) * shape_.sample_bytes(),
                    static_cast<std::uint64_t>(at + length - 1));
    }
  }

 private:
  const WindowShape shape_;
  Peer peer_;
  std::size_t turn_ = 0;
};

// Of 64 float32; the longest is 256 MiB.
inline WindowShape window_shape(bool quick) {
  if (quick) return {64, 20480, {1, 64, 1024, 16384}};
  return {64, 1310720, {1, 64, 1024, 16384, 262144, 1048576}};
}
inline std::string window_row(std::uint64_t length) { return "window/" + std::to_string(length); }

// One ring serves all lengths; it takes a while to make.
template <class Peer, class RowName>
void add_windows(Registry &registry, const std::string &name, Kind kind, const WindowShape &shape, RowName &&row_name) {
  std::vector<std::string> rows;
  for (const std::uint64_t length : shape.lengths) rows.push_back(row_name(length));
  registry.solo(rows, name, kind, [shape](Arena &arena) { return std::make_unique<WindowSolo<Peer>>(arena, shape); })
      .most_forks = shape.other_readers == 0 ? 3 : 1;
}

}  // namespace bench
