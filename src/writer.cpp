#include "ringbuf/writer.hpp"

#include <cassert>
#include <utility>

#include "error.hpp"
#include "open.hpp"
#include "ringbuf/exception.hpp"
#include "time_track.hpp"

namespace ringbuf {

using detail::Detail;
using detail::note;
using detail::SegmentPointer;

Writer::Writer(const char *name, const Options &options) {
  if (const Status status = create(*this, name, options); status != Status::ok) throw Error(status, last_error());
}

Writer Writer::resumed(const char *name) {
  Writer writer;
  if (const Status status = resume(writer, name); status != Status::ok) throw Error(status, last_error());
  return writer;
}

// Starts `writer` on what was opened.
Status Writer::start_on(Writer &writer, Status opened, SegmentPointer segment) noexcept {
  if (opened != Status::ok) return opened;
  Writer started;
  started.adopt(std::move(segment));
  started.start();
  writer = std::move(started);
  return Status::ok;
}

Status Writer::create(Writer &writer, const char *name, const Options &options) noexcept {
  SegmentPointer segment;
  const Status opened = detail::create_segment(segment, name, options);
  return start_on(writer, opened, std::move(segment));
}

Status Writer::create_raw(Writer &writer, void *raw, std::size_t bytes, const Options &options) noexcept {
  SegmentPointer segment;
  const Status opened = detail::create_segment_raw(segment, raw, bytes, options);
  return start_on(writer, opened, std::move(segment));
}

Status Writer::resume_from(Writer &writer, const detail::Source &source) noexcept {
  SegmentPointer segment;
  const Status opened = detail::open_segment(segment, source, {.role = detail::Role::writer});
  return start_on(writer, opened, std::move(segment));
}

Status Writer::resume(Writer &writer, const char *name) noexcept {
  return resume_from(writer, detail::Source::named(name));
}

Status Writer::resume_fd(Writer &writer, std::intptr_t handle) noexcept {
  return resume_from(writer, detail::Source::of_descriptor(handle));
}

Status Writer::resume_raw(Writer &writer, void *raw, std::size_t bytes) noexcept {
  return resume_from(writer, detail::Source::in(raw, bytes));
}

Status Writer::create_or_resume(Writer &writer, const char *name, const Options &options) noexcept {
  if (const Status status = detail::check_name(name); status != Status::ok) return status;
  Geometry wanted{};
  if (const Status s = make_geometry(options, os::page_bytes(), wanted); s != Status::ok) return s;
  // Between the two steps another process may take the name or remove it.
  constexpr int max_attempts = 100;
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    SegmentPointer segment;
    Status opened =
        detail::open_segment(segment, detail::Source::named(name), {.role = detail::Role::writer, .wanted = &wanted});
    if (opened == Status::not_found) {
      opened = detail::create_segment(segment, name, options);
      if (opened == Status::exists) continue;
    }
    return start_on(writer, opened, std::move(segment));
  }
  return fail(Status::busy, "name is \"{}\": others keep taking it", name);
}

Status Writer::size(const Options &options, std::size_t &bytes) noexcept {
  Geometry geometry{};
  if (const Status s = make_geometry(options, os::page_bytes(), geometry); s != Status::ok) return s;
  bytes = static_cast<std::size_t>(geometry.total_bytes);
  return Status::ok;
}

void Writer::start() noexcept {
  const protocol::Counters c = segment_->counters;
  cursor_.start(c.written, c.intent, hot_.capacity);
  put_many_ = put_many_here();
  if (hot_.messages) start_messages();
  detail::start_track(timekeeper_.track, *segment_);
}

