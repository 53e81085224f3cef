#include "levels.hpp"

#include <algorithm>
#include <cmath>

#include "ringbuf.h"

namespace demo {
namespace {

template <class Element>
void measure_elements(const Element* elements, std::size_t count, double full_scale, std::span<Level> levels) {
  std::fill(levels.begin(), levels.end(), Level{});
  for (std::size_t i = 0; i < count; ++i) {
    for (Level& level : levels) {
      const double x = static_cast<double>(*elements++);
      level.rms += x * x;
      level.peak = std::max(level.peak, std::abs(x));
    }
  }
  for (Level& level : levels) {
    level.rms = std::sqrt(level.rms / static_cast<double>(std::max<std::size_t>(count, 1))) / full_scale;
    level.peak /= full_scale;
  }
}

}  // namespace

std::size_t SampleFormat::element_bytes() const { return ringbuf_type_size(data_type); }

double SampleFormat::full_scale() const { return data_type == RINGBUF_INT16 ? 32768.0 : 1.0; }

void measure(SampleFormat format, const void* samples, std::size_t count, std::span<Level> levels) {
  if (format.data_type == RINGBUF_INT16) {
    measure_elements(static_cast<const std::int16_t*>(samples), count, format.full_scale(), levels);
  } else {
    measure_elements(static_cast<const float*>(samples), count, format.full_scale(), levels);
  }
}

double dbfs(double fraction) { return 20 * std::log10(fraction); }

}  // namespace demo
