#include "ringbuf/reader.hpp"

#include <utility>

#include "error.hpp"
#include "gaps.hpp"
#include "liveness.hpp"
#include "open.hpp"
#include "poll.hpp"
#include "reader_slots.hpp"
#include "registry.hpp"
#include "ringbuf/exception.hpp"

namespace ringbuf {

using detail::Detail;
using detail::note;
using detail::SegmentPointer;

namespace {

// Takes a reader slot if this reader is to have one. On a lossless ring the reader must get one. On an overwriting ring
// a reader without a slot is merely not counted.
Status register_reader(detail::Segment &segment, const OpenOptions &options) noexcept {
  if (options.observer || !segment.may_announce) return Status::ok;
  Status status = Status::ok;
  if (segment.is_raw() && segment.geometry.liveness == liveness_locks) {
    status = fail(Status::unsupported,
                  "the ring keeps its readers by locks: expected it to be opened by its name or descriptor, or "
                  "RINGBUF_OBSERVER");
  } else {
    status = detail::take_slot(segment);
  }
  return segment.hot.lossless ? status : Status::ok;
}

}  // namespace

Reader::Reader(const char *name, const OpenOptions &options) {
  if (const Status status = open(*this, name, options); status != Status::ok) throw Error(status, last_error());
}

Status Reader::open_with(Reader &reader, Status opened, SegmentPointer segment, const OpenOptions &options) noexcept {
  if (opened != Status::ok) return opened;
  if (segment->hot.messages && options.resync == Resync::lap) {
    return fail(Status::invalid_argument,
                "the ring holds messages, which have no laps: expected another rule than RINGBUF_RESYNC_LAP");
  }
  if (const Status status = register_reader(*segment, options); status != Status::ok) return status;
  Reader started;
  started.adopt(std::move(segment));
  started.start(options);
  reader = std::move(started);
  return Status::ok;
}

Status Reader::open(Reader &reader, const char *name, const OpenOptions &options) noexcept {
  SegmentPointer segment;
  const Status opened = detail::open_segment(segment, detail::Source::named(name), {.lazy = options.lazy});
  return open_with(reader, opened, std::move(segment), options);
}

Status Reader::open_wait(Reader &reader, const char *name, const OpenOptions &options,
                         std::int64_t timeout_ns) noexcept {
  SegmentPointer segment;
  const Status opened = detail::open_live(segment, name, {.lazy = options.lazy}, timeout_ns);
  return open_with(reader, opened, std::move(segment), options);
}

Status Reader::reopen(const OpenOptions &options, std::int64_t timeout_ns) noexcept {
  if (!is_open()) return not_open();
  if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
  if (segment_->name[0] == '\0') {
    return fail(Status::unsupported, "the ring was not opened by a name, by which another one could be found");
  }
  const Geometry *wanted = options.any_shape ? nullptr : &segment_->geometry;
  SegmentPointer segment;
  const Status found =
      detail::open_live(segment, segment_->name, {.lazy = options.lazy, .wanted = wanted}, timeout_ns, segment_.get());
  if (found == Status::ok && segment == nullptr) {
    segment_->last_verdict = Status::ok;
    return found;
  }
  Reader other;
  if (const Status status = open_with(other, found, std::move(segment), options); status != Status::ok) return status;
  if (const Status s = detail::exchange_rings(*segment_, *other.segment_); s != Status::ok) return s;
  // segment_ itself stays, because interrupt() may be using it. `other` now closes the old ring.
  hot_ = segment_->hot;
  known_ = other.known_;
  known_record_ = other.known_record_;
  offsets_ = {};
  position_ = other.position_;
  slot_ = other.slot_;
  unreleased_ = false;
  guarded_ = other.guarded_;
  resync_ = other.resync_;
  backoff_ = {};
  if (slot_ != nullptr) protocol::tell_losses(*slot_, overruns_, lost_);
  return Status::ok;
}

Status Reader::open_fd(Reader &reader, std::intptr_t handle, const OpenOptions &options) noexcept {
  SegmentPointer segment;
  const Status opened = detail::open_segment(segment, detail::Source::of_descriptor(handle), {.lazy = options.lazy});
  return open_with(reader, opened, std::move(segment), options);
}

Status Reader::open_raw(Reader &reader, void *raw, std::size_t bytes, const OpenOptions &options) noexcept {
  SegmentPointer segment;
  const Status opened = detail::open_segment(segment, detail::Source::in(raw, bytes), {.read_only = options.observer});
  return open_with(reader, opened, std::move(segment), options);
}

void Reader::start(const OpenOptions &options) noexcept {
  resync_ = options.resync;
  const GapTable &gaps = hot_.header->gaps;
  const protocol::Counters now = hot_.messages ? observe_records() : protocol::observe(lines());
  const protocol::Counters c = detail::readable(gaps, now, hot_.capacity);
  const bool moving = !hot_.lossless && protocol::load_state(lines()) == State::live && detail::writer_alive(*segment_);
  // What lies behind a gap is not the next to be overwritten: the head start counts from what is, with the gap.
  position_ = options.from_newest
                  ? next_index(c.written, c.intent, hot_.capacity)
                  : std::max(oldest_index(c.intent, hot_.capacity),
                             first_position(moving, now.written, now.intent, hot_.capacity, bits(hot_.first_index)));
  position_ = detail::past_gap(gaps, record_from(position_, c), c);
  if (segment_->slot != detail::no_slot) {
    slot_ = &hot_.slots[segment_->slot];
    guarded_ = hot_.lossless;
    const std::uint64_t limit = detail::enter_slot(*segment_, position_);
    if (guarded_ && limit > position_ + hot_.capacity) {
      // Published credit cannot be revoked: the writer may already overwrite the samples before this position.
      const std::uint64_t least = limit - hot_.capacity;
      const protocol::Counters then = hot_.messages ? observe_records(least) : protocol::observe(lines());
      position_ = detail::past_gap(gaps, record_from(least, then), then);
      publish_position(position_);
    }
  }
}

Status Reader::seek(std::int64_t position) noexcept {
  if (const Status status = ready(); status != Status::ok) return status;
  const protocol::Counters c = protocol::observe(lines());
  const std::uint64_t oldest = oldest_index(c.intent, hot_.capacity);
  const auto refuse = [&](Status status) {
    return note(status, Detail::bad_position, "position", bits(position), oldest,
                next_index(c.written, c.intent, hot_.capacity));
  };
  if (position < hot_.first_index) return refuse(Status::bad_index);
  const std::uint64_t to = bits(position);
  if (to > next_index(c.written, c.intent, hot_.capacity)) return refuse(Status::not_yet);
  if (to < oldest) return refuse(Status::overwritten);
  detail::Stretch found;
  if (to < c.gap_end && to < c.written) {
    const auto end = static_cast<std::int64_t>(to + 1);  // hostile counters let the position be the last that there is
    if (const Status s = look_for_gap(position, end, c, found); s != Status::ok) return s;
  }
  if (hot_.messages && to != position_ && to != c.written) {
    if (const Status s = find_record(to); s != Status::ok) return s;
  }
  if (guarded_ && to < position_) {
    if (protocol::move_back(*slot_, lines(), to) > to + hot_.capacity) {
      // Published credit cannot be revoked: the writer may already overwrite that sample. It may have gone to sleep
      // because the position moved back.
      publish_position(position_);
      return refuse(Status::overwritten);
    }
  }
  if (to != position_) {
    position_ = to;
    publish_position(position_);
  }
  return Status::ok;
}

Status Reader::take(void *items, std::uint64_t wanted, std::uint64_t &count) noexcept {
  if (!knows(wanted) || !is_spared()) {
    if (const Status status = look(); status != Status::ok) return status;
    if (copy_latest(position_, items)) {
      const Status status = move_past_intact(1);
      if (status == Status::ok) count = 1;
      return status;
    }
  }
  const std::uint64_t n = std::min(wanted, known_.end - position_);
  copy_out_samples(position_, n, items);
  const Status status = move_on(n);
  if (status == Status::ok) count = n;
  return status;
}

Status Reader::next_anything(std::uint64_t window, std::uint64_t step, std::int64_t timeout_ns,
                             const std::byte *&samples, std::int64_t &start) noexcept {
  if (const Status status = ready(); status != Status::ok) return status;
  if (const Status status = check_window(window, step); status != Status::ok) return status;
  if (const Status status = wait_for_window(window, timeout_ns); status != Status::ok) return status;
  if (const Status status = locate(position_, window, samples); status != Status::ok) return status;
  start = static_cast<std::int64_t>(position_);
  position_ += step;
  unreleased_ = true;
  return Status::ok;
}

Status Reader::pop_anything(void *item) noexcept {
  if (const Status status = ready(); status != Status::ok) return status;
  if (item == nullptr) return null_argument("item");
  if (hot_.messages) return not_samples();
  if (is_own_memory(item, hot_.sample_bytes)) return own_memory("item");
  std::uint64_t count = 0;
  return take(item, 1, count);
}

Status Reader::poll_fd(std::intptr_t &fd) noexcept {
  if (!is_open()) return not_open();
  if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
  return detail::poll_fd(*segment_, fd);
}

Status Reader::poll_arm(std::int64_t end) noexcept {
  if (!is_open()) return not_open();
  if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
  if (end < hot_.first_index) return bad_end(end);
  return detail::poll_arm(*segment_, bits(end));
}

Status Reader::move_on_late(std::uint64_t n) noexcept {
  const protocol::Counters c = protocol::observe_again(lines());
  return lapped(c) ? overrun(c) : move_past_intact(n);
}

Status Reader::overrun(protocol::Counters c) noexcept {
  const GapTable &gaps = hot_.header->gaps;
  if (hot_.messages) c = observe_records();
  c = detail::readable(gaps, c, hot_.capacity);
  const std::uint64_t to = record_from(resync(resync_, position_, c.written, c.intent, hot_.capacity), c);
  const std::uint64_t from = lose(detail::past_gap(gaps, to, c));
  return note(Status::overwritten, Detail::overrun, "", from, position_, position_ - from);
}

std::uint64_t Reader::lose(std::uint64_t position) noexcept {
  const std::uint64_t from = position_;
  position_ = resync_ == Resync::lap ? whole_laps_on(from, position, hot_.capacity) : position;
  ++overruns_;
  lost_ += position_ - from;
  if (slot_ != nullptr) protocol::tell_losses(*slot_, overruns_, lost_);
  publish_position(position_);
  return from;
}

Status Reader::settle_among_gaps(std::uint64_t count, protocol::Counters c) noexcept {
  detail::Stretch found;
  const Status status = detail::look_for_gap(hot_.header->gaps, position_, position_ + count, c.written, found);
  if (replaced()) return stale();
  if (status == Status::ok) known_ = found;
  if (status == Status::overwritten) return overrun(c);
  if (status != Status::gap) return status;
  const std::uint64_t from = lose(found.end);
  return note(Status::overwritten, Detail::passed_gap, "", from, position_);
}

// The writer may have put its last samples after `written` was loaded and before it ended.
Status Reader::nothing(protocol::Counters &c) noexcept {
  const Status ended = detail::why_nothing(*segment_);
  c = protocol::observe(lines());
  if (c.written > position_) {
    tell_backoff(position_ + 1, c.written);
    return Status::ok;
  }
  if (ended != Status::ok) return note(ended, Detail::ended, "", position_, c.written);
  return note(Status::empty, Detail::empty, "", position_, c.written);
}

Status Reader::stale() const noexcept {
  return note(Status::stale, Detail::ended, "", position_, protocol::observe_written(lines()));
}

Status Reader::bad_window(std::uint64_t window) const noexcept {
  if (hot_.messages) return not_samples();
  return fail(Status::invalid_argument, "window is {}, expected 1 to the capacity of {}", window, hot_.capacity);
}

Status Reader::bad_step(std::uint64_t step) const noexcept {
  const std::uint64_t most = std::min(max_step, last_index - std::min(position_, last_index));
  return note(Status::invalid_argument, Detail::too_many, "step", step, most);
}

}  // namespace ringbuf
