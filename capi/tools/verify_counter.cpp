#include "verify_counter.hpp"

#include <algorithm>
#include <cstring>

#include "text_format.hpp"

namespace tool {

namespace {

std::string sample_text(const Shape &shape, const std::byte *sample) {
  std::string text;
  for (std::uint32_t c = 0; c < std::min<std::uint32_t>(shape.channels, 4); ++c) {
    if (c > 0) text += ' ';
    append_element(text, shape, sample + std::size_t{c} * shape.item_size);
  }
  return shape.channels > 4 ? text + " ..." : text;
}

}  // namespace

void CounterCheck::check(std::int64_t index, std::uint64_t count, const std::byte *samples) {
  const std::size_t bytes = shape_.sample_bytes();
  expected_.resize(static_cast<std::size_t>(count) * bytes);
  fill_counter(shape_, index, count, expected_.data());
  if (std::memcmp(expected_.data(), samples, expected_.size()) == 0) return;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::byte *wanted = expected_.data() + static_cast<std::size_t>(i) * bytes;
    const std::byte *found = samples + static_cast<std::size_t>(i) * bytes;
    if (std::memcmp(wanted, found, bytes) == 0) continue;
    if (wrong_++ == 0) {
      first_wrong_ = tool::format("sample {} is {}, expected {}", index + static_cast<std::int64_t>(i),
                                  sample_text(shape_, found), sample_text(shape_, wanted));
    }
  }
}

}  // namespace tool
