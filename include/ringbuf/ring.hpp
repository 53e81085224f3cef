// The common part of Writer and Reader: the mapping, and reading by index.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ringbuf/data_type.hpp"
#include "ringbuf/detail/backoff.hpp"
#include "ringbuf/detail/copy.hpp"
#include "ringbuf/detail/failure.hpp"
#include "ringbuf/detail/hot_state.hpp"
#include "ringbuf/detail/index.hpp"
#include "ringbuf/detail/layout.hpp"
#include "ringbuf/detail/protocol.hpp"
#include "ringbuf/detail/record.hpp"
#include "ringbuf/detail/slow_path.hpp"
#include "ringbuf/info.hpp"
#include "ringbuf/message.hpp"
#include "ringbuf/options.hpp"
#include "ringbuf/status.hpp"
#include "ringbuf/window.hpp"

namespace ringbuf {

// The functions of the hot path are always inlined: a compiler that has inlined them often in one file otherwise calls them,
// which takes a put from 4 to 7 ns.
//
// Thread safety: an object belongs to one thread at a time. Nothing here throws, and nothing but Reader::reopen and
// Reader::poll_fd allocates.
class Ring {
 public:
  Ring(const Ring &) = delete;
  Ring &operator=(const Ring &) = delete;
  Ring(Ring &&) noexcept = default;             // leaves the source closed
  Ring &operator=(Ring &&) noexcept = default;  // closes this ring first

  // True if a ring is open. If none is, every function that returns a Status returns not_initialized.
  bool is_open() const noexcept { return segment_ != nullptr; }
  // Closes the ring before the destructor does. Closing again does nothing.
  void close() noexcept {
    segment_.reset();
    hot_ = {};
    known_ = {};
    known_record_ = UINT64_MAX;
    backoff_ = {};
  }

  std::uint64_t capacity() const noexcept { return hot_.capacity; }          // samples that the ring holds
  std::uint64_t window() const noexcept { return hot_.window; }              // samples in the pocket
  std::uint64_t sample_bytes() const noexcept { return hot_.sample_bytes; }  // channels * item_size
  std::uint32_t channels() const noexcept { return hot_.channels; }          // elements in one sample
  std::uint32_t item_size() const noexcept { return hot_.item_size; }        // bytes of one element
  DataType data_type() const noexcept { return hot_.data_type; }             // type of one element
  bool lossless() const noexcept { return hot_.lossless; }                   // true: readers hold the writer back
  // The number of samples ever written.
  std::uint64_t written() const noexcept { return is_open() ? protocol::observe_written(lines()) : 0; }

  // Checks whether samples [start, end) can be read. After the use of a window: whether everything read from it was
  // intact.
  // Returns ok, overwritten, gap, not_yet, stale, bad_index. Does not block.
  [[gnu::always_inline]] Status check(std::int64_t start, std::int64_t end) const noexcept {
    if (is_open() && certainly_available(start, end)) [[likely]]
      return Status::ok;
    return check_again(start, end);
  }

  // Gives the address of samples [start, end), which are contiguous and in place. The memory stays mapped until the
  // ring is closed. The writer may overwrite the samples, so call check() after using them. Returns the codes of check,
  // and not_contiguous. Does not block.
  [[gnu::always_inline]] Status view(std::int64_t start, std::int64_t end, const std::byte *&samples) noexcept {
    const Found found = view(start, end);
    if (found.status == Status::ok) [[likely]]
      samples = found.samples;
    return found.status;
  }
  // A status and, if it is ok, an address.
  struct Found {
    Status status;             // of view
    const std::byte *samples;  // those that were found
  };
  // The same, with the result in registers.
  [[gnu::always_inline]] Found view(std::int64_t start, std::int64_t end) noexcept {
    if (is_open() && certainly_available(start, end)) [[likely]] {
      const std::uint64_t offset = offsets_.offset(bits(start), hot_.capacity);
      // Nothing is added to the length: counters that a hostile process has stored can let it wrap around.
      if (bits(end) - bits(start) <= hot_.capacity + hot_.window - offset) [[likely]]
        return {Status::ok, hot_.data + offset * hot_.sample_bytes};
    }
    return view_again(start, end);
  }

