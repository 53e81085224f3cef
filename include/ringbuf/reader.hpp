// A reader of a ring.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ringbuf/detail/prefetch.hpp"
#include "ringbuf/detail/record.hpp"
#include "ringbuf/ring.hpp"

namespace ringbuf {

// Reads samples by index (see Ring), or consumes them from a position of its own.
class Reader : public Ring {
 public:
  // A closed reader. Open it with one of the functions below.
  Reader() noexcept = default;

  // The throwing form of open (ringbuf/exception.hpp).
  explicit Reader(const char *name, const OpenOptions &options = {});

  // Opens a ring by its name. On failure `reader` is unchanged. The errors are those of ringbuf_open in ringbuf.h.
  static Status open(Reader &reader, const char *name, const OpenOptions &options = {}) noexcept;
  // Opens a ring by its name as soon as it is live: its writer lives and has not closed it. Waits until then, through
  // rings of that name that are closed, dead or superseded. A timeout_ns of 0 returns at once. A negative one waits
  // without limit. Returns timeout, or the codes of open but not_found.
  static Status open_wait(Reader &reader, const char *name, const OpenOptions &options,
                          std::int64_t timeout_ns) noexcept;
  // Opens the ring of a descriptor. The errors are those of ringbuf_open_fd.
  static Status open_fd(Reader &reader, std::intptr_t handle, const OpenOptions &options = {}) noexcept;
  // Opens the ring in the caller's memory. The errors are those of ringbuf_open_raw.
  static Status open_raw(Reader &reader, void *raw, std::size_t bytes, const OpenOptions &options = {}) noexcept;

  // Continues with the live ring of the same name, after stale or closed. Waits for it as open_wait does. If that is the
  // ring that is open, because a writer has resumed it, nothing else changes: the position stays and `options` have no
  // effect. If it is another ring, this reader starts there as `options` say, and what it had of the old ring is
  // unmapped; overruns() and lost() go on counting. On failure the reader is as before.
  // Returns timeout, interrupted, incompatible (another shape, unless options.any_shape), unsupported (the ring was not
  // opened by its name), or the codes of open_wait.
  Status reopen(const OpenOptions &options, std::int64_t timeout_ns) noexcept;

  // True if this reader has a reader slot. On a lossless ring the writer then waits for this reader.
  bool is_registered() const noexcept { return slot_ != nullptr; }

  // The sliding window. Sleeps until `window` samples from the position are written. Gives their address and the index
  // of the first one. Then moves the position by `step`. On an overwriting ring call check() after using the window. On
  // a lossless ring the window of a registered reader stays intact until its next call of next, next_copy, pop,
  // pop_many or seek.
  // Returns ok, timeout, overwritten, closed, stale, not_contiguous, invalid_argument (window is 0 or more than the
  // capacity).
  [[gnu::always_inline]] Status next(std::uint64_t window, std::uint64_t step, std::int64_t timeout_ns,
                                     const std::byte *&samples, std::int64_t &start) noexcept {
    if (next_known(window, step, samples, start)) [[likely]]
      return Status::ok;
    return next_anything(window, step, timeout_ns, samples, start);
  }
  // The fast path of next, which nearly every window of a stream takes; what may call a function comes last. False: next has
  // more to do, and nothing is changed.
  template <class Address>  // const std::byte * or const void *
  [[gnu::always_inline]] bool next_known(std::uint64_t window, std::uint64_t step, Address &samples,
                                         std::int64_t &start) noexcept {
    if (!is_open() || refusal() != Status::ok || !is_window(window, step) || !knows(window) || !is_spared() ||
        replaced())
      return false;
    const std::uint64_t position = position_;
    const std::uint64_t offset = offsets_.offset(position, hot_.capacity);
    if (window > hot_.capacity + hot_.window - offset) return false;
    samples = hot_.data + offset * hot_.sample_bytes;
    start = static_cast<std::int64_t>(position);
    position_ = position + step;
    if (unreleased_) {
      publish_position(position);
    } else {
      unreleased_ = true;
    }
    return true;
  }

