#include "messages.hpp"

#include <algorithm>
#include <cassert>

#include "error.hpp"
#include "gaps.hpp"
#include "ringbuf/detail/record.hpp"
#include "ringbuf/detail/relax.hpp"
#include "ringbuf/reader.hpp"
#include "ringbuf/writer.hpp"

namespace ringbuf {

namespace detail {

namespace {

// The start in range number `range` of the indices, if it is one: above `most` otherwise. A cell that was never stored says 0,
// which is no start where the first index is above it.
std::uint64_t start_in(const Segment &segment, std::uint64_t stride, std::uint64_t range, std::uint64_t most) noexcept {
  const std::uint64_t start = protocol::load_start(message_starts(segment), range % track_marks);
  const bool begins_there = start / stride == range && start % record_alignment == 0;
  return begins_there && start >= static_cast<std::uint64_t>(segment.hot.first_index) && start <= most ? start
                                                                                                       : UINT64_MAX;
}

}  // namespace

// If all that is written lies before `target`, the writer died while it skipped, and the next one continues at the end of that
// gap.
std::uint64_t first_record(const Segment &segment, std::uint64_t target, const protocol::Counters &c) noexcept {
  if (target > c.written) return std::max(target, protocol::newest_gap(segment.hot.header->gaps).end);
  const std::uint64_t stride = track_stride(segment.hot.capacity);
  std::uint64_t range = target / stride;
  for (std::uint64_t left = track_marks; left != 0 && range <= c.written / stride; --left, ++range) {
    const std::uint64_t start = start_in(segment, stride, range, c.written);
    if (start <= c.written && start >= target) return start;
  }
  return c.written;
}

std::uint64_t last_record(const Segment &segment, std::uint64_t target, const protocol::Counters &c) noexcept {
  const std::uint64_t oldest = oldest_index(c.intent, segment.hot.capacity);
  const std::uint64_t stride = track_stride(segment.hot.capacity);
  std::uint64_t range = target / stride;
  for (std::uint64_t left = track_marks; left != 0 && range >= oldest / stride; --left, --range) {
    const std::uint64_t start = start_in(segment, stride, range, target);
    if (start <= target && start >= oldest) return start;
    if (range == 0) break;
  }
  return UINT64_MAX;
}

std::uint64_t next_unmarked(const Segment &segment, std::uint64_t written) noexcept {
  const std::uint64_t stride = track_stride(segment.hot.capacity);
  const std::uint64_t range = written / stride;
  return start_in(segment, stride, range, written) <= written ? (range + 1) * stride : written;
}

std::int64_t message_time() noexcept { return os::monotonic_ns(); }

}  // namespace detail

using detail::Detail;
using detail::note;

namespace {

constexpr std::byte zeros[record_alignment]{};

}  // namespace

// --- both -------------------------------------------------------------------------------------------------------------

Status Ring::not_messages() noexcept {
  return fail(Status::unsupported, "the ring holds samples, expected one of messages (RINGBUF_MESSAGES)");
}

Status Ring::not_samples() noexcept {
  return fail(Status::unsupported, "the ring holds messages (RINGBUF_MESSAGES), expected send and receive");
}

Status Ring::unsound(const RecordHeader &header, std::uint64_t record, std::uint64_t end) const noexcept {
  if (replaced()) return note(Status::stale, Detail::ended, "", record, end);
  return fail(
      Status::corrupt,
      "the message of the record at {} says that it has {} bytes: the longest one has {}, and the stream ends at "
      "{}",
      record, header.size, longest_message(hot_.window), end);
}

Status Ring::read_header(std::uint64_t record, RecordHeader &header) noexcept {
  const auto start = static_cast<std::int64_t>(record);
  const auto end = static_cast<std::int64_t>(record + sizeof header);
  if (const Status status = find(start, end); status != Status::ok) return status;
  const std::uint64_t written = known_.end;
  RecordHeader read{};
  copy_out_samples(record, sizeof read, &read);
  if (const Status status = check(start, end); status != Status::ok) return status;
  if (!is_sound(read, record, written, hot_.window)) return unsound(read, record, written);
  header = read;
  return Status::ok;
}

// The last index up to `target` of which this handle knows that a record begins there: an entry of the table, the record that
// it had last, or the position of a registered reader (M1). Above `target` if there is none that can be read.
std::uint64_t Ring::known_start(std::uint64_t target, const protocol::Counters &c) const noexcept {
  const std::uint64_t oldest = oldest_index(c.intent, hot_.capacity);
  std::uint64_t found = detail::last_record(*segment_, target, c);
  const auto add = [&](std::uint64_t index) {
    if (index >= oldest && index <= target && (found > target || index > found)) found = index;
  };
  add(known_record_);
  for (std::uint32_t i = 0; i < hot_.max_readers; ++i) {
    const std::uint64_t position =
        protocol::is_entered(hot_.slots[i]) ? protocol::peek(hot_.slots[i].position) : UINT64_MAX;
    if (position % record_alignment == 0) add(position);
  }
  return found;
}

// Goes from record to record, from the last known start up to `target` on.
Status Ring::find_record(std::uint64_t target) noexcept {
  if (target == known_record_) return Status::ok;
  const GapTable &gaps = hot_.header->gaps;
  const protocol::Counters c = detail::readable(gaps, protocol::observe(lines()), hot_.capacity);
  std::uint64_t at = known_start(target, c);
  if (at > target) {
    return fail(Status::overwritten, "no message is known to start at or before {} and not to be overwritten", target);
  }
  for (at = detail::past_gap(gaps, at, c); at < target; at = detail::past_gap(gaps, at, c)) {
    RecordHeader header{};
    if (const Status status = read_header(at, header); status != Status::ok) return status;
    at += record_bytes(header.size);
  }
  if (at != target)
    return fail(Status::bad_index, "no message has its record at {}, the next one is at {}", target, at);
  known_record_ = target;
  return Status::ok;
}

Status Ring::message(std::int64_t start, Message &message) noexcept {
  if (!is_open()) return not_open();
  if (!hot_.messages) return not_messages();
  constexpr std::int64_t header_bytes = sizeof(RecordHeader);
  if (start < hot_.first_index + header_bytes) {
    return fail(Status::bad_index, "start is {}, expected at least {}, the first byte of the first message", start,
                hot_.first_index + header_bytes);
  }
  RecordHeader header{};
  const std::uint64_t record = bits(start - header_bytes);
  if (const Status status = find(start - header_bytes, start); status != Status::ok) return status;
  if (const Status status = find_record(record); status != Status::ok) return status;
  if (const Status status = read_header(record, header); status != Status::ok) return status;
  message = {header.size, start, header.kind, header.tag, header.monotonic_ns};
  return Status::ok;
}

// --- the writer -------------------------------------------------------------------------------------------------------

void Writer::start_messages() noexcept {
  message_limit_ = longest_message(hot_.window) + 1;
  next_mark_ = detail::next_unmarked(*segment_, cursor_.written());
}

void Writer::mark_record() noexcept {
  const std::uint64_t stride = track_stride(hot_.capacity);
  const std::uint64_t written = cursor_.written();
  protocol::set_start(message_starts(*segment_), track_mark(written, stride), written);
  next_mark_ = (written / stride + 1) * stride;
}

Status Writer::send_anything(std::uint32_t kind, std::int64_t tag, const void *bytes, std::size_t size) noexcept {
  if (!is_open()) return not_open();
  if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
  if (!hot_.messages) return not_messages();
  if (kind >= reserved_kinds) {
    return note(Status::invalid_argument, Detail::too_many, "kind", kind, reserved_kinds - 1);
  }
  if (bytes == nullptr && size != 0) return null_argument("bytes");
  if (size >= message_limit_) {
    return note(Status::invalid_argument, Detail::too_many, "size", size, message_limit_ - 1);
  }
  if (is_own_memory(bytes, size)) return own_memory("bytes");
  const std::uint64_t record = record_bytes(size);
  if (record > left()) {
    return fail(Status::invalid_argument, "size is {}, but only {} bytes of indices are left", size, left());
  }
  if (!make_room(record)) {
    return note(Status::full, Detail::no_room, "", record, cursor_.written(), room_, hot_.capacity);
  }
  if (cursor_.written() >= next_mark_) mark_record();
  begin(record);
  const RecordHeader header{static_cast<std::uint32_t>(size), kind, tag, detail::message_time()};
  store_part(0, &header, sizeof header);
  if (size != 0) store_part(sizeof header, bytes, size);
  const std::uint64_t rest = record - sizeof header - size;
  if (rest != 0) store_part(sizeof header + size, zeros, rest);
  static_cast<void>(finish_record(record));
  assert(cursor_.holds(hot_.capacity, hot_.window, hot_.lossless));
  return Status::ok;
}

// Stores a part of a record, which begins `ahead` bytes after the next index.
void Writer::store_part(std::uint64_t ahead, const void *from, std::uint64_t count) noexcept {
  std::uint64_t to = offset() + ahead;
  if (to >= hot_.capacity) to -= hot_.capacity;
  const Split part = split(to, count, hot_.capacity);
  const auto *begin = static_cast<const std::byte *>(from);
  store_at(to, begin, part.head);
  if (part.tail != 0) store_at(0, begin + part.head, part.tail);
}

// --- a reader ---------------------------------------------------------------------------------------------------------

// `written` is loaded before the intent. While this thread stood still between the two, the writer may have come round: then
// the oldest index is above this `written`, and no record is known to begin there.
protocol::Counters Reader::observe_records(std::uint64_t least) const noexcept {
  constexpr int most = 10000;
  protocol::Counters c = protocol::observe(lines());
  for (int i = 0; i < most; ++i) {
    if (c.written >= least && c.written >= oldest_index(c.intent, hot_.capacity)) break;
    detail::relax();
    c = protocol::observe_again(lines());
  }
  return c;
}

std::uint64_t Reader::record_from(std::uint64_t target, const protocol::Counters &c) const noexcept {
  return hot_.messages ? detail::first_record(*segment_, target, c) : target;
}

}  // namespace ringbuf
