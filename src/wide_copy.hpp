// Copies in registers of 32 or 64 bytes. Up to 256 bytes may overlap: all are loaded before the first is stored. The stores
// ascend, so that a processor can join those to one cache line. All ask for lines further on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "ringbuf/detail/copy.hpp"
#include "ringbuf/detail/prefetch.hpp"

namespace ringbuf::detail {

// Aligned as a word is: compilers would else align the stack for a register that they may have to save there, but need not.
using Unit32 = std::uint64_t __attribute__((vector_size(32), aligned(8)));
using Unit64 = std::uint64_t __attribute__((vector_size(64), aligned(8)));

inline constexpr std::size_t most_wide = 256;

// As move_four, for four to eight units: the first four and the last four.
template <class Unit>
[[gnu::always_inline]] inline void move_eight(std::byte *to, const std::byte *from, std::size_t bytes) noexcept {
  constexpr std::size_t size = sizeof(Unit);
  std::byte *const last = to + (bytes - 4 * size);
  const std::byte *const from_last = from + (bytes - 4 * size);
  Unit a, b, c, d, e, f, g, h;
  std::memcpy(&a, from, size);
  std::memcpy(&b, from + size, size);
  std::memcpy(&c, from + 2 * size, size);
  std::memcpy(&d, from + 3 * size, size);
  std::memcpy(&e, from_last, size);
  std::memcpy(&f, from_last + size, size);
  std::memcpy(&g, from_last + 2 * size, size);
  std::memcpy(&h, from_last + 3 * size, size);
  std::memcpy(to, &a, size);
  std::memcpy(to + size, &b, size);
  std::memcpy(to + 2 * size, &c, size);
  std::memcpy(to + 3 * size, &d, size);
  std::memcpy(last, &e, size);
  std::memcpy(last + size, &f, size);
  std::memcpy(last + 2 * size, &g, size);
  std::memcpy(last + 3 * size, &h, size);
}

// Copies more than few_bytes and at most most_wide bytes. The caller has the registers.
template <class Unit>
[[gnu::always_inline]] inline void move_wide(std::byte *to, const std::byte *from, std::size_t bytes) noexcept {
  constexpr bool half = sizeof(Unit) == 32;
  static_assert((half ? 2 : 1) * sizeof(Unit) == few_bytes && (half ? 8 : 4) * sizeof(Unit) == most_wide);
  if (bytes <= most_wide / 2) {
    prefetch_ahead_of<2>(to);
    if constexpr (half) {
      move_four<Unit>(to, from, bytes);
    } else {
      move_ends<Unit>(to, from, bytes);
    }
  } else {
    prefetch_ahead_of<4>(to);
    if constexpr (half) {
      move_eight<Unit>(to, from, bytes);
    } else {
      move_four<Unit>(to, from, bytes);
    }
  }
}

// Beyond this the C library may know a better way on a processor that nobody has tried.
inline constexpr std::size_t most_looped = 4096;

// Copies more than most_wide bytes that do not overlap. All stores but the first one and the last four are aligned.
template <class Unit>
[[gnu::always_inline]] inline void move_loop(std::byte *to, const std::byte *from, std::size_t bytes) noexcept {
  constexpr std::size_t size = sizeof(Unit);
  const std::byte *const from_last = from + (bytes - 4 * size);
  std::byte *const last = to + (bytes - 4 * size);
  move_unit<Unit>(to, from);
  const std::size_t ahead = size - reinterpret_cast<std::uintptr_t>(to) % size;
  for (to += ahead, from += ahead; to < last; to += 4 * size, from += 4 * size) {
    prefetch_ahead_of<4 * size / 64>(to);
    move_four<Unit>(to, from, 4 * size);
  }
  move_four<Unit>(last, from_last, 4 * size);
}

// Whether two ranges of that many bytes have none in common.
inline bool lie_apart(const std::byte *a, const std::byte *b, std::size_t bytes) noexcept {
  const auto ahead = reinterpret_cast<std::uintptr_t>(a) - reinterpret_cast<std::uintptr_t>(b);
  return ahead >= bytes && 0 - ahead >= bytes;
}

}  // namespace ringbuf::detail
