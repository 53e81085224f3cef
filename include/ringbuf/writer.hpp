// The writer of a ring.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ringbuf/detail/backoff.hpp"
#include "ringbuf/detail/prefetch.hpp"
#include "ringbuf/detail/record.hpp"
#include "ringbuf/detail/write_cursor.hpp"
#include "ringbuf/ring.hpp"

namespace ringbuf {

// Appends samples. A ring has one writer at a time.
class Writer : public Ring {
 public:
  // A closed writer. Open it with one of the functions below.
  Writer() noexcept = default;

  // The throwing form of create (ringbuf/exception.hpp).
  Writer(const char *name, const Options &options);
  // The throwing form of resume.
  static Writer resumed(const char *name);

  // Makes a ring. If the name is null, the ring is anonymous. On failure `writer` is unchanged. Names and errors are
  // those of ringbuf_create in ringbuf.h.
  static Status create(Writer &writer, const char *name, const Options &options) noexcept;
  // Makes a ring in the caller's memory. The errors are those of ringbuf_create_raw.
  static Status create_raw(Writer &writer, void *raw, std::size_t bytes, const Options &options) noexcept;
  // Takes over a ring whose writer is gone. The errors are those of ringbuf_resume.
  static Status resume(Writer &writer, const char *name) noexcept;
  // Takes over the ring of that name if its writer is gone. Makes it if there is none. The errors are those of
  // ringbuf_create_or_resume.
  static Status create_or_resume(Writer &writer, const char *name, const Options &options) noexcept;
  // Takes over the ring of a descriptor. The errors are those of ringbuf_open_fd.
  static Status resume_fd(Writer &writer, std::intptr_t handle) noexcept;
  // Takes over the ring in the caller's memory. The errors are those of ringbuf_open_raw.
  static Status resume_raw(Writer &writer, void *raw, std::size_t bytes) noexcept;

  // Computes how many bytes of shared memory a ring with these options takes.
  static Status size(const Options &options, std::size_t &bytes) noexcept;

  // Appends `count` contiguous samples at `samples`. If there are more than the capacity, an overwriting ring keeps the
  // last ones and counts all. Returns ok, full (lossless; nothing is stored), forked. Does not block.
  [[gnu::always_inline]] Status put(const void *samples, std::uint64_t count) noexcept {
    if (!is_plain(samples, count)) [[unlikely]]
      return put_anything(samples, count);
    const std::size_t size = bytes(count);
    if (size > detail::few_bytes) return put_many_(*this, samples, count);
    return put_plain(static_cast<const std::byte *>(samples), count, size);
  }

  // Appends rows of elements of the ring's type. Returns incompatible if T is another type, or if the last row is not
  // whole.
  template <class T>
  Status put(std::span<const T> elements) noexcept {
    if (!is_open()) return not_open();
    if (!holds<T>(hot_.data_type, hot_.item_size)) return incompatible(sizeof(T));
    if (elements.size() % hot_.channels != 0) return not_whole_rows(elements.size());
    return put(elements.data(), elements.size() / hot_.channels);
  }

  // Appends one sample.
  Status push(const void *item) noexcept { return put(item, 1); }

  // Gives the address for the next `count` samples, which the caller writes in place, and the unique number of this
  // reservation. Another reserve or a put ends the reservation. A refused one does not. Returns ok, full,
  // not_contiguous, invalid_argument (0, or more than the capacity), forked.
  Status reserve(std::uint64_t count, std::byte *&samples, std::uint64_t &reservation) noexcept {
    const Status status = reserve(count, samples);
    if (status == Status::ok) reservation = cursor_.reservation();
    return status;
  }
  // The same for a caller that commits only its latest reservation.
  Status reserve(std::uint64_t count, std::byte *&samples) noexcept {
    if (!is_open()) return not_open();
    if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
    if (hot_.messages) return not_samples();
    if (count == 0 || count > hot_.capacity) return bad_count(count);
    if (count > left()) return too_many(count);
    if (!contiguous(offset(), count, hot_.capacity, hot_.window)) return not_contiguous(count, offset());
    if (!make_room(count)) return full(count);
    cursor_.reserve(count, begin(count));
    order_if_streamed(count);
    samples = at(offset());
    return Status::ok;
  }