Status Writer::put_anything(const void *samples, std::uint64_t count) noexcept {
  if (!is_open()) return not_open();
  if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
  if (hot_.messages) return not_samples();
  if (count == 0) return Status::ok;
  if (samples == nullptr) return null_argument("samples");
  if (count > left() || (count > hot_.capacity && count > most())) return too_many(count);
  const auto *from = static_cast<const std::byte *>(samples);
  if (count > hot_.capacity) {
    if (const Status status = pass_over(count - hot_.capacity); status != Status::ok) return status;
    from += (count - hot_.capacity) * hot_.sample_bytes;
    count = hot_.capacity;
  }
  if (!make_room(count)) return full(count);
  cursor_.end_reservation();
  begin(count);
  if (count == hot_.latest_count) copy_in(announce_latest(own_lines(), cursor_.written() + count), from, bytes(1));
  store(from, count);
  static_cast<void>(finish(count));
  find_plain_end();
  assert(cursor_.holds(hot_.capacity, hot_.window, hot_.lossless));
  return Status::ok;
}

void Writer::store(const std::byte *from, std::uint64_t count) noexcept {
  const Split part = split(offset(), count, hot_.capacity);
  store_at(offset(), from, part.head);
  if (part.tail != 0) store_at(0, from + part.head * hot_.sample_bytes, part.tail);
}

// The pocket is copied from the data, not from the samples of the caller. So data and pocket agree even if the samples
// of the caller lie in this ring and change meanwhile.
void Writer::store_at(std::uint64_t offset, const std::byte *from, std::uint64_t count) noexcept {
  copy_in(at(offset), from, bytes(count));
  if (offset < hot_.window) {
    copy_within(at(hot_.capacity + offset), at(offset), bytes(std::min(count, hot_.window - offset)));
  }
}

void Writer::mirror(std::uint64_t count) noexcept {
  const Split part = split(offset(), count, hot_.capacity);
  if (part.tail != 0) copy_within(at(0), at(hot_.capacity), bytes(part.tail));
  if (offset() < hot_.window) {
    copy_within(at(hot_.capacity + offset()), at(offset()), bytes(std::min(part.head, hot_.window - offset())));
  }
}

Status Writer::slow_path(bool wake, std::uint64_t count) noexcept {
  if (wake || timekeeper_.read_only_waiters) detail::wake_readers(*segment_);
  if (cursor_.written() < timekeeper_.next_look) return Status::ok;
  // A message counts as one sample here, of a usual size.
  detail::tick(timekeeper_, *segment_, cursor_.written() - 1, hot_.messages ? 1 : count);
  if (hot_.messages && timekeeper_.next_look > cursor_.written())
    timekeeper_.next_look += std::uint64_t{64} * detail::TickLimiter::apart;
  return Status::ok;
}

// Before the gap is stored, nothing has changed but the limit of a lossless ring, which only tells readers that join where to
// begin. After it is stored, a crash leaves the rest to the resume.
Status Writer::skip(std::uint64_t count) noexcept {
  if (!is_open()) return not_open();
  if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
  if (count > left()) return note(Status::invalid_argument, Detail::too_many, "count", count, left());
  if (hot_.messages && count % record_alignment != 0) {
    return fail(Status::invalid_argument, "count is {}, expected a multiple of {} for a ring of messages", count,
                record_alignment);
  }
  if (count == 0) return Status::ok;
  GapTable &table = hot_.header->gaps;
  const protocol::NewestGap newest = protocol::newest_gap(table);
  const std::uint64_t written = cursor_.written();
  const std::uint64_t end = written + count;
  const bool extends = newest.count != 0 && newest.end == written;
  std::uint64_t floor = protocol::own_floor(table);
  if (!extends && newest.count >= gaps_kept) floor = protocol::gap_end_of(table, newest.count - gaps_kept);
  if (!allow_skip(std::max(std::min(written, oldest_index(end, hot_.capacity)), floor))) {
    room_ = look_for_room().samples;
    return full(count);
  }
  if (extends) {
    protocol::extend_gap(table, newest.count, end);
  } else {
    protocol::add_gap(table, newest.count, written, end, floor);
  }
  const std::uint64_t limit = protocol::peek(own_lines().limit);
  const std::uint64_t intent = protocol::own_counters(own_lines()).intent;
  protocol::publish_skip(own_lines(), end, std::max(intent, end), std::max(limit, end));
  cursor_.leave_out(count, hot_.capacity);
  static_cast<void>(slow_path(protocol::must_wake(*hot_.table, end, hot_.fences), 1));
  assert(cursor_.holds(hot_.capacity, hot_.window, hot_.lossless));
  return Status::ok;
}

