#include "record_ring.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "formats/file.hpp"
#include "output.hpp"
#include "pop.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 17;  // stays in the cache
constexpr std::int64_t mark_distance_ns = 10'000'000'000;
constexpr std::int64_t pause_ns = 250'000'000;  // as the ring's own time track has it

}  // namespace

RecordedRing::RecordedRing(Ring ring, const formats::Format &format, std::string path, bool replace, bool registered,
                           const RecordLimits &limits, std::uint32_t longest_annotation)
    : Recorded(std::move(ring), format, std::move(path), replace, registered, limits, longest_annotation) {
  if (messages())
    throw Failure(exit_usage,
                  tool::format("{} holds messages, not samples: 'ringbuf record' saves them", ring_.name()));
  described();
}

void RecordedRing::described() {
  cut_.reset();
  shape_ = ring_.info();
  buffer_samples_ = std::clamp<std::uint64_t>(buffer_bytes / stream_.sample_bytes(), 1, stream_.capacity);
  buffer_.resize(static_cast<std::size_t>(buffer_samples_) * stream_.sample_bytes());
}

void RecordedRing::begin(bool oldest, std::int64_t monotonic_ns) {
  ring_.check(ringbuf_tell(ring_.get(), &position_));
  begin_ns_ = monotonic_ns;
  if (oldest) {
    begin_ns_ = time_of(position_).value_or(monotonic_ns);
  } else {
    // The sample may have been overwritten since; the reader is told so, as of any other one.
    const std::int64_t start = std::max(position_, index_at(monotonic_ns));
    const int code = ringbuf_seek(ring_.get(), start);
    if (code == RINGBUF_OK) {
      position_ = start;
    } else if (code != RINGBUF_OVERWRITTEN && code != RINGBUF_GAP) {
      ring_.fail(code);
    }
  }
  first_index_ = position_;
  file_begin_ns_ = begin_ns_;
  create(limits_.split_ns || limits_.split_bytes);
}

void RecordedRing::begin_at(std::int64_t index, std::int64_t monotonic_ns) {
  position_ = first_index_ = index;
  begin_ns_ = file_begin_ns_ = monotonic_ns;
  create(limits_.split_ns || limits_.split_bytes);
  std::int64_t start = index;
  for (int code = ringbuf_seek(ring_.get(), start); code != RINGBUF_OK; code = ringbuf_seek(ring_.get(), start)) {
    if (code == RINGBUF_GAP) {
      for (const Gap &gap : ring_.gaps()) {
        if (gap.start <= start && start < gap.end) start = gap.end;
      }
    } else if (code == RINGBUF_OVERWRITTEN) {
      // The oldest sample of a live ring is overwritten next: leave some room.
      const Info info = ring_.info();
      const std::uint64_t room = info.state == RINGBUF_STATE_LIVE ? info.capacity / 16 : 0;
      start = std::max(start, std::min(info.written, info.oldest + static_cast<std::int64_t>(room)));
    } else {
      ring_.fail(code);
    }
  }
  if (start > index) leave_out(start, unlisted(start));
}

bool RecordedRing::step_to(std::int64_t index) {
  end_ = std::max({position_, index, end_.value_or(index)});
  done_ = false;
  // After an overrun that led beyond the index of the last call, the handle stands further on.
  std::int64_t handle = position_;
  ring_.check(ringbuf_tell(ring_.get(), &handle));
  if (handle > position_) leave_out(handle, unlisted(handle));
  static_cast<void>(step(begin_ns_));
  return position_ >= *end_ || ended_ != 0;
}

void RecordedRing::file_begun() {
  last_mark_.reset();
  last_time_.reset();
}

void RecordedRing::split() {
  cut_.reset();
  // Whole steps, also over a pause that is longer than one.
  rotate(time_of(position_).value_or(file_begin_ns_ + limits_.split_ns.value_or(0)));
}