  // Appends the first `count` samples of reservation number `reservation` and ends the reservation. A count of 0 gives
  // it up. Returns invalid_argument if count is more than was reserved, or if the reservation has already ended. Giving
  // up a reservation that has already ended returns ok.
  Status commit(std::uint64_t count, std::uint64_t reservation) noexcept {
    if (!is_open()) return not_open();
    if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
    if (cursor_.reserved() == 0 || reservation != cursor_.reservation())
      return count == 0 ? Status::ok : not_reserved(reservation);
    return commit(count);
  }
  // The same for the latest reservation.
  Status commit(std::uint64_t count) noexcept {
    if (!is_open()) return not_open();
    if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
    if (hot_.messages) return not_samples();
    if (count > cursor_.reserved()) return more_than_reserved(count);
    cursor_.end_reservation();
    if (count == 0) return Status::ok;
    order_if_streamed(count);
    mirror(count);
    static_cast<void>(finish(count));
    find_plain_end();
    return Status::ok;
  }

  // Sends a message, on a ring of messages, where this takes the place of put: `size` bytes, which may be 0. The bytes must
  // not lie in this ring. Returns ok, full (lossless; nothing is stored), invalid_argument (size is more than the longest
  // message), unsupported (a ring of samples), forked. Does not block.
  Status send(const void *bytes, std::size_t size) noexcept { return send_event(0, 0, bytes, size); }
  // The same with a kind and a tag, which mean what the program likes. A kind is less than 2^31. A tag is by convention the
  // index of the sample, in another ring, to which the message belongs.
  Status send_event(std::uint32_t kind, std::int64_t tag, const void *bytes, std::size_t size) noexcept {
    const std::uint64_t record = record_bytes(size);
    if (!is_plain_message(kind, bytes, size, record)) return send_anything(kind, tag, bytes, size);
    if (cursor_.written() >= next_mark_) mark_record();
    begin(record);
    std::byte *const to = at(offset());
    detail::prefetch_ahead_of<2>(to);  // a record of a usual size
    const RecordHeader header{static_cast<std::uint32_t>(size), kind, tag, detail::message_time()};
    copy_in(to, reinterpret_cast<const std::byte *>(&header), sizeof header);
    if (size % record_alignment != 0) {  // the payload covers all but the zeros at the end
      constexpr std::byte zeros[record_alignment]{};
      copy_in(to + record - sizeof zeros, zeros, sizeof zeros);
    }
    copy_in(to + sizeof header, static_cast<const std::byte *>(bytes), size);
    return finish_record(record);
  }

  // Leaves out the next `count` indices: a gap. The samples before it stay readable as if samples had been put; those of the
  // gap are none. Ends a reservation. Returns ok, full (lossless: a reader has not finished with samples that would be older
  // than the capacity, or than the 62 gaps that count; nothing is changed), invalid_argument (no such indices; no multiple of
  // 8 on a ring of messages), forked. Does not block.
  Status skip(std::uint64_t count) noexcept;

  // Says when sample `index` was taken, by a clock that knows better than the time of its put. realtime_ns 0: as far from
  // monotonic_ns as the clocks are apart now. From the first stamp on, the times of puts count no more. Indices rise, times do
  // not fall. A pause is stamped twice: the last sample before it and the first one after it. Does not block.
  // Returns ok, bad_index (not written yet, or not after the stamp before), invalid_argument (a time before that of the stamp
  // before), forked.
  Status stamp(std::int64_t index, std::int64_t monotonic_ns, std::int64_t realtime_ns = 0) noexcept;

  // Counts the samples that a put may append now; on a ring of messages the bytes of the longest message that fits.
  Status space(std::uint64_t &count) noexcept;
  // Sleeps until there is room for `count` samples, or for a message of `count` bytes. Returns ok, timeout,
  // invalid_argument (more than the capacity).
  Status wait_space(std::uint64_t count, std::int64_t timeout_ns) noexcept;

  // Sleeps until at least `count` readers are registered. Returns ok, timeout, invalid_argument (more than there are
  // reader slots).
  Status wait_readers(std::uint32_t count, std::int64_t timeout_ns) noexcept;