// On a lossless ring: whether all readers have reached index `least`, before which nothing can be read after the skip. The
// credit that is published in between lets no reader join before that index, and any other reader where it could before. So a
// refused skip takes nothing from anyone (DEKKER).
bool Writer::allow_skip(std::uint64_t least) noexcept {
  if (!hot_.lossless) return true;
  const auto reached = [&] { return protocol::slowest_reader(hot_.slots, hot_.max_readers).position >= least; };
  if (!reached() && !(detail::reclaim_slots(*segment_, false) && reached())) return false;
  protocol::publish_credit(own_lines(), std::max(protocol::peek(own_lines().limit), least + hot_.capacity));
  return reached();
}

Status Writer::pass_over(std::uint64_t count) noexcept {
  if (hot_.lossless) {
    room_ = look_for_room().samples;
    return full(count + hot_.capacity);
  }
  // Skipped samples count as written and overwritten. The whole put is announced first, so that no reader can take a
  // skipped sample for an intact one.
  (void)make_room(count + hot_.capacity);
  begin(count + hot_.capacity);
  cursor_.pass_over(count, hot_.capacity);
  protocol::publish(own_lines(), cursor_.written());
  return Status::ok;
}

Writer::Room Writer::look_for_room() const noexcept {
  const protocol::Slowest slowest = protocol::slowest_reader(hot_.slots, hot_.max_readers);
  if (!hot_.lossless || slowest.position == UINT64_MAX) return {hot_.capacity, true};
  const std::uint64_t written = cursor_.written();
  const std::uint64_t limit = lossless_limit(slowest.position, written, hot_.capacity);
  return {limit > written ? limit - written : 0, false};
}

// After a crash the intent may be greater than the limit that a put needs. The new limit is not less than that intent,
// so destroyed samples stay unreadable.
bool Writer::extend_limit(std::uint64_t count) noexcept {
  if (!hot_.lossless) {
    const std::uint64_t limit = cursor_.next_limit(std::max(count, limit_ahead(hot_.capacity)));
    protocol::publish_limit(own_lines(), limit);
    cursor_.set_limit(limit, hot_.capacity);
    return true;
  }
  room_backoff_.before_poll();
  Room room = look_for_room();
  if (room.samples < count ? room_backoff_.found_nothing()
                           : room_backoff_.found(room.samples, detail::Backoff::enough(hot_.capacity))) {
    detail::end_epoch(room_backoff_, *segment_, cursor_.written() + room.samples);
  }
  if (room.samples < count && detail::reclaim_slots(*segment_, false)) room = look_for_room();
  room_ = room.samples;
  if (room_ < count) return false;
  const std::uint64_t credit = room.alone ? count : std::min(room_, std::max(count, credit_ahead(hot_.capacity)));
  protocol::publish_credit(own_lines(), cursor_.next_limit(credit));
  // DEKKER: a reader that joined without seeing this credit is visible now.
  cursor_.set_limit(cursor_.written() + std::min(credit, look_for_room().samples), hot_.capacity);
  return cursor_.is_below_limit(count);
}

Status Writer::space(std::uint64_t &count) noexcept {
  if (!is_open()) return not_open();
  if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
  count = std::min(look_for_room().samples, left());
  if (hot_.messages) {
    const std::uint64_t record = std::min(count / record_alignment * record_alignment, hot_.window);
    count = record > sizeof(RecordHeader) ? longest_message(record) : 0;
  }
  return Status::ok;
}

Status Writer::wait_space(std::uint64_t count, std::int64_t timeout_ns) noexcept {
  if (!is_open()) return not_open();
  if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
  std::uint64_t most = std::min(hot_.capacity, left());
  if (hot_.messages) {
    if (count >= message_limit_)
      return note(Status::invalid_argument, Detail::too_many, "count", count, message_limit_ - 1);
    count = record_bytes(count);
  }
  if (count > most) return note(Status::invalid_argument, Detail::too_many, "count", count, most);
  if (!hot_.lossless || count <= look_for_room().samples) return Status::ok;
  return detail::wait_for_space(*segment_, count, timeout_ns);
}

