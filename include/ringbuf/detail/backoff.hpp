// Adaptive backoff: how long to pause before a counter that the peer moves is polled again.
//
// A side that polls for every item takes the line of the counter away from the peer for every item. Then both move at the
// price of one exchange of that line for each item: a chase. A pause before each poll lets items come together and is several
// times faster. But a side that waits for single items (a round trip, a slow peer) must not be late.
//
// Two rules work together. The quick one looks at what polls find. The first poll after the known items are used up finds
// items where the peer is ahead, and none in a round trip. In the first case it makes more pauses, as long as they bring more
// than one item each. A side that is quicker than its peer never finds anything first, whether that is a chase or a round
// trip. So the slow rule tries pauses now and then, and keeps them where the rate of the counter rises:
//
//   base    The quick rule. Epochs of 64 finds measure the rate. Items that come slowly, and are waited for, end here: they are
//           never delayed.
//   probe   One long pause, after some epochs. If the counter did not move faster than in base, the next probe is twice as
//           far off.
//   trial   An epoch with long pauses; after some probes in vain that brought many items each, with the most. If the rate is
//           not a tenth higher, back to base.
//   run     Epochs with long pauses. Now and then one epoch is made with the most pauses, with twice or half of them, or by the
//           quick rule (test), and then one with the usual ones (again). What is better is kept. The quick rule is not the
//           first: while the sides are still as far apart as long pauses made them, it looks as good.
//   settle  An epoch with the pauses of a test, before it. How far the sides are apart decides in which caches the lines are,
//           and each line changes its place only when its turn comes: a test right away would see the old places.
//
// Long pauses that bring less than two of the portions that base found, three times running, end in base: the chase is over.
// Epochs with a sleep count for nothing. The time is an argument, so that tests can run all this against a model
// of the line.
#pragma once

#include <algorithm>
#include <cstdint>

#include "ringbuf/detail/relax.hpp"

namespace ringbuf::detail {

class Backoff {
 public:
  // A poll that finds this much is good enough. More pauses would only add delay.
  static std::uint64_t enough(std::uint64_t capacity) noexcept { return std::min<std::uint64_t>(capacity / 8, 256); }

  // Pauses. To be called before a poll for more than is known.
  void before_poll() const noexcept {
    if (waiting_) return;
    for (std::uint32_t i = 0; i < pauses_; ++i) relax();
  }

  // To be called after it: one of the two. True: the epoch is over, so call end_epoch.
  bool found_nothing() noexcept {
    if (least_ == 0) {
      pauses_ = 0;
    } else if (!waiting_) {
      ++misses_;
    }
    waiting_ = true;
    return misses_ == most_misses;
  }
  // The counter is `more` further on than was known.
  bool found(std::uint64_t more, std::uint64_t enough) noexcept {
    if (least_ != 0) {
      waiting_ = false;
      misses_ = more < least_ ? misses_ + 1 : 0;
      return misses_ >= most_misses || --finds_ == 0;
    }
    if (waiting_) {
      waiting_ = false;
      ++waits_;
    } else if (more < pauses_) {
      pauses_ /= 2;
    } else if (more < enough) {
      pauses_ = std::min(2 * pauses_ + 1, most_quick_pauses);
    }
    return --finds_ == 0;
  }

  // `counter`: what the poll found. `capacity`: the ring's, which bounds the pauses. `slept`: this side has slept since the
  // epoch began.
  void end_epoch(std::int64_t now_ns, std::uint64_t counter, std::uint64_t capacity, bool slept) noexcept;

  std::uint32_t pauses() const noexcept { return waiting_ ? 0 : pauses_; }

 private:
  enum class State : std::uint8_t { base, probe, trial, run, settle, test, again };

  // A pause takes 10 to 50 nanoseconds, depending on the processor.
  static constexpr std::uint32_t most_quick_pauses = 31;
  static constexpr std::uint32_t fewest_long_pauses = 8;
  static constexpr std::uint32_t usual_long_pauses = 64;
  static constexpr std::uint32_t most_long_pauses = 512;
  static constexpr std::uint32_t finds_in_base = 64;
  static constexpr std::uint32_t finds_in_run = 16;
  static constexpr std::uint32_t most_probes_apart = 128;  // epochs: one item of 8192 is late
  static constexpr std::uint32_t most_tests_apart = 1024;
  static constexpr std::uint32_t most_far_apart = 64;  // probes in vain
  static constexpr std::uint32_t most_misses = 3;
  static constexpr double slow_ns = 1500;  // for a find after a wait: no chase is so slow

  void begin(State state, std::uint32_t pauses, std::int64_t now_ns, std::uint64_t counter) noexcept;
  void give_up(std::int64_t now_ns, std::uint64_t counter) noexcept;
  void compare(std::int64_t now_ns, std::uint64_t counter) noexcept;
  void next_test(std::uint64_t found, std::uint64_t capacity) noexcept;
  bool far_next(std::uint64_t found, std::uint64_t capacity) noexcept;

  std::uint32_t pauses_ = 0;
  std::uint32_t finds_ = 1;   // until the epoch ends
  std::uint64_t least_ = 0;   // what a long pause must bring; 0: the quick rule
  std::uint32_t misses_ = 0;  // long pauses in a row that brought less
  bool waiting_ = false;      // the latest poll found nothing
  std::uint32_t waits_ = 0;   // finds of this epoch in base after a poll in vain
  State state_ = State::base;
  std::uint8_t kind_ = 0;      // of the next test
  std::uint64_t portion_ = 1;  // what a find brings in base
  std::int64_t begin_ns_ = 0;
  std::uint64_t begin_counter_ = 0;
  double base_rate_ = 0;                    // per nanosecond: of the best one of the latest epochs
  double last_rate_ = 0;                    // of the latest epoch in run
  double test_rate_ = 0;                    // of the latest test
  std::uint32_t good_ = usual_long_pauses;  // pauses of the run
  std::uint32_t tried_ = 0;                 // pauses of the test; 0: the quick rule
  std::uint32_t left_ = 1;                  // epochs until the next probe or test
  std::uint32_t apart_ = 1;                 // epochs between tests
  std::uint32_t probes_apart_ = 1;
  std::uint32_t far_left_ = 2;  // probes in vain until a trial of the most pauses
  std::uint32_t far_apart_ = 2;
};

}  // namespace ringbuf::detail
