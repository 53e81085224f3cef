// Copies into and out of shared memory that another process may read or overwrite at the same moment.
//
// A late reader copies bytes while the writer changes them. It then detects that by the intent and discards the copy.
// For the C++ memory model such a plain copy is a data race. It is sound here for three reasons:
//   - Before they are validated the bytes are only moved, never interpreted. So no value, torn or not, can mislead
//     the reader. memcpy fails on no value. On all supported machines a read of changing memory returns some mixture
//     of old and new bytes and has no other effect.
//   - The compiler may not move the copies over the fences and release stores around them (protocol.hpp).
//   - The processor keeps plain stores in that order, too. On AArch64 the release fence is DMB ISH. On x86 it takes
//     no instruction, because stores become visible in program order. x86 has two exceptions. The stores of one
//     string instruction (REP MOVS) may pass each other, but no store before or after the instruction. Streaming
//     (non-temporal) stores, which memcpy uses for large copies, are not ordered with any store before or after them:
//     a reader could see the new bytes and still the old intent. So a copy into shared memory that may stream stands
//     between two SFENCE.
//
// In a library that is built for ThreadSanitizer (RINGBUF_ATOMIC_COPIES) the copies are relaxed atomic accesses. The
// model allows these, so all reports are about the protocol. The flags of a program that includes this header change
// nothing: the program copies in the way of the library that it is linked with (CloseSegment in ring.hpp).
//
// Source and destination of a copy in may overlap, because a writer may put samples of its own ring. Those of a copy out do
// not: its callers refuse memory of the ring. Few bytes are all loaded before the first is stored. memmove, which is as fast
// as memcpy, moves the others.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>

#include "ringbuf/detail/relax.hpp"

