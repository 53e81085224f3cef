// Waking a reader that sleeps in the kernel: there and back with both sides asleep, and one way.
//
// A peer has: Peer(Arena &), open_writer(), open_reader(), void send(std::uint64_t) and std::uint64_t receive(), which
// sleeps until there is something.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>

#include "../fail.hpp"
#include "../row.hpp"

namespace bench {

inline constexpr const char *wake_round_trip_row = "wake/round trip";
inline constexpr const char *wake_one_way_row = "wake/one way";

template <class Peer>
class WakeRoundTrip final : public Duel {
 public:
  explicit WakeRoundTrip(Arena &arena) : there_(arena), back_(arena) {}

  void open_writer() override { there_.open_writer(); }
  void open_reader() override {
    there_.open_reader();
    back_.open_writer();
  }
  void open_back() override { back_.open_reader(); }
  bool sleeps() const override { return true; }

  void write(Slice &slice) override {
    const std::uint64_t first = next_;
    pacer_.begin(slice);
    do {
      trip();
    } while (pacer_.more());
    pacer_.end(slice, next_ - first, next_ + 1);
    trip();  // tells the reader that this was all
  }

  void read(Slice &slice) override {
    do {
      expect_sequence(next_, there_.receive());
      back_.send(next_++);
    } while (!slice.complete(next_));
  }

 private:
  void trip() noexcept {
    there_.send(next_);
    expect_sequence(next_, back_.receive());
    ++next_;
  }

  Peer there_, back_;
  Pacer pacer_;
  std::uint64_t next_ = 0;
};

template <class Peer>
class WakeOneWay final : public Duel {
 public:
  explicit WakeOneWay(Arena &arena) : peer_(arena), shared_(arena.make<Shared>()) {}

  void open_writer() override { peer_.open_writer(); }
  void open_reader() override { peer_.open_reader(); }
  bool sleeps() const override { return true; }

  void write(Slice &slice) override {
    std::array<double, 64> latencies;
    std::size_t n = 0;
    const std::int64_t end = now_ns() + slice.length_ns;
    do {
      send();
      latencies[n++] = static_cast<double>(shared_->received_ns.load(std::memory_order_relaxed) - sent_ns_) / 1e3;
    } while (n < latencies.size() && now_ns() < end);
    slice.total.store(next_ + 1, std::memory_order_release);
    send();
    std::nth_element(latencies.begin(), latencies.begin() + n / 2, latencies.begin() + n);
    slice.direct = latencies[n / 2];
  }

  void read(Slice &slice) override {
    do {
      shared_->waiting.store(next_ + 1, std::memory_order_release);
      expect_sequence(next_, peer_.receive());
      shared_->received_ns.store(now_ns(), std::memory_order_relaxed);
      shared_->received.store(++next_, std::memory_order_release);
    } while (!slice.complete(next_));
  }

 private:
  struct Shared {
    alignas(128) std::atomic<std::uint64_t> waiting{0};  // by the reader: about to wait for so many
    std::atomic<std::uint64_t> received{0};
    std::atomic<std::int64_t> received_ns{0};
  };

  // Sends when the reader has slept for a while, and comes back when it has received.
  void send() noexcept {
    while (shared_->waiting.load(std::memory_order_acquire) != next_ + 1) relax();
    for (const std::int64_t asleep = now_ns() + 150'000; now_ns() < asleep;) relax();
    sent_ns_ = now_ns();
    peer_.send(next_++);
    while (shared_->received.load(std::memory_order_acquire) != next_) relax();
  }

  Peer peer_;
  Shared *shared_;
  std::int64_t sent_ns_ = 0;
  std::uint64_t next_ = 0;
};

template <class Peer>
void add_wake(Registry &registry, const std::string &name, Kind kind) {
  registry.duel(wake_round_trip_row, name, kind,
                [](Arena &arena) { return std::make_unique<WakeRoundTrip<Peer>>(arena); });
  registry.duel(wake_one_way_row, name, kind, [](Arena &arena) { return std::make_unique<WakeOneWay<Peer>>(arena); });
}

}  // namespace bench
