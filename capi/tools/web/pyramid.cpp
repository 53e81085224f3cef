#include "pyramid.hpp"

#include <algorithm>

namespace tool::web {

namespace {

constexpr int factor_shift = 2;  // a block of a level has four of the one below
constexpr std::uint64_t fewest_slots = 16;

}  // namespace

template <class Value>
Pyramid<Value>::Pyramid(std::uint32_t channels, std::uint64_t capacity, std::size_t most_bytes)
    : channels_(channels), least_(channels), most_(channels) {
  // The levels together are a third larger than the lowest one.
  const std::uint64_t slot_bytes = channels * sizeof(Extent<Value>) * 4 / 3 + sizeof(std::int64_t);
  while (((capacity >> shift_) + 2) * slot_bytes > most_bytes && (capacity >> shift_) > fewest_slots) ++shift_;
  for (int shift = shift_;; shift += factor_shift) {
    Level level;
    level.shift = shift;
    level.slots = static_cast<std::size_t>((capacity >> shift) + 2);
    level.numbers.assign(level.slots, -1);
    level.extents.resize(level.slots * channels_);
    levels_.push_back(std::move(level));
    if ((capacity >> shift) <= fewest_slots) break;
  }
}

template <class Value>
void Pyramid<Value>::merge(std::int64_t index) {
  for (Level &level : levels_) {
    const std::int64_t number = index >> level.shift;
    const auto slot = static_cast<std::size_t>(number) % level.slots;
    Extent<Value> *into = &level.extents[slot * channels_];
    if (level.numbers[slot] < number) {
      level.numbers[slot] = number;
      for (std::uint32_t i = 0; i < channels_; ++i) into[i] = {least_[i], most_[i]};
    } else if (level.numbers[slot] == number) {
      for (std::uint32_t i = 0; i < channels_; ++i) into[i].add(Extent<Value>{least_[i], most_[i]});
    }
  }
}

template <class Value>
void Pyramid<Value>::add(std::int64_t index, const Value *values, std::size_t count) {
  while (count > 0) {
    const std::int64_t left = block() - (index & (block() - 1));
    const std::size_t here = std::min(count, static_cast<std::size_t>(left));
    std::fill(least_.begin(), least_.end(), Extent<Value>{}.least);
    std::fill(most_.begin(), most_.end(), Extent<Value>{}.most);
    // Plain pointers, so that a compiler takes many channels at once. A NaN changes nothing.
    Value *least = least_.data();
    Value *most = most_.data();
    for (std::size_t i = 0; i < here; ++i, values += channels_) {
      for (std::uint32_t channel = 0; channel < channels_; ++channel) {
        least[channel] = values[channel] < least[channel] ? values[channel] : least[channel];
        most[channel] = values[channel] > most[channel] ? values[channel] : most[channel];
      }
    }
    merge(index);
    index += static_cast<std::int64_t>(here);
    count -= here;
  }
}

template <class Value>
Extent<Value> Pyramid<Value>::at(std::int64_t column, std::int64_t width, std::uint32_t channel) const noexcept {
  std::size_t which = 0;
  while (which + 1 < levels_.size() && (std::int64_t{1} << levels_[which + 1].shift) <= width) ++which;
  const Level &level = levels_[which];
  const std::int64_t blocks = std::max<std::int64_t>(1, width >> level.shift);
  Extent<Value> extent;
  // A column can be wider than all that the ring holds.
  const auto all = static_cast<std::int64_t>(level.slots);
  if (blocks > all) {
    for (std::size_t slot = 0; slot < level.slots; ++slot) {
      if (level.numbers[slot] >= 0 && level.numbers[slot] / blocks == column) {
        extent.add(level.extents[slot * channels_ + channel]);
      }
    }
    return extent;
  }
  for (std::int64_t number = column * blocks; number < (column + 1) * blocks; ++number) {
    const auto slot = static_cast<std::size_t>(number) % level.slots;
    if (level.numbers[slot] == number) extent.add(level.extents[slot * channels_ + channel]);
  }
  return extent;
}

template class Pyramid<float>;
template class Pyramid<double>;

}  // namespace tool::web
