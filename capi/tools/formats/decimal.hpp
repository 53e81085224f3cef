// Decimal digits of integers, eight at a time and without branches that depend on the digits: CSV has millions of them a second.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace tool::formats {

static_assert(std::endian::native == std::endian::little, "the first digit is in the lowest byte");

inline constexpr std::uint64_t eight_zeros = 0x3030303030303030;
inline constexpr std::uint32_t ten_to_8 = 100'000'000;
inline constexpr std::size_t most_digits = 24;  // bytes that a number may touch, those after its end included

// The eight digits of a number below 10^8 as bytes from 0 to 9, the first digit in the lowest byte. Pairs of 4, 2 and 1 digits
// are split in all of the word at once; the factors are rounded reciprocals, exact in these ranges.
inline std::uint64_t digits_of(std::uint32_t value) noexcept {
  const std::uint64_t fours = value / 10000 | std::uint64_t{value % 10000} << 32;
  const std::uint64_t hundreds = fours * 10486 >> 20 & 0x0000007F0000007F;  // fours / 100
  const std::uint64_t twos = hundreds | (fours - 100 * hundreds) << 16;
  const std::uint64_t tens = twos * 103 >> 10 & 0x000F000F000F000F;  // twos / 10
  return tens | (twos - 10 * tens) << 8;
}

// All eight digits.
inline char* put_eight(char* to, std::uint32_t value) noexcept {
  const std::uint64_t text = digits_of(value) + eight_zeros;
  std::memcpy(to, &text, sizeof text);
  return to + 8;
}

// Without leading zeros, for a number below 10^8. Eight bytes are written.
inline char* put_short(char* to, std::uint32_t value) noexcept {
  const std::uint64_t digits = digits_of(value);
  const auto zeros = static_cast<unsigned>(std::countr_zero(digits | std::uint64_t{1} << 56)) & ~7U;  // in bits
  const std::uint64_t text = (digits + eight_zeros) >> zeros;
  std::memcpy(to, &text, sizeof text);
  return to + (64 - zeros) / 8;
}

inline char* put_unsigned(char* to, std::uint64_t value) noexcept {
  if (value < ten_to_8) return put_short(to, static_cast<std::uint32_t>(value));
  const std::uint64_t high = value / ten_to_8;
  if (high >= ten_to_8) {
    to = put_short(to, static_cast<std::uint32_t>(high / ten_to_8));
    to = put_eight(to, static_cast<std::uint32_t>(high % ten_to_8));
  } else {
    to = put_short(to, static_cast<std::uint32_t>(high));
  }
  return put_eight(to, static_cast<std::uint32_t>(value % ten_to_8));
}

inline char* put_signed(char* to, std::int64_t value) noexcept {
  *to = '-';
  const auto bits = static_cast<std::uint64_t>(value);
  return put_unsigned(to + (value < 0), value < 0 ? 0 - bits : bits);
}

}  // namespace tool::formats
