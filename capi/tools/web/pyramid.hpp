// A min/max pyramid: what is least and most in each block of samples, for blocks of several sizes, so that a picture of any
// length takes about as long as one of few samples.
//
// Blocks are counted from sample 0, not from the beginning of a picture. So a block means the same in every picture, and one
// pyramid serves all viewers. A level is a ring of its own: a newer block takes the place of the one that it overwrites.
//
// Samples may be added in any order, and the same ones twice: least and most stay what they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace tool::web {

template <class Value>
struct Extent {
  Value least = std::numeric_limits<Value>::infinity();
  Value most = -std::numeric_limits<Value>::infinity();
  bool empty() const noexcept { return most < least; }
  void add(Value value) noexcept {  // a NaN changes nothing
    least = value < least ? value : least;
    most = value > most ? value : most;
  }
  void add(const Extent &other) noexcept {
    least = other.least < least ? other.least : least;
    most = other.most > most ? other.most : most;
  }
};

template <class Value>
class Pyramid {
 public:
  // Of a ring with that many samples. The smallest blocks are as small as `most_bytes` allows, but of 64 samples at least.
  Pyramid(std::uint32_t channels, std::uint64_t capacity, std::size_t most_bytes);

  // Values of `count` samples, from that index on.
  void add(std::int64_t index, const Value *values, std::size_t count);

  // Samples in the smallest block: a power of two.
  std::int64_t block() const noexcept { return std::int64_t{1} << shift_; }
  // The samples [column * width, (column + 1) * width) of a channel; width is a power of two, and at least block().
  Extent<Value> at(std::int64_t column, std::int64_t width, std::uint32_t channel) const noexcept;

 private:
  struct Level {
    int shift = 0;  // of the samples in its blocks
    std::size_t slots = 0;
    std::vector<std::int64_t> numbers;  // which block a slot has; -1: none
    std::vector<Extent<Value>> extents;
  };
  void merge(std::int64_t index);

  std::uint32_t channels_;
  int shift_ = 6;
  std::vector<Level> levels_;
  std::vector<Value> least_, most_;  // of the block that add() is at, one for each channel
};

extern template class Pyramid<float>;
extern template class Pyramid<double>;

}  // namespace tool::web
