// A whole life: create, open, close both; and what a ring takes beside its data.
//
// A peer has: Peer(Arena &, bytes of data), live(), and std::size_t overhead().
#pragma once

#include "../row.hpp"

namespace bench {

inline std::string life_row(std::size_t bytes) { return "life/" + std::to_string(bytes / 1024) + "KiB"; }
inline constexpr const char *memory_row = "memory";

template <class Peer>
class LifeSolo final : public Solo {
 public:
  LifeSolo(Arena &arena, std::size_t bytes) : peer_(arena, bytes) {}

  void measure(Slice &slice) override {
    slice.begin_ns = now_ns();
    do {
      peer_.live();
      ++slice.count;
      slice.writer_end_ns = now_ns();
    } while (slice.writer_end_ns < slice.begin_ns + slice.length_ns);
  }

 private:
  Peer peer_;
};

template <class Peer>
class MemorySolo final : public Solo {
 public:
  explicit MemorySolo(Arena &arena) : peer_(arena, 65536) {}
  void measure(Slice &slice) override { slice.direct = static_cast<double>(peer_.overhead()); }

 private:
  Peer peer_;
};

// Of a peer for which it is known without making one.
class KnownMemory final : public Solo {
 public:
  explicit KnownMemory(std::size_t bytes) : bytes_(bytes) {}
  void measure(Slice &slice) override { slice.direct = static_cast<double>(bytes_); }

 private:
  std::size_t bytes_;
};

inline void add_memory(Registry &registry, const std::string &name, Kind kind, std::size_t bytes) {
  registry.solo(memory_row, name, kind, [bytes](Arena &) { return std::make_unique<KnownMemory>(bytes); }).most_forks =
      1;
}

template <class Peer>
void add_lives(Registry &registry, const std::string &name, Kind kind) {
  for (const std::size_t bytes : {std::size_t{8} << 10, std::size_t{4} << 20}) {
    registry.solo(life_row(bytes), name, kind,
                  [bytes](Arena &arena) { return std::make_unique<LifeSolo<Peer>>(arena, bytes); });
  }
}

template <class Peer>
void add_life(Registry &registry, const std::string &name, Kind kind) {
  add_lives<Peer>(registry, name, kind);
  registry.solo(memory_row, name, kind, [](Arena &arena) { return std::make_unique<MemorySolo<Peer>>(arena); })
      .most_forks = 1;
}

}  // namespace bench
