#include "trace.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "text.hpp"
#include "values.hpp"

namespace tool::web {

namespace {

constexpr std::size_t pyramid_bytes = std::size_t{64} << 20;
constexpr std::size_t chunk_bytes = std::size_t{256} << 10;
constexpr std::int64_t tail_ns = 20'000'000;  // a tick's time for what comes
constexpr std::int64_t back_ns = 4'000'000;   // ... and for what was there before
constexpr std::int64_t most_elements = std::int64_t{4} << 20;

template <class Value>
void append(std::string &bytes, const std::vector<Value> &values) {
  bytes.append(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(Value));
}

}  // namespace

template <class Value>
Trace::Kept<Value>::Kept(std::uint32_t channels, std::uint64_t capacity) : pyramid(channels, capacity, pyramid_bytes) {}

Trace::Trace(Ring &ring, const Info &info)
    : ring_(ring),
      shape_(info),
      first_(info.first_index),
      wide_(needs_double(info.data_type)),
      stream_(ring, info.written, std::nullopt, chunk_bytes),
      kept_(std::in_place_type<Kept<float>>, wide_ ? 1U : info.channels, wide_ ? 1U : info.capacity),
      back_(info.written) {
  if (wide_) kept_.emplace<Kept<double>>(info.channels, info.capacity);
}

void Trace::take(std::int64_t index, const std::byte *samples, std::int64_t count) {
  std::visit(
      [&](auto &kept) {
        kept.values.resize(static_cast<std::size_t>(count) * shape_.channels);
        to_values(shape_.data_type, samples, kept.values.size(), kept.values.data());
        kept.pyramid.add(index - first_, kept.values.data(), static_cast<std::size_t>(count));
      },
      kept_);
}

void Trace::update() {
  const std::int64_t begin = monotonic_now();
  for (;;) {
    const Piece piece = stream_.next(0);
    if (piece.kind == Piece::Kind::samples) {
      take(piece.start, piece.data, piece.end - piece.start);
    } else if (piece.kind != Piece::Kind::gap && piece.kind != Piece::Kind::lost) {
      break;
    }
    if (monotonic_now() - begin > tail_ns) return;
  }
  const std::int64_t middle = monotonic_now();
  while (!filled_ && monotonic_now() - middle < back_ns) fill_back();
}

std::vector<Trace::Range> Trace::readable(std::int64_t start, std::int64_t end) const {
  const Info info = ring_.info();
  std::vector<Range> ranges;
  std::int64_t at = std::max(start, info.oldest);
  const std::int64_t last = std::min(end, info.written);
  for (const Gap &gap : ring_.gaps()) {
    if (gap.end <= at || gap.start >= last) continue;
    if (gap.start > at) ranges.push_back({at, gap.start});
    at = gap.end;
  }
  if (at < last) ranges.push_back({at, last});
  return ranges;
}

void Trace::fill_back() {
  const auto chunk =
      static_cast<std::int64_t>(std::clamp<std::uint64_t>(chunk_bytes / shape_.sample_bytes, 1, shape_.capacity));
  const Info info = ring_.info();
  const std::int64_t start = std::max(back_ - chunk, info.oldest);
  if (start >= back_) {
    filled_ = true;
    return;
  }
  for (const Range &range : readable(start, back_)) {
    room_.resize(static_cast<std::size_t>(range.end - range.start) * shape_.sample_bytes);
    // What is overwritten meanwhile is no loss: it is about to leave the picture.
    if (ringbuf_read(ring_.get(), range.start, range.end, room_.data()) == RINGBUF_OK) {
      take(range.start, room_.data(), range.end - range.start);
    }
  }
  back_ = start;
}

// Reads [start, end) in pieces that fit a cache, and visits the values of those that are there: visit(index, values, count).
template <class Value, class Visit>
void Trace::each_piece(std::int64_t start, std::int64_t end, std::vector<Value> &values, Visit visit) {
  const auto chunk =
      static_cast<std::int64_t>(std::clamp<std::uint64_t>(chunk_bytes / shape_.sample_bytes, 1, shape_.capacity));
  for (const Range &range : readable(start, end)) {
    for (std::int64_t at = range.start; at < range.end; at += chunk) {
      const std::int64_t count = std::min(chunk, range.end - at);
      room_.resize(static_cast<std::size_t>(count) * shape_.sample_bytes);
      if (ringbuf_read(ring_.get(), at, at + count, room_.data()) != RINGBUF_OK) continue;
      values.resize(static_cast<std::size_t>(count) * shape_.channels);
      to_values(shape_.data_type, room_.data(), values.size(), values.data());
      visit(at, values.data(), count);
    }
  }
}

std::int64_t Trace::most_columns(std::int64_t width, std::size_t channels) const {
  const std::int64_t block = std::visit([](const auto &kept) { return kept.pyramid.block(); }, kept_);
  const auto shown = static_cast<std::int64_t>(std::max<std::size_t>(1, channels));
  std::int64_t most = most_elements / 8 / shown;
  // Where the columns are finer than the pyramid, all channels of all samples are read.
  if (width < block) most = std::min(most, most_elements / std::max<std::int64_t>(1, width * shape_.channels));
  return std::clamp<std::int64_t>(most, 1, 16384);
}

template <class Value>
void Trace::columns_of(Kept<Value> &kept, std::string &bytes, std::int64_t from, std::int64_t to, std::int64_t width,
                       std::span<const std::uint32_t> channels) {
  const auto count = static_cast<std::size_t>(to - from);
  std::vector<Extent<Value>> extents(count * channels.size());
  if (width >= kept.pyramid.block()) {
    const std::int64_t oldest = ring_.info().oldest - first_;
    for (std::size_t channel = 0; channel < channels.size(); ++channel) {
      for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t column = from + static_cast<std::int64_t>(i);
        // What the ring holds no longer is not shown, although the pyramid still has some of it.
        if ((column + 1) * width <= oldest) continue;
        extents[channel * count + i] = kept.pyramid.at(column, width, channels[channel]);
      }
    }
  } else {
    const std::int64_t begin = from * width + first_;
    each_piece(begin, to * width + first_, kept.values,
               [&](std::int64_t at, const Value *values, std::int64_t samples) {
                 for (std::int64_t i = 0; i < samples; ++i) {
                   const auto column = static_cast<std::size_t>((at + i - begin) / width);
                   const Value *sample = values + static_cast<std::size_t>(i) * shape_.channels;
                   for (std::size_t channel = 0; channel < channels.size(); ++channel) {
                     extents[channel * count + column].add(sample[channels[channel]]);
                   }
                 }
               });
  }
  std::vector<Value> least(count);
  std::vector<Value> most(count);
  for (std::size_t channel = 0; channel < channels.size(); ++channel) {
    for (std::size_t i = 0; i < count; ++i) {
      const Extent<Value> &extent = extents[channel * count + i];
      least[i] = extent.empty() ? std::numeric_limits<Value>::quiet_NaN() : extent.least;
      most[i] = extent.empty() ? std::numeric_limits<Value>::quiet_NaN() : extent.most;
    }
    append(bytes, least);
    append(bytes, most);
  }
}

