// What a writer and a reader have in common: the mapping, and reading by index.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ringbuf/data_type.hpp"
#include "ringbuf/detail/copy.hpp"
#include "ringbuf/detail/failure.hpp"
#include "ringbuf/detail/hot_state.hpp"
#include "ringbuf/detail/index.hpp"
#include "ringbuf/detail/layout.hpp"
#include "ringbuf/detail/protocol.hpp"
#include "ringbuf/detail/slow_path.hpp"
#include "ringbuf/info.hpp"
#include "ringbuf/options.hpp"
#include "ringbuf/status.hpp"
#include "ringbuf/window.hpp"

namespace ringbuf {

// Thread safety: an object belongs to one thread at a time. Nothing here throws, and nothing allocates.
class Ring {
 public:
  Ring(const Ring &) = delete;
  Ring &operator=(const Ring &) = delete;
  Ring(Ring &&) noexcept = default;             // leaves the other one closed
  Ring &operator=(Ring &&) noexcept = default;  // closes this one first

  // Whether there is a ring; closed, everything gives not_initialized.
  bool is_open() const noexcept { return segment_ != nullptr; }
  // Closes early; a second time does nothing.
  void close() noexcept {
    segment_.reset();
    hot_ = {};
    known_written_ = 0;
  }

  std::uint64_t capacity() const noexcept { return hot_.capacity; }          // samples the ring holds
  std::uint64_t window() const noexcept { return hot_.window; }              // samples of pocket
  std::uint64_t sample_bytes() const noexcept { return hot_.sample_bytes; }  // channels * item_size
  std::uint32_t channels() const noexcept { return hot_.channels; }          // elements of one sample
  std::uint32_t item_size() const noexcept { return hot_.item_size; }        // bytes of one element
  DataType data_type() const noexcept { return hot_.data_type; }             // of one element
  bool lossless() const noexcept { return hot_.lossless; }                   // whether readers hold the writer back
  // Samples ever written.
  std::uint64_t written() const noexcept { return is_open() ? protocol::observe_written(lines()) : 0; }

  // Whether samples [start, end) can be read; after the use of a window, whether all that was read from it was whole.
  // ok, overwritten, not_yet, bad_index. Does not block.
  Status check(std::int64_t start, std::int64_t end) const noexcept {
    if (!is_open()) return not_open();
    if (certainly_available(start, end)) return Status::ok;
    const protocol::Counters c = protocol::observe_again(lines());
    const Status status = available(start, end, c);
    return status == Status::ok ? status : unavailable(status, start, end, c);
  }

  // The samples [start, end), in place and contiguous; valid as memory until the ring is closed, as samples until
  // check() says otherwise. As check, and not_contiguous. Does not block.
  Status view(std::int64_t start, std::int64_t end, const std::byte *&samples) noexcept {
    if (!is_open()) return not_open();
    if (const Status status = find(start, end); status != Status::ok) return status;
    return locate(static_cast<std::uint64_t>(start), static_cast<std::uint64_t>(end - start), samples);
  }

  // The same with a type: incompatible unless T is what the elements (or whole opaque items) are.
  template <class T>
  Status view(std::int64_t start, std::int64_t end, Window<T> &window) noexcept {
    if (!is_open()) return not_open();
    if (!holds<T>(hot_.data_type, hot_.item_size)) return incompatible(sizeof(T));
    const std::byte *samples = nullptr;
    if (const Status status = view(start, end, samples); status != Status::ok) return status;
    window = Window<T>(*this, samples, start, end, hot_.channels);
    return Status::ok;
  }

  // Copies the samples [start, end) and checks them. As check; on failure the bytes copied mean nothing.
  Status read(std::int64_t start, std::int64_t end, void *samples) noexcept {
    if (!is_open()) return not_open();
    if (const Status status = find(start, end); status != Status::ok) return status;
    if (start == end) return Status::ok;
    if (samples == nullptr) return null_argument("samples");
    if (is_own_memory(samples, bits(end - start) * hot_.sample_bytes)) return own_memory("samples");
    copy_out_samples(static_cast<std::uint64_t>(start), static_cast<std::uint64_t>(end - start), samples);
    return check(start, end);
  }

