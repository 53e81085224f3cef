// The writer's cursor: copies of the counters that only the writer changes, and the arithmetic on them. Pure, as
// index.hpp, so that tests can be exhaustive.
//
// Invariant (holds() tells; in a debug build of the library, puts that are not plain assert it)
//   C1  lap = written - written % capacity.
//   C2  written <= plain_end. If plain_end > written, nothing is reserved, and the samples up to plain_end are below
//       the limit, before the last one of the data, and outside the samples that the pocket repeats. On a lossless ring
//       they are announced, too. So no plain put ends a lap.
//   C3  A reservation fits: written + reserved <= limit, and intent >= written + reserved.
#pragma once

#include <algorithm>
#include <cstdint>

#include "ringbuf/detail/index.hpp"

namespace ringbuf::detail {

class WriteCursor {
 public:
  constexpr void start(std::uint64_t written, std::uint64_t intent, std::uint64_t capacity) noexcept {
    move_to(written, capacity);
    intent_ = intent;
    plain_end_ = written_;
  }

  // Samples ever written: the index of the next one.
  constexpr std::uint64_t written() const noexcept { return written_; }
  // The offset of the next one.
  constexpr std::uint64_t offset() const noexcept { return written_ - lap_; }

  // Whether a put of `count` samples, at least one, lies in one piece, outside the pocket, and below the limit.
  constexpr bool is_plain(std::uint64_t count) const noexcept { return count - 1 < plain_end_ - written_; }
  constexpr bool is_below_limit(std::uint64_t count) const noexcept { return written_ + count <= limit_; }
  // The number of samples for which there are indices. An intent a capacity further on must still be an index.
  constexpr std::uint64_t left(std::uint64_t capacity) const noexcept { return last_index - capacity - written_; }

  // The intent that a put on an overwriting ring announces. It is not kept, because the next put announces its own.
  constexpr std::uint64_t overwriting_intent(std::uint64_t count) const noexcept {
    return std::max(intent_, written_ + count);
  }
  // On a lossless ring an intent covers many puts. Returns whether `count` samples need a new one, which is then
  // kept.
  constexpr bool extend_lossless_intent(std::uint64_t count, std::uint64_t capacity) noexcept {
    const std::uint64_t end = written_ + count;
    if (end <= intent_) return false;
    intent_ = std::clamp(written_ + intent_ahead(capacity), end, limit_);
    return true;
  }
  constexpr std::uint64_t intent() const noexcept { return intent_; }

  // The limit to publish for `count` more samples; after a crash the intent may lie further on.
  constexpr std::uint64_t next_limit(std::uint64_t count) const noexcept { return std::max(intent_, written_ + count); }
  constexpr void set_limit(std::uint64_t limit, std::uint64_t capacity) noexcept {
    limit_ = std::min(limit, last_index - capacity);
  }

  // Where the next sample goes. A put keeps this in registers; from the members it would be loaded after each fence again.
  struct Place {
    std::uint64_t written;
    std::uint64_t offset;
  };
  constexpr Place place() const noexcept { return {written_, offset()}; }

  // Counts `count` samples as written. Returns how many that makes.
  constexpr std::uint64_t advance(std::uint64_t count, std::uint64_t capacity) noexcept {
    if (offset() + count >= capacity) lap_ += capacity;
    return written_ += count;
  }
  // The same for a plain put, from `place()` on, which ends no lap (C2).
  constexpr std::uint64_t advance_plain(Place from, std::uint64_t count) noexcept {
    return written_ = from.written + count;
  }
  // Whether a record of `bytes` bytes, in a ring of messages, lies in one piece, outside the pocket, and below the limit.
  constexpr bool is_plain_record(std::uint64_t bytes, std::uint64_t capacity, std::uint64_t window) const noexcept {
    return offset() >= window && bytes <= capacity - offset() && is_below_limit(bytes);
  }
  // Counts a record as written. No put is plain in a ring of messages, so that none takes the fast path.
  constexpr void advance_record(std::uint64_t bytes, std::uint64_t capacity) noexcept {
    advance(bytes, capacity);
    plain_end_ = written_;
  }
  // Finds the end of plain puts again, after a put that was not plain.
  constexpr void find_plain_end(std::uint64_t capacity, std::uint64_t window, bool lossless) noexcept {
    const std::uint64_t end = std::min({limit_, lap_ + capacity - 1, lossless ? intent_ : UINT64_MAX});
    plain_end_ = offset() >= window ? std::max(written_, end) : written_;
  }
  // Counts samples as written that no reader can read, because a put of more than the capacity skips them.
  constexpr void pass_over(std::uint64_t count, std::uint64_t capacity) noexcept {
    move_to(written_ + count, capacity);
    plain_end_ = written_;
  }

  // Counts `count` indices as written that have no samples: a gap.
  constexpr void leave_out(std::uint64_t count, std::uint64_t capacity) noexcept {
    pass_over(count, capacity);
    intent_ = std::max(intent_, written_);
    limit_ = std::max(limit_, written_);
    reserved_ = 0;
  }

  // Starts a reservation and returns its unique number. It ends with end_reservation() and with a put.
  constexpr std::uint64_t reserve(std::uint64_t count, std::uint64_t intent) noexcept {
    intent_ = intent;  // a commit of fewer samples does not revoke it
    reserved_ = count;
    plain_end_ = written_;
    return ++reservation_;
  }
  constexpr void end_reservation() noexcept { reserved_ = 0; }
  constexpr std::uint64_t reserved() const noexcept { return reserved_; }
  constexpr std::uint64_t reservation() const noexcept { return reservation_; }

  constexpr bool holds(std::uint64_t capacity, std::uint64_t window, bool lossless) const noexcept {
    const bool plain = plain_end_ == written_ ||
                       (plain_end_ > written_ && reserved_ == 0 && plain_end_ <= limit_ &&
                        plain_end_ < lap_ + capacity && offset() >= window && (!lossless || plain_end_ <= intent_));
    const bool fits = reserved_ == 0 || (written_ + reserved_ <= limit_ && written_ + reserved_ <= intent_);
    return lap_ == written_ - written_ % capacity && plain && fits;
  }

 private:
  constexpr void move_to(std::uint64_t written, std::uint64_t capacity) noexcept {
    written_ = written;
    lap_ = written_ - written_ % capacity;
  }

  std::uint64_t written_ = 0;
  std::uint64_t lap_ = 0;
  std::uint64_t plain_end_ = 0;
  std::uint64_t intent_ = 0;  // a lower bound of the announced intent
  std::uint64_t limit_ = 0;   // the end of our credit; at most the published limit
  std::uint64_t reserved_ = 0;
  std::uint64_t reservation_ = 0;
};

}  // namespace ringbuf::detail
