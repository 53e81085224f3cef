// CRC-32 as zlib and MCAP have it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tool::formats {

// `before`: the CRC of the bytes before these; 0 if there are none.
std::uint32_t crc32(const void* bytes, std::size_t count, std::uint32_t before = 0);

}  // namespace tool::formats
