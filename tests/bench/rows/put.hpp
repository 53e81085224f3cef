// What a put costs its writer, who is alone or has readers that sleep or are merely there.
//
// A peer has: Peer(Arena &), open(), put(const std::byte *block), make_room(), after which capacity<bytes> puts fit, and
// expect_newest(n): the newest block has that sequence number.
#pragma once

#include "stream.hpp"

namespace bench {

template <std::size_t bytes>
inline constexpr std::uint64_t put_capacity =
    (std::uint64_t{64} << 10) / bytes;  // blocks of a ring that stays in cache

template <class Peer, std::size_t bytes>
class PutSolo final : public Solo {
 public:
  explicit PutSolo(Arena &arena) : peer_(arena) {}

  void open() override { peer_.open(); }

  void measure(Slice &slice) override {
    const std::int64_t end = now_ns() + slice.length_ns;
    std::int64_t spent_ns = 0;
    std::uint64_t count = 0;
    do {
      peer_.make_room();
      const std::int64_t begin = now_ns();
      for (std::uint64_t i = 0; i < put_capacity<bytes>; ++i) {
        peer_.put(blocks_.take().samples);
      }
      spent_ns += now_ns() - begin;
      count += put_capacity<bytes>;
    } while (now_ns() < end);
    peer_.expect_newest(blocks_.next() - 1);
    slice.direct = static_cast<double>(spent_ns) / static_cast<double>(count);
  }

 private:
  Peer peer_;
  Blocks<bytes> blocks_;
};

// Blocks of many samples, as those of a microphone.
inline constexpr const char *one_channel = "alone, one channel";

inline std::string put_row(std::size_t bytes, const std::string &company) {
  return "put/" + std::to_string(bytes) + "B/" + company;
}

template <class Peer, std::size_t bytes>
void add_put(Registry &registry, const std::string &company, const std::string &name, Kind kind) {
  registry.solo(put_row(bytes, company), name, kind,
                [](Arena &arena) { return std::make_unique<PutSolo<Peer, bytes>>(arena); });
}

}  // namespace bench
