// A picture of dots in text: each character of the braille block of Unicode has 2 x 4 of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tool {

class Braille {
 public:
  // In characters.
  Braille(std::size_t columns, std::size_t rows) : columns_(columns), rows_(rows), cells_(columns * rows) {}

  std::size_t width() const noexcept { return 2 * columns_; }  // in dots
  std::size_t height() const noexcept { return 4 * rows_; }

  // The dots (x, from) to (x, to), both included; y is 0 at the top. What lies outside is left out.
  void vertical(std::size_t x, std::size_t from, std::size_t to) noexcept;
  // A row of characters in UTF-8; a blank where no dot is set.
  std::string row(std::size_t row) const;

 private:
  std::size_t columns_, rows_;
  std::vector<std::uint8_t> cells_;
};

}  // namespace tool
