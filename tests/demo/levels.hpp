// How loud the channels are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace demo {

struct SampleFormat {
  std::uint32_t data_type = 0;  // RINGBUF_INT16 or RINGBUF_FLOAT32
  std::size_t channels = 0;

  std::size_t element_bytes() const;
  std::size_t sample_bytes() const { return channels * element_bytes(); }
  double full_scale() const;  // the element that is 0 dBFS
};

// Fractions of full scale.
struct Level {
  double rms = 0;
  double peak = 0;
};

// One level for each channel of `count` samples. A full scale of 1 for float32, 32768 for int16.
void measure(SampleFormat format, const void* samples, std::size_t count, std::span<Level> levels);

// Decibels relative to full scale; silence is -infinity.
double dbfs(double fraction);

}  // namespace demo
