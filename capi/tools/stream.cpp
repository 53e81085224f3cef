#include "stream.hpp"

#include <algorithm>

#include "pop.hpp"

namespace tool {

Stream::Stream(Ring &ring, std::int64_t from, std::optional<std::int64_t> to, std::size_t chunk_bytes)
    : ring_(ring), shape_(ring.info()), at_(from), to_(to), resume_at_(from) {
  chunk_ = std::clamp<std::uint64_t>(chunk_bytes / shape_.sample_bytes, 1, shape_.capacity);
  room_ = std::make_unique<std::byte[]>(static_cast<std::size_t>(chunk_ * shape_.sample_bytes));
}

// Moves the handle's position to at_, or, if that sample is gone, to the next one that is there, which becomes resume_at_.
// False if the sample is not written yet.
bool Stream::seek() {
  for (;;) {
    const int code = ringbuf_seek(ring_.get(), resume_at_);
    if (code == RINGBUF_OK) return true;
    if (code == RINGBUF_NOT_YET) return false;
    if (code == RINGBUF_GAP) {
      for (const Gap &gap : ring_.gaps()) {
        if (gap.start <= resume_at_ && resume_at_ < gap.end) resume_at_ = gap.end;
      }
    } else if (code == RINGBUF_OVERWRITTEN) {
      const Info info = ring_.info();
      // The oldest sample of a live ring is overwritten next.
      const bool moves = info.state == RINGBUF_STATE_LIVE && (info.flags & RINGBUF_LOSSLESS) == 0;
      const auto margin = static_cast<std::int64_t>(moves ? info.capacity / 8 : 0);
      resume_at_ = std::max(resume_at_, std::min(info.written, info.oldest + margin));
    } else {
      ring_.fail(code);
    }
  }
}

Piece Stream::jump(std::int64_t to) {
  Piece piece{Piece::Kind::lost, at_, to_ ? std::min(to, *to_) : to, nullptr};
  for (const Gap &gap : ring_.gaps()) {
    if (gap.end <= at_ || gap.start >= piece.end) continue;
    if (gap.start <= at_) {
      piece.kind = Piece::Kind::gap;
      piece.end = std::min(piece.end, gap.end);
    } else {
      piece.end = gap.start;
    }
    break;
  }
  if (piece.kind == Piece::Kind::lost) lost_ += static_cast<std::uint64_t>(piece.end - piece.start);
  at_ = piece.end;
  return piece;
}

Piece Stream::next(std::int64_t timeout_ns) {
  for (;;) {
    if (to_ && at_ >= *to_) return {Piece::Kind::range, at_, at_, nullptr};
    if (at_ < resume_at_) return jump(resume_at_);
    if (!sought_) {
      sought_ = seek();
      if (!sought_) {
        const int code = ringbuf_wait(ring_.get(), at_, timeout_ns);
        if (code == RINGBUF_OK) continue;
        if (code == RINGBUF_CLOSED) return {Piece::Kind::closed, at_, at_, nullptr};
        if (code == RINGBUF_STALE) return {Piece::Kind::dead, at_, at_, nullptr};
        if (code == RINGBUF_TIMEOUT || code == RINGBUF_INTERRUPTED) return {Piece::Kind::nothing, at_, at_, nullptr};
        ring_.fail(code);
      }
      if (at_ < resume_at_) continue;
    }
    std::uint64_t most = chunk_;
    if (to_) most = std::min(most, static_cast<std::uint64_t>(*to_ - at_));
    std::uint64_t count = 0;
    int code = pop_many(ring_, shape_, room_.get(), most, count);
    switch (code) {
      case RINGBUF_OK: {
        const Piece piece{Piece::Kind::samples, at_, at_ + static_cast<std::int64_t>(count), room_.get()};
        at_ = resume_at_ = piece.end;
        return piece;
      }
      case RINGBUF_EMPTY:
        code = ringbuf_wait(ring_.get(), at_ + 1, timeout_ns);
        if (code == RINGBUF_TIMEOUT || code == RINGBUF_INTERRUPTED) return {Piece::Kind::nothing, at_, at_, nullptr};
        // With any other code the next pop says the same, or gets what has come meanwhile.
        break;
      case RINGBUF_OVERWRITTEN:
        ring_.check(ringbuf_tell(ring_.get(), &resume_at_));
        break;
      case RINGBUF_CLOSED:
        return {Piece::Kind::closed, at_, at_, nullptr};
      case RINGBUF_STALE:
        return {Piece::Kind::dead, at_, at_, nullptr};
      default:
        ring_.fail(code);
    }
  }
}

}  // namespace tool
