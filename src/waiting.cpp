// Sleeping and waking, the slow half of the eventcounts in protocol.hpp. A reader sleeps on the ring's wake word, a
// lossless writer on its space word. Both also wake up by themselves after a time slice, to check whether the peer is
// alive.
#include "waiting.hpp"

#include <algorithm>

#include "error.hpp"
#include "liveness.hpp"
#include "reader_slots.hpp"
#include "ringbuf/detail/relax.hpp"
#include "time_track.hpp"

namespace ringbuf::detail {

namespace {

// A short spin, as long as the shortest sleep and wake-up take. It catches samples that are about to come.
constexpr int spins = 200;

std::uint64_t written(const Segment &segment) noexcept { return protocol::observe_written(segment.lines()); }

// Sleeps on a word. False: another thread interrupted the sleep; the interruption is thereby consumed. Partner:
// interrupt(). Store buffering: here the word is stored and then the flag is loaded, there the flag is stored and
// then the word is loaded. All four are sequentially consistent, so either we see the flag, or interrupt() sees the
// word. If it sees the word before this thread has fallen asleep, this thread sleeps for `time_ns`.
bool sleep(Segment &segment, const Atomic32 &word, std::uint32_t expected, std::int64_t time_ns) noexcept {
  segment.slept = true;
  segment.sleeps_on.store(&word);
  const bool interrupted = segment.interrupted.exchange(false);
  if (!interrupted) os::wait(segment.sleepers(), &word, expected, time_ns);
  segment.sleeps_on.store(nullptr);
  return !interrupted;
}

}  // namespace

void interrupt(Segment &segment) noexcept {
  segment.interrupted.store(true);
  if (const Atomic32 *word = segment.sleeps_on.load(); word != nullptr) os::wake_address(word);
}

void end_epoch(Backoff &backoff, Segment &segment, std::uint64_t counter) noexcept {
  backoff.end_epoch(os::monotonic_ns(), counter, segment.hot.capacity, segment.slept);
  segment.slept = false;
}

Status ended(const Segment &segment) noexcept {
  switch (protocol::load_state(segment.lines())) {
    case State::closed:
      return Status::closed;
    case State::superseded:
      return Status::stale;
    default:
      // Memory of the caller may hold another ring by now.
      return protocol::same_incarnation(segment.lines(), segment.hot.incarnation) ? Status::ok : Status::stale;
  }
}

Status examine_writer(const Segment &segment) noexcept {
  if (!writer_alive(segment)) {
    // A writer that closes stores the state before it releases its lock.
    return ended(segment) == Status::closed ? Status::closed : Status::stale;
  }
  const bool renamed = segment.name[0] != '\0' && os::naming(segment.object, segment.name) == os::Naming::other;
  return renamed ? Status::stale : Status::ok;
}

Status why_nothing(Segment &segment) noexcept {
  if (const Status status = ended(segment); status != Status::ok) return status;
  const std::uint64_t generation = protocol::peek(segment.lines().generation);
  if (!tick_passed(segment)) return generation == segment.last_generation ? segment.last_verdict : Status::ok;
  const os::Uncancelled uncancelled;
  segment.last_verdict = examine_writer(segment);
  segment.last_generation = generation;
  return segment.last_verdict;
}

Status look(Segment &segment, std::uint64_t end, bool thoroughly) noexcept {
  if (written(segment) >= end) return Status::ok;
  const Status status = thoroughly ? why_nothing(segment) : ended(segment);
  // The writer may have put its last samples and closed since the first check.
  if (written(segment) >= end) return Status::ok;
  if (status != Status::ok) return note(status, Detail::ended, "", end, written(segment));
  return Status::not_yet;
}

bool announce_wait(const Segment &segment, std::uint64_t end) noexcept {
  if (!segment.may_announce) return false;
  protocol::prepare_wait(*segment.hot.table, end);
  return protocol::writer_fence_is_asymmetric(segment.lines());
}

Status wait_for_samples(Segment &segment, std::uint64_t end, std::int64_t timeout_ns) noexcept {
  const WriterLines &lines = segment.lines();
  const auto timed_out = [&] { return note(Status::timeout, Detail::timeout, "", end, written(segment)); };
  if (timeout_ns == 0) {
    const Status status = look(segment, end);
    return status == Status::not_yet ? timed_out() : status;
  }
  for (int i = 0; i < spins; ++i) {
    if (written(segment) >= end) return Status::ok;
    relax();
  }
  const os::Uncancelled uncancelled;
  const Deadline deadline(timeout_ns);
  std::uint32_t last_word = protocol::wake_word(lines) - 1;
  for (;;) {
    const std::uint32_t word = protocol::wake_word(lines);
    std::int64_t slice = is_unannounced(segment) ? unannounced_slice_ns : slice_ns;
    const bool fenced = !announce_wait(segment, end) || os::barrier();
    if (!fenced && word != last_word) slice = asymmetric_slice_ns;
    last_word = word;
    if (const Status status = look(segment, end); status != Status::not_yet) return status;
    const std::int64_t left = deadline.left(slice);
    if (left <= 0) return timed_out();
    if (!sleep(segment, lines.wake_sequence, word, left)) {
      return note(Status::interrupted, Detail::interrupted, "", end, written(segment));
    }
    if (written(segment) >= end) return Status::ok;
  }
}

void wake_readers(Segment &segment) noexcept {
  const os::Uncancelled uncancelled;
  const std::uint32_t before = protocol::take_waiters(segment.lines(), *segment.hot.table);
  os::wake_all(segment.sleepers(), &segment.lines().wake_sequence, before);
}

void wake_writer(Segment &segment) noexcept {
  const os::Uncancelled uncancelled;
  const std::uint32_t before = protocol::take_space_waiter(*segment.hot.table);
  os::wake_all(segment.sleepers(), &segment.hot.table->space_sequence, before);
}

Status wait_for_space(Segment &segment, std::uint64_t count, std::int64_t timeout_ns) noexcept {
  const os::Uncancelled uncancelled;
  const HotState &v = segment.hot;
  const std::uint64_t now_written = protocol::own_counters(segment.lines()).written;
  // The position that the slowest reader has to reach.
  const std::uint64_t needed = now_written + count - std::min(now_written + count, v.capacity);
  const auto fits = [&] { return protocol::slowest_reader(v.slots, v.max_readers).position >= needed; };
  const Deadline deadline(timeout_ns);
  bool first = true;
  for (;;) {
    const std::uint32_t word = protocol::prepare_space_wait(segment.lines(), *v.table, needed);
    const bool fenced = !protocol::some_reader_fence_is_asymmetric(v.slots, v.max_readers) || os::barrier();
    if (fits() || (reclaim_slots(segment, first) && fits())) break;
    const std::int64_t slice = fenced || !first ? slice_ns : asymmetric_slice_ns;
    first = false;
    const std::int64_t left = timeout_ns == 0 ? 0 : deadline.left(slice);
    if (left <= 0) {
      protocol::cancel_space_wait(segment.lines());
      return fail(Status::timeout, "waited for room for {} samples, the slowest reader leaves less", count);
    }
    if (!sleep(segment, v.table->space_sequence, word, left)) {
      protocol::cancel_space_wait(segment.lines());
      return fail(Status::interrupted, "the wait for room for {} samples was ended by another thread", count);
    }
  }
  protocol::cancel_space_wait(segment.lines());
  return Status::ok;
}

Status wait_for_readers(Segment &segment, std::uint32_t count, std::int64_t timeout_ns) noexcept {
  const os::Uncancelled uncancelled;
  const Deadline deadline(timeout_ns);
  Status status = Status::ok;
  for (;;) {
    const std::uint32_t word = protocol::prepare_space_wait(segment.lines(), *segment.hot.table, readers_waiting);
    const std::uint32_t there = living_readers(segment);
    if (there >= count) break;
    const std::int64_t left = timeout_ns == 0 ? 0 : deadline.left(slice_ns);
    if (left <= 0) {
      status = fail(Status::timeout, "waited for {} readers, {} are registered", count, there);
      break;
    }
    if (!sleep(segment, segment.hot.table->space_sequence, word, left)) {
      status = fail(Status::interrupted, "the wait for {} readers was ended by another thread", count);
      break;
    }
  }
  protocol::cancel_space_wait(segment.lines());
  return status;
}

void tick(Timekeeper &timekeeper, Segment &segment, std::uint64_t newest, std::uint64_t count) noexcept {
  // Fast puts share a look at the clock, `apart` of them or some more. The fast path compares numbers of samples, so puts of few
  // samples come here again after as many samples as that makes; at most so many, because they may come slowly from here on.
  // Puts of more samples come here more often, and their calls are counted.
  constexpr std::uint64_t most_apart = 256;
  if (timekeeper.calls_to_skip != 0 && count >= TickLimiter::apart) {
    --timekeeper.calls_to_skip;
    timekeeper.next_look = newest + 1 + most_apart;
    timekeeper.track.newest = newest;
    return;
  }
  if (timekeeper.watch.look(os::tick_ns())) {
    const os::Uncancelled uncancelled;
    timekeeper.read_only_waiters = !segment.is_borrowed() && os::is_shared(segment.object, os::read_only_waiter_lock);
  }
  // Read-only waiters have to be woken at each put, so with them every put takes this path.
  const bool each = timekeeper.read_only_waiters || timekeeper.watch.early();
  const std::uint64_t few = std::min(count, most_apart);
  const std::uint64_t apart = timekeeper.watch.many() ? TickLimiter::far_apart : TickLimiter::apart;
  timekeeper.next_look = newest + 1 + (each ? 0 : std::min(apart * few, most_apart));
  const std::uint64_t calls = (TickLimiter::apart * few + most_apart - 1) / most_apart;  // of so many puts
  timekeeper.calls_to_skip = each ? 0 : static_cast<std::uint32_t>(calls) - 1;
  // Each of the first puts of a tick looks at the clock. Puts that come faster share a look.
  if (timekeeper.watch.early()) {
    look_at_clock(timekeeper.track, segment, {newest, os::monotonic_ns(), os::realtime_ns()});
  }
  timekeeper.track.newest = newest;
}

}  // namespace ringbuf::detail
