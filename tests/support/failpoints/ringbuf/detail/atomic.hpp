// In place of the library's own header of this name, for tests: every store to a shared field passes a failpoint first, at
// which a test can act, or kill the process.
#pragma once

#include <atomic>
#include <cstdint>

#include "failpoint.hpp"

namespace ringbuf {

template <class T>
struct FailpointAtomic : std::atomic<T> {
  using std::atomic<T>::atomic;
  void store(T value, std::memory_order order) noexcept {
    detail::failpoint();
    std::atomic<T>::store(value, order);
  }
  T exchange(T value, std::memory_order order) noexcept {
    detail::failpoint();
    return std::atomic<T>::exchange(value, order);
  }
  T fetch_add(T value, std::memory_order order) noexcept {
    detail::failpoint();
    return std::atomic<T>::fetch_add(value, order);
  }
  bool compare_exchange_weak(T &expected, T value, std::memory_order success, std::memory_order failure) noexcept {
    detail::failpoint();
    return std::atomic<T>::compare_exchange_weak(expected, value, success, failure);
  }
  bool compare_exchange_strong(T &expected, T value, std::memory_order success, std::memory_order failure) noexcept {
    detail::failpoint();
    return std::atomic<T>::compare_exchange_strong(expected, value, success, failure);
  }
  bool compare_exchange_strong(T &expected, T value, std::memory_order order) noexcept {
    detail::failpoint();
    return std::atomic<T>::compare_exchange_strong(expected, value, order);
  }
};

using Atomic32 = FailpointAtomic<std::uint32_t>;
using Atomic64 = FailpointAtomic<std::uint64_t>;
static_assert(sizeof(Atomic64) == 8 && sizeof(Atomic32) == 4);

}  // namespace ringbuf
