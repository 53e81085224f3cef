#include "braille.hpp"

#include <algorithm>
#include <array>

namespace tool {

void Braille::vertical(std::size_t x, std::size_t from, std::size_t to) noexcept {
  // The bits of Unicode: dots 1 to 3 and 7 on the left, 4 to 6 and 8 on the right, from the top.
  constexpr std::array<std::array<std::uint8_t, 4>, 2> bits{{{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}}};
  if (x >= width() || rows_ == 0) return;
  for (std::size_t y = from; y <= std::min(to, height() - 1); ++y) {
    auto &cell = cells_[y / 4 * columns_ + x / 2];
    cell = static_cast<std::uint8_t>(cell | bits[x % 2][y % 4]);
  }
}

std::string Braille::row(std::size_t row) const {
  std::string text;
  for (std::size_t column = 0; column < columns_; ++column) {
    const std::uint8_t dots = cells_[row * columns_ + column];
    if (dots == 0) {
      text += ' ';
      continue;
    }
    // U+2800 and up: three bytes.
    text += static_cast<char>(0xE2);
    text += static_cast<char>(0xA0 | (dots >> 6));
    text += static_cast<char>(0x80 | (dots & 0x3F));
  }
  return text;
}

}  // namespace tool
