// The newest messages of a ring of messages, as a viewer shows them.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "describe.hpp"
#include "ring.hpp"

namespace tool::web {

class Events {
 public:
  // `ring` is an observer's handle at its oldest message, which nobody else moves; it must outlive this object.
  explicit Events(Ring &ring) : ring_(ring) {}

  // Takes the messages that have come; for some milliseconds at most.
  void update();
  // How many have come since the beginning: the number of the next one.
  std::uint64_t count() const noexcept { return count_; }
  std::uint64_t lost_bytes() const { return ring_.info().lost; }
  // Those from that number on, as far as they are kept, and `most` of them.
  Json from(std::uint64_t number, std::size_t most) const;

 private:
  struct Event {
    std::uint32_t kind;
    std::int64_t tag;
    std::int64_t realtime_ns;
    std::uint64_t size;
    std::string text;  // its beginning
  };
  Ring &ring_;
  std::deque<Event> kept_;
  std::uint64_t count_ = 0;
};

}  // namespace tool::web
