// The slots of the reader table: taken, entered, reclaimed from the dead, left.
#pragma once

#include <cstdint>

#include "segment.hpp"

namespace ringbuf::detail {

// Takes a slot for the reader of this segment: ok, or too_many_readers.
Status take_slot(Segment &segment) noexcept;
// Enters the slot at `position`, and wakes a writer that waits for readers. Returns the limit that the writer may
// rely on.
std::uint64_t enter_slot(Segment &segment, std::uint64_t position) noexcept;
// The number of slots with a living reader.
std::uint32_t living_readers(const Segment &segment) noexcept;
// Leaves the slot, if the segment has one. From then on this reader does not hold the writer back.
void leave_slot(Segment &segment) noexcept;

}  // namespace ringbuf::detail
