// How large the large rings may be here.
#pragma once

#include <cstddef>

namespace bench {

// Bytes of data: 8 GiB, or less where the memory that is free (half as much again goes into the pocket) does not allow it.
// 0: not even the smallest.
std::size_t large_ring_bytes();

}  // namespace bench
