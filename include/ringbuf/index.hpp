// Index arithmetic: pure functions, without memory and without atomics, so that they can be tested exhaustively.
//
// Indices count samples since the ring was made and never wrap: 2^63 samples at 1 GHz last 292 years.
#pragma once

#include <algorithm>
#include <cstdint>

#include "ringbuf/status.hpp"

namespace ringbuf {

// What a reader does after an overrun.
enum class Resync {
  oldest,  // goes on at the oldest sample that is still there
  newest,  // at what is written next
  lap      // whole laps further on: stays congruent modulo the capacity
};

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

// Where a reader that has been overrun at `position` goes on.
constexpr std::uint64_t resync(Resync rule, std::uint64_t position, std::uint64_t written, std::uint64_t intent,
                               std::uint64_t capacity) noexcept {
  switch (rule) {
    case Resync::newest:
      return std::max(position, written);
    case Resync::lap: {
      const std::uint64_t missing = oldest_index(intent, capacity) - position;
      return position + (missing + capacity - 1) / capacity * capacity;
    }
    case Resync::oldest:
      break;
  }
  return oldest_index(intent, capacity);
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

// A range of slots that may run over the end of the data: `head` samples at its slot and `tail` at slot 0.
struct Split {
  std::uint64_t head;  // samples up to the end of the data
  std::uint64_t tail;  // samples from its beginning on
};

// Splits `count` samples at `slot`, which are at most `capacity`.
constexpr Split split(std::uint64_t slot, std::uint64_t count, std::uint64_t capacity) noexcept {
  const std::uint64_t head = std::min(count, capacity - slot);
  return {head, count - head};
}

// Whether `count` samples at `slot` are contiguous, the pocket behind the data included.
constexpr bool contiguous(std::uint64_t slot, std::uint64_t count, std::uint64_t capacity,
                          std::uint64_t window) noexcept {
  return count <= capacity - slot || count - (capacity - slot) <= window;
}

// index % capacity without a division where consecutive calls stay within two laps of each other, as they do.
class SlotFinder {
 public:
  // Where sample `index` lies in a ring of that capacity.
  constexpr std::uint64_t slot(std::uint64_t index, std::uint64_t capacity) noexcept {
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