bool RecordedRing::step(std::int64_t monotonic_ns) {
  // Samples that were taken before this moment have times before it. So once the moment has passed, the index is known exactly.
  if (limits_.duration_ns && !end_ && monotonic_ns - begin_ns_ >= *limits_.duration_ns) {
    end_ = std::max(position_, index_at(begin_ns_ + *limits_.duration_ns));
  }
  bool any = false;
  while (!done_) {
    if (limits_.split_ns && !cut_ && monotonic_ns - file_begin_ns_ >= *limits_.split_ns) {
      cut_ = std::max(position_, index_at(file_begin_ns_ + *limits_.split_ns));
    }
    std::uint64_t room = buffer_samples_;
    if (limits_.samples) room = std::min(room, *limits_.samples - samples_);
    if (end_) room = std::min(room, static_cast<std::uint64_t>(*end_ - position_));
    if (room == 0) {
      done_ = true;
      break;
    }
    if (cut_) room = std::min(room, static_cast<std::uint64_t>(*cut_ - position_));
    if (room == 0) {
      if (file_samples_ > 0) {
        split();
      } else {
        file_begin_ns_ += *limits_.split_ns;  // no file without samples
        cut_.reset();
      }
      continue;
    }
    // The position is moved over a gap only once the gap is known: the ring keeps it while it is ahead of a reader for which
    // the writer waits.
    const int there = ringbuf_check(ring_.get(), position_, position_ + 1);
    std::uint64_t count = 0;
    if (there == RINGBUF_NOT_YET) {
      const int code = ringbuf_wait(ring_.get(), position_ + 1, 0);
      if (code == RINGBUF_OK) continue;  // it is there by now, or a gap
      if (code == RINGBUF_CLOSED || code == RINGBUF_STALE) {
        ended_ = code;
      } else if (code != RINGBUF_TIMEOUT && code != RINGBUF_INTERRUPTED) {
        ring_.fail(code);
      }
      break;
    }
    if (there == RINGBUF_GAP) {
      pass_gap();
    } else if (there != RINGBUF_OK && there != RINGBUF_OVERWRITTEN) {
      ring_.fail(there);
    } else if (const int code = pop_many(ring_, shape_, buffer_.data(), room, count); code == RINGBUF_OK) {
      take(buffer_.data(), count);
    } else if (code == RINGBUF_OVERWRITTEN) {
      pass_overrun();
    } else {
      ring_.fail(code);
    }
    any = true;
    if (any && room < buffer_samples_ && count < room) break;  // others have their turn
  }
  return any;
}

void RecordedRing::pass_gap() {
  for (const auto &gap : ring_.gaps()) {
    if (gap.start <= position_ && position_ < gap.end && ringbuf_seek(ring_.get(), gap.end) == RINGBUF_OK) {
      leave_out(gap.end, 0);
      return;
    }
  }
  // It has grown meanwhile, or is the oldest of so many gaps that the ring lists it no longer. Consuming leads past it.
  std::uint64_t count = 0;
  if (ringbuf_pop_many(ring_.get(), buffer_.data(), 1, &count) == RINGBUF_OVERWRITTEN) pass_overrun();
}

// The reader has told of an overrun, or of a gap that the ring has forgotten; its position has moved.
void RecordedRing::pass_overrun() {
  const Info info = ring_.info();
  std::int64_t now = info.position;
  if (now <= position_) return;
  if (registered_ && (info.flags & RINGBUF_LOSSLESS) != 0) {
    leave_out(now, 0);  // the writer waits for this reader, so it has overwritten nothing
    return;
  }
  // The oldest sample is the one that is overwritten next: leave some room.
  const std::int64_t target = std::min(info.written, now + static_cast<std::int64_t>(info.capacity / 8));
  if (target > now && ringbuf_seek(ring_.get(), target) == RINGBUF_OK) now = target;
  leave_out(now, unlisted(now));
}

void RecordedRing::leave_out(std::int64_t end, std::int64_t lost) {
  if (last_time_) add_mark(position_ - 1);
  if (end_) end = std::min(end, *end_);
  if (cut_) cut_ = std::max(end, *cut_);
  lost = std::min(lost, end - position_);
  if (lost > 0) {
    say_lost(end, lost, position_ == first_index_ ? std::optional(begin_ns_) : last_time_, time_of(end));
    lost_ += static_cast<std::uint64_t>(lost);
  }
  if (!format_.gaps && file_samples_ > 0) next_file();
  writer_->gap({position_, end, lost});
  position_ = end;
  last_time_.reset();
}

void RecordedRing::take(const char *samples, std::uint64_t count) {
  const std::size_t size = stream_.sample_bytes();
  while (count > 0) {
    std::uint64_t part = count;
    if (limits_.split_bytes) {
      const std::uint64_t used = writer_->bytes();
      const std::uint64_t fit = used < *limits_.split_bytes ? (*limits_.split_bytes - used) / size : 0;
      if (fit == 0 && file_samples_ > 0) {
        split();
        continue;
      }
      part = std::clamp<std::uint64_t>(fit, 1, count);
    }
    append(samples, part);
    samples += part * size;
    count -= part;
  }
}

void RecordedRing::append(const char *samples, std::uint64_t count) {
  const std::int64_t end = position_ + static_cast<std::int64_t>(count);
  find_marks(end);
  for (const auto &mark : pending_) {
    const auto before = static_cast<std::uint64_t>(mark.index - position_);
    if (before > 0) writer_->append(samples, before);
    samples += before * stream_.sample_bytes();
    position_ = mark.index;
    writer_->mark(mark);
  }
  pending_.clear();
  writer_->append(samples, static_cast<std::uint64_t>(end - position_));
  position_ = end;
  samples_ += count;
  file_samples_ += count;
  if (!annotations_.empty()) place_annotations(false);
}

