// SIGINT and SIGTERM, for commands that end what they do before they exit.
#pragma once

#include <cstdint>
#include <optional>

#include "ringbuf.h"

namespace tool {

// From here on the two signals set a flag, and end the wait of each ring that is open (RINGBUF_INTERRUPTED). Without this call
// they end the process, as they do by default. A second signal always does.
void catch_stop_signals();
bool stop_requested() noexcept;

// Readable from the first of the signals on, for poll(); -1 before catch_stop_signals().
int stop_fd() noexcept;

// From here on SIGUSR1 is noted with its time, and ends the wait of each ring as well.
void catch_user_signal();
// The monotonic time of the next SIGUSR1 that has come since the last call; nothing if there is none.
std::optional<std::int64_t> take_user_signal() noexcept;

// Of class Ring: which handles are to be woken. Threads that a command starts block both signals, so that the handler does not
// run beside ringbuf_close().
void wake_on_stop(ringbuf_t *ring) noexcept;
void forget_on_stop(ringbuf_t *ring) noexcept;

}  // namespace tool
