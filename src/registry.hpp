// The open segments of this process: finished when it exits, disowned in its children.
#pragma once

#include <cstdint>

#include "segment.hpp"

namespace ringbuf::detail {

// To be called before a segment is made, and wherever a handle is found to be the parent's: a child that nobody told of
// its birth disowns what its parent has open. forked: this process shares its parent's memory, and opens nothing.
Status arrive() noexcept;
// Registers a segment that is about to be opened. closed: the process exits.
Status register_segment(Segment &segment) noexcept;
void note_region(Segment &segment, const os::Region &region) noexcept;
// Releases the locks of a segment's object, if it has one, and closes that.
void give_up_object(Segment &segment) noexcept;
// The segment is open. closed: the process exits, and the segment is to be closed at once.
Status open_for_use(Segment &segment, Role role) noexcept;
// True for the one who is to finish the segment: neither a forked child, nor a second time.
bool claim_segment(Segment &segment) noexcept;
void unregister_segment(Segment &segment) noexcept;

}  // namespace ringbuf::detail
