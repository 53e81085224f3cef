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

template <template <class, std::size_t> class Peer>
void add_round_trip(Registry &registry, const std::string &name, Kind kind) {
  registry.duel(round_trip_row, name, kind,
                [](Arena &arena) { return std::make_unique<RoundTripDuel<Peer<Item<8>, 1024>>>(arena); });
}

}  // namespace bench
