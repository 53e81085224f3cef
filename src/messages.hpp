// Messages: where records begin. All of this is off the hot path of send and receive.
#pragma once

#include <cstdint>

#include "ringbuf/detail/protocol.hpp"
#include "segment.hpp"

namespace ringbuf::detail {

// The first index from `target` on at which a record is known to begin; the next index if none is. `c` is what
// readable() says of a ring of messages: `target` is neither before its oldest index nor behind its next one.
std::uint64_t first_record(const Segment &segment, std::uint64_t target, const protocol::Counters &c) noexcept;

// The last index up to `target` at which a record is known to begin; above `target` if none is.
std::uint64_t last_record(const Segment &segment, std::uint64_t target, const protocol::Counters &c) noexcept;

// The first index at which the writer has to store a start. Its range of indices, see track_mark(), has none yet.
std::uint64_t next_unmarked(const Segment &segment, std::uint64_t written) noexcept;

}  // namespace ringbuf::detail
