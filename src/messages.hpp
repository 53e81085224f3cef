// Messages: where records begin. All of this is off the hot path of send and receive.
#pragma once

#include <cstdint>

#include "ringbuf/detail/protocol.hpp"
#include "segment.hpp"

namespace ringbuf::detail {

// The first index from `target` on at which a record is known to begin; the next index if none is. `target` is not before the
// oldest index. What is found may lie in a gap: the writer has stored it before it skipped, or died. The next record then begins
// after the gap.
std::uint64_t first_record(const Segment &segment, std::uint64_t target, const protocol::Counters &c) noexcept;

// The last index up to `target` at which a record is known to begin; above `target` if none is.
std::uint64_t last_record(const Segment &segment, std::uint64_t target, const protocol::Counters &c) noexcept;

// The first index at which the writer has to store a start. Its range of indices, see track_mark(), has none yet.
std::uint64_t next_unmarked(const Segment &segment, std::uint64_t written) noexcept;

}  // namespace ringbuf::detail
