// Copies into and out of shared memory that somebody else may read or overwrite at the same moment.
//
// A reader that was too late copies bytes while the writer changes them, finds out by looking at `intent` afterwards, and
// throws them away. For the C++ memory model such a plain copy is a data race. It is sound here all the same:
//   - the bytes are only moved, never interpreted, before they have been validated, so that no value, torn or not, can
//     lead the reader astray; memcpy has no way to fail on any value, and on all supported machines reads of memory that
//     changes return some mixture of old and new bytes and do nothing else;
//   - the compiler may not move the copies over the fences and release stores around them (protocol.hpp), which is all
//     that their order needs; on x86-64 the string instructions and non-temporal stores that memcpy may use are ordered
//     before the next release store (memcpy ends non-temporal ones with SFENCE), on AArch64 the fences are DMB ISH.
// Under ThreadSanitizer the copies are relaxed atomic accesses, of which the model approves, so that what it reports is
// about the protocol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SANITIZE_THREAD__)
#define RINGBUF_ATOMIC_COPIES 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RINGBUF_ATOMIC_COPIES 1
#endif
#endif

#ifdef RINGBUF_ATOMIC_COPIES
#include <atomic>
#endif

namespace ringbuf {

// `shared` is the side in shared memory.
inline void copy_in(std::byte *shared, const std::byte *from, std::size_t bytes) noexcept {
#ifdef RINGBUF_ATOMIC_COPIES
  for (std::size_t i = 0; i < bytes; ++i) {
    std::atomic_ref<std::byte>(shared[i]).store(from[i], std::memory_order_relaxed);
  }
#else
  std::memcpy(shared, from, bytes);
#endif
}

inline void copy_out(std::byte *to, const std::byte *shared, std::size_t bytes) noexcept {
#ifdef RINGBUF_ATOMIC_COPIES
  for (std::size_t i = 0; i < bytes; ++i) {
    to[i] = std::atomic_ref<std::byte>(const_cast<std::byte &>(shared[i])).load(std::memory_order_relaxed);
  }
#else
  std::memcpy(to, shared, bytes);
#endif
}

// From one part of the ring to another: only the writer does this.
inline void copy_within(std::byte *to, const std::byte *from, std::size_t bytes) noexcept {
#ifdef RINGBUF_ATOMIC_COPIES
  for (std::size_t i = 0; i < bytes; ++i) {
    const auto value = std::atomic_ref<std::byte>(const_cast<std::byte &>(from[i])).load(std::memory_order_relaxed);
    std::atomic_ref<std::byte>(to[i]).store(value, std::memory_order_relaxed);
  }
#else
  std::memcpy(to, from, bytes);
#endif
}

}  // namespace ringbuf
