#include "spectrum.hpp"

#include <fftw3.h>

#include <algorithm>
#include <cmath>
#include <complex>

#include "element.hpp"

namespace tool {

namespace {

constexpr std::uint64_t most_samples = 32768;
constexpr std::uint64_t least_samples = 16;
constexpr double pi = 3.14159265358979323846;
constexpr double silence_db = -400;  // for an amplitude of 0

}  // namespace

// Complex numbers in and out, for all types: one plan, and the upper half is left out where the input is real.
struct Spectrum::Transform {
  explicit Transform(std::size_t size) : count(size), room(fftw_alloc_complex(size)) {
    plan = fftw_plan_dft_1d(static_cast<int>(size), room, room, FFTW_FORWARD, FFTW_ESTIMATE);
    window.reserve(size);
    for (std::size_t i = 0; i < size; ++i) {
      window.push_back(0.5 - 0.5 * std::cos(2 * pi * static_cast<double>(i) / static_cast<double>(size)));
    }
  }
  ~Transform() {
    fftw_destroy_plan(plan);
    fftw_free(room);
  }
  Transform(const Transform &) = delete;
  Transform &operator=(const Transform &) = delete;

  std::size_t count;
  fftw_complex *room;
  fftw_plan plan;
  std::vector<double> window;  // Hann's
};

Spectrum::Spectrum(Ring &ring) : ring_(ring), info_(ring.info()) {}
Spectrum::~Spectrum() = default;

bool Spectrum::take(std::int64_t end, std::uint64_t count) {
  const Info now = ring_.info();
  const auto there = static_cast<std::uint64_t>(std::max<std::int64_t>(0, end - now.oldest));
  std::uint64_t size = most_samples;
  while (size > std::min(count, there)) size /= 2;
  if (size < least_samples) return false;
  std::vector<std::byte> room(static_cast<std::size_t>(size * info_.sample_bytes));
  if (ringbuf_read(ring_.get(), end - static_cast<std::int64_t>(size), end, room.data()) != RINGBUF_OK) return false;
  samples_.swap(room);
  count_ = static_cast<std::size_t>(size);
  if (!transform_ || transform_->count != count_) transform_ = std::make_unique<Transform>(count_);
  return true;
}

std::vector<SpectrumLine> Spectrum::lines(std::uint32_t channel) {
  std::vector<SpectrumLine> lines;
  if (count_ == 0) return lines;
  const bool two_sided = is_complex(info_.data_type);
  const auto sample_bytes = static_cast<std::size_t>(info_.sample_bytes);
  const auto size = static_cast<double>(count_);
  const auto element = [&](std::size_t i) {
    return samples_.data() + i * sample_bytes + std::size_t{channel} * info_.item_size;
  };
  // Without the mean, whose line would cover its neighbours.
  std::complex<double> mean = 0;
  for (std::size_t i = 0; i < count_ && !two_sided; ++i) mean += element_value(info_.data_type, element(i)) / size;
  double weights = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const double weight = transform_->window[i];
    weights += weight;
    const double real = element_value(info_.data_type, element(i)) - mean.real();
    const double imaginary = two_sided ? element_value(info_.data_type, element(i), true) : 0;
    transform_->room[i][0] = std::isfinite(real) ? weight * real : 0;
    transform_->room[i][1] = std::isfinite(imaginary) ? weight * imaginary : 0;
  }
  fftw_execute(transform_->plan);
  const double rate = info_.sample_rate > 0 ? info_.sample_rate : 1;
  const std::size_t shown = two_sided ? count_ : count_ / 2 + 1;
  lines.reserve(shown);
  for (std::size_t k = 0; k < shown; ++k) {
    const std::size_t bin = two_sided ? (k + count_ / 2) % count_ : k;
    const double turns = (static_cast<double>(k) - (two_sided ? size / 2 : 0)) / size;
    const bool half =
        !two_sided && k > 0 && k < count_ / 2;  // the other half of the amplitude is in the bin that mirrors it
    const double amplitude = std::hypot(transform_->room[bin][0], transform_->room[bin][1]) / weights * (half ? 2 : 1);
    lines.push_back({turns * rate, amplitude > 0 ? 20 * std::log10(amplitude) : silence_db});
  }
  return lines;
}

}  // namespace tool
