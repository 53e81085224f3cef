// In place of the library's own header of this name, for tests: every copy into shared memory passes a failpoint first.
#pragma once

#include "failpoint.hpp"

#define copy_in copy_in_at_once
#define copy_in_twice copy_in_twice_at_once
#define copy_within copy_within_at_once
#include "../../../../../include/ringbuf/detail/copy.hpp"
#undef copy_in
#undef copy_in_twice
#undef copy_within

namespace ringbuf {

inline void copy_in(std::byte *shared, const std::byte *from, std::size_t bytes) noexcept {
  detail::failpoint();
  copy_in_at_once(shared, from, bytes);
}

// In halves, so that a test also meets the sample when it is not whole.
inline void copy_in_twice(std::byte *shared, std::byte *also, const std::byte *from, std::size_t bytes) noexcept {
  for (std::byte *each : {also, shared}) {
    copy_in(each, from, bytes / 2);
    copy_in(each + bytes / 2, from + bytes / 2, bytes - bytes / 2);
  }
}

inline void copy_within(std::byte *to, const std::byte *from, std::size_t bytes) noexcept {
  detail::failpoint();
  copy_within_at_once(to, from, bytes);
}

}  // namespace ringbuf
