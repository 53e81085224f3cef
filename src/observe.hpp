// Information about a ring that any process can collect: through a mapping (Ring::info) or from copies (list).
#pragma once

#include "gaps.hpp"
#include "ringbuf/detail/index.hpp"
#include "ringbuf/detail/protocol.hpp"
#include "ringbuf/info.hpp"

namespace ringbuf::detail {

// The state of a ring. load() loads the writer's state (acquire; partner: set_state). alive() tells whether a writer
// holds the lock. A writer stores its state before it releases the lock. So a state loaded after the lock was found
// free is its last one: if that is live, the writer died.
template <class Load, class Alive>
State observe_state(Load &&load, Alive &&alive) noexcept {
  const State said = load();
  if (said != State::live || alive()) return said;
  const State last = load();
  return last == State::live ? State::dead : last;
}

// The counters; `header` may be a copy.
inline void observe_counters(Info &info, const Header &header) noexcept {
  const protocol::Counters c = readable(header.gaps, protocol::observe(header.writer), info.geometry.capacity);
  info.written = c.written;
  info.oldest = oldest_index(c.intent, info.geometry.capacity);
  info.generation = protocol::peek(header.writer.generation);
  info.has_anchor = protocol::load_anchor(header.anchor, info.anchor);
}

// Adds to info.readers the living readers of `count` slots, of which the first has number `first`.
template <class Alive>
void observe_readers(Info &info, const ReaderSlot *slots, std::uint32_t first, std::uint32_t count,
                     Alive &&alive) noexcept {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (protocol::is_active(slots[i]) && alive(first + i)) ++info.readers;
  }
}

}  // namespace ringbuf::detail
