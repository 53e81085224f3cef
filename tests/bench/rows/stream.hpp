// Blocks of samples, put one by one, and a reader that uses them where they are.
//
// A peer has: Peer(Arena &), open_writer(), open_reader(), bool put(const std::byte *block) (false: no room), and
// Take take(use): it calls use(const std::byte *, blocks) with blocks that are there, stream_take<bytes> of them (one that
// consumes bytes or items may give fewer), and says whether there were any and whether they were whole. A peer that can lose
// blocks also has std::uint64_t position() and lost(): the blocks it has passed, and those of them that it has missed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../fail.hpp"
#include "../row.hpp"
#include "../stock.hpp"

namespace bench {

inline constexpr std::size_t stream_ring_bytes = std::size_t{4} << 20;

// Of the smallest blocks the reader takes up to 64 at once, as anybody would.
template <std::size_t bytes>
inline constexpr std::uint64_t stream_take = bytes < 64 ? 64 : 1;

// No peer gives more at once.
inline constexpr std::uint64_t most_taken = 64;

enum class Take { nothing, taken, spoilt };

// A block, with its sequence number at both ends.
template <std::size_t bytes>
struct Block {
  void set(std::uint64_t n) noexcept {
    if constexpr (bytes >= 16) {
      std::memcpy(samples, &n, 8);
      std::memcpy(samples + bytes - 8, &n, 8);
    } else {
      std::memcpy(samples, &n, bytes);
    }
  }

  std::byte samples[bytes];
};

// Of the largest ones few, so that they stay in the first level of the cache.
template <std::size_t bytes>
using Blocks = Stock<Block<bytes>, bytes >= 1024 ? 1 : 32>;

// A light reader touches every cache line, a heavy one sums all bytes.
enum class Use { light, heavy };

// What the reader found in a block, to be believed only once the peer has said that the block was whole.
template <std::size_t bytes, Use use = Use::light>
struct Found {
  std::uint64_t first = 0, last = 0, sum = 0;

  void look(const std::byte *block) noexcept {
    if constexpr (bytes >= 16) {
      std::memcpy(&first, block, 8);
      std::memcpy(&last, block + bytes - 8, 8);
      if constexpr (use == Use::light) {
        for (std::size_t line = 0; line < bytes; line += 64) sum += load<std::uint64_t>(block + line);
      } else {
        static_assert(bytes % 64 == 0);
        Pair a{}, b{}, c{}, d{};  // a single sum would wait for each addition
#pragma GCC unroll 1              // else g++ 12 keeps all that it has loaded on the stack
        for (std::size_t line = 0; line < bytes; line += 64) {
          a += load<Pair>(block + line);
          b += load<Pair>(block + line + 16);
          c += load<Pair>(block + line + 32);
          d += load<Pair>(block + line + 48);
        }
        a += b + c + d;
        sum += a[0] + a[1];
      }
    } else {
      std::memcpy(&first, block, bytes);
      last = first;
    }
  }
  void expect(std::uint64_t n) const noexcept {
    if constexpr (bytes < 8) n &= (std::uint64_t{1} << (8 * bytes)) - 1;
    expect_sequence(n, first);
    expect_sequence(n, last);
  }

 private:
  using Pair = std::uint64_t __attribute__((vector_size(16)));

  template <class T>
  static T load(const std::byte *from) noexcept {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }
};

template <class Peer, std::size_t bytes, bool can_lose, Use use>
class StreamDuel final : public Duel {
 public:
  explicit StreamDuel(Arena &arena) : peer_(arena) {}

  void open_writer() override { peer_.open_writer(); }
  void open_reader() override { peer_.open_reader(); }

  void write(Slice &slice) override {
    const std::uint64_t first = blocks_.next();
    pacer_.begin(slice);
    do {
      for (std::uint64_t n = pacer_.chunk() * stream_take<bytes>; n != 0; --n) {
        const std::byte *block = blocks_.take().samples;
        while (!peer_.put(block)) relax();
      }
    } while (pacer_.more());
    pacer_.end(slice, blocks_.next() - first, blocks_.next());
  }

  void read(Slice &slice) override {
    std::uint64_t lost_before = 0;
    if constexpr (can_lose) lost_before = peer_.lost();
    for (;;) {
      std::array<Found<bytes, use>, most_taken> found;
      std::uint64_t taken = 0;
      const Take result = peer_.take([&](const std::byte *blocks, std::uint64_t n) noexcept {
        for (; n != 0 && taken < most_taken; --n, blocks += bytes) found[taken++].look(blocks);
      });
      if (result == Take::taken) {
        if constexpr (can_lose) next_ = peer_.position() - taken;
        for (std::uint64_t i = 0; i < taken; ++i) {
          found[i].expect(next_++);
          sum_ += found[i].sum;
        }
        continue;
      }
      if constexpr (can_lose) next_ = peer_.position();
      if (result == Take::nothing) {
        if (slice.complete(next_)) break;
        relax();
      }
    }
    keep(sum_);
    if constexpr (can_lose) slice.lost = peer_.lost() - lost_before;
  }

 private:
  Peer peer_;
  Pacer pacer_;
  std::uint64_t next_ = 0;
  std::uint64_t sum_ = 0;
  Blocks<bytes> blocks_;
};

inline std::string stream_row(std::size_t bytes, bool can_lose, Use use = Use::light) {
  const std::string size = bytes >= 1024 ? std::to_string(bytes / 1024) + "KiB" : std::to_string(bytes) + "B";
  return "stream/" + size + (can_lose ? "/overwriting" : "/lossless") + (use == Use::light ? "" : "/heavy");
}

// Small blocks are sums by themselves, so 2 bytes have no heavy reader.
inline constexpr std::size_t stream_sizes[] = {2, 64, 256, 1024, 8192, 65536};
inline constexpr std::size_t stream_plot_sizes[] = {4096, 16384};  // only in the plot

template <template <std::size_t> class Peer, std::size_t bytes, bool can_lose = false, Use use = Use::light>
void add_stream(Registry &registry, const std::string &name, Kind kind) {
  registry.duel(stream_row(bytes, can_lose, use), name, kind,
                [](Arena &arena) { return std::make_unique<StreamDuel<Peer<bytes>, bytes, can_lose, use>>(arena); });
}
template <template <std::size_t> class Peer, bool can_lose, std::size_t... bytes>
void add_streams_of(Registry &registry, const std::string &name, Kind kind) {
  (add_stream<Peer, bytes, can_lose>(registry, name, kind), ...);
  (add_stream<Peer, bytes, can_lose, Use::heavy>(registry, name, kind), ...);
}

template <template <std::size_t> class Peer, bool can_lose = false>
void add_streams(Registry &registry, const std::string &name, Kind kind) {
  add_streams_of<Peer, can_lose, 64, 256, 1024, 8192, 65536>(registry, name, kind);
  if (!registry.plots || can_lose) return;
  add_stream<Peer, 4096>(registry, name, kind);
  add_stream<Peer, 16384>(registry, name, kind);
}

}  // namespace bench