  // The same with a type. Returns incompatible unless T is the type of the elements, or of whole opaque items.
  template <class T>
  Status view(std::int64_t start, std::int64_t end, Window<T> &window) noexcept {
    if (!is_open()) return not_open();
    if (!holds<T>(hot_.data_type, hot_.item_size)) return incompatible(sizeof(T));
    const std::byte *samples = nullptr;
    if (const Status status = view(start, end, samples); status != Status::ok) return status;
    window = Window<T>(*this, samples, start, end, hot_.channels);
    return Status::ok;
  }

  // Copies samples [start, end), then checks them. Returns the codes of check. On failure the copied bytes are not
  // valid.
  Status read(std::int64_t start, std::int64_t end, void *samples) noexcept {
    if (!is_open()) return not_open();
    if (const Status status = find(start, end); status != Status::ok) return status;
    if (start == end) return Status::ok;
    if (samples == nullptr) return null_argument("samples");
    if (is_own_memory(samples, (bits(end) - bits(start)) * hot_.sample_bytes)) return own_memory("samples");
    if (bits(end) - bits(start) == 1 && copy_latest(bits(start), samples) && !replaced()) return Status::ok;
    copy_out_samples(bits(start), bits(end) - bits(start), samples);
    return check(start, end);
  }

  // Sleeps until all samples before index `end` are written. Returns ok, timeout, interrupted, closed, stale, bad_index. A
  // timeout_ns of 0 returns at once. A negative one waits without limit.
  Status wait(std::int64_t end, std::int64_t timeout_ns) noexcept {
    if (!is_open()) return not_open();
    if (end < hot_.first_index) return bad_end(end);
    if (bits(end) <= known_.end && !hot_.reused) return Status::ok;
    protocol::Counters c = poll(bits(end));
    if (c.written < bits(end)) {
      if (const Status status = await(bits(end), timeout_ns, c); status != Status::ok) return status;
    }
    known_ = {c.gap_end, c.written};
    return Status::ok;
  }

  // Several rings, and for each the index after the last sample to wait for.
  struct Several {
    static constexpr std::size_t most = 65536;      // rings that can be waited for at once
    Ring *(*at)(const void *rings, std::size_t i);  // gives ring i
    const void *rings;                              // passed on to `at`
    const std::int64_t *ends;                       // of each ring
    std::size_t count;                              // rings

    // Whether they can be waited for; the errors are those of wait_any.
    Status check() const noexcept;
    // The memory of ring i.
    detail::Segment &segment(std::size_t i) const noexcept;
    // The end of ring i.
    std::uint64_t end(std::size_t i) const noexcept { return bits(ends[i]); }
  };
  // The general form of the function wait_any below.
  static Status wait_any(const Several &several, std::int64_t timeout_ns, std::size_t &which) noexcept;

  // Interrupts the wait that is in progress in another thread. If there is none, the next wait that would sleep is
  // interrupted instead. An interrupted wait returns `interrupted` and has changed nothing. A wait that finds its
  // samples returns ok instead. A wait with a timeout of 0 ignores the interruption. This is the only function that any
  // thread and any signal handler may call. It must not overlap close() or a move.
  Status interrupt() noexcept;

  // Calls visit(start, end, user) for each gap among the samples that the ring holds, from the oldest to the newest, until
  // visit returns anything but 0: the writer has skipped the indices [start, end). Does not block.
  Status gaps(int (*visit)(std::int64_t start, std::int64_t end, void *user), void *user) const noexcept;

  // Describes the message whose first byte has index `start`, as Reader::receive gives it. Returns ok, unsupported (a ring of
  // samples), the codes of check, bad_index (no message starts there), overwritten (also: of the messages that are left none
  // is known from which that one can be found), corrupt. Does not block.
  Status message(std::int64_t start, Message &message) noexcept;

  // When sample `index` was put, or taken (Writer::stamp), on both clocks. Exact for samples that have a mark in the time
  // track or that were stamped; between them the time grows evenly, pauses aside. Returns ok, bad_index, overwritten, not_yet
  // (also if no time is known), stale. Does not block.
  Status time_at(std::int64_t index, protocol::Time &time) const noexcept;

  // The first sample that was put at a time or after it. Sets `index` with three results: ok; overwritten: the oldest sample
  // is younger, and `index` is its index (ok if the ring has overwritten nothing); not_yet: all samples are older, and `index`
  // is the index of the next one. Also returns stale. Does not block.
  Status index_at(Clock clock, std::int64_t time_ns, std::int64_t &index) const noexcept;

  // Fills in everything about the ring.
  Status info(Info &info) const noexcept;

