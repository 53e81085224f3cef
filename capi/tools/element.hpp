// The elements of samples as numbers and as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "ringbuf.h"

namespace tool {

// What one sample is made of.
struct Shape {
  std::uint32_t type = RINGBUF_FLOAT32;
  std::uint32_t channels = 1;
  std::uint32_t item_size = 4;
  std::size_t sample_bytes() const noexcept { return std::size_t{channels} * item_size; }
};
Shape shape_of(const ringbuf_info_t &info) noexcept;

bool is_complex(std::uint32_t type) noexcept;
bool is_integer(std::uint32_t type) noexcept;

// The number, of a complex one the real part (or with `imaginary` the other one), of opaque bytes 0.
double element_value(std::uint32_t type, const std::byte *element, bool imaginary = false) noexcept;

// Stores the nearest number that the type has; -1 to 1 is the full scale of integers if `scaled`.
void store_element(std::uint32_t type, double value, bool scaled, std::byte *element) noexcept;

// The shortest text that gives the same number again; "1.5-2i" for complex numbers, hexadecimal digits for bytes.
void append_element(std::string &text, const Shape &shape, const std::byte *element);

// Samples of the counter pattern, from the sample with that index on: the element of channel c of sample i is
// i * channels + c, as far as the type can count; of complex numbers the real part, and the negative number as the imaginary
// one; of opaque bytes the number's bytes, repeated.
void fill_counter(const Shape &shape, std::int64_t index, std::uint64_t count, std::byte *samples) noexcept;

}  // namespace tool