  // Replaces the metadata. Returns invalid_argument if they are too long.
  Status set_metadata(const void *bytes, std::size_t size) noexcept;

 private:
  void start() noexcept;
  static Status start_on(Writer &writer, Status opened, detail::SegmentPointer segment) noexcept;
  static Status resume_from(Writer &writer, const detail::Source &source) noexcept;

  WriterLines &own_lines() noexcept { return hot_.header->writer; }

  // True for nearly all puts: the samples are contiguous, lie outside the pocket, and there is room; on a lossless ring
  // they are announced. Such a put calls nothing but memmove. For few bytes it does not even call memmove.
  bool is_plain(const void *samples, std::uint64_t count) const noexcept {
    return is_open() && cursor_.is_plain(count) && refusal() == Status::ok && samples != nullptr;
  }
  void find_plain_end() noexcept { cursor_.find_plain_end(hot_.capacity, hot_.window, hot_.lossless); }
  // On a lossless ring plain puts are announced already.
  void announce_plain(WriterLines &lines, std::uint64_t count) noexcept {
    if (!hot_.lossless) protocol::announce(lines, cursor_.overwriting_intent(count));
  }
  [[gnu::always_inline]] Status put_plain(const std::byte *samples, std::uint64_t count, std::size_t size) noexcept {
    WriterLines &lines = own_lines();
    const detail::WriteCursor::Place place = cursor_.place();
    std::byte *const to = at(place.offset);
    detail::prefetch_ahead_of<1>(to);
    announce_plain(lines, count);
    if (count == hot_.latest_count) {
      copy_in_twice(to, announce_latest(lines, place.written + count), samples, size);
    } else {
      copy_in(to, samples, size);
    }
    return publish_plain(lines, place, count);
  }
  Status publish_plain(WriterLines &lines, detail::WriteCursor::Place place, std::uint64_t count) noexcept {
    return publish(lines, cursor_.advance_plain(place, count), count);
  }
  // A put that is plain, of more than detail::few_bytes: in the way that suits this processor (src/put_many.cpp). A function of
  // its own, so that short puts save no registers.
  using PutMany = Status (*)(Writer &writer, const void *samples, std::uint64_t count) noexcept;
  static PutMany put_many_here() noexcept;
  static Status put_with_memmove(Writer &writer, const void *samples, std::uint64_t count) noexcept;
  using Move = void (*)(std::byte *to, const std::byte *from, std::size_t bytes) noexcept;
  template <Move move>
  Status put_by(const void *samples, std::uint64_t count) noexcept;
  static Status put_with_32(Writer &writer, const void *samples, std::uint64_t count) noexcept;
  static Status put_in_loop(Writer &writer, const void *samples, std::uint64_t count) noexcept;
  static Status put_with_64(Writer &writer, const void *samples, std::uint64_t count) noexcept;
  Status put_anything(const void *samples, std::uint64_t count) noexcept;

  // The same for messages. On a ring of samples the limit is 0.
  bool is_plain_message(std::uint32_t kind, const void *bytes, std::size_t size, std::uint64_t record) const noexcept {
    return is_open() && size < message_limit_ && cursor_.is_plain_record(record, hot_.capacity, hot_.window) &&
           refusal() == Status::ok && kind < reserved_kinds && bytes != nullptr && !is_own_memory(bytes, size);
  }
  Status send_anything(std::uint32_t kind, std::int64_t tag, const void *bytes, std::size_t size) noexcept;
  void start_messages() noexcept;
  void mark_record() noexcept;
  void store_part(std::uint64_t ahead, const void *from, std::uint64_t count) noexcept;

  // Announces the samples that are about to be overwritten (I3). make_room has allowed it. On a lossless ring all
  // readers have finished with these samples. There the intent is announced for a sixteenth of the ring at a time. The
  // store of `written` is then the only store that waits for a cache line which readers load.
  std::uint64_t begin(std::uint64_t count) noexcept {
    if (!hot_.lossless) {
      const std::uint64_t intent = cursor_.overwriting_intent(count);
      protocol::announce(own_lines(), intent);
      return intent;
    }
    if (cursor_.extend_lossless_intent(count, hot_.capacity)) [[unlikely]]
      protocol::announce(own_lines(), cursor_.intent());
    return cursor_.intent();
  }

