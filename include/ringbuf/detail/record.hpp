// The record of a message in a ring of messages: header | payload | zeros up to a multiple of 8 bytes. Pure, as index.hpp.
//
// Invariant
//   M1  `written`, and so every position, is the start of a record, of a gap, or of nothing yet. For the writer publishes
//       whole records and whole gaps only, and both have multiples of 8 bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ringbuf {

// At the beginning of a record.
struct RecordHeader {
  std::uint32_t size;         // bytes of the payload
  std::uint32_t kind;         // of the caller; those from reserved_kinds on are ours
  std::int64_t tag;           // of the caller
  std::int64_t monotonic_ns;  // when the message was sent, on the ring's clock
};
static_assert(sizeof(RecordHeader) == 24);

// Records, gaps, the first index and the capacity are multiples of so many bytes.
inline constexpr std::uint64_t record_alignment = 8;
// For records of later libraries. A reader that does not know the kind of such a record passes over it.
inline constexpr std::uint32_t reserved_kinds = 0x80000000;

// The bytes of the record of a message of `size` bytes, which are less than 2^32.
constexpr std::uint64_t record_bytes(std::uint64_t size) noexcept {
  return (sizeof(RecordHeader) + size + record_alignment - 1) / record_alignment * record_alignment;
}

// The pocket of a ring of messages takes one record of the longest message, so that every message is contiguous.
inline constexpr std::uint64_t shortest_pocket = record_bytes(1);
inline constexpr std::uint64_t longest_pocket = (std::uint64_t{1} << 32) / record_alignment * record_alignment;
constexpr std::uint64_t longest_message(std::uint64_t pocket_bytes) noexcept {
  return pocket_bytes - sizeof(RecordHeader);
}

// Whether a record that begins at `start` can have this header, in a ring with a pocket of so many bytes, of which the
// bytes before `end` are written.
constexpr bool is_sound(const RecordHeader &header, std::uint64_t start, std::uint64_t end,
                        std::uint64_t pocket_bytes) noexcept {
  return record_bytes(header.size) <= pocket_bytes && record_bytes(header.size) <= end - start;
}

}  // namespace ringbuf
