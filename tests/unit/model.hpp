// The reference for model_test: what a ring has to answer, in the simplest terms. All samples ever written are kept in a
// vector; everything else follows from three numbers and the readers' positions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "ringbuf/detail/index.hpp"
#include "ringbuf/status.hpp"

namespace model {

using ringbuf::Resync;
using ringbuf::Status;

struct Reader {
  std::uint64_t position = 0;
  std::uint64_t released = 0;  // before this the writer may overwrite
  std::uint64_t overruns = 0;
  std::uint64_t lost = 0;
  bool guarded = false;  // registered on a lossless ring
  Resync resync = Resync::middle;
};

struct Ring {
  std::uint64_t capacity = 0;
  std::uint64_t window = 0;
  bool lossless = false;
  bool ended = false;
  std::uint64_t first_index = 0;
  std::vector<std::uint64_t> samples;  // all that were ever written; 0: none, the index was skipped
  std::vector<std::uint64_t> gaps;     // the end of each
  std::uint64_t floor = 0;
  std::uint64_t intent = 0;
  std::uint64_t reserved = 0;

  std::uint64_t written() const { return first_index + samples.size(); }
  std::uint64_t not_overwritten() const { return intent > first_index + capacity ? intent - capacity : first_index; }
  std::uint64_t oldest() const { return past_gap(std::max(not_overwritten(), floor)); }
  bool skipped(std::uint64_t index) const {
    return index < written() && samples[static_cast<std::size_t>(index - first_index)] == 0;
  }
  std::uint64_t past_gap(std::uint64_t index) const {
    while (skipped(index)) ++index;
    return index;
  }
  // The first index from `start` on that was skipped; at most `end`.
  std::uint64_t gap_from(std::uint64_t start, std::uint64_t end) const {
    while (start < end && !skipped(start)) ++start;
    return start;
  }
  std::uint64_t offset(std::uint64_t index) const { return index % capacity; }

  // A lossless ring may say that more is gone than has been overwritten: up to a sixteenth of the ring, and nothing that a
  // registered reader still has to come to. From then on that is so.
  bool may_be_intent(std::uint64_t said, const std::vector<const Reader *> &readers) const {
    if (!lossless) return said == intent;
    for (const Reader *reader : readers) {
      if (reader->guarded && said > past_gap(reader->released) + capacity) return said == intent;
    }
    return said >= intent && said - intent <= capacity / 16 && said <= written() + capacity;
  }

  // --- The writer. `readers` are all that are open.
  std::uint64_t room(const std::vector<const Reader *> &readers) const {
    if (!lossless) return capacity;
    std::uint64_t most = written() + capacity;
    for (const Reader *reader : readers) {
      if (reader->guarded) most = std::min(most, std::min(reader->released, written()) + capacity);
    }
    return most > written() ? most - written() : 0;
  }

  Status put(const std::vector<std::uint64_t> &values, const std::vector<const Reader *> &readers) {
    if (values.empty()) return Status::ok;
    if (lossless && values.size() > room(readers)) return Status::full;
    intent = std::max(intent, written() + values.size());
    samples.insert(samples.end(), values.begin(), values.end());
    reserved = 0;
    return Status::ok;
  }

  Status skip(std::uint64_t count, const std::vector<const Reader *> &readers) {
    if (count == 0) return Status::ok;
    const bool longer = !gaps.empty() && gaps.back() == written();
    const std::uint64_t end = written() + count;
    const std::uint64_t lower = longer || gaps.size() < 62 ? floor : gaps[gaps.size() - 62];
    const std::uint64_t least = std::max(std::min(written(), end > capacity ? end - capacity : 0), lower);
    for (const Reader *reader : readers) {
      if (reader->guarded && reader->released < least) return Status::full;
    }
    floor = lower;
    if (longer) gaps.pop_back();
    gaps.push_back(end);
    intent = std::max(intent, end);
    samples.insert(samples.end(), static_cast<std::size_t>(count), 0);
    reserved = 0;
    return Status::ok;
  }

  bool fits_in_place(std::uint64_t first, std::uint64_t count) const {
    return offset(first) + count <= capacity + window;
  }

  // Where both are so, the ring may answer full or not_contiguous.
  bool may_answer_reserve(std::uint64_t count, const std::vector<const Reader *> &readers, Status answer) const {
    if (count == 0 || count > capacity) return answer == Status::invalid_argument;
    const bool in_place = fits_in_place(written(), count);
    const bool room_for_it = count <= room(readers);
    if (!in_place && answer == Status::not_contiguous) return true;
    if (!room_for_it && answer == Status::full) return true;
    return in_place && room_for_it && answer == Status::ok;
  }
  void reserve(std::uint64_t count) {
    intent = std::max(intent, written() + count);
    reserved = count;
  }
  Status commit(const std::vector<std::uint64_t> &values) {
    if (values.size() > reserved) return Status::invalid_argument;
    reserved = 0;
    samples.insert(samples.end(), values.begin(), values.end());
    return Status::ok;
  }

