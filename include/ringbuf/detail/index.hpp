// Index arithmetic: pure functions, without memory and without atomics, so that they can be tested exhaustively.
//
// Indices count samples since the ring was made and never wrap: 2^63 samples at 1 GHz last 292 years.
#pragma once

#include <algorithm>
#include <cstdint>

#include "ringbuf/options.hpp"
#include "ringbuf/status.hpp"

namespace ringbuf {

inline constexpr std::uint64_t last_index = INT64_MAX;  // no index is larger, no position either

// Whether samples [start, end) can be read when `written` samples are complete and those before `intent` are written or
// about to be. The counters may be anything, since the memory they come from may be hostile; what is granted never spans
// more than the capacity.
constexpr Status availability(std::int64_t start, std::int64_t end, std::uint64_t written, std::uint64_t intent,
                              std::uint64_t capacity) noexcept {
  if (start < 0 || end < start) return Status::bad_index;
  const auto first = static_cast<std::uint64_t>(start);
  const auto last = static_cast<std::uint64_t>(end);
  if (last > written) return Status::not_yet;
  if (intent - first > capacity || last - first > capacity) return Status::overwritten;
  return Status::ok;
}

// The oldest sample that can be read.
constexpr std::uint64_t oldest_index(std::uint64_t intent, std::uint64_t capacity) noexcept {
  return intent > capacity ? intent - capacity : 0;
}

// Whether a reader at `position` has been overrun.
constexpr bool overrun(std::uint64_t position, std::uint64_t intent, std::uint64_t capacity) noexcept {
  return intent > position && intent - position > capacity;
}

// The index of the sample that is written next. That is `written`, unless a put of more than the capacity was stopped
// between its steps: what it skips is gone, and the first sample that it keeps is the next one.
constexpr std::uint64_t next_index(std::uint64_t written, std::uint64_t intent, std::uint64_t capacity) noexcept {
  return std::max(written, oldest_index(intent, capacity));
}

// Where a reader that has been overrun at `position` goes on: by no rule where it would be overrun still.
constexpr std::uint64_t resync(Resync rule, std::uint64_t position, std::uint64_t written, std::uint64_t intent,
                               std::uint64_t capacity) noexcept {
  const std::uint64_t oldest = oldest_index(intent, capacity);
  const std::uint64_t next = next_index(written, intent, capacity);
  switch (rule) {
    case Resync::middle:
      return oldest + (next - oldest) / 2;
    case Resync::newest:
      return next;
    case Resync::lap: {
      const std::uint64_t missing = oldest - position;
      return position + (missing + capacity - 1) / capacity * capacity;
    }
    case Resync::oldest:
      break;
  }
  return oldest;
}

// Where a reader begins that wants the oldest samples of a ring whose writer overwrites them meanwhile (`moving`): an
// eighth of the ring further on, else they would be gone before it has read them. Where nothing was overwritten yet, or
// is overwritten any more, at the oldest.
constexpr std::uint64_t first_position(bool moving, std::uint64_t written, std::uint64_t intent,
                                       std::uint64_t capacity) noexcept {
  const std::uint64_t oldest = oldest_index(intent, capacity);
  const std::uint64_t next = next_index(written, intent, capacity);
  return moving && oldest != 0 ? std::min(oldest + capacity / 8, next) : oldest;
}

// Samples between a position and the newest one.
constexpr std::uint64_t usage(std::uint64_t position, std::uint64_t written, std::uint64_t capacity) noexcept {
  return written > position ? std::min(written - position, capacity) : 0;
}

// How far a lossless writer may write when its slowest reader stands at `slowest`. A position ahead of `written` earns no
// more than one at it.
constexpr std::uint64_t lossless_limit(std::uint64_t slowest, std::uint64_t written, std::uint64_t capacity) noexcept {
  return std::min(slowest, written) + capacity;
}

// A range of offsets that may run over the end of the data: `head` samples at its offset and `tail` at offset 0.
struct Split {
  std::uint64_t head;  // samples up to the end of the data
  std::uint64_t tail;  // samples from its beginning on
};

// Splits `count` samples at `offset`, which are at most `capacity`.
constexpr Split split(std::uint64_t offset, std::uint64_t count, std::uint64_t capacity) noexcept {
  const std::uint64_t head = std::min(count, capacity - offset);
  return {head, count - head};
}

// Whether `count` samples at `offset` are contiguous, the pocket behind the data included.
constexpr bool contiguous(std::uint64_t offset, std::uint64_t count, std::uint64_t capacity,
                          std::uint64_t window) noexcept {
  return count <= capacity - offset || count - (capacity - offset) <= window;
}

// index % capacity without a division where consecutive calls stay within two laps of each other, as they do.
class OffsetFinder {
 public:
  // Where sample `index` lies in a ring of that capacity.
  constexpr std::uint64_t offset(std::uint64_t index, std::uint64_t capacity) noexcept {
    const std::uint64_t here = index - lap_;
    if (here < capacity) return here;
    const std::uint64_t next = here - capacity;
    if (index > lap_ && next < capacity) {
      lap_ += capacity;
      return next;
    }
    lap_ = index - index % capacity;
    return index - lap_;
  }

 private:
  std::uint64_t lap_ = 0;  // a multiple of the capacity
};

}  // namespace ringbuf
