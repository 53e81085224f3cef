// The types of the fields in shared memory that several processes access at once.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>

namespace ringbuf {

using Atomic32 = std::atomic<std::uint32_t>;
using Atomic64 = std::atomic<std::uint64_t>;
static_assert(Atomic32::is_always_lock_free && Atomic64::is_always_lock_free);
static_assert(sizeof(Atomic64) == 8 && sizeof(Atomic32) == 4);
static_assert(std::endian::native == std::endian::little, "the layout is little endian");

}  // namespace ringbuf
