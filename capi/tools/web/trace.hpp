// The samples of one ring as a viewer sees them: least and most of each column of a picture, or the samples themselves.
//
// All indices here are relative to the first_index of the ring, so that they stay small enough for a page, whose numbers are
// doubles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "pyramid.hpp"
#include "ring.hpp"
#include "stream.hpp"

namespace tool::web {

class Trace {
 public:
  // `ring` is an observer's handle, which nobody else moves; it must outlive this object.
  Trace(Ring &ring, const Info &info);

  // Takes the samples that have come, and some more of those that were there before; for some milliseconds at most.
  void update();
  // Whether samples that were there before are still to be taken.
  bool filling() const noexcept { return !filled_; }
  // All samples before this index have been taken, or are lost.
  std::int64_t taken() const noexcept { return stream_.position() - first_; }
  std::uint64_t lost() const noexcept { return stream_.lost(); }
  bool wide() const noexcept { return wide_; }  // numbers are doubles, not floats

  // Appends least and most of columns [from, to): for each channel all the least, then all the most; NaN where nothing is. A
  // column has `width` samples, a power of two.
  void columns(std::string &bytes, std::int64_t from, std::int64_t to, std::int64_t width,
               std::span<const std::uint32_t> channels);
  // The most columns that one call of columns() should be asked for.
  std::int64_t most_columns(std::int64_t width, std::size_t channels) const;

  // Appends `count` pieces of `length` samples, the first from `start` on and each `step` after the one before: channel by channel,
  // NaN where nothing is.
  void pieces(std::string &bytes, std::int64_t start, std::int64_t length, std::int64_t step, std::int64_t count,
              std::span<const std::uint32_t> channels);

  // Samples as they are in the ring. False if one of them is not there.
  bool raw(std::string &bytes, std::int64_t start, std::int64_t count);

 private:
  template <class Value>
  struct Kept {
    Pyramid<Value> pyramid;
    std::vector<Value> values;
    Kept(std::uint32_t channels, std::uint64_t capacity);
  };
  struct Range {
    std::int64_t start;
    std::int64_t end;
  };

  void take(std::int64_t index, const std::byte *samples, std::int64_t count);
  void fill_back();
  // What of [start, end), absolute indices, can be read now.
  std::vector<Range> readable(std::int64_t start, std::int64_t end) const;
  template <class Value, class Visit>
  void each_piece(std::int64_t start, std::int64_t end, std::vector<Value> &values, Visit visit);
  template <class Value>
  void columns_of(Kept<Value> &kept, std::string &bytes, std::int64_t from, std::int64_t to, std::int64_t width,
                  std::span<const std::uint32_t> channels);
  template <class Value>
  void pieces_of(Kept<Value> &kept, std::string &bytes, std::int64_t start, std::int64_t length, std::int64_t step,
                 std::int64_t count, std::span<const std::uint32_t> channels);

  Ring &ring_;
  Info shape_;
  std::int64_t first_;
  bool wide_;
  Stream stream_;
  std::variant<Kept<float>, Kept<double>> kept_;
  std::int64_t back_;  // absolute; samples from here on have been taken
  bool filled_ = false;
  std::vector<std::byte> room_;
};

}  // namespace tool::web
