// The hot state: the copy of an open ring's numbers and addresses that the hot path uses.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "ringbuf/detail/layout.hpp"

namespace ringbuf::detail {

// Whether a handle may write or consume. A forked child finds zero (src/registry.cpp).
enum class Access : std::uint32_t { forked = 0, open = 1, closed = 2 };

// Pointers into the mapping, and numbers that were validated when the ring was opened.
struct HotState {
  Header *header = nullptr;
  ReaderTable *table = nullptr;
  ReaderSlot *slots = nullptr;
  std::byte *data = nullptr;
  std::uint64_t capacity = 0;
  std::uint64_t bytes = 0;  // of the whole ring, from `header` on
  std::uint64_t window = 0;
  std::int64_t first_index = 0;  // of the ring; no index is below it
  std::uint64_t sample_bytes = 0;
  // What the fast paths of samples compare with anyway, so that rings of messages leave them at no cost.
  std::uint64_t pop_bytes = 0;     // sample_bytes; more than any sample has in a ring of messages
  std::uint64_t most_window = 0;   // the longest window of next(): the capacity; 0 in a ring of messages
  std::uint64_t latest_count = 0;  // of a put that also goes beside the counters: 1; 0 if a sample is too long for that
  std::uint32_t max_readers = 0;
  std::uint32_t channels = 0;
  std::uint32_t item_size = 0;
  DataType data_type = DataType::float32;
  bool lossless = false;
  bool messages = false;
  bool fences = true;             // a fence before each check for sleepers; else they impose it on us
  bool reused = false;            // in memory of the caller, which may hold another ring later
  std::uint64_t incarnation = 0;  // of the ring that was opened
  // Relaxed: it orders nothing. The thread that closes or exits stores it. It is zero in a child.
  const std::atomic<Access> *access = nullptr;
};

}  // namespace ringbuf::detail
