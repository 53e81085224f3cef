// The samples of a ring in order, with what happens between them: gaps, losses, the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "ring.hpp"

namespace tool {

struct Piece {
  enum class Kind {
    samples,  // [start, end) at `data`, until the next call
    gap,      // [start, end) was skipped by the writer
    lost,     // [start, end) was overwritten before it could be read
    range,    // all samples before the end that was asked for have been delivered
    closed,   // the writer has ended the stream
    dead,     // the writer died, or a newer ring has the name
    nothing   // the time has passed, or a signal has come
  };
  Kind kind = Kind::nothing;
  std::int64_t start = 0;
  std::int64_t end = 0;
  const std::byte *data = nullptr;
};

// Not for rings of messages.
class Stream {
 public:
  // From index `from` on, which may be overwritten already, or not written yet; to before index `to`, if given. A piece has up
  // to `chunk_bytes`, and at least one sample.
  Stream(Ring &ring, std::int64_t from, std::optional<std::int64_t> to, std::size_t chunk_bytes = 262144);

  // The next piece; waits for it for that long, negative without limit.
  Piece next(std::int64_t timeout_ns);

  std::int64_t position() const noexcept { return at_; }
  std::uint64_t lost() const noexcept { return lost_; }  // samples, those of gaps aside

 private:
  Piece jump(std::int64_t to);  // everything from at_ to there is missing: gap or lost, one piece after another
  bool seek();

  Ring &ring_;
  Info shape_;
  std::int64_t at_;
  std::optional<std::int64_t> to_;
  std::int64_t resume_at_;  // where the handle stands while jump() tells of what lies before
  bool sought_ = false;
  std::uint64_t lost_ = 0;
  std::uint64_t chunk_;
  std::unique_ptr<std::byte[]> room_;
};

}  // namespace tool
