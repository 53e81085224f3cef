// The newest samples of a ring in columns of equal length: what is least and most in each of them, so that a spike of one
// sample stays visible however many samples a column has.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "element.hpp"
#include "ring.hpp"
#include "stream.hpp"

namespace tool {

// Of one channel in one column, or in several.
struct Extent {
  double least = 0, most = 0, last = 0;
  double squares = 0;
  std::uint64_t count = 0;       // finite values; with none the others mean nothing
  std::uint64_t not_finite = 0;  // NaN or infinite

  void add(double value) noexcept;
  void add(const Extent &later) noexcept;
  double peak() const noexcept;
  double rms() const noexcept;
};

class Envelope {
 public:
  // For these channels. Complex numbers are shown by their magnitude.
  Envelope(Ring &ring, std::vector<std::uint32_t> channels);

  // Shows `span` samples in up to `columns` columns: takes what the ring has of them. A call with other numbers begins anew.
  void resize(std::uint64_t span, std::size_t columns);
  // Takes the samples that have come since. Those from `end` on are not shown, if it is given.
  void update(std::optional<std::int64_t> end);

  std::size_t columns() const noexcept { return count_; }
  // Column 0 is the oldest. Nothing if no sample of it is there.
  const Extent *at(std::size_t column, std::size_t channel) const noexcept;
  Extent all(std::size_t channel) const noexcept;
  std::int64_t end() const noexcept { return end_; }
  std::uint64_t lost() const noexcept { return lost_before_ + (stream_ ? stream_->lost() : 0); }
  const std::vector<std::uint32_t> &channels() const noexcept { return channels_; }

 private:
  struct Column {
    std::int64_t number;  // index of its first sample / block_
    std::vector<Extent> extents;
  };
  void begin(std::optional<std::int64_t> end);
  void take(const Piece &piece);

  Ring &ring_;
  Shape shape_;
  std::vector<std::uint32_t> channels_;
  std::unique_ptr<Stream> stream_;
  std::optional<std::int64_t> stream_end_;
  std::uint64_t span_ = 0;
  std::size_t wanted_columns_ = 0, count_ = 0;
  std::int64_t block_ = 1;
  std::int64_t end_ = 0;
  std::uint64_t lost_before_ = 0;
  std::deque<Column> columns_;
};

}  // namespace tool