  // The same with a type. Returns incompatible unless T is the type of the elements, or of whole opaque items.
  template <class T>
  Status next(std::uint64_t window, std::uint64_t step, std::int64_t timeout_ns, Window<T> &samples) noexcept {
    if (!is_open()) return not_open();
    if (!holds<T>(hot_.data_type, hot_.item_size)) return incompatible(sizeof(T));
    const std::byte *begin = nullptr;
    std::int64_t start = 0;
    if (const Status status = next(window, step, timeout_ns, begin, start); status != Status::ok) return status;
    samples = Window<T>(*this, begin, start, static_cast<std::int64_t>(bits(start) + window), hot_.channels);
    return Status::ok;
  }

  // The same for a window of any length up to the capacity, which is copied to `samples`. If the result is ok, the copy
  // is intact. Otherwise the position has not moved, except that an overrun resyncs it. The writer may overwrite the
  // samples before the new position at once.
  // Returns ok, timeout, overwritten, closed, stale, invalid_argument (window is 0 or more than the capacity).
  Status next_copy(std::uint64_t window, std::uint64_t step, std::int64_t timeout_ns, void *samples,
                   std::int64_t &start) noexcept {
    if (const Status status = ready(); status != Status::ok) return status;
    if (samples == nullptr) return null_argument("samples");
    if (is_own_memory(samples, std::min(window, hot_.capacity) * hot_.sample_bytes)) return own_memory("samples");
    if (const Status status = check_window(window, step); status != Status::ok) return status;
    const bool polls = !knows(window);
    if (const Status status = wait_for_window(window, timeout_ns); status != Status::ok) return status;
    const std::uint64_t from = position_;
    Status status = Status::ok;
    if (polls && window == 1 && copy_latest(from, samples)) {
      status = move_past_intact(step);
    } else {
      copy_out_samples(from, window, samples);
      status = move_on(step);
    }
    if (status == Status::ok) start = static_cast<std::int64_t>(from);
    return status;
  }

  // Copies up to `max` samples and moves the position past them. Returns ok, empty, overwritten, closed, stale. Does
  // not block.
  Status pop_many(void *items, std::uint64_t max, std::uint64_t &count) noexcept {
    count = 0;
    if (const Status status = ready(); status != Status::ok) return status;
    if (max == 0) return Status::ok;
    if (items == nullptr) return null_argument("items");
    if (hot_.messages) return not_samples();
    const std::uint64_t wanted = std::min(max, hot_.capacity);
    if (is_own_memory(items, wanted * hot_.sample_bytes)) return own_memory("items");
    return take(items, wanted, count);
  }

  // Copies the next sample and moves the position past it. Returns the codes of pop_many.
  [[gnu::always_inline]] Status pop(void *item) noexcept {
    // The fast path, which nearly every pop takes, calls no function. The size stays known over the fences.
    const auto size = static_cast<std::size_t>(hot_.pop_bytes);
    if (is_open() && knows(1) && item != nullptr && refusal() == Status::ok && size <= detail::few_bytes &&
        !is_own_memory(item, size) && is_spared()) {
      const std::uint64_t offset = offsets_.offset(position_, hot_.capacity);
      const std::byte *const at = hot_.data + offset * size;
      if (known_.end - position_ > prefetch_items_ahead) detail::prefetch_to_load(at + prefetch_items_ahead * size);
      copy_out(static_cast<std::byte *>(item), at, size);
      return move_on(1);
    }
    return pop_anything(item);
  }

  // Gets the next message in place, on a ring of messages, where this takes the place of next and pop: waits for it, gives
  // its address, its size and the index `start` of its first byte, and moves the position past it. message() tells the rest
  // about it. On an overwriting ring call check(start, start + size) after using the message. On a lossless ring the message
  // of a registered reader stays intact until its next call of receive or seek.
  // Returns ok, timeout, interrupted, overwritten, closed, stale, unsupported (a ring of samples), corrupt (no message can
  // have what is there; the position stays, and seek leads on).
  Status receive(std::int64_t timeout_ns, const std::byte *&bytes, std::size_t &size, std::int64_t &start) noexcept {
    if (const Status status = ready(); status != Status::ok) return status;
    if (!hot_.messages) return not_messages();
    for (;;) {
      if (const Status status = wait_for_window(sizeof(RecordHeader), timeout_ns); status != Status::ok) return status;
      const std::uint64_t offset = offsets_.offset(position_, hot_.capacity);
      // The pocket has more bytes than a header, so this is contiguous. It is judged only if it was intact.
      RecordHeader header{};
      copy_out(reinterpret_cast<std::byte *>(&header), hot_.data + offset, sizeof header);
      if (!is_spared()) {
        const protocol::Counters c = protocol::observe_again(lines());
        if (lapped(c)) return overrun(c);
      }
      if (!is_sound(header, position_, known_.end, hot_.window)) return unsound(header, position_, known_.end);
      known_record_ = position_;
      position_ += record_bytes(header.size);
      unreleased_ = true;
      if (header.kind < reserved_kinds) {
        bytes = hot_.data + offset + sizeof header;
        size = header.size;
        start = static_cast<std::int64_t>(known_record_ + sizeof header);
        return Status::ok;
      }
      release();
    }
  }

