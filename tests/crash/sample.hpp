// Samples that tell whether they are the right ones: each carries its index, who wrote it, and words that follow from
// both, so that a torn, stale or misplaced sample is recognised by itself.
#pragma once

#include <cstddef>
#include <cstdint>

namespace crash {

// SplitMix64.
constexpr std::uint64_t mix(std::uint64_t x) noexcept {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

struct Sample {
  std::uint64_t index;
  std::uint64_t epoch;  // which writer wrote it; never 0
  std::uint64_t words[6];
};
static_assert(sizeof(Sample) == 64);

constexpr Sample make_sample(std::uint64_t index, std::uint64_t epoch) noexcept {
  Sample sample{index, epoch, {}};
  std::uint64_t word = mix(index) ^ mix(epoch << 32);
  for (std::uint64_t& w : sample.words) w = word = mix(word);
  return sample;
}

constexpr bool is_whole(const Sample& sample) noexcept {
  if (sample.epoch == 0) return false;
  const Sample expected = make_sample(sample.index, sample.epoch);
  for (std::size_t i = 0; i < 6; ++i) {
    if (sample.words[i] != expected.words[i]) return false;
  }
  return true;
}

}  // namespace crash
