// Consuming samples from a ring whose memory is mapped as it is used (RINGBUF_LAZY).
#pragma once

#include <cstddef>
#include <cstdint>

#include "ring.hpp"

namespace tool {

// What ringbuf_pop_many() does, for a reader of a ring of that shape. Many samples are copied by read() from the
// file of the ring: to map each page once takes longer than the copy.
int pop_many(Ring &ring, const Info &shape, void *samples, std::uint64_t most, std::uint64_t &count);

}  // namespace tool
