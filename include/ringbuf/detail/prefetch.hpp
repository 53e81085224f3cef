// Asks for a cache line before it is needed.
//
// Stores wait, in order, until the reader's processor has given their line away, and a processor keeps few stores waiting:
// those of about six puts of 64 bytes. So a put also asks for the lines to which later ones will store: those are under way
// meanwhile. Between processors that are far apart it makes streams of small samples twice as fast.
//
// Any address will do: nothing is accessed, and nothing fails. Only on x86-64 anything happens, where it was measured.
#pragma once

#include <cstddef>

#if defined(_MSC_VER) && defined(_M_X64)
#include <intrin.h>
#endif

namespace ringbuf::detail {

// For a load.
[[gnu::always_inline]] inline void prefetch_to_load(const std::byte *at) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  __builtin_prefetch(at);
#elif defined(_MSC_VER) && defined(_M_X64)
  _mm_prefetch(reinterpret_cast<const char *>(at), _MM_HINT_T0);
#else
  static_cast<void>(at);
#endif
}

// For a store: the line leaves the caches of all other processors. __builtin_prefetch would not do, since without an option
// compilers make a prefetch for a load of it. Processors that do not know the instruction ignore it.
[[gnu::always_inline]] inline void prefetch_to_store(const std::byte *at) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  asm volatile("prefetchw %0" : : "m"(*at));
#elif defined(_MSC_VER) && defined(_M_X64)
  _m_prefetchw(at);
#else
  static_cast<void>(at);
#endif
}

// So far ahead. Farther is no quicker, and lines may be gone again by then.
inline constexpr std::size_t prefetch_ahead = 1024;

// For a copy of up to `lines` cache lines to `to`: asks for those of a later one.
template <std::size_t lines>
[[gnu::always_inline]] inline void prefetch_ahead_of(const std::byte *to) noexcept {
  if constexpr (lines > 1) prefetch_ahead_of<lines - 1>(to);
  prefetch_to_store(to + prefetch_ahead + 64 * (lines - 1));
}

}  // namespace ringbuf::detail