  // Sleeps until the samples before `end` are written: ok, timeout, closed, stale, bad_index. timeout_ns: 0 returns at
  // once, negative waits without limit.
  Status wait(std::int64_t end, std::int64_t timeout_ns) noexcept {
    if (!is_open()) return not_open();
    if (end < 0) return detail::note(Status::bad_index, detail::Detail::bad_position, "end", bits(end), 0, INT64_MAX);
    if (bits(end) <= protocol::observe_written(lines())) return Status::ok;
    return detail::wait_for_samples(*segment_, bits(end), timeout_ns);
  }

  // Ends the wait that goes on in another thread, or else the next one that would sleep: it returns `interrupted`, having
  // changed nothing. What is there comes first, and a timeout of 0 takes no notice. The only function for any thread, and
  // for signal handlers; must not overlap close() or a move.
  Status interrupt() noexcept;

  // Everything about the ring.
  Status info(Info &info) const noexcept;

  // Calls visit(reader, user) for each registered reader that lives, until it returns false.
  Status readers(bool (*visit)(const ReaderInfo &reader, void *user), void *user) const noexcept;

  // Copies up to `room` bytes of metadata; `size` tells how long they are. invalid_argument if the room is too small.
  Status metadata(void *bytes, std::size_t room, std::size_t &size) const noexcept;

  // The whole mapping.
  Status raw(void *&begin, std::size_t &bytes) const noexcept;

  // A descriptor for another process, closed with the ring. unsupported for a ring in the caller's memory.
  Status share(std::intptr_t &handle) const noexcept;

 protected:
  Ring() noexcept = default;

  // Takes over what has been opened.
  void adopt(detail::SegmentPointer segment) noexcept;

  const WriterLines &lines() const noexcept { return hot_.header->writer; }
  static std::uint64_t bits(std::int64_t index) noexcept { return static_cast<std::uint64_t>(index); }

  // Why this handle may not write or consume.
  Status refusal() const noexcept {
    const detail::Access access = hot_.access->load(std::memory_order_relaxed);
    if (access == detail::Access::open) return Status::ok;
    return access == detail::Access::forked ? Status::forked : Status::closed;
  }

  // In the caller's memory another ring may have been made since we opened ours.
  bool replaced() const noexcept { return hot_.reused && !protocol::same_incarnation(lines(), hot_.incarnation); }

  Status available(std::int64_t start, std::int64_t end, protocol::Counters c) const noexcept {
    if (replaced()) return Status::stale;
    return availability(start, end, c.written, c.intent, hot_.capacity);
  }

  // Whether nothing that was read from [start, end) before this call can have been ruined. False: maybe not.
  bool certainly_available(std::int64_t start, std::int64_t end) const noexcept {
    return available(start, end, {known_written_, protocol::observe_limit(lines())}) == Status::ok;
  }

  // Whether they can be read now. Looks at the counters only if need be: it disturbs the writer, who changes them.
  Status find(std::int64_t start, std::int64_t end) noexcept {
    if (certainly_available(start, end)) return Status::ok;
    const protocol::Counters c = protocol::observe(lines());
    const Status status = available(start, end, c);
    if (status != Status::ok) return unavailable(status, start, end, c);
    known_written_ = c.written;
    return Status::ok;
  }

  // Whether any of `bytes` bytes at `at` are the ring's: nobody may copy to there what he reads.
  bool is_own_memory(const void *at, std::uint64_t bytes) const noexcept {
    const auto begin = reinterpret_cast<std::uintptr_t>(hot_.header);
    const std::uintptr_t ahead = reinterpret_cast<std::uintptr_t>(at) - begin;
    return ahead < hot_.bytes || std::uintptr_t{0} - ahead < bytes;
  }

  // Where `count` samples from `start` are, which are known to be there.
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

  static Status not_open() noexcept;
  static Status null_argument(const char *name) noexcept;
  static Status own_memory(const char *name) noexcept;
  Status not_contiguous(std::uint64_t count, std::uint64_t offset) const noexcept;
  Status unavailable(Status status, std::int64_t start, std::int64_t end, protocol::Counters c) const noexcept;
  Status incompatible(std::size_t element_bytes) const noexcept;

  detail::HotState hot_;
  std::uint64_t known_written_ = 0;  // what we have seen of `written`
  detail::SegmentPointer segment_;
  OffsetFinder offsets_;
};

template <class T>
bool Window<T>::valid() const noexcept {
  return ring_ != nullptr && ring_->check(start_, end_) == Status::ok;
}

}  // namespace ringbuf
