// Elements of samples as the numbers that are drawn, many at once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tool::web {

// Whether the numbers take a double: a float has not all of that type's.
bool needs_double(std::uint32_t type) noexcept;
// Whether the type has numbers at all: opaque items have none.
bool has_values(std::uint32_t type) noexcept;

// Of a complex number the magnitude, as in `ringbuf scope`.
void to_values(std::uint32_t type, const std::byte *elements, std::size_t count, float *values) noexcept;
void to_values(std::uint32_t type, const std::byte *elements, std::size_t count, double *values) noexcept;

}  // namespace tool::web