void RecordedRing::annotate(const std::vector<Annotation> &annotations, bool by_index) {
  for (const Annotation &annotation : annotations) {
    annotations_.push_back(annotation);
    if (!by_index) annotations_.back().index.reset();
  }
}

void RecordedRing::annotate_rest() { place_annotations(true); }

// The samples up to the time of an annotation have to be there before its index is known. `all`: no more will come.
void RecordedRing::place_annotations(bool all) {
  const auto last_ns = file_samples_ > 0 ? time_of(position_ - 1) : std::nullopt;
  std::vector<Annotation> later;
  for (Annotation &annotation : annotations_) {
    if (!annotation.index && last_ns && *last_ns >= annotation.monotonic_ns) {
      annotation.index = index_at(annotation.monotonic_ns);
    }
    if (!annotation.index && all) annotation.index = position_;
    if (!annotation.index || (*annotation.index >= position_ && !all)) {
      later.push_back(std::move(annotation));
    } else if (*annotation.index >= first_index_) {
      writer_->annotate({*annotation.index, annotation.kind, std::move(annotation.text)});
    }
  }
  annotations_ = std::move(later);
}

void RecordedRing::find_marks(std::int64_t end) {
  const auto first_ns = time_of(position_);
  const auto end_ns = time_of(end - 1);
  if (!first_ns || !end_ns) {
    last_time_.reset();
    return;
  }
  if (last_time_) find_pauses({position_ - 1, position_, *last_time_, *first_ns});
  if (!last_time_ || !last_mark_ || *first_ns - last_mark_->monotonic_ns >= mark_distance_ns) add_mark(position_);
  find_pauses({position_, end - 1, *first_ns, *end_ns});
  last_time_ = end_ns;
}

// The sample before a pause and the one after it are marked, so that the time between others grows evenly. Halves that take too
// long are looked into, the earlier one first.
void RecordedRing::find_pauses(const Span &span) {
  std::vector<Span> spans{span};
  while (!spans.empty()) {
    const Span at = spans.back();
    spans.pop_back();
    const std::int64_t count = at.high - at.low;
    if (count <= 0) continue;
    const double usual_ns = 2 * static_cast<double>(count) * period_ns() + pause_ns;
    if (static_cast<double>(at.high_ns - at.low_ns) <= usual_ns) continue;
    if (count == 1) {
      add_mark(at.low);
      add_mark(at.high);
      continue;
    }
    const std::int64_t middle = at.low + count / 2;
    if (const auto middle_ns = time_of(middle)) {
      spans.push_back({middle, at.high, *middle_ns, at.high_ns});
      spans.push_back({at.low, middle, at.low_ns, *middle_ns});
    }
  }
}

void RecordedRing::add_mark(std::int64_t index) {
  if (last_mark_ && index <= last_mark_->index) return;
  formats::TimeMark mark;
  mark.index = index;
  if (ringbuf_time_at(ring_.get(), index, &mark.monotonic_ns, &mark.realtime_ns) != RINGBUF_OK) return;
  if (last_mark_ && mark.monotonic_ns < last_mark_->monotonic_ns) return;
  if (index < position_) {
    writer_->mark(mark);  // the last sample that was appended
  } else {
    pending_.push_back(mark);
  }
  last_mark_ = mark;
}

std::optional<std::int64_t> RecordedRing::time_of(std::int64_t index) const {
  std::int64_t time = 0;
  if (ringbuf_time_at(ring_.get(), index, &time, nullptr) != RINGBUF_OK) return std::nullopt;
  return time;
}

std::int64_t RecordedRing::index_at(std::int64_t monotonic_ns) const {
  std::int64_t index = 0;
  const int code = ringbuf_index_at(ring_.get(), RINGBUF_CLOCK_MONOTONIC, monotonic_ns, &index);
  if (code != RINGBUF_OK && code != RINGBUF_NOT_YET && code != RINGBUF_OVERWRITTEN) ring_.fail(code);
  return index;
}

double RecordedRing::period_ns() const { return stream_.sample_rate > 0 ? 1e9 / stream_.sample_rate : 0; }

void RecordedRing::finish() {
  if (file_samples_ > 0 && last_time_ && pending_.empty()) add_mark(position_ - 1);
  const auto correct =
      [this] {  // after an error the file may have less than was given to it, or a part of what was refused
        const std::uint64_t more = writer_->samples() - file_samples_;  // modulo 2^64
        samples_ += more;
        position_ += static_cast<std::int64_t>(more);
        file_samples_ += more;
      };
  try {
    writer_->finish();
  } catch (...) {
    correct();
    throw;
  }
  correct();
}

std::int64_t RecordedRing::wanted_end() const {
  std::uint64_t count = std::max<std::uint64_t>(1, std::min(stream_.capacity / 8, buffer_samples_));
  if (limits_.samples) count = std::min(count, std::max<std::uint64_t>(1, *limits_.samples - samples_));
  return position_ + static_cast<std::int64_t>(count);
}

}  // namespace tool
