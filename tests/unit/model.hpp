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
  std::vector<std::uint64_t> samples;  // all that were ever written
  std::uint64_t intent = 0;
  std::uint64_t reserved = 0;

  std::uint64_t written() const { return first_index + samples.size(); }
  std::uint64_t oldest() const { return intent > first_index + capacity ? intent - capacity : first_index; }
  std::uint64_t offset(std::uint64_t index) const { return index % capacity; }

  // A lossless ring may say that more is gone than has been overwritten: up to a sixteenth of the ring, and nothing that a
  // registered reader still has to come to. From then on that is so.
  bool may_be_oldest(std::uint64_t said, const std::vector<const Reader *> &readers) const {
    if (!lossless) return said == oldest();
    for (const Reader *reader : readers) {
      if (reader->guarded && said > reader->released) return said == oldest();
    }
    return said >= oldest() && said - oldest() <= capacity / 16 && said <= written();
  }
  void oldest_is(std::uint64_t said) {
    if (said != first_index) intent = said + capacity;
  }

  // --- The writer. `readers` are all that are open.
  std::uint64_t room(const std::vector<const Reader *> &readers) const {
    if (!lossless) return capacity;
    std::uint64_t most = written() + capacity;
    for (const Reader *reader : readers) {
      if (reader->guarded) most = std::min(most, std::min(reader->released, written()) + capacity);
    }
    return most - written();
  }

  Status put(const std::vector<std::uint64_t> &values, const std::vector<const Reader *> &readers) {
    if (values.empty()) return Status::ok;
    if (lossless && values.size() > room(readers)) return Status::full;
    intent = std::max(intent, written() + values.size());
    samples.insert(samples.end(), values.begin(), values.end());
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
    return static_cast<std::uint64_t>(start) < oldest() ? Status::overwritten : Status::ok;
  }
  Status view(std::int64_t start, std::int64_t end) const {
    const Status status = check(start, end);
    if (status != Status::ok) return status;
    return fits_in_place(static_cast<std::uint64_t>(start), static_cast<std::uint64_t>(end - start))
               ? Status::ok
               : Status::not_contiguous;
  }

  // --- By position.
  bool lapped(const Reader &reader) const { return !reader.guarded && reader.position < oldest(); }

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
    ++reader.overruns;
    reader.lost += reader.position - from;
    reader.released = reader.position;
    return Status::overwritten;
  }

  Status pop_many(Reader &reader, std::uint64_t max, std::uint64_t &count) const {
    count = 0;
    reader.released = reader.position;
    if (max == 0) return Status::ok;
    if (lapped(reader)) return overrun(reader);
    if (written() <= reader.position) return ended ? Status::closed : Status::empty;
    count = std::min({max, written() - reader.position, capacity});
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
    reader.position += step;
    reader.released = reader.position;
    return Status::ok;
  }
  Status next(Reader &reader, std::uint64_t size, std::uint64_t step) const {
    reader.released = reader.position;
    if (size == 0 || size > capacity) return Status::invalid_argument;
    if (lapped(reader)) return overrun(reader);
    if (written() < reader.position + size) return ended ? Status::closed : Status::timeout;
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
    return static_cast<std::uint64_t>(position) < oldest() ? Status::overwritten : Status::ok;
  }
};

}  // namespace model
