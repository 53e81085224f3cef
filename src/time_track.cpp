#include "time_track.hpp"

#include <algorithm>

#include "error.hpp"
#include "ringbuf/detail/index.hpp"

namespace ringbuf::detail {

namespace {

// A look at the clock tells of a pause if it comes that much later than the samples since the look before it take. With a
// sample rate a writer that is merely late gives itself away, because it catches up (Timeline); without one, items come as
// they like.
constexpr double pause_with_rate_ns = 1e6;
constexpr double pause_without_rate_ns = 250e6;

std::uint64_t cell_of(const Segment &segment, std::uint64_t index) noexcept {
  return index / track_stride(segment.geometry.capacity);
}

TimeMark &mark_at(const Segment &segment, std::uint64_t cell) noexcept {
  return time_track(segment).marks[cell % track_marks];
}

// The mark of a cell. False: there is none, or one of an earlier lap.
bool load_cell(const Segment &segment, std::uint64_t cell, protocol::Mark &mark) noexcept {
  return protocol::load_mark(mark_at(segment, cell), mark) && cell_of(segment, mark.at.index) == cell;
}

// From one time to another. Times that are loaded from the ring may have any value.
double nanoseconds(const protocol::Time &from, const protocol::Time &to) noexcept {
  return static_cast<double>(to.monotonic_ns) - static_cast<double>(from.monotonic_ns);
}

// Stores a mark, unless its cell has a better one: one after a longer pause, or one that was less late.
void place(TrackWriter &track, Segment &segment, protocol::Mark mark, double pause_ns, double period_ns) noexcept {
  const std::uint64_t cell = cell_of(segment, mark.at.index);
  if (cell != track.cell) track.longest_pause_ns = 0;
  track.cell = cell;
  protocol::Mark held;
  if (load_cell(segment, cell, held) && (mark.run_start == 0 || pause_ns <= track.longest_pause_ns)) {
    const double apart = static_cast<double>(mark.at.index - held.at.index) * period_ns;
    const bool less_late = period_ns > 0 && nanoseconds(held.at, mark.at) < apart;
    if (!less_late || mark.at.index < held.at.index) return;
    mark = {mark.at, held.run_start, held.before_ns, held.before_realtime_ns, false};
  } else if (mark.run_start != 0) {
    track.longest_pause_ns = pause_ns;
  }
  protocol::write_mark(mark_at(segment, cell), mark);
}

}  // namespace

Status no_track() noexcept {
  return fail(Status::unsupported,
              "the ring holds messages, which have their times with them, expected a ring of samples");
}

void start_track(TrackWriter &track, const Segment &segment) noexcept {
  protocol::Time &last = track.last;
  track.newest = segment.counters.written - 1;
  track.known = protocol::load_anchor(segment.hot.header->anchor, last) && last.index <= track.newest &&
                last.monotonic_ns >= 0 && last.monotonic_ns <= most_monotonic_ns && last.realtime_ns >= 0 &&
                last.realtime_ns <= most_realtime_ns;
  track.resumes = track.known;
}

void look_at_clock(TrackWriter &track, Segment &segment, const protocol::Time &now) noexcept {
  if (segment.hot.messages) return protocol::set_anchor(segment.hot.header->anchor, now);
  if (track.stamped) return;
  const double rate = segment.geometry.sample_rate;
  const double period_ns = rate > 0 ? period_of(rate) : track.period_ns;
  protocol::Mark mark;
  mark.at = now;
  double pause_ns = 0;
  if (track.known) {
    const protocol::Time &last = track.last;
    const double taken = static_cast<double>(now.index - last.index) * period_ns;
    pause_ns = nanoseconds(last, now) - taken;
    const double least = taken + (rate > 0 ? pause_with_rate_ns : pause_without_rate_ns);
    if (track.resumes || (period_ns > 0 && pause_ns > least)) {
      mark.run_start = track.newest + 1;
      const double since = static_cast<double>(track.newest - last.index) * period_ns;
      const auto later = static_cast<std::int64_t>(std::min(since, nanoseconds(last, now)));
      mark.before_ns = last.monotonic_ns + later;
      mark.before_realtime_ns = last.realtime_ns + later;
    }
  }
  const bool pause = mark.run_start != 0;
  if (!track.known || pause) {
    track.base = now;
  } else if (track.period_ns == 0 || cell_of(segment, now.index) != track.cell) {
    track.period_ns = nanoseconds(track.base, now) / static_cast<double>(now.index - track.base.index);
    track.base = now;
  }
  place(track, segment, mark, pause_ns, rate > 0 ? period_ns : 0);
  track.known = true;
  track.resumes = false;
  track.last = now;
  protocol::set_anchor(segment.hot.header->anchor, now);
}

void stamp(TrackWriter &track, Segment &segment, const protocol::Time &time) noexcept {
  if (!track.stamped) {
    // What the clock said and the stamp contradicts counts no more.
    for (TimeMark &each : time_track(segment).marks) {
      protocol::Mark mark;
      if (!protocol::load_mark(each, mark)) continue;
      if (mark.at.index < time.index && mark.at.monotonic_ns <= time.monotonic_ns) continue;
      mark.at.index = UINT64_MAX;
      protocol::write_mark(each, mark);
    }
    track.known = false;
  }
  protocol::Mark mark;
  mark.at = time;
  mark.stamped = true;
  if (track.known && time.index == track.last.index + 1) {
    mark = {time, time.index, track.last.monotonic_ns, track.last.realtime_ns, true};
  }
  place(track, segment, mark, nanoseconds(track.last, time), 0);
  track.known = track.stamped = true;
  track.last = time;
  protocol::set_anchor(segment.hot.header->anchor, time);
}

void load_timeline(Timeline &timeline, const Segment &segment, std::uint64_t written) noexcept {
  if (written == 0) return;
  const std::uint64_t newest = cell_of(segment, written - 1);
  for (std::uint64_t cell = newest - std::min(newest, track_marks - 1); cell <= newest; ++cell) {
    protocol::Mark mark;
    if (load_cell(segment, cell, mark) && mark.at.index < written) timeline.add(mark);
  }
  protocol::Time anchor{};
  if (protocol::load_anchor(segment.hot.header->anchor, anchor) && anchor.index < written) {
    protocol::Mark newest_mark;
    newest_mark.at = anchor;
    timeline.add(newest_mark);
  }
  timeline.finish();
}

}  // namespace ringbuf::detail
