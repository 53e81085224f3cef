// Sleeping and waking, but for what the inline hot path calls (ringbuf/detail/slow_path.hpp).
#pragma once

#include "segment.hpp"

namespace ringbuf::detail {

// Ends the sleep of another thread, or the next one; safe in a signal handler.
void interrupt(Segment &segment) noexcept;

}  // namespace ringbuf::detail
