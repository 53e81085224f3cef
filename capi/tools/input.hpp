// stdin in pieces.
#pragma once

#include <cstddef>

namespace tool {

// Reads until `size` bytes are there, or stdin ends, or a signal has come. Returns the bytes read. With `some`, returns as soon
// as any are there.
std::size_t read_in(void *into, std::size_t size, bool some);

}  // namespace tool
