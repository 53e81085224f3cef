#include "ringbuf/writer.hpp"

#include <utility>

#include "error.hpp"
#include "ringbuf/exception.hpp"
#include "segment.hpp"

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

// Opens with `open(segment)` and starts a writer on what that has opened.
#define RINGBUF_START(open)                                              \
  SegmentPointer segment;                                                \
  if (const Status status = (open); status != Status::ok) return status; \
  Writer started;                                                        \
  started.adopt(std::move(segment));                                     \
  started.start();                                                       \
  writer = std::move(started);                                           \
  return Status::ok

Status Writer::create(Writer &writer, const char *name, const Options &options) noexcept {
  RINGBUF_START(detail::create_segment(segment, name, options));
}

Status Writer::create_raw(Writer &writer, void *raw, std::size_t bytes, const Options &options) noexcept {
  RINGBUF_START(detail::create_segment_raw(segment, raw, bytes, options));
}

Status Writer::resume(Writer &writer, const char *name) noexcept {
  RINGBUF_START(detail::resume_segment(segment, name));
}

Status Writer::resume_fd(Writer &writer, std::intptr_t handle) noexcept {
  RINGBUF_START(detail::resume_segment_fd(segment, handle));
}

Status Writer::resume_raw(Writer &writer, void *raw, std::size_t bytes) noexcept {
  RINGBUF_START(detail::resume_segment_raw(segment, raw, bytes));
}

#undef RINGBUF_START

Status Writer::size(const Options &options, std::size_t &bytes) noexcept {
  Geometry geometry{};
  if (const Status s = make_geometry(options, os::page_bytes(), geometry); s != Status::ok) return s;
  bytes = static_cast<std::size_t>(geometry.total_bytes);
  return Status::ok;
}

void Writer::start() noexcept {
  const protocol::Counters c = protocol::own_counters(lines());
  written_ = c.written;
  intent_ = c.intent;
  slot_ = written_ % view_.capacity;
}

Status Writer::skip(std::uint64_t count) noexcept {
  if (view_.lossless) return full(count + view_.capacity);
  if (count > static_cast<std::uint64_t>(INT64_MAX) - view_.capacity - written_) {
    return note(Status::invalid_argument, Detail::too_many, "count", count + view_.capacity,
                static_cast<std::uint64_t>(INT64_MAX) - written_);
  }
  // What is skipped counts as written and overwritten. The whole put is announced first, so that no skipped sample can be
  // taken for one that is there.
  begin(count + view_.capacity);
  written_ += count;
  slot_ = written_ % view_.capacity;
  protocol::publish(own_lines(), written_);
  return Status::ok;
}

std::uint64_t Writer::room() const noexcept {
  const protocol::Slowest slowest = protocol::slowest_reader(view_.places, view_.max_readers);
  if (!view_.lossless || slowest.position == UINT64_MAX) return view_.capacity;
  const std::uint64_t limit = lossless_limit(slowest.position, written_, view_.capacity);
  return limit > written_ ? limit - written_ : 0;
}

// Promises are made for a quarter of the ring at a time: a promise cannot be taken back from a reader that joins, so what
// we have promised ourselves is no longer there for it.
bool Writer::extend_limit(std::uint64_t count) noexcept {
  std::uint64_t available = room();
  if (available < count && detail::reclaim_places(*segment_, false)) available = room();
  if (available < count) return false;
  const bool alone = protocol::slowest_reader(view_.places, view_.max_readers).position == UINT64_MAX;
  const std::uint64_t promise = alone ? count : std::min(available, std::max(count, view_.capacity / 4));
  // After a crash the intent may lie further on: what it has ruined stays forbidden to readers that join.
  protocol::allow(own_lines(), std::max(intent_, written_ + promise));
  // A reader that does not know of this promise is seen now.
  limit_ = written_ + std::min(promise, room());
  return written_ + count <= limit_;
}

Status Writer::space(std::uint64_t &count) noexcept {
  if (!is_open()) return not_open();
  if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
  count = room();
  return Status::ok;
}

Status Writer::wait_space(std::uint64_t count, std::int64_t timeout_ns) noexcept {
  if (!is_open()) return not_open();
  if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
  if (count > view_.capacity) return note(Status::invalid_argument, Detail::too_many, "count", count, view_.capacity);
  if (!view_.lossless || count <= room()) return Status::ok;
  return detail::wait_for_space(*segment_, count, timeout_ns);
}

Status Writer::set_metadata(const void *bytes, std::size_t size) noexcept {
  if (!is_open()) return not_open();
  if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
  const Geometry &g = segment_->geometry;
  if (bytes == nullptr && size != 0) return null_argument("bytes");
  if (size > g.metadata_bytes) return note(Status::invalid_argument, Detail::too_many, "size", size, g.metadata_bytes);
  protocol::set_metadata(view_.header->metadata, reinterpret_cast<std::byte *>(view_.header) + g.metadata_offset,
                         static_cast<std::size_t>(metadata_copy_stride(g)), static_cast<const std::byte *>(bytes),
                         size);
  return Status::ok;
}

Status Writer::full(std::uint64_t count) noexcept {
  return note(Status::full, Detail::full, "", count, written_, room(), view_.capacity);
}

Status Writer::bad_count(std::uint64_t count, std::uint64_t capacity) noexcept {
  if (count == 0) return fail(Status::invalid_argument, "count is 0, expected 1 to {}", capacity);
  return note(Status::invalid_argument, Detail::too_many, "count", count, capacity);
}

Status Writer::more_than_reserved(std::uint64_t count) const noexcept {
  return note(Status::invalid_argument, Detail::too_many, "count", count, reserved_);
}

Status Writer::not_whole_rows(std::size_t elements) const noexcept {
  return note(Status::incompatible, Detail::not_multiple, "", elements, view_.channels);
}

}  // namespace ringbuf
