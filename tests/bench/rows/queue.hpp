// Items through a queue that loses nothing, one by one or in batches.
//
// A Peer<T, capacity> has: Peer(Arena &), open_writer(), open_reader(), bool push(const T &), bool pop(T &),
// std::size_t push_many(const T *, std::size_t) and pop_many(T *, std::size_t); these say how many they took. One that publishes late has flush(), too.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "../fail.hpp"
#include "../row.hpp"
#include "../stock.hpp"

namespace bench {

// The sequence number is at both ends of an item.
template <std::size_t bytes>
struct Item {
  std::uint64_t first;
  std::uint64_t between[bytes / 8 - 2];
  std::uint64_t last;

  void set(std::uint64_t n) noexcept { first = last = n; }
  void expect(std::uint64_t n) const noexcept {
    expect_sequence(n, first);
    expect_sequence(n, last);
  }
};
template <>
struct Item<8> {
  std::uint64_t first;

  void set(std::uint64_t n) noexcept { first = n; }
  void expect(std::uint64_t n) const noexcept { expect_sequence(n, first); }
};

template <class Peer, class T, std::size_t batch>
class QueueDuel final : public Duel {
 public:
  explicit QueueDuel(Arena &arena) : peer_(arena) {}

  void open_writer() override { peer_.open_writer(); }
  void open_reader() override { peer_.open_reader(); }

  void write(Slice &slice) override {
    const std::uint64_t first = sent();
    pacer_.begin(slice);
    do {
      for (std::uint64_t n = pacer_.chunk(); n != 0; --n) send();
    } while (pacer_.more());
    if constexpr (requires { peer_.flush(); }) peer_.flush();
    pacer_.end(slice, sent() - first, sent());
  }

  void read(Slice &slice) override {
    while (receive() || !slice.complete(next_)) {
    }
  }

 private:
  std::uint64_t sent() const noexcept { return batch == 1 ? stock_.next() : next_; }

  void send() noexcept {
    if constexpr (batch == 1) {
      const T &item = stock_.take();
      while (!peer_.push(item)) relax();
    } else {
      for (T &item : items_) item.set(next_++);
      for (std::size_t done = 0; done < batch;) {
        const std::size_t n = peer_.push_many(items_.data() + done, batch - done);
        if (n == 0) relax();
        done += n;
      }
    }
  }

  bool receive() noexcept {
    if constexpr (batch == 1) {
      T item;
      if (!peer_.pop(item)) return relax(), false;
      item.expect(next_++);
    } else {
      const std::size_t n = peer_.pop_many(items_.data(), batch);
      if (n == 0) return relax(), false;
      for (std::size_t i = 0; i < n; ++i) items_[i].expect(next_++);
    }
    return true;
  }

  Peer peer_;
  Pacer pacer_;
  std::uint64_t next_ = 0;  // each process has its own copy
  Stock<T, 32> stock_;
  std::array<T, batch> items_{};
};

inline constexpr std::size_t queue_batch = 64;

inline std::string queue_row(std::size_t item, std::size_t batch, std::size_t capacity) {
  return "queue/" + std::to_string(item) + "B/" + (batch == 1 ? "single" : "batch64") + "/" + std::to_string(capacity);
}

template <template <class, std::size_t> class Peer, class T, std::size_t batch, std::size_t capacity>
void add_queue(Registry &registry, const std::string &name, Kind kind) {
  registry.duel(queue_row(sizeof(T), batch, capacity), name, kind,
                [](Arena &arena) { return std::make_unique<QueueDuel<Peer<T, capacity>, T, batch>>(arena); });
}

// Enters `Peer<T, capacity>` for all of the queue's rows.
template <template <class, std::size_t> class Peer>
void add_queues(Registry &registry, const std::string &name, Kind kind) {
  add_queue<Peer, Item<8>, 1, 1024>(registry, name, kind);
  add_queue<Peer, Item<8>, 1, 65536>(registry, name, kind);
  add_queue<Peer, Item<64>, 1, 1024>(registry, name, kind);
  add_queue<Peer, Item<64>, 1, 65536>(registry, name, kind);
  add_queue<Peer, Item<8>, queue_batch, 1024>(registry, name, kind);
  add_queue<Peer, Item<8>, queue_batch, 65536>(registry, name, kind);
  add_queue<Peer, Item<64>, queue_batch, 1024>(registry, name, kind);
  add_queue<Peer, Item<64>, queue_batch, 65536>(registry, name, kind);
}

}  // namespace bench
