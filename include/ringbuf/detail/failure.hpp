// Details of failures on the hot path. They are stored as numbers and formatted only when last_error() is called, so
// that polling an empty ring costs nothing.
#pragma once

#include <cstdint>

#include "ringbuf/status.hpp"

namespace ringbuf::detail {

// The kind of failure, which decides the text. The comments name the numbers that belong to it.
enum class Detail : std::uint8_t {
  none,
  availability,    // start, end, written, intent, capacity
  not_contiguous,  // count, offset, capacity, window
  full,            // count, written, room
  no_room,         // bytes of the record, written, room, capacity
  empty,           // position, written
  ended,           // position, written
  overrun,         // old position, new position, lost
  too_many,        // count, limit
  null_argument,   // name
  wrong_role,      // name
  forked,
  timeout,      // end, written
  interrupted,  // end, written
  closed_at_exit,
  bad_position,  // position, oldest, written
  incompatible,  // sizeof element asked, data type, item size
  not_multiple,  // elements, channels
  gap,           // start, end, start of the gap, its end
  passed_gap,    // old position, new position
};

// Stores the failure for last_error() and returns its status.
Status note(Status status, Detail detail, const char *name = "", std::uint64_t a = 0, std::uint64_t b = 0,
            std::uint64_t c = 0, std::uint64_t d = 0, std::uint64_t e = 0) noexcept;

}  // namespace ringbuf::detail
