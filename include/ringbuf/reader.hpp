// A reader of a ring.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ringbuf/detail/backoff.hpp"
#include "ringbuf/ring.hpp"

namespace ringbuf {

// Looks at samples by index (Ring), or consumes them from a position of its own.
class Reader : public Ring {
 public:
  // Closed; open it with one of the functions below.
  Reader() noexcept = default;

  // Throwing form of open (ringbuf/exception.hpp).
  explicit Reader(const char *name, const OpenOptions &options = {});

  // Opens a ring by its name. On failure `reader` is as it was; errors are those of ringbuf_open in ringbuf.h.
  static Status open(Reader &reader, const char *name, const OpenOptions &options = {}) noexcept;
  // The ring behind a descriptor; errors as of ringbuf_open_fd.
  static Status open_fd(Reader &reader, std::intptr_t handle, const OpenOptions &options = {}) noexcept;
  // The ring in the caller's memory; errors as of ringbuf_open_raw.
  static Status open_raw(Reader &reader, void *raw, std::size_t bytes, const OpenOptions &options = {}) noexcept;

  // Whether this reader has a slot in the reader table; on a lossless ring, whether the writer waits for it.
  bool is_registered() const noexcept { return slot_ != nullptr; }

  // The sliding window: sleeps until `window` samples from the position are written, says where they are and the index
  // of the first, and moves the position by `step`. On an overwriting ring check() after use; a lossless ring keeps the
  // window as it is for a registered reader until the next call of next, pop, pop_many or seek.
  // ok, timeout, overwritten, closed, stale, not_contiguous, invalid_argument (window is 0 or more than the capacity).
  Status next(std::uint64_t window, std::uint64_t step, std::int64_t timeout_ns, const std::byte *&samples,
              std::int64_t &start) noexcept {
    if (const Status status = ready(); status != Status::ok) return status;
    if (const Status status = wait_for_window(window, step, timeout_ns); status != Status::ok) return status;
    if (const Status status = locate(position_, window, samples); status != Status::ok) return status;
    start = static_cast<std::int64_t>(position_);
    position_ += step;
    unreleased_ = true;
    return Status::ok;
  }

  // The same with a type: incompatible unless T is what the elements (or whole opaque items) are.
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

  // The same for a window of any length up to the capacity, copied to `samples`: what was copied is whole, or the code
  // says that it is not, and the position has then not moved but for an overrun's resync. The samples before the new
  // position are the writer's at once.
  // ok, timeout, overwritten, closed, stale, invalid_argument (window is 0 or more than the capacity).
  Status next_copy(std::uint64_t window, std::uint64_t step, std::int64_t timeout_ns, void *samples,
                   std::int64_t &start) noexcept {
    if (const Status status = ready(); status != Status::ok) return status;
    if (samples == nullptr) return null_argument("samples");
    if (is_own_memory(samples, std::min(window, hot_.capacity) * hot_.sample_bytes)) return own_memory("samples");
    if (const Status status = wait_for_window(window, step, timeout_ns); status != Status::ok) return status;
    const std::uint64_t from = position_;
    copy_out_samples(from, window, samples);
    const Status status = move_on(step);
    if (status == Status::ok) start = static_cast<std::int64_t>(from);
    return status;
  }

  // Copies up to `max` samples and moves on by as many. ok, empty, overwritten, closed, stale. Does not block.
  Status pop_many(void *items, std::uint64_t max, std::uint64_t &count) noexcept {
    count = 0;
    if (const Status status = ready(); status != Status::ok) return status;
    if (max == 0) return Status::ok;
    if (items == nullptr) return null_argument("items");
    const std::uint64_t wanted = std::min(max, hot_.capacity);
    if (is_own_memory(items, wanted * hot_.sample_bytes)) return own_memory("items");
    if (known_written_ < position_ + wanted || !is_spared()) {
      if (const Status status = look(); status != Status::ok) return status;
    }
    const std::uint64_t n = std::min(wanted, known_written_ - position_);
    copy_out_samples(position_, n, items);
    const Status status = move_on(n);
    if (status == Status::ok) count = n;
    return status;
  }

  // Copies the next sample and moves on by one. As pop_many.
  Status pop(void *item) noexcept {
    // Nearly always there is nothing to call.
    if (is_open() && known_written_ > position_ && item != nullptr && refusal() == Status::ok &&
        hot_.sample_bytes <= detail::few_bytes && !is_own_memory(item, hot_.sample_bytes) && is_spared()) {
      const std::uint64_t offset = offsets_.offset(position_, hot_.capacity);
      copy_out(static_cast<std::byte *>(item), hot_.data + offset * hot_.sample_bytes,
               static_cast<std::size_t>(hot_.sample_bytes));
      return move_on(1);
    }
    return pop_anything(item);
  }

