#include "ringbuf/ring.hpp"

#include <algorithm>
#include <utility>

#include "error.hpp"
#include "gaps.hpp"
#include "liveness.hpp"
#include "observe.hpp"
#include "registry.hpp"
#include "time_track.hpp"
#include "waiting.hpp"

namespace ringbuf {

namespace detail {

Status refused(Status refusal) noexcept {
  if (refusal == Status::forked) (void)arrive();
  return note(refusal, refusal == Status::forked ? Detail::forked : Detail::closed_at_exit);
}

}  // namespace detail

using detail::Detail;
using detail::note;

void Ring::adopt(detail::SegmentPointer segment) noexcept {
  segment_ = std::move(segment);
  hot_ = segment_->hot;
  offsets_ = {};
}

Status Ring::interrupt() noexcept {
  if (!is_open()) return not_open();
  detail::interrupt(*segment_);
  return Status::ok;
}

Status Ring::gaps(int (*visit)(std::int64_t start, std::int64_t end, void *user), void *user) const noexcept {
  if (!is_open()) return not_open();
  if (visit == nullptr) return null_argument("visit");
  const protocol::Counters c = detail::readable(hot_.header->gaps, protocol::observe(lines()), hot_.capacity);
  if (replaced()) return note(Status::stale, Detail::ended, "", c.written, c.written);
  detail::visit_gaps(hot_.header->gaps, oldest_index(c.intent, hot_.capacity), c.written, visit, user);
  return Status::ok;
}

Status Ring::time_at(std::int64_t index, protocol::Time &time) const noexcept {
  if (!is_open()) return not_open();
  if (hot_.messages) return detail::no_track();
  const protocol::Counters c = detail::readable(hot_.header->gaps, protocol::observe(lines()), hot_.capacity);
  const std::int64_t end = index < INT64_MAX ? index + 1 : index;
  Status status = available(index, end, c);
  if (status == Status::ok && end == index) status = Status::not_yet;
  if (status != Status::ok) return unavailable(status, index, end, c);
  detail::Timeline timeline(segment_->geometry.sample_rate, os::monotonic_ns());
  detail::load_timeline(timeline, *segment_, c.written);
  if (replaced()) return note(Status::stale, Detail::ended, "", bits(end), c.written);
  if (timeline.empty()) return fail(Status::not_yet, "the writer has not looked at the clock yet");
  time = timeline.at(bits(index));
  return Status::ok;
}

Status Ring::index_at(Clock clock, std::int64_t time_ns, std::int64_t &index) const noexcept {
  if (!is_open()) return not_open();
  if (hot_.messages) return detail::no_track();
  const protocol::Counters c = detail::readable(hot_.header->gaps, protocol::observe(lines()), hot_.capacity);
  const std::uint64_t oldest = std::max(oldest_index(c.intent, hot_.capacity), bits(hot_.first_index));
  detail::Timeline timeline(segment_->geometry.sample_rate, os::monotonic_ns());
  detail::load_timeline(timeline, *segment_, c.written);
  if (replaced()) return note(Status::stale, Detail::ended, "", c.written, c.written);
  const bool none = timeline.empty() || oldest >= c.written;
  const std::uint64_t found = none ? c.written : timeline.first_at_or_after(clock, time_ns, oldest, c.written - 1);
  index = static_cast<std::int64_t>(found);
  if (found == c.written) return fail(Status::not_yet, "time_ns is {}: no sample was put then or later", time_ns);
  if (found > oldest || oldest == bits(hot_.first_index)) return Status::ok;
  const protocol::Time time = timeline.at(oldest);
  if (time_ns == (clock == Clock::realtime ? time.realtime_ns : time.monotonic_ns)) return Status::ok;
  return fail(Status::overwritten, "time_ns is {}: the oldest sample left, {}, was put after it", time_ns, oldest);
}

Status Ring::info(Info &info) const noexcept {
  if (!is_open()) return not_open();
  info.geometry = segment_->geometry;
  const os::Uncancelled uncancelled;
  detail::observe_counters(info, *hot_.header);
  info.state = detail::observe_state([&] { return protocol::load_state(lines()); },
                                     [&] { return detail::writer_alive(*segment_); });
  info.readers = 0;
  detail::observe_readers(info, hot_.slots, 0, hot_.max_readers,
                          [&](std::uint32_t slot) { return detail::reader_alive(*segment_, slot); });
  info.writer_pid = 0;
  if (info.state == State::live) {
    const std::uint64_t owner = protocol::load_owner(lines().owner);
    if (owner != segment_->known_owner) {
      segment_->known_number = detail::Liveness(*segment_).process_number(owner);
      segment_->known_owner = owner;
    }
    info.writer_pid = segment_->known_number;
  }
  return Status::ok;
}

Status Ring::readers(bool (*visit)(const ReaderInfo &reader, void *user), void *user) const noexcept {
  if (!is_open()) return not_open();
  if (visit == nullptr) return null_argument("visit");
  if (replaced()) return note(Status::stale, Detail::ended, "", 0, 0);
  for (std::uint32_t i = 0; i < hot_.max_readers; ++i) {
    const ReaderSlot &slot = hot_.slots[i];
    if (!protocol::is_active(slot) || !detail::reader_alive(*segment_, i)) continue;
    const std::uint64_t position = protocol::peek(slot.position);
    const std::uint64_t written = protocol::observe_written(lines());
    const ReaderInfo reader{detail::Liveness(*segment_).process_number(protocol::load_owner(slot.owner)),
                            hot_.lossless,
                            position,
                            written > position ? written - position : 0,
                            protocol::peek(slot.lost),
                            protocol::peek(slot.overruns)};
    if (!visit(reader, user)) break;
  }
  return Status::ok;
}

Status Ring::metadata(void *bytes, std::size_t room, std::size_t &size) const noexcept {
  if (!is_open()) return not_open();
  if (bytes == nullptr && room != 0) return null_argument("bytes");
  if (is_own_memory(bytes, room)) return own_memory("bytes");
  const Geometry &g = segment_->geometry;
  const MetadataControl &control = hot_.header->metadata;
  const auto *begin = reinterpret_cast<const std::byte *>(hot_.header) + g.metadata_offset;
  std::uint64_t length = 0;
  const protocol::Seqlock found = protocol::load_metadata(control, [&](unsigned which, std::uint64_t said) {
    length = std::min<std::uint64_t>(said, g.metadata_bytes);
    if (length > room || length == 0) return;
    copy_out(static_cast<std::byte *>(bytes), begin + which * metadata_copy_stride(g),
             static_cast<std::size_t>(length));
  });
  if (found == protocol::Seqlock::moving) return fail(Status::corrupt, "the metadata keep changing");
  size = static_cast<std::size_t>(length);
  if (length > room) return fail(Status::invalid_argument, "room is {}, expected at least {} bytes", room, length);
  return Status::ok;
}

Status Ring::raw(void *&begin, std::size_t &bytes) const noexcept {
  if (!is_open()) return not_open();
  begin = segment_->region.begin;
  bytes = static_cast<std::size_t>(segment_->geometry.total_bytes);
  return Status::ok;
}

Status Ring::share(std::intptr_t &handle) const noexcept {
  if (!is_open()) return not_open();
  if (segment_->is_raw()) return fail(Status::unsupported, "a ring in the caller's memory has no descriptor");
  const os::Uncancelled uncancelled;
  return os::share(segment_->object, handle);
}

Status Ring::bad_end(std::int64_t end) const noexcept {
  return note(Status::bad_index, Detail::bad_position, "end", bits(end), bits(hot_.first_index), INT64_MAX);
}

Status Ring::not_open() noexcept { return note(Status::not_initialized, Detail::null_argument, "ring"); }

Status Ring::null_argument(const char *name) noexcept {
  return note(Status::invalid_argument, Detail::null_argument, name);
}

Status Ring::own_memory(const char *name) noexcept {
  return fail(Status::invalid_argument, "{} lies in the memory of the ring itself, expected memory outside of it",
              name);
}

Status Ring::not_contiguous(std::uint64_t count, std::uint64_t offset) const noexcept {
  return note(Status::not_contiguous, Detail::not_contiguous, "", count, offset, hot_.capacity, hot_.window);
}

Status Ring::unavailable(Status status, std::int64_t start, std::int64_t end, protocol::Counters c) const noexcept {
  if (status == Status::bad_index && end >= start) {
    return fail(status, "start is {}, expected at least {}, the index of the ring's first sample", start,
                hot_.first_index);
  }
  return note(status, Detail::availability, "", bits(start), bits(end), c.written, c.intent, hot_.capacity);
}

Status Ring::check_again(std::int64_t start, std::int64_t end) const noexcept {
  if (!is_open()) return not_open();
  const protocol::Counters c = protocol::observe_again(lines());
  const Status status = available(start, end, c);
  if (status != Status::ok) return unavailable(status, start, end, c);
  detail::Stretch found;
  return bits(start) >= c.gap_end ? Status::ok : look_for_gap(start, end, c, found);
}

void Ring::tell_backoff(std::uint64_t end, std::uint64_t written) noexcept {
  const bool over = written < end ? backoff_.found_nothing()
                                  : backoff_.found(written - known_.end, detail::Backoff::enough(hot_.capacity));
  if (over) [[unlikely]]
    detail::end_epoch(backoff_, *segment_, written);
}

Ring::Found Ring::view_again(std::int64_t start, std::int64_t end) noexcept {
  if (!is_open()) return {not_open(), nullptr};
  if (const Status status = find_again(start, end); status != Status::ok) return {status, nullptr};
  const std::byte *samples = nullptr;
  const Status status = locate(bits(start), bits(end) - bits(start), samples);
  return {status, samples};
}

Status Ring::find_again(std::int64_t start, std::int64_t end) noexcept {
  const protocol::Counters c = poll(bits(end));
  const Status status = available(start, end, c);
  if (status != Status::ok) return unavailable(status, start, end, c);
  if (bits(start) < c.gap_end) return look_for_gap(start, end, c, known_);
  known_ = {c.gap_end, c.written};
  return Status::ok;
}

Status Ring::look_for_gap(std::int64_t start, std::int64_t end, protocol::Counters c,
                          detail::Stretch &found) const noexcept {
  detail::Stretch stretch;
  const Status status = detail::look_for_gap(hot_.header->gaps, bits(start), bits(end), c.written, stretch);
  if (replaced()) return note(Status::stale, Detail::ended, "", bits(start), c.written);
  if (status == Status::gap) return note(status, Detail::gap, "", bits(start), bits(end), stretch.begin, stretch.end);
  if (status == Status::overwritten) {
    c.intent = std::max(c.intent, stretch.end + hot_.capacity);
    return unavailable(status, start, end, c);
  }
  found = stretch;
  return Status::ok;
}

Status Ring::incompatible(std::size_t element_bytes) const noexcept {
  return note(Status::incompatible, Detail::incompatible, "", element_bytes, static_cast<std::uint64_t>(hot_.data_type),
              hot_.item_size);
}

}  // namespace ringbuf