  // A single short sample also goes beside the counters, so that a reader which waits for it gets both with one cache line.
  // Gives its place there.
  static std::byte *announce_latest(WriterLines &lines, std::uint64_t end) noexcept {
    protocol::announce_latest(lines, end);
    return reinterpret_cast<std::byte *>(lines.latest_bytes);
  }
  // Copies samples into the data. Samples at the leftmost `window` offsets are also copied into the pocket.
  void store(const std::byte *from, std::uint64_t count) noexcept;
  void store_at(std::uint64_t offset, const std::byte *from, std::uint64_t count) noexcept;
  // Makes data and pocket equal again after `count` samples were written in place.
  void mirror(std::uint64_t count) noexcept;

  // Called before and after the caller writes in place. The caller uses memcpy, or streaming stores of its own
  // (copy.hpp).
  void order_if_streamed(std::uint64_t count) const noexcept {
    if (bytes(count) >= detail::may_stream) detail::order_streaming_stores();
  }

  // Publishes the samples and wakes the sleeping readers.
  Status finish(std::uint64_t count) noexcept {
    return publish(own_lines(), cursor_.advance(count, hot_.capacity), count);
  }
  Status finish_record(std::uint64_t record) noexcept {
    cursor_.advance_record(record, hot_.capacity);
    return publish(own_lines(), cursor_.written(), record);
  }
  Status publish(WriterLines &lines, std::uint64_t written, std::uint64_t count) noexcept {
    protocol::publish(lines, written);
    const bool wake = protocol::must_wake(*hot_.table, written, hot_.fences);
    if (wake || written >= timekeeper_.next_look) [[unlikely]]
      return slow_path(wake, count);
    return Status::ok;
  }
  // The part that few puts need, here one of `count` samples: waking readers, checking the clock. Returns ok: a caller that ends
  // with this has no need of the stack, where a store waits for those to the ring.
  Status slow_path(bool wake, std::uint64_t count) noexcept;

  std::uint64_t left() const noexcept { return cursor_.left(hot_.capacity); }
  // The largest count of a put. Both the remaining indices and the size of an object in memory bound it.
  std::uint64_t most() const noexcept { return std::min<std::uint64_t>(left(), PTRDIFF_MAX / hot_.sample_bytes); }
  bool make_room(std::uint64_t count) noexcept { return cursor_.is_below_limit(count) || extend_limit(count); }
  bool extend_limit(std::uint64_t count) noexcept;
  struct Room {
    std::uint64_t samples;
    bool alone;  // no reader holds the writer back
  };
  Room look_for_room() const noexcept;
  // Counts samples as written and overwritten that are never stored.
  Status pass_over(std::uint64_t count) noexcept;
  bool allow_skip(std::uint64_t least) noexcept;

  std::uint64_t offset() const noexcept { return cursor_.offset(); }
  std::byte *at(std::uint64_t offset) noexcept { return hot_.data + offset * hot_.sample_bytes; }
  std::size_t bytes(std::uint64_t count) const noexcept { return static_cast<std::size_t>(count * hot_.sample_bytes); }

  Status full(std::uint64_t count) noexcept;
  static Status bad_count(std::uint64_t count, std::uint64_t capacity) noexcept;
  Status bad_count(std::uint64_t count) const noexcept { return bad_count(count, hot_.capacity); }
  Status too_many(std::uint64_t count) const noexcept;
  Status more_than_reserved(std::uint64_t count) const noexcept;
  Status not_reserved(std::uint64_t reservation) const noexcept;
  Status not_whole_rows(std::size_t elements) const noexcept;

  // A put makes as few stores as it can. While a reader polls the counters, the stores that wait for their cache line
  // are the cost of a put.
  detail::WriteCursor cursor_;
  PutMany put_many_ = nullptr;
  std::uint64_t message_limit_ = 0;  // a message has fewer bytes
  std::uint64_t next_mark_ = 0;      // a record from this index on gets an entry in the table of starts
  std::uint64_t room_ = 0;           // the room at the latest check of the readers
  detail::Timekeeper timekeeper_;
  detail::Backoff room_backoff_;  // between polls of the readers' positions
};

}  // namespace ringbuf