  // Counts the samples between the position and the newest one. The count is at most the capacity.
  Status usage(std::uint64_t &count) const noexcept {
    if (!is_open()) return not_open();
    if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
    count = ringbuf::usage(position_, protocol::observe_written(lines()), hot_.capacity);
    return Status::ok;
  }

  // The position: the index of the sample that is read next.
  std::int64_t tell() const noexcept { return static_cast<std::int64_t>(position_); }
  // The same. Fails if this handle may not consume: forked, closed.
  Status tell(std::int64_t &position) const noexcept {
    if (!is_open()) return not_open();
    if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
    position = tell();
    return Status::ok;
  }

  // Moves the position to a sample that can be read, or to the next one to be written. On failure the position stays.
  // On a ring of messages it must be the start of a record: 24 bytes before the first byte of a message.
  // Returns ok, bad_index, overwritten, not_yet.
  Status seek(std::int64_t position) noexcept;

  // The number of overruns of this reader.
  std::uint64_t overruns() const noexcept { return overruns_; }
  // The number of samples that were lost by overruns.
  std::uint64_t lost() const noexcept { return lost_; }

  // Gives a descriptor for event loops (poll, epoll, asyncio, libuv, GLib, Qt). poll_arm() makes it readable; until the
  // first call it is not. It is made at the first call, stays the same until the reader is closed, also by reopen(), and
  // is the reader's: the caller may only wait for it, and read from it. A thread of the library makes it readable.
  // Returns unsupported (Windows), no_memory, system.
  Status poll_fd(std::intptr_t &fd) noexcept;
  // Makes that descriptor readable as soon as all samples before index `end` are written, or never will be, because the
  // writer has ended the stream or died; at once if that is so now. It then stays readable until it is armed again or its
  // byte is read. It may be readable without a reason: wait(), next() and pop_many() with a timeout of 0 tell. Does not
  // block. Returns bad_index, invalid_argument (there is no descriptor yet).
  Status poll_arm(std::int64_t end) noexcept;

 private:
  static constexpr std::uint64_t max_step = std::uint64_t{1} << 48;
  // A pop asks for the line of an item so far ahead, if that item is written: else the line would be taken from the writer,
  // which is about to store there, and a reader that waits for single items would slow it down.
  static constexpr std::uint64_t prefetch_items_ahead = 64;

  static Status open_with(Reader &reader, Status opened, detail::SegmentPointer segment,
                          const OpenOptions &options) noexcept;
  void start(const OpenOptions &options) noexcept;

  bool lapped(protocol::Counters c) const noexcept {
    return !guarded_ && ringbuf::overrun(position_, c.intent, hot_.capacity);
  }

  // Conservative check of everything that was read from the position on before this call. True: the writer waits for
  // this reader, or the published limit is far enough away. False: some of it may have been overwritten.
  [[gnu::always_inline]] bool is_spared() const noexcept {
    return guarded_ || protocol::observe_limit(lines()) - position_ <= hot_.capacity;
  }

  Status ready() noexcept {
    if (!is_open()) return not_open();
    if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
    if (replaced()) return stale();
    release();
    return Status::ok;
  }