namespace ringbuf {

namespace detail {

// GCC warns of branches below that are never taken, where it knows the caller's object but not the number of bytes.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"  // GCC 10 does not know the last one
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#pragma GCC diagnostic ignored "-Wstringop-overread"
#endif

// Moves one unit, wherever it is aligned.
template <class Unit>
inline void move_unit(std::byte *to, const std::byte *from) noexcept {
  Unit unit;
  std::memcpy(&unit, from, sizeof unit);
  std::memcpy(to, &unit, sizeof unit);
}

// A type that compilers keep in a register. Of a struct they make copies on the stack, whose stores wait with all others until
// the ring's cache lines have come: a put of 64 bytes then takes almost twice as long.
#if defined(__GNUC__)
using Unit16 = std::uint64_t __attribute__((vector_size(16)));
#else
struct Unit16 {
  std::uint64_t halves[2];
};
#endif

// Moves `bytes` bytes, at least one unit and at most two: the first unit and the last one, which may overlap. Always inline,
// here and below: where the caller may use other registers than this file, a function of its own would do with few.
template <class Unit>
[[gnu::always_inline]] inline void move_ends(std::byte *to, const std::byte *from, std::size_t bytes) noexcept {
  Unit first, last;
  std::memcpy(&first, from, sizeof first);
  std::memcpy(&last, from + bytes - sizeof last, sizeof last);
  std::memcpy(to, &first, sizeof first);
  std::memcpy(to + bytes - sizeof last, &last, sizeof last);
}

// The same for two to four units: the first two and the last two.
template <class Unit>
[[gnu::always_inline]] inline void move_four(std::byte *to, const std::byte *from, std::size_t bytes) noexcept {
  constexpr std::size_t size = sizeof(Unit);
  Unit first, second, third, last;
  std::memcpy(&first, from, size);
  std::memcpy(&second, from + size, size);
  std::memcpy(&third, from + bytes - 2 * size, size);
  std::memcpy(&last, from + bytes - size, size);
  std::memcpy(to, &first, size);
  std::memcpy(to + size, &second, size);
  std::memcpy(to + bytes - 2 * size, &third, size);
  std::memcpy(to + bytes - size, &last, size);
}

// The C library copies several KiB with a string instruction. On some machines that is many times slower if the destination
// lies a few bytes after the source, modulo a page. On some it takes twice as long for a source that is mapped read-only,
// as a reader's samples are, and that is still in the writer's cache. Copies in parts of at most this size avoid both.
inline constexpr std::size_t safe_part = 2048;
// Copies out of the ring of more bytes than this take the string instruction all the same: out of memory it is quicker.
inline constexpr std::size_t most_in_parts = 8192;
inline bool lies_badly(const std::byte *to, const std::byte *from) noexcept {
  const auto ahead = (reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(from)) % 4096;
  return ahead != 0 && ahead < 64;
}

[[gnu::noinline]] inline void move_in_parts(std::byte *to, const std::byte *from, std::size_t bytes) noexcept {
  for (; bytes > safe_part; to += safe_part, from += safe_part, bytes -= safe_part) std::memmove(to, from, safe_part);
  std::memmove(to, from, bytes);
}
inline void move_many(std::byte *to, const std::byte *from, std::size_t bytes) noexcept {
  if (bytes > safe_part && lies_badly(to, from) &&
      reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(from) >= bytes) [[unlikely]]
    return move_in_parts(to, from, bytes);
  std::memmove(to, from, bytes);
}

// Copies of at least this many bytes may stream. No setting makes glibc stream fewer than 16,448 bytes; musl never
// streams.
inline constexpr std::size_t may_stream = 16384;

// Orders all stores before it, streaming ones too, before all stores after it.
inline void order_streaming_stores() noexcept {
#if defined(_M_X64)
  _mm_sfence();
#elif defined(__x86_64__)
  asm volatile("sfence" ::: "memory");
#elif defined(__i386__) || defined(_M_IX86)
  std::atomic_thread_fence(std::memory_order_seq_cst);  // no SSE, no SFENCE
#endif
}

// The direction of a copy: into shared memory, or out of it.
enum class Copy { in, out };

// Up to this many bytes are moved inline, because a call of memcpy costs more than the move.
inline constexpr std::size_t few_bytes = 64;
template <Copy direction>
inline void move_large(std::byte *to, const std::byte *from, std::size_t bytes) noexcept {
  if (direction == Copy::out && bytes > safe_part && bytes <= most_in_parts) return move_in_parts(to, from, bytes);
  if (direction == Copy::out || bytes < may_stream) return move_many(to, from, bytes);
  order_streaming_stores();
  move_many(to, from, bytes);
  order_streaming_stores();
}
template <Copy direction>
inline void move_bytes(std::byte *to, const std::byte *from, std::size_t bytes) noexcept {
  if (bytes == 8) [[likely]]
    return move_unit<std::uint64_t>(to, from);
  if (bytes > few_bytes) return move_large<direction>(to, from, bytes);
  if (bytes > 32) return move_four<Unit16>(to, from, bytes);
  if (bytes >= 16) return move_ends<Unit16>(to, from, bytes);
  if (bytes >= 8) return move_ends<std::uint64_t>(to, from, bytes);
  if (bytes >= 4) return move_ends<std::uint32_t>(to, from, bytes);
  if (bytes >= 2) return move_ends<std::uint16_t>(to, from, bytes);
  if (bytes == 1) *to = *from;
}

// Moves the same few bytes to two places.
template <class Unit>
inline void move_ends_twice(std::byte *to, std::byte *also, const std::byte *from, std::size_t bytes) noexcept {
  Unit first, last;
  std::memcpy(&first, from, sizeof first);
  std::memcpy(&last, from + bytes - sizeof last, sizeof last);
  for (std::byte *each : {to, also}) {
    std::memcpy(each, &first, sizeof first);
    std::memcpy(each + bytes - sizeof last, &last, sizeof last);
  }
}
inline void move_twice(std::byte *to, std::byte *also, const std::byte *from, std::size_t bytes) noexcept {
  if (bytes == 8) [[likely]] {
    std::uint64_t unit;
    std::memcpy(&unit, from, sizeof unit);
    std::memcpy(also, &unit, sizeof unit);
    std::memcpy(to, &unit, sizeof unit);
    return;
  }
  if (bytes >= 16) return move_ends_twice<Unit16>(to, also, from, bytes);
  if (bytes >= 8) return move_ends_twice<std::uint64_t>(to, also, from, bytes);
  if (bytes >= 4) return move_ends_twice<std::uint32_t>(to, also, from, bytes);
  if (bytes >= 2) return move_ends_twice<std::uint16_t>(to, also, from, bytes);
  *to = *also = *from;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#ifdef RINGBUF_ATOMIC_COPIES
// Calls move(i) for each byte of a copy, in the order in which no byte is overwritten before it has been moved.
template <class Move>
inline void for_each_byte(const std::byte *to, const std::byte *from, std::size_t bytes, Move &&move) noexcept {
  const bool backwards = reinterpret_cast<std::uintptr_t>(to) > reinterpret_cast<std::uintptr_t>(from);
  for (std::size_t i = 0; i < bytes; ++i) move(backwards ? bytes - 1 - i : i);
}
#endif

}  // namespace detail

// Copies into shared memory. `shared` is the side in shared memory.
inline void copy_in(std::byte *shared, const std::byte *from, std::size_t bytes) noexcept {
#ifdef RINGBUF_ATOMIC_COPIES
  detail::for_each_byte(shared, from, bytes, [&](std::size_t i) {
    std::atomic_ref<std::byte>(shared[i]).store(from[i], std::memory_order_relaxed);
  });
#else
  detail::move_bytes<detail::Copy::in>(shared, from, bytes);
#endif
}

// Copies 1 to 32 bytes to two places in shared memory that do not overlap.
inline void copy_in_twice(std::byte *shared, std::byte *also, const std::byte *from, std::size_t bytes) noexcept {
#ifdef RINGBUF_ATOMIC_COPIES
  copy_in(also, from, bytes);
  copy_in(shared, from, bytes);
#else
  detail::move_twice(shared, also, from, bytes);
#endif
}

// Copies out of shared memory. `shared` is the side in shared memory.
inline void copy_out(std::byte *to, const std::byte *shared, std::size_t bytes) noexcept {
#ifdef RINGBUF_ATOMIC_COPIES
  for (std::size_t i = 0; i < bytes; ++i) {
    to[i] = std::atomic_ref<std::byte>(const_cast<std::byte &>(shared[i])).load(std::memory_order_relaxed);
  }
#else
  detail::move_bytes<detail::Copy::out>(to, shared, bytes);
#endif
}

// Copies from one part of the ring to another. Only the writer does this.
inline void copy_within(std::byte *to, const std::byte *from, std::size_t bytes) noexcept {
#ifdef RINGBUF_ATOMIC_COPIES
  detail::for_each_byte(to, from, bytes, [&](std::size_t i) {
    const auto value = std::atomic_ref<std::byte>(const_cast<std::byte &>(from[i])).load(std::memory_order_relaxed);
    std::atomic_ref<std::byte>(to[i]).store(value, std::memory_order_relaxed);
  });
#else
  detail::move_bytes<detail::Copy::in>(to, from, bytes);
#endif
}

}  // namespace ringbuf
