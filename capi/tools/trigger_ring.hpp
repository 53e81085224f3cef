// A ring that `ringbuf trigger` watches: when its conditions hold, when its writer died, and which of its samples belong to a
// time.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "condition.hpp"
#include "ring.hpp"
#include "stream.hpp"

namespace tool {

// What begins an event, or makes it longer.
struct Trigger {
  std::int64_t first_ns;  // on the monotonic clock
  std::int64_t last_ns;
  std::string why;
};

// [begin, end) in samples, for a time. While `complete` is false, samples before the end may still come.
struct Cut {
  std::int64_t end;
  bool complete;
};

class TriggerRing {
 public:
  // The ring was opened at its oldest sample. Conditions look at the samples from `oldest` on, or at those that come.
  TriggerRing(Ring ring, std::int64_t keep_ns, bool on_death);

  void add(Condition condition);
  void begin(bool oldest);
  // A ring whose stream is over is live again, the same one or one of its shape: its conditions look at what comes, and in another
  // ring at all that it holds. To be called while no event is open.
  void reconnect();
  // Adds what the samples since the last call trigger. False: there may be more at once.
  bool look(std::vector<Trigger> &triggers);

  // The index of the first sample of that time or later, also if it is overwritten: then by the times that were noted while it
  // was there, and before those by the rate.
  std::int64_t start_at(std::int64_t monotonic_ns) const;
  // Where the samples before that time end.
  Cut end_at(std::int64_t monotonic_ns) const;

  const Ring &ring() const noexcept { return ring_; }
  bool ended() const noexcept { return state_ != RINGBUF_STATE_LIVE; }
  bool died() const noexcept { return state_ == RINGBUF_STATE_DEAD || state_ == RINGBUF_STATE_SUPERSEDED; }
  bool watches() const noexcept { return !detectors_.empty(); }
  std::int64_t wanted_end() const noexcept { return wanted_end_; }  // worth waking up for
  std::uint64_t lost() const noexcept { return lost_before_ + (stream_ ? stream_->lost() : 0); }

 private:
  struct Mark {
    std::int64_t index;
    std::int64_t ns;
  };
  void note(const Info &info);
  void detect(const Piece &piece, std::vector<Trigger> &triggers);
  bool time_of(std::int64_t index, std::int64_t &ns) const;

  Ring ring_;
  std::int64_t keep_ns_;
  bool on_death_;
  Info first_;  // as it was at the beginning
  std::vector<Condition> conditions_;
  std::vector<Detector> detectors_;  // one for each condition
  std::unique_ptr<Stream> stream_;
  std::deque<Mark> marks_;
  std::uint32_t state_ = RINGBUF_STATE_LIVE;
  bool over_ = false;  // the stream has ended, and the handle has to be opened anew
  std::uint64_t lost_before_ = 0;
  std::int64_t wanted_end_ = 0;
};

}  // namespace tool