template <class Value>
void Trace::pieces_of(Kept<Value> &kept, std::string &bytes, std::int64_t start, std::int64_t length, std::int64_t step,
                      std::int64_t count, std::span<const std::uint32_t> channels) {
  const auto size = static_cast<std::size_t>(length);
  std::vector<Value> all(channels.size() * static_cast<std::size_t>(count) * size,
                         std::numeric_limits<Value>::quiet_NaN());
  for (std::int64_t piece = 0; piece < count; ++piece) {
    const std::int64_t begin = start + first_ + piece * step;
    each_piece(begin, begin + length, kept.values, [&](std::int64_t at, const Value *values, std::int64_t samples) {
      for (std::size_t channel = 0; channel < channels.size(); ++channel) {
        Value *into = &all[(channel * static_cast<std::size_t>(count) + static_cast<std::size_t>(piece)) * size];
        for (std::int64_t i = 0; i < samples; ++i) {
          into[at + i - begin] = values[static_cast<std::size_t>(i) * shape_.channels + channels[channel]];
        }
      }
    });
  }
  append(bytes, all);
}

void Trace::columns(std::string &bytes, std::int64_t from, std::int64_t to, std::int64_t width,
                    std::span<const std::uint32_t> channels) {
  std::visit([&](auto &kept) { columns_of(kept, bytes, from, to, width, channels); }, kept_);
}

void Trace::pieces(std::string &bytes, std::int64_t start, std::int64_t length, std::int64_t step, std::int64_t count,
                   std::span<const std::uint32_t> channels) {
  std::visit([&](auto &kept) { pieces_of(kept, bytes, start, length, step, count, channels); }, kept_);
}

bool Trace::raw(std::string &bytes, std::int64_t start, std::int64_t count) {
  const std::size_t before = bytes.size();
  bytes.resize(before + static_cast<std::size_t>(count) * shape_.sample_bytes);
  const int code = ringbuf_read(ring_.get(), start + first_, start + first_ + count, bytes.data() + before);
  if (code != RINGBUF_OK) bytes.resize(before);
  return code == RINGBUF_OK;
}

}  // namespace tool::web
