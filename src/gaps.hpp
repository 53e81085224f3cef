// Gaps: the indices that a writer has skipped. All of this is off the hot path: a reader comes here only for indices that lie
// before the end of the newest gap.
#pragma once

#include <cstdint>

#include "ringbuf/detail/protocol.hpp"
#include "ringbuf/detail/slow_path.hpp"

namespace ringbuf::detail {

// The end of the gap that `index` lies in; otherwise `index`.
std::uint64_t past_gap(const GapTable &table, std::uint64_t index, const protocol::Counters &c) noexcept;

// Raises the intent to what the gap table demands: the oldest sample is neither before the floor nor in a gap. So all
// arithmetic on counters holds for rings with gaps, too.
protocol::Counters readable(const GapTable &table, protocol::Counters c, std::uint64_t capacity) noexcept;

// Calls visit(start, end, user) for the gaps that end after `oldest`, from the oldest on, until it returns anything but 0.
void visit_gaps(const GapTable &table, std::uint64_t oldest, std::uint64_t written,
                int (*visit)(std::int64_t start, std::int64_t end, void *user), void *user) noexcept;

// Ends a skip that a crash has interrupted after its gap was stored, for the next writer. `c` are the counters that it has
// loaded, and becomes what they are then. corrupt: no skip can have left this.
Status repair_gaps(Header &header, protocol::Counters &c, std::uint64_t capacity) noexcept;

}  // namespace ringbuf::detail
