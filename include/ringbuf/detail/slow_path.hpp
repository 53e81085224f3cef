// The functions of the library that the inline hot path calls. It calls them rarely.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "ringbuf/detail/backoff.hpp"
#include "ringbuf/detail/hot_state.hpp"
#include "ringbuf/detail/protocol.hpp"
#include "ringbuf/detail/tick_limiter.hpp"
#include "ringbuf/status.hpp"

namespace ringbuf::detail {

struct Segment;  // src/segment.hpp: the memory, its descriptors and locks
struct Source;   // src/open.hpp: what is opened

// The properties in which a program and the library must agree are parts of this type's name, to which every program
// refers. So a program that was compiled differently does not link.
template <class Atomic, bool atomic_copies, std::size_t hot_state_bytes>
struct CloseSegmentOf {
  void operator()(Segment *segment) const noexcept;
};
#ifdef RINGBUF_ATOMIC_COPIES
inline constexpr bool atomic_copies = true;  // copy.hpp
#else
inline constexpr bool atomic_copies = false;
#endif
using CloseSegment = CloseSegmentOf<Atomic64, atomic_copies, sizeof(HotState)>;
template <>
void CloseSegment::operator()(Segment *segment) const noexcept;
using SegmentPointer = std::unique_ptr<Segment, CloseSegment>;

// Why a handle that is not open may not write or consume: forked, or closed at exit.
Status refused(Status refusal) noexcept;

// --- waiting.cpp ------------------------------------------------------------------------------------------------------

// Ends an epoch of a backoff of this handle. The counter that it polls was at `counter`.
void end_epoch(Backoff &backoff, Segment &segment, std::uint64_t counter) noexcept;
Status wait_for_samples(Segment &segment, std::uint64_t end, std::int64_t timeout_ns) noexcept;
Status wait_for_space(Segment &segment, std::uint64_t count, std::int64_t timeout_ns) noexcept;
Status wait_for_readers(Segment &segment, std::uint32_t count, std::int64_t timeout_ns) noexcept;
void wake_readers(Segment &segment) noexcept;
void wake_writer(Segment &segment) noexcept;
// ok: more samples may come. closed, stale: none will. Checks once a clock tick whether the writer is alive.
Status why_nothing(Segment &segment) noexcept;

// What the writer remembers for the time track (time_track.cpp).
struct TrackWriter {
  bool known = false;               // whether `last` is
  bool resumes = false;             // this writer has not looked at the clock yet, an earlier one has
  bool stamped = false;             // the program says when samples were taken, not the clock
  protocol::Time last{};            // the latest look at the clock, or stamp
  protocol::Time base{};            // an earlier look of the same run: the measured period is that since then
  std::uint64_t newest = 0;         // the newest sample that was seen before the next look
  double period_ns = 0;             // between samples, as measured; 0: not yet
  std::uint64_t cell = UINT64_MAX;  // the number of the cell in which the latest mark lies
  double longest_pause_ns = 0;      // in that cell
};

// The writer's work of a clock tick: it stores a time anchor and a time mark, and checks for read-only waiters, which
// cannot announce that they wait.
struct Timekeeper {
  TickLimiter watch;
  bool read_only_waiters = false;
  std::uint64_t next_look = 0;      // at this many samples
  std::uint32_t calls_to_skip = 0;  // of many samples each, before a look
  TrackWriter track;
};
// After a put of `count` samples, the last of which is number `newest`.
void tick(Timekeeper &timekeeper, Segment &segment, std::uint64_t newest, std::uint64_t count) noexcept;

// --- gaps.cpp -----------------------------------------------------------------------------------------------------------

// A range of indices.
struct Stretch {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};
// Looks for gaps in samples [start, end), of which the caller knows that they are written; the next one is `written`.
// ok: there is none, and `found` is the stretch around them that is written and has none, for ever. gap: `found` is the
// first of them. overwritten: the floor lies above `start`; found.end is the floor.
Status look_for_gap(const GapTable &table, std::uint64_t start, std::uint64_t end, std::uint64_t written,
                    Stretch &found) noexcept;

// --- messages.cpp -------------------------------------------------------------------------------------------------------

// The time of a message that is sent now.
std::int64_t message_time() noexcept;

// --- reader_slots.cpp -------------------------------------------------------------------------------------------------

// Frees the slots of dead readers. Checks at most once a tick, unless `now`. Returns whether a slot was freed.
bool reclaim_slots(Segment &segment, bool now) noexcept;

}  // namespace ringbuf::detail
