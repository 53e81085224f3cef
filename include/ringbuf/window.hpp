// A typed, read-only view of samples in the ring.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ringbuf {

class Ring;

// A window of samples: contiguous rows of `channels` elements in shared memory. The memory stays mapped while the ring is
// open. The writer continues meanwhile, so call valid() after using the window.
template <class T>
class Window {
 public:
  Window() noexcept = default;
  // Ring::view and Reader::next construct it.
  Window(const Ring &ring, const std::byte *samples, std::int64_t start, std::int64_t end,
         std::uint32_t channels) noexcept
      : ring_(&ring),
        elements_(
            reinterpret_cast<const T *>(samples),
            static_cast<std::size_t>(static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(start)) * channels),
        start_(start),
        end_(end),
        channels_(channels) {}

  std::int64_t start() const noexcept { return start_; }                      // index of the first sample
  std::int64_t end() const noexcept { return end_; }                          // index after the last sample
  std::size_t size() const noexcept { return elements_.size() / channels_; }  // number of samples
  std::uint32_t channels() const noexcept { return channels_; }               // elements in one sample
  std::span<const T> elements() const noexcept { return elements_; }          // all elements, row by row

  // One sample. `row` counts from the start of the window.
  std::span<const T> operator[](std::size_t row) const noexcept {
    return elements_.subspan(row * channels_, channels_);
  }
  // One element of one sample.
  const T &operator()(std::size_t row, std::size_t channel) const noexcept {
    return elements_[row * channels_ + channel];
  }

  // True if every byte read from this window so far was intact.
  bool valid() const noexcept;

 private:
  const Ring *ring_ = nullptr;
  std::span<const T> elements_;
  std::int64_t start_ = 0;
  std::int64_t end_ = 0;
  std::uint32_t channels_ = 1;
};

}  // namespace ringbuf