  // Samples between the position and the newest one; at most the capacity.
  Status usage(std::uint64_t &count) const noexcept {
    if (!is_open()) return not_open();
    if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
    count = ringbuf::usage(position_, protocol::observe_written(lines()), hot_.capacity);
    return Status::ok;
  }

  // The index of the sample that comes next.
  std::int64_t tell() const noexcept { return static_cast<std::int64_t>(position_); }
  // The same, or why this handle may not consume: forked, closed.
  Status tell(std::int64_t &position) const noexcept {
    if (!is_open()) return not_open();
    if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
    position = tell();
    return Status::ok;
  }

  // Moves to a sample that can be read, or to the next one to be written. bad_index, overwritten, not_yet; the position
  // then stays.
  Status seek(std::int64_t position) noexcept;

  // Times this reader was too late.
  std::uint64_t overruns() const noexcept { return overruns_; }
  // Samples that it missed by that.
  std::uint64_t lost() const noexcept { return lost_; }

 private:
  static constexpr std::uint64_t max_step = std::uint64_t{1} << 48;

  static Status open_with(Reader &reader, Status opened, detail::SegmentPointer segment,
                          const OpenOptions &options) noexcept;
  void start(const OpenOptions &options) noexcept;

  bool lapped(protocol::Counters c) const noexcept {
    return !guarded_ && ringbuf::overrun(position_, c.intent, hot_.capacity);
  }

  // Whether nothing that was read from the position on before this call can have been ruined: the writer spares our
  // samples, or is far enough away. False: maybe not.
  bool is_spared() const noexcept { return guarded_ || protocol::observe_limit(lines()) - position_ <= hot_.capacity; }

  Status ready() noexcept {
    if (!is_open()) return not_open();
    if (const Status status = refusal(); status != Status::ok) return detail::refused(status);
    if (replaced()) return stale();
    release();
    return Status::ok;
  }

  // Until `window` samples from the position can be read.
  Status wait_for_window(std::uint64_t window, std::uint64_t step, std::int64_t timeout_ns) noexcept {
    if (window == 0 || window > hot_.capacity) return bad_window(window);
    if (step > max_step || position_ > last_index - step) return bad_step(step);
    const std::uint64_t end = position_ + window;
    // What the writer spares stays as it was found.
    if (known_written_ >= end && is_spared()) return Status::ok;
    protocol::Counters c = look_for(end);
    if (c.written < end && !lapped(c)) {
      if (const Status status = detail::wait_for_samples(*segment_, end, timeout_ns); status != Status::ok) {
        return status;
      }
      c = protocol::observe(lines());
      known_written_ = c.written;
    }
    return lapped(c) ? overrun(c) : Status::ok;
  }

  // After samples from the position were copied: moves by `n`, if they are whole.
  Status move_on(std::uint64_t n) noexcept {
    if (!is_spared()) {
      const protocol::Counters c = protocol::observe_again(lines());
      known_written_ = c.written;
      if (lapped(c)) return overrun(c);
    }
    if (replaced()) return stale();
    position_ += n;
    publish_position();
    return Status::ok;
  }

  Status pop_anything(void *item) noexcept;

  // How far the writer has come. Who knows of less than the `end` it wants paces itself.
  protocol::Counters look_for(std::uint64_t end) noexcept {
    const bool used_up = known_written_ < end;
    if (used_up) backoff_.before_poll();
    const protocol::Counters c = protocol::observe(lines());
    if (used_up) backoff_.after_poll(c.written < end ? 0 : c.written - end + 1, detail::Backoff::enough(hot_.capacity));
    known_written_ = c.written;
    return c;
  }

  // The same for a pop: ok if there is anything.
  Status look() noexcept {
    const protocol::Counters c = look_for(position_ + 1);
    if (lapped(c)) return overrun(c);
    return known_written_ > position_ ? Status::ok : nothing();
  }

  // Lets the writer have what lies before the position.
  void release() noexcept {
    if (unreleased_) {
      unreleased_ = false;
      publish_position();
    }
  }
  void publish_position() noexcept {
    if (slot_ == nullptr) return;
    protocol::set_position(*slot_, position_);
    if (guarded_ && protocol::must_wake_writer(lines(), position_, hot_.fences)) detail::wake_writer(*segment_);
  }

  Status overrun(protocol::Counters c) noexcept;
  Status nothing() noexcept;
  Status stale() const noexcept;
  Status bad_window(std::uint64_t window) const noexcept;
  Status bad_step(std::uint64_t step) const noexcept;

  std::uint64_t position_ = 0;
  std::uint64_t overruns_ = 0;
  std::uint64_t lost_ = 0;
  ReaderSlot *slot_ = nullptr;
  bool unreleased_ = false;  // next() has moved the position, and the writer does not know yet
  bool guarded_ = false;     // registered on a lossless ring
  Resync resync_ = Resync::middle;
  detail::Backoff backoff_;  // of looks at the writer
};

}  // namespace ringbuf
