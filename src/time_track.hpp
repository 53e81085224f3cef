// The time track of a ring: the marks that the writer stores when it looks at the clock, and what readers make of them.
#pragma once

#include "segment.hpp"
#include "timeline.hpp"

namespace ringbuf::detail {

// Says that a ring of messages has no track.
Status no_track() noexcept;

// Begins the track of a writer. The first mark of a writer that resumes tells of a pause.
void start_track(TrackWriter &track, const Segment &segment) noexcept;

// Stores that sample `now.index` was put at that time, in the anchor and in the mark of its cell.
void look_at_clock(TrackWriter &track, Segment &segment, const protocol::Time &now) noexcept;

// Stores that a sample was taken at that time. From then on the writer's own looks at the clock count no more.
void stamp(TrackWriter &track, Segment &segment, const protocol::Time &time) noexcept;

// Loads the track and the anchor. `written` is the index of the next sample.
void load_timeline(Timeline &timeline, const Segment &segment, std::uint64_t written) noexcept;

}  // namespace ringbuf::detail