Status Writer::wait_readers(std::uint32_t count, std::int64_t timeout_ns) noexcept {
  if (!is_open()) return not_open();
  if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
  if (count > hot_.max_readers) {
    return note(Status::invalid_argument, Detail::too_many, "count", count, hot_.max_readers);
  }
  return count == 0 ? Status::ok : detail::wait_for_readers(*segment_, count, timeout_ns);
}

Status Writer::set_metadata(const void *bytes, std::size_t size) noexcept {
  if (!is_open()) return not_open();
  if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
  const Geometry &g = segment_->geometry;
  if (bytes == nullptr && size != 0) return null_argument("bytes");
  if (size > g.metadata_bytes) return note(Status::invalid_argument, Detail::too_many, "size", size, g.metadata_bytes);
  protocol::set_metadata(hot_.header->metadata, reinterpret_cast<std::byte *>(hot_.header) + g.metadata_offset,
                         static_cast<std::size_t>(metadata_copy_stride(g)), static_cast<const std::byte *>(bytes),
                         size);
  return Status::ok;
}

Status Writer::stamp(std::int64_t index, std::int64_t monotonic_ns, std::int64_t realtime_ns) noexcept {
  if (!is_open()) return not_open();
  if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
  if (hot_.messages) return detail::no_track();
  const detail::TrackWriter &track = timekeeper_.track;
  const std::int64_t least = track.stamped ? static_cast<std::int64_t>(track.last.index) + 1 : hot_.first_index;
  if (index < least || bits(index) >= cursor_.written()) {
    return fail(Status::bad_index, "index is {}, expected at least {} and less than {}, the index of the next sample",
                index, least, cursor_.written());
  }
  const auto check = [](const char *name, std::int64_t ns, std::int64_t from, std::int64_t to) {
    if (ns >= from && ns <= to) return Status::ok;
    return fail(Status::invalid_argument, "{} is {}, expected {} to {}", name, ns, from, to);
  };
  const std::int64_t earliest = track.stamped ? track.last.monotonic_ns : 0;
  if (const Status s = check("monotonic_ns", monotonic_ns, earliest, detail::most_monotonic_ns); s != Status::ok)
    return s;
  if (const Status s = check("realtime_ns", realtime_ns, 0, detail::most_realtime_ns); s != Status::ok) return s;
  if (realtime_ns == 0) realtime_ns = monotonic_ns + (os::realtime_ns() - os::monotonic_ns());
  detail::stamp(timekeeper_.track, *segment_, {bits(index), monotonic_ns, realtime_ns});
  return Status::ok;
}

Status Writer::full(std::uint64_t count) noexcept {
  return note(Status::full, Detail::full, "", count, cursor_.written(), room_, hot_.capacity);
}

Status Writer::bad_count(std::uint64_t count, std::uint64_t capacity) noexcept {
  if (count == 0) return fail(Status::invalid_argument, "count is 0, expected 1 to {}", capacity);
  return note(Status::invalid_argument, Detail::too_many, "count", count, capacity);
}

Status Writer::too_many(std::uint64_t count) const noexcept {
  return note(Status::invalid_argument, Detail::too_many, "count", count, most());
}

Status Writer::more_than_reserved(std::uint64_t count) const noexcept {
  if (cursor_.reserved() != 0) {
    return note(Status::invalid_argument, Detail::too_many, "count", count, cursor_.reserved());
  }
  return fail(Status::invalid_argument, "count is {}, but nothing is reserved: a put or a commit ends a reservation",
              count);
}

Status Writer::not_reserved(std::uint64_t reservation) const noexcept {
  return fail(
      Status::invalid_argument,
      "reservation is {}, but that one has ended: by a commit, a put, or a newer reservation (the latest is {})",
      reservation, cursor_.reservation());
}

Status Writer::not_whole_rows(std::size_t elements) const noexcept {
  return note(Status::incompatible, Detail::not_multiple, "", elements, hot_.channels);
}

}  // namespace ringbuf
