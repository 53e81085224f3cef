// The spectrum of the newest samples of a channel, by FFTW.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "ring.hpp"

namespace tool {

struct SpectrumLine {
  double frequency;  // in Hz, or in cycles a sample if the rate is not known
  double decibels;   // of the amplitude; 0 is an amplitude of 1
};

class Spectrum {
 public:
  explicit Spectrum(Ring &ring);
  ~Spectrum();
  Spectrum(const Spectrum &) = delete;
  Spectrum &operator=(const Spectrum &) = delete;

  // Takes up to `count` samples before `end`, of which the number is made a power of two. False if they are not there, or too
  // few: the spectra stay as they were.
  bool take(std::int64_t end, std::uint64_t count);
  // From the lowest frequency to the highest one: 0 to half the rate, of complex numbers minus to plus half the rate.
  // With a Hann window. Empty before take().
  std::vector<SpectrumLine> lines(std::uint32_t channel);

 private:
  struct Transform;
  Ring &ring_;
  Info info_;
  std::unique_ptr<Transform> transform_;
  std::vector<std::byte> samples_;
  std::size_t count_ = 0;
};

}  // namespace tool