  // Calls visit(reader, user) for each registered reader that is alive, until visit returns false.
  Status readers(bool (*visit)(const ReaderInfo &reader, void *user), void *user) const noexcept;

  // Copies the metadata to `bytes`, which has room for `room` bytes, and sets `size` to their length. Returns
  // invalid_argument if the room is too small.
  Status metadata(void *bytes, std::size_t room, std::size_t &size) const noexcept;

  // Gives the address and the size of the whole mapping.
  Status raw(void *&begin, std::size_t &bytes) const noexcept;

  // Gives a descriptor for another process. It is closed with the ring. Returns unsupported for a ring in the caller's
  // memory.
  Status share(std::intptr_t &handle) const noexcept;

 protected:
  Ring() noexcept = default;

  // Takes ownership of an open segment.
  void adopt(detail::SegmentPointer segment) noexcept;

  const WriterLines &lines() const noexcept { return hot_.header->writer; }
  static std::uint64_t bits(std::int64_t index) noexcept { return static_cast<std::uint64_t>(index); }

  // The reason why this handle may not write or consume; ok if it may.
  Status refusal() const noexcept {
    const detail::Access access = hot_.access->load(std::memory_order_relaxed);
    if (access == detail::Access::open) return Status::ok;
    return access == detail::Access::forked ? Status::forked : Status::closed;
  }

  // True if another ring was made in the caller's memory after this handle was opened.
  [[gnu::always_inline]] bool replaced() const noexcept {
    return hot_.reused && !protocol::same_incarnation(lines(), hot_.incarnation);
  }

  Status available(std::int64_t start, std::int64_t end, protocol::Counters c) const noexcept {
    if (replaced()) return Status::stale;
    return availability(start, end, c.written, c.intent, hot_.capacity, hot_.first_index);
  }

  // Conservative check of everything that was read from [start, end) before this call. It may refuse samples that are
  // intact, but never accepts samples that are not. On refusal call protocol::observe_again().
  //
  // This is availability() with `known_` and the limit, less what follows from the rest: no index before the first one is so
  // near to the limit, and no sound limit lets a range be longer than the ring.
  bool certainly_available(std::int64_t start, std::int64_t end) const noexcept {
    return bits(start) >= known_.begin && bits(start) <= bits(end) && bits(end) <= known_.end &&
           protocol::observe_limit(lines()) - bits(start) <= hot_.capacity && !replaced();
  }

  // Loads the writer's counters. If samples up to `end` are not known to be written, this is a poll, so it backs off.
  protocol::Counters poll(std::uint64_t end) noexcept {
    const bool used_up = known_.end < end;
    if (used_up) backoff_.before_poll();
    const protocol::Counters c = protocol::observe(lines());
    if (used_up) tell_backoff(end, c.written);
    return c;
  }
  // A poll for samples up to `end` found this many written.
  void tell_backoff(std::uint64_t end, std::uint64_t written) noexcept;
  // After a poll in vain: waits until samples up to `end` are written, and gives the counters of then. Returns the codes of
  // wait.
  Status await(std::uint64_t end, std::int64_t timeout_ns, protocol::Counters &c) noexcept {
    if (const Status status = detail::wait_for_samples(*segment_, end, timeout_ns); status != Status::ok) return status;
    c = protocol::observe(lines());
    tell_backoff(end, c.written);
    return Status::ok;
  }

  // Checks whether [start, end) can be read now. Loads the counters only if it has to. Each load disturbs the writer,
  // which stores to the same cache line.
  Status find(std::int64_t start, std::int64_t end) noexcept {
    if (certainly_available(start, end) && bits(end) - bits(start) <= hot_.capacity) [[likely]]
      return Status::ok;
    return find_again(start, end);
  }
  Found view_again(std::int64_t start, std::int64_t end) noexcept;
  Status find_again(std::int64_t start, std::int64_t end) noexcept;
  Status check_again(std::int64_t start, std::int64_t end) const noexcept;

  // True if any of the `bytes` bytes at `at` belong to the ring. Copying from the ring into itself is refused.
  bool is_own_memory(const void *at, std::uint64_t bytes) const noexcept {
    const auto begin = reinterpret_cast<std::uintptr_t>(hot_.header);
    const std::uintptr_t ahead = reinterpret_cast<std::uintptr_t>(at) - begin;
    return ahead < hot_.bytes || std::uintptr_t{0} - ahead < bytes;
  }

