// Messages of 100 bytes through a queue that loses nothing, one by one. A peer has push and pop as in queue.hpp, by which it
// sends and receives bytes of any number.
#pragma once

#include <cstring>

#include "queue.hpp"

namespace bench {

// The sequence number is at both ends.
struct Text {
  char bytes[100];

  void set(std::uint64_t n) noexcept {
    std::memcpy(bytes, &n, sizeof n);
    std::memcpy(bytes + sizeof bytes - sizeof n, &n, sizeof n);
  }
  void expect(std::uint64_t n) const noexcept {
    std::uint64_t first, last;
    std::memcpy(&first, bytes, sizeof first);
    std::memcpy(&last, bytes + sizeof bytes - sizeof last, sizeof last);
    expect_sequence(n, first);
    expect_sequence(n, last);
  }
};
static_assert(sizeof(Text) == 100);

inline constexpr const char *message_row = "message/100B";
inline constexpr std::size_t messages_held = 1024;

template <template <class, std::size_t> class Peer>
void add_messages(Registry &registry, const std::string &name, Kind kind) {
  registry.duel(message_row, name, kind,
                [](Arena &arena) { return std::make_unique<QueueDuel<Peer<Text, messages_held>, Text, 1>>(arena); });
}

}  // namespace bench
