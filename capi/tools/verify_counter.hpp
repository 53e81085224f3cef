// Compares samples with those of `ringbuf gen NAME counter`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "element.hpp"

namespace tool {

class CounterCheck {
 public:
  // Counts the samples that are wrong in `wrong`, and describes the first one.
  CounterCheck(const Shape &shape, std::uint64_t &wrong, std::string &first_wrong)
      : shape_(shape), wrong_(wrong), first_wrong_(first_wrong) {}
  void check(std::int64_t index, std::uint64_t count, const std::byte *samples);

 private:
  Shape shape_;
  std::uint64_t &wrong_;
  std::string &first_wrong_;
  std::vector<std::byte> expected_;
};

}  // namespace tool