  // Finds the address of `count` samples from index `start`. The caller has checked that they are there.
  Status locate(std::uint64_t start, std::uint64_t count, const std::byte *&samples) noexcept {
    const std::uint64_t offset = offsets_.offset(start, hot_.capacity);
    if (!contiguous(offset, count, hot_.capacity, hot_.window)) return not_contiguous(count, offset);
    samples = hot_.data + offset * hot_.sample_bytes;
    return Status::ok;
  }

  void copy_out_samples(std::uint64_t start, std::uint64_t count, void *samples) noexcept {
    const std::uint64_t offset = offsets_.offset(start, hot_.capacity);
    const Split part = split(offset, count, hot_.capacity);
    auto *to = static_cast<std::byte *>(samples);
    const auto head_bytes = static_cast<std::size_t>(part.head * hot_.sample_bytes);
    copy_out(to, hot_.data + offset * hot_.sample_bytes, head_bytes);
    if (part.tail != 0) copy_out(to + head_bytes, hot_.data, static_cast<std::size_t>(part.tail * hot_.sample_bytes));
  }

  // Copies sample `index` from beside the counters, where it is if no other was put since. A reader that has waited for this
  // sample has just loaded that cache line. False: it is not there; the data have it.
  bool copy_latest(std::uint64_t index, void *sample) const noexcept {
    return index + 1 == known_.end && hot_.latest_count != 0 &&
           protocol::load_latest(lines(), known_.end, static_cast<std::byte *>(sample),
                                 static_cast<std::size_t>(hot_.sample_bytes));
  }

  // Reads the header of the record at index `record`, which is one, and judges it. Returns the codes of check, and corrupt.
  Status read_header(std::uint64_t record, RecordHeader &header) noexcept;
  std::uint64_t known_start(std::uint64_t target, const protocol::Counters &c) const noexcept;
  // Whether a record starts at `target`, which can be read. Returns bad_index, overwritten, corrupt.
  Status find_record(std::uint64_t target) noexcept;
  Status unsound(const RecordHeader &header, std::uint64_t record, std::uint64_t end) const noexcept;

  Status bad_end(std::int64_t end) const noexcept;
  static Status not_messages() noexcept;
  static Status not_samples() noexcept;
  [[gnu::cold]] static Status not_open() noexcept;
  static Status null_argument(const char *name) noexcept;
  static Status own_memory(const char *name) noexcept;
  [[gnu::cold]] Status not_contiguous(std::uint64_t count, std::uint64_t offset) const noexcept;
  // Whether samples [start, end), which are available but for gaps, touch a gap. ok: sets `found`, as the function of
  // slow_path.hpp does. On failure `found` is unchanged.
  Status look_for_gap(std::int64_t start, std::int64_t end, protocol::Counters c,
                      detail::Stretch &found) const noexcept;
  Status unavailable(Status status, std::int64_t start, std::int64_t end, protocol::Counters c) const noexcept;
  Status incompatible(std::size_t element_bytes) const noexcept;

  detail::HotState hot_;
  detail::Stretch known_;                    // samples that are written, without a gap between them
  std::uint64_t known_record_ = UINT64_MAX;  // where a record is known to start
  detail::SegmentPointer segment_;
  OffsetFinder offsets_;
  detail::Backoff backoff_;  // between polls of the writer's counters
};

// Sleeps until one of several rings has all samples before its end, or never will have. `which` is the first such ring in
// the order given, and the result is what wait() returns for it: ok, closed or stale. Also returns timeout; interrupted,
// and then `which` is the ring whose wait was interrupted; bad_index; not_initialized (a ring is null or closed);
// invalid_argument (there are no rings, more than Ring::Several::most, or another number of ends). A timeout_ns of 0
// returns at once. A negative one waits without limit.
inline Status wait_any(std::span<Ring *const> rings, std::span<const std::int64_t> ends, std::int64_t timeout_ns,
                       std::size_t &which) noexcept {
  const auto at = [](const void *each, std::size_t i) { return static_cast<Ring *const *>(each)[i]; };
  const std::size_t count = rings.size() == ends.size() ? rings.size() : 0;
  return Ring::wait_any({at, rings.data(), ends.data(), count}, timeout_ns, which);
}

template <class T>
bool Window<T>::valid() const noexcept {
  return ring_ != nullptr && ring_->check(start_, end_) == Status::ok;
}

}  // namespace ringbuf
