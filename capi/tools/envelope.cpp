#include "envelope.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tool {

void Extent::add(double value) noexcept {
  if (!std::isfinite(value)) {
    ++not_finite;
    return;
  }
  least = count == 0 ? value : std::min(least, value);
  most = count == 0 ? value : std::max(most, value);
  last = value;
  squares += value * value;
  ++count;
}

void Extent::add(const Extent &later) noexcept {
  not_finite += later.not_finite;
  if (later.count == 0) return;
  least = count == 0 ? later.least : std::min(least, later.least);
  most = count == 0 ? later.most : std::max(most, later.most);
  last = later.last;
  squares += later.squares;
  count += later.count;
}

double Extent::peak() const noexcept { return std::max(std::fabs(least), std::fabs(most)); }
double Extent::rms() const noexcept { return count == 0 ? 0 : std::sqrt(squares / static_cast<double>(count)); }

Envelope::Envelope(Ring &ring, std::vector<std::uint32_t> channels)
    : ring_(ring), shape_(shape_of(ring.info())), channels_(std::move(channels)) {}

void Envelope::resize(std::uint64_t span, std::size_t columns) {
  if (span == span_ && columns == wanted_columns_) return;
  span_ = span;
  wanted_columns_ = columns;
  block_ = static_cast<std::int64_t>((span + columns - 1) / columns);
  count_ =
      static_cast<std::size_t>((span + static_cast<std::uint64_t>(block_) - 1) / static_cast<std::uint64_t>(block_));
  lost_before_ = lost();
  stream_.reset();
}

// From the ring's history on.
void Envelope::begin(std::optional<std::int64_t> end) {
  const Info info = ring_.info();
  end_ = std::min(info.written, end.value_or(info.written));
  // The oldest samples of a live ring are overwritten next.
  const bool moves = info.state == RINGBUF_STATE_LIVE && info.oldest > info.first_index;
  const std::int64_t there = info.oldest + static_cast<std::int64_t>(moves ? info.capacity / 8 : 0);
  const std::int64_t wanted = end_ - std::min(end_ - info.first_index, static_cast<std::int64_t>(span_));
  stream_ = std::make_unique<Stream>(ring_, std::min(end_, std::max(there, wanted)), end);
  stream_end_ = end;
  columns_.clear();
}

void Envelope::update(std::optional<std::int64_t> end) {
  if (!stream_ || stream_end_ != end) {
    lost_before_ = lost();
    begin(end);
  }
  // Not for ever: a fast writer may put samples as quickly as they are taken.
  for (int pieces = 0; pieces < 1024; ++pieces) {
    const Piece piece = stream_->next(0);
    if (piece.kind == Piece::Kind::samples) {
      take(piece);
    } else if (piece.kind != Piece::Kind::gap && piece.kind != Piece::Kind::lost) {
      break;
    }
    end_ = piece.end;
  }
  const std::int64_t first = (end_ - 1) / block_ - static_cast<std::int64_t>(count_) + 1;
  while (!columns_.empty() && columns_.front().number < first) columns_.pop_front();
}

void Envelope::take(const Piece &piece) {
  const std::byte *sample = piece.data;
  for (std::int64_t index = piece.start; index < piece.end;) {
    const std::int64_t number = index / block_;
    const std::int64_t end = std::min(piece.end, (number + 1) * block_);
    if (columns_.empty() || columns_.back().number != number) {
      columns_.push_back({number, std::vector<Extent>(channels_.size())});
    }
    auto &extents = columns_.back().extents;
    for (; index < end; ++index, sample += shape_.sample_bytes()) {
      for (std::size_t c = 0; c < channels_.size(); ++c) {
        const std::byte *element = sample + std::size_t{channels_[c]} * shape_.item_size;
        double value = element_value(shape_.type, element);
        if (is_complex(shape_.type)) value = std::hypot(value, element_value(shape_.type, element, true));
        extents[c].add(value);
      }
    }
  }
}

const Extent *Envelope::at(std::size_t column, std::size_t channel) const noexcept {
  const std::int64_t number = (end_ - 1) / block_ - static_cast<std::int64_t>(count_ - 1 - column);
  const auto found = std::lower_bound(columns_.begin(), columns_.end(), number,
                                      [](const Column &each, std::int64_t value) { return each.number < value; });
  if (found == columns_.end() || found->number != number || found->extents[channel].count == 0) return nullptr;
  return &found->extents[channel];
}

Extent Envelope::all(std::size_t channel) const noexcept {
  Extent extent;
  for (const Column &each : columns_) extent.add(each.extents[channel]);
  return extent;
}

}  // namespace tool
