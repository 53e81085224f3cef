// An item of 8 bytes there and back through two queues, both sides spinning. The peer is that of queue.hpp.
#pragma once

#include "queue.hpp"

namespace bench {

inline constexpr const char *round_trip_row = "round trip/8B/spinning";

template <class Peer>
class RoundTripDuel final : public Duel {
 public:
  explicit RoundTripDuel(Arena &arena) : there_(arena), back_(arena) {}

  void open_writer() override { there_.open_writer(); }
  void open_reader() override {
    there_.open_reader();
    back_.open_writer();
  }
  void open_back() override { back_.open_reader(); }

  void write(Slice &slice) override {
    const std::uint64_t first = next_;
    pacer_.begin(slice);
    do {
      for (std::uint64_t n = pacer_.chunk(); n != 0; --n) {
        Item<8> item{next_};
        while (!there_.push(item)) {
        }
        while (!back_.pop(item)) {
        }
        item.expect(next_++);
      }
    } while (pacer_.more());
    pacer_.end(slice, next_ - first, next_);
  }

  void read(Slice &slice) override {
    for (Item<8> item;;) {
      if (!there_.pop(item)) {
        if (slice.complete(next_)) return;
        continue;
      }
      item.expect(next_++);
      while (!back_.push(item)) {
      }
    }
  }

 private:
  Peer there_, back_;
  Pacer pacer_;
  std::uint64_t next_ = 0;
};

// Items that come singly: from the put of each to its pop. An item is the time of its put.
inline constexpr std::int64_t single_items_us[] = {1, 10, 100};

inline std::string single_item_row(std::int64_t every_us) {
  return "single/8B/every " + std::to_string(every_us) + " us";
}

template <class Peer>
class SingleItemDuel final : public Duel {
 public:
  SingleItemDuel(Arena &arena, std::int64_t every_us) : peer_(arena), every_ns_(every_us * 1000) {}

  void open_writer() override { peer_.open_writer(); }
  void open_reader() override { peer_.open_reader(); }

  void write(Slice &slice) override {
    slice.begin_ns = now_ns();
    for (std::int64_t due = slice.begin_ns + every_ns_; due < slice.begin_ns + slice.length_ns; due += every_ns_) {
      std::int64_t now;
      while ((now = now_ns()) < due) relax();
      last_ = static_cast<std::uint64_t>(now);
      while (!peer_.push({last_})) relax();
    }
    slice.total.store(last_, std::memory_order_release);
  }

  void read(Slice &slice) override {
    double sum = 0, count = 0;
    for (Item<8> item;;) {
      if (!peer_.pop(item)) {
        if (slice.complete(last_)) break;
        continue;
      }
      last_ = item.first;
      sum += static_cast<double>(now_ns() - static_cast<std::int64_t>(last_));
      ++count;
    }
    slice.direct = sum / count;
  }

 private:
  Peer peer_;
  const std::int64_t every_ns_;
  std::uint64_t last_ = 0;  // each process has its own copy
};

template <template <class, std::size_t> class Peer>
void add_single_items(Registry &registry, const std::string &name, Kind kind) {
  for (const std::int64_t every_us : single_items_us) {
    registry.duel(single_item_row(every_us), name, kind, [every_us](Arena &arena) {
      return std::make_unique<SingleItemDuel<Peer<Item<8>, 1024>>>(arena, every_us);
    });
  }
}

template <template <class, std::size_t> class Peer>
void add_round_trip(Registry &registry, const std::string &name, Kind kind) {
  add_single_items<Peer>(registry, name, kind);
  registry.duel(round_trip_row, name, kind,
                [](Arena &arena) { return std::make_unique<RoundTripDuel<Peer<Item<8>, 1024>>>(arena); });
}

}  // namespace bench