  // Whether the next `count` samples are known to be written, without a gap before or between them.
  bool knows(std::uint64_t count) const noexcept {
    return position_ >= known_.begin && known_.end >= position_ + count;
  }
  // The same for samples that are written: learns it from the counters and the gap table. A gap moves the position past it:
  // overwritten.
  Status settle(std::uint64_t count, protocol::Counters c) noexcept {
    if (position_ < c.gap_end) return settle_among_gaps(count, c);
    known_ = {c.gap_end, c.written};
    return Status::ok;
  }
  Status settle_among_gaps(std::uint64_t count, protocol::Counters c) noexcept;

  bool is_window(std::uint64_t window, std::uint64_t step) const noexcept {
    return window - 1 < hot_.most_window && step <= max_step && position_ <= last_index - step;
  }
  Status check_window(std::uint64_t window, std::uint64_t step) const noexcept {
    if (is_window(window, step)) return Status::ok;
    return window - 1 < hot_.most_window ? bad_step(step) : bad_window(window);
  }

  // Waits until `window` samples from the position can be read.
  Status wait_for_window(std::uint64_t window, std::int64_t timeout_ns) noexcept {
    const std::uint64_t end = position_ + window;
    // These samples were seen to be written, and the writer has not overwritten them.
    if (knows(window) && is_spared()) return Status::ok;
    protocol::Counters c = poll(end);
    if (c.written < end && !lapped(c)) {
      if (const Status status = await(end, timeout_ns, c); status != Status::ok) return status;
    }
    return lapped(c) ? overrun(c) : settle(window, c);
  }

  // After samples from the position were copied: moves the position by `n`, if the copy is intact.
  Status move_on(std::uint64_t n) noexcept { return is_spared() ? move_past_intact(n) : move_on_late(n); }
  Status move_on_late(std::uint64_t n) noexcept;
  // The same, if the copy is known to be intact.
  Status move_past_intact(std::uint64_t n) noexcept {
    if (replaced()) return stale();
    position_ += n;
    publish_position(position_);
    return Status::ok;
  }

  Status next_anything(std::uint64_t window, std::uint64_t step, std::int64_t timeout_ns, const std::byte *&samples,
                       std::int64_t &start) noexcept;
  Status pop_anything(void *item) noexcept;
  // Copies up to `wanted` samples, at least one, and moves the position past them.
  Status take(void *items, std::uint64_t wanted, std::uint64_t &count) noexcept;

  // Polls for a pop. Returns ok if there is a sample to read.
  Status look() noexcept {
    protocol::Counters c = poll(position_ + 1);
    if (lapped(c)) return overrun(c);
    if (c.written <= position_) {
      if (const Status status = nothing(c); status != Status::ok) return status;
      if (lapped(c)) return overrun(c);
    }
    return settle(1, c);
  }

  // Releases the samples before the position to the writer.
  void release() noexcept {
    if (unreleased_) {
      unreleased_ = false;
      publish_position(position_);
    }
  }
  [[gnu::always_inline]] void publish_position(std::uint64_t position) noexcept {
    if (slot_ == nullptr) return;
    protocol::set_position(*slot_, position);
    if (guarded_ && protocol::must_wake_writer(lines(), position, hot_.fences)) [[unlikely]]
      detail::wake_writer(*segment_);
  }

  // The counters of a ring of messages: their oldest index, and `least`, are not above `written`, unless the writer died while
  // it skipped.
  protocol::Counters observe_records(std::uint64_t least = 0) const noexcept;
  // In a ring of messages: the first known start of a record from `target` on. Otherwise `target`.
  std::uint64_t record_from(std::uint64_t target, const protocol::Counters &c) const noexcept;
  Status overrun(protocol::Counters c) noexcept;
  // Counts the samples up to `position` as lost and moves there.
  std::uint64_t lose(std::uint64_t position) noexcept;
  // After a poll in vain. ok: a sample has come, and these are the counters.
  Status nothing(protocol::Counters &c) noexcept;
  Status stale() const noexcept;
  Status bad_window(std::uint64_t window) const noexcept;
  Status bad_step(std::uint64_t step) const noexcept;

  std::uint64_t position_ = 0;
  std::uint64_t overruns_ = 0;
  std::uint64_t lost_ = 0;
  ReaderSlot *slot_ = nullptr;
  bool unreleased_ = false;  // next() has moved the position, but has not published it yet
  bool guarded_ = false;     // registered on a lossless ring
  Resync resync_ = Resync::middle;
};

}  // namespace ringbuf
