// Index arithmetic: pure functions without memory and without atomics, so that tests can be exhaustive.
//
// Indices count samples, from the ring's first index on. They never wrap: 2^63 samples at 1 GHz last 292 years.
#pragma once

#include <algorithm>
#include <cstdint>

#include "ringbuf/options.hpp"
#include "ringbuf/status.hpp"

namespace ringbuf {

inline constexpr std::uint64_t last_index = INT64_MAX;  // of an index and of a position

// The intent of a ring that begins at index `first`, not at 0: as after a put that was interrupted before its first sample.
// So samples before `first` count as overwritten everywhere, and the hot path needs no check of its own.
constexpr std::uint64_t intent_at_start(std::uint64_t first, std::uint64_t capacity) noexcept {
  return first == 0 ? 0 : first + capacity;
}

// How far the writer goes ahead with a store that serves many puts, in samples.
//
// The intent on a lossless ring: the store of `written` is then the only one of most puts whose line readers look at.
constexpr std::uint64_t intent_ahead(std::uint64_t capacity) noexcept { return capacity / 16; }
// The limit on an overwriting ring: a window that is no further back than the other seven eighths is known to be intact
// without a look at the intent.
constexpr std::uint64_t limit_ahead(std::uint64_t capacity) noexcept { return capacity / 8; }
// The credit on a lossless ring. Published credit cannot be revoked, so a reader that joins late must start after it: more
// credit is fewer stores, and less history for that reader.
constexpr std::uint64_t credit_ahead(std::uint64_t capacity) noexcept { return capacity / 4; }
// How far from the oldest sample a reader begins, on a ring whose writer overwrites: the time that it has to start reading.
constexpr std::uint64_t head_start(std::uint64_t capacity) noexcept { return capacity / 8; }

// The time track, or the table of message starts, of a ring: cell k has one entry for the indices [c * stride, (c + 1) *
// stride) of each c with c % track_marks == k. The samples that the ring holds lie in at most 255 such ranges, so that no
// two of those share a cell.
inline constexpr std::uint64_t track_marks = 256;
constexpr std::uint64_t track_stride(std::uint64_t capacity) noexcept {
  return std::max<std::uint64_t>(1, capacity / (track_marks - 2) + (capacity % (track_marks - 2) != 0 ? 1 : 0));
}
// The cell of an index.
constexpr std::uint64_t track_mark(std::uint64_t index, std::uint64_t stride) noexcept {
  return index / stride % track_marks;
}

// Whether samples [start, end) can be read in a ring that begins at `first_index`, given the counters `written` and
// `intent` (I1 in protocol.hpp), which may have any values: a hostile process may have stored them. A range that is granted
// never spans more than the capacity.
constexpr Status availability(std::int64_t start, std::int64_t end, std::uint64_t written, std::uint64_t intent,
                              std::uint64_t capacity, std::int64_t first_index) noexcept {
  if (start < first_index || end < start) return Status::bad_index;
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

// The index of the sample that is written next. That is `written`, unless a put of more than the capacity was
// interrupted before it published the samples that it skips. Then the first sample that it keeps is the next one.
constexpr std::uint64_t next_index(std::uint64_t written, std::uint64_t intent, std::uint64_t capacity) noexcept {
  return std::max(written, oldest_index(intent, capacity));
}

// The first index at or after `least` that has the offset of `position`, which is not after it.
constexpr std::uint64_t whole_laps_on(std::uint64_t position, std::uint64_t least, std::uint64_t capacity) noexcept {
  return position + (least - position + capacity - 1) / capacity * capacity;
}

// The position from which a reader continues that was overrun at `position`. No rule gives a position that is overrun
// still.
constexpr std::uint64_t resync(Resync rule, std::uint64_t position, std::uint64_t written, std::uint64_t intent,
                               std::uint64_t capacity) noexcept {
  const std::uint64_t oldest = oldest_index(intent, capacity);
  const std::uint64_t next = next_index(written, intent, capacity);
  switch (rule) {
    case Resync::middle:
      return oldest + (next - oldest) / 2;
    case Resync::newest:
      return next;
    case Resync::lap:
      return whole_laps_on(position, oldest, capacity);
    case Resync::oldest:
      break;
  }
  return oldest;
}

// The first position of a reader that wants the oldest samples. If the writer overwrites them meanwhile (`moving`),
// that is an eighth of the ring after the oldest sample: the oldest would be gone before the reader has read it. If
// nothing was overwritten yet, or nothing is overwritten any more, it is the oldest sample.
constexpr std::uint64_t first_position(bool moving, std::uint64_t written, std::uint64_t intent, std::uint64_t capacity,
                                       std::uint64_t first_index) noexcept {
  const std::uint64_t oldest = oldest_index(intent, capacity);
  const std::uint64_t next = next_index(written, intent, capacity);
  return moving && oldest != first_index ? std::min(oldest + head_start(capacity), next) : oldest;
}

// Samples between a position and the newest one.
constexpr std::uint64_t usage(std::uint64_t position, std::uint64_t written, std::uint64_t capacity) noexcept {
  return written > position ? std::min(written - position, capacity) : 0;
}

// The index up to which a lossless writer may write if the position of its slowest reader is `slowest`. A position
// beyond `written` counts as `written`.
constexpr std::uint64_t lossless_limit(std::uint64_t slowest, std::uint64_t written, std::uint64_t capacity) noexcept {
  return std::min(slowest, written) + capacity;
}

// A range of offsets that may wrap at the end of the data.
struct Split {
  std::uint64_t head;  // samples at its offset, up to the end of the data
  std::uint64_t tail;  // samples at offset 0
};

// Splits `count` samples at `offset`, which are at most `capacity`.
constexpr Split split(std::uint64_t offset, std::uint64_t count, std::uint64_t capacity) noexcept {
  const std::uint64_t head = std::min(count, capacity - offset);
  return {head, count - head};
}

// Whether `count` samples at `offset` are contiguous in the data and the pocket after it.
constexpr bool contiguous(std::uint64_t offset, std::uint64_t count, std::uint64_t capacity,
                          std::uint64_t window) noexcept {
  return count <= capacity - offset || count - (capacity - offset) <= window;
}

// index % capacity. It takes no division if the index is in the lap of the call before it, or in the next lap.
class OffsetFinder {
 public:
  // The offset of sample `index` in a ring of that capacity.
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
