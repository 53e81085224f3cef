// The copy that the limits make.
#pragma once

#include <cstddef>
#include <cstring>

namespace bench {

// The C library's memcpy for large blocks: of a size that it knows GCC makes string instructions, which are slower here.
// Small ones are inlined.
template <std::size_t bytes>
inline void copy_block(std::byte *to, const std::byte *from) noexcept {
  std::size_t n = bytes;
  if constexpr (bytes > 128) asm("" : "+r"(n));
  std::memcpy(to, from, n);
}

}  // namespace bench