  // --- By index.
  Status check(std::int64_t start, std::int64_t end) const {
    if (start < static_cast<std::int64_t>(first_index) || end < start) return Status::bad_index;
    if (static_cast<std::uint64_t>(end) > written()) return Status::not_yet;
    const auto first = static_cast<std::uint64_t>(start);
    const auto last = static_cast<std::uint64_t>(end);
    if (first < std::max(not_overwritten(), floor)) return Status::overwritten;
    return gap_from(first, last) == last ? Status::ok : Status::gap;
  }
  Status view(std::int64_t start, std::int64_t end) const {
    const Status status = check(start, end);
    if (status != Status::ok) return status;
    return fits_in_place(static_cast<std::uint64_t>(start), static_cast<std::uint64_t>(end - start))
               ? Status::ok
               : Status::not_contiguous;
  }

  // --- By position.
  bool lapped(const Reader &reader) const { return !reader.guarded && reader.position < not_overwritten(); }

  Status overrun(Reader &reader) const {
    const std::uint64_t from = reader.position;
    switch (reader.resync) {
      case Resync::middle:
        reader.position = oldest() + (written() - oldest()) / 2;
        break;
      case Resync::oldest:
        reader.position = oldest();
        break;
      case Resync::newest:
        reader.position = written();
        break;
      case Resync::lap:
        while (reader.position < oldest()) reader.position += capacity;
        break;
    }
    const std::uint64_t to = past_gap(reader.position);
    reader.position = from;
    return lose(reader, to);
  }
  Status lose(Reader &reader, std::uint64_t to) const {
    const std::uint64_t from = reader.position;
    if (reader.resync == Resync::lap) {
      while (reader.position < to) reader.position += capacity;
    } else {
      reader.position = to;
    }
    ++reader.overruns;
    reader.lost += reader.position - from;
    reader.released = reader.position;
    return Status::overwritten;
  }
  // Samples that are written may lie in a gap, or before one of too many.
  Status settle(Reader &reader, std::uint64_t count) const {
    if (reader.position < floor) return overrun(reader);
    const std::uint64_t end = reader.position + count;
    const std::uint64_t gap = gap_from(reader.position, end);
    return gap == end ? Status::ok : lose(reader, past_gap(gap));
  }

  Status pop_many(Reader &reader, std::uint64_t max, std::uint64_t &count) const {
    count = 0;
    reader.released = reader.position;
    if (max == 0) return Status::ok;
    if (lapped(reader)) return overrun(reader);
    if (written() <= reader.position) return ended ? Status::closed : Status::empty;
    if (const Status status = settle(reader, 1); status != Status::ok) return status;
    const std::uint64_t end = std::min({reader.position + max, written(), reader.position + capacity});
    count = gap_from(reader.position, end) - reader.position;
    reader.position += count;
    reader.released = reader.position;
    return Status::ok;
  }

  // With a timeout of 0.
  Status next_copy(Reader &reader, std::uint64_t size, std::uint64_t step) const {
    reader.released = reader.position;
    if (size == 0 || size > capacity) return Status::invalid_argument;
    if (lapped(reader)) return overrun(reader);
    if (written() < reader.position + size) return ended ? Status::closed : Status::timeout;
    if (const Status status = settle(reader, size); status != Status::ok) return status;
    reader.position += step;
    reader.released = reader.position;
    return Status::ok;
  }
  Status next(Reader &reader, std::uint64_t size, std::uint64_t step) const {
    reader.released = reader.position;
    if (size == 0 || size > capacity) return Status::invalid_argument;
    if (lapped(reader)) return overrun(reader);
    if (written() < reader.position + size) return ended ? Status::closed : Status::timeout;
    if (const Status status = settle(reader, size); status != Status::ok) return status;
    if (!fits_in_place(reader.position, size)) return Status::not_contiguous;
    reader.position += step;
    return Status::ok;
  }

  std::uint64_t usage(const Reader &reader) const {
    return written() > reader.position ? std::min(written() - reader.position, capacity) : 0;
  }

  Status seek(const Reader &reader, std::int64_t position) const {
    (void)reader;
    if (position < static_cast<std::int64_t>(first_index)) return Status::bad_index;
    if (static_cast<std::uint64_t>(position) > written()) return Status::not_yet;
    const auto to = static_cast<std::uint64_t>(position);
    if (to < not_overwritten() || (to < written() && to < floor)) return Status::overwritten;
    return skipped(to) ? Status::gap : Status::ok;
  }
};

}  // namespace model
