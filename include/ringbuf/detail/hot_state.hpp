// What the hot path knows of an open ring.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "ringbuf/detail/layout.hpp"

namespace ringbuf::detail {

// Whether a handle may write or consume. Zero is what a child of the process finds (src/registry.cpp).
enum class Access : std::uint32_t { forked = 0, open = 1, closed = 2 };

// What the hot path knows of an open ring: pointers into the mapping, and numbers that were validated when it was opened.
struct HotState {
  Header *header = nullptr;
  ReaderTable *table = nullptr;
  ReaderSlot *slots = nullptr;
  std::byte *data = nullptr;
  std::uint64_t capacity = 0;
  std::uint64_t bytes = 0;  // of the whole ring, from `header` on
  std::uint64_t window = 0;
  std::uint64_t sample_bytes = 0;
  std::uint32_t max_readers = 0;
  std::uint32_t channels = 0;
  std::uint32_t item_size = 0;
  DataType data_type = DataType::float32;
  bool lossless = false;
  bool fences = true;             // before we look for sleepers; else they fence us (os::accept_barriers)
  bool reused = false;            // in the caller's memory, where another ring may be made one day
  std::uint64_t incarnation = 0;  // which of them this is
  // Relaxed, because it orders nothing: stored by the thread that closes or exits, and zero in a child.
  const std::atomic<Access> *access = nullptr;
};

}  // namespace ringbuf::detail
