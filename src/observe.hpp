// What can be said of a ring from outside, by whoever looks: through a mapping (Ring::info) or through copies (list).
#pragma once

#include "ringbuf/detail/index.hpp"
#include "ringbuf/detail/protocol.hpp"
#include "ringbuf/ring.hpp"

namespace ringbuf::detail {

// The state of a ring. load() loads what the writer has said (acquire, pairs with set_state), alive() tells whether a writer
// has its lock. A writer stores its state before it lets go of the lock, so what it has said by the time the lock is found free
// is its last word: live then means that it died.
template <class Load, class Alive>
State observe_state(Load &&load, Alive &&alive) noexcept {
  const State said = load();
  if (said != State::live || alive()) return said;
  const State last = load();
  return last == State::live ? State::dead : last;
}

// The counters; `header` may be a copy.
inline void observe_counters(Info &info, const Header &header) noexcept {
  const protocol::Counters c = protocol::observe(header.writer);
  info.written = c.written;
  info.oldest = oldest_index(c.intent, info.geometry.capacity);
  info.generation = protocol::peek(header.writer.generation);
  info.has_anchor = protocol::load_anchor(header.anchor, info.anchor);
}

// Adds those of `count` slots, from number `first` on, whose readers are there.
template <class Alive>
void observe_readers(Info &info, const ReaderSlot *slots, std::uint32_t first, std::uint32_t count,
                     Alive &&alive) noexcept {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (protocol::is_active(slots[i]) && alive(first + i)) ++info.readers;
  }
}

}  // namespace ringbuf::detail
