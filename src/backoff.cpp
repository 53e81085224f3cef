#include "ringbuf/detail/backoff.hpp"

#include <algorithm>
#include <iterator>

namespace ringbuf::detail {

void Backoff::begin(State state, std::uint32_t pauses, std::int64_t now_ns, std::uint64_t counter) noexcept {
  state_ = state;
  pauses_ = pauses;
  least_ = pauses == 0 ? 0 : 2 * portion_;
  misses_ = waits_ = 0;
  finds_ = state == State::probe ? 1 : pauses == 0 ? finds_in_base : finds_in_run;
  begin_ns_ = now_ns;
  begin_counter_ = counter;
}

// Back to base. After a probe or a trial in vain the next probe is twice as far off.
void Backoff::give_up(std::int64_t now_ns, std::uint64_t counter) noexcept {
  probes_apart_ = state_ > State::trial ? 1 : std::min(2 * probes_apart_, most_probes_apart);
  left_ = probes_apart_;
  begin(State::base, 0, now_ns, counter);
}

// The end of a test, and of the epoch after it.
void Backoff::compare(std::int64_t now_ns, std::uint64_t counter) noexcept {
  if (test_rate_ > (tried_ == 0 ? 0.97 : 1.03) * last_rate_) {
    if (tried_ == 0) return give_up(now_ns, counter);
    good_ = tried_;
    apart_ = 1;
  } else {
    apart_ = std::min(2 * apart_, most_tests_apart);
  }
  left_ = apart_;
  begin(State::run, good_, now_ns, counter);
}

// Chooses the pauses of the next test. A poll after them must not find more than half of the ring: where the writer
// overwrites, a longer pause would cost samples. After the usual ones it finds `found`.
void Backoff::next_test(std::uint64_t found, std::uint64_t capacity) noexcept {
  const std::uint32_t kinds[] = {most_long_pauses, 2 * good_, 0, std::max(good_ / 2, fewest_long_pauses)};
  for (;;) {
    tried_ = kinds[kind_];
    kind_ = static_cast<std::uint8_t>((kind_ + 1) % std::size(kinds));
    if (tried_ <= good_ || (tried_ <= most_long_pauses && found * tried_ / good_ <= capacity / 2)) return;
  }
}

// After a probe in vain that found `found`: whether to try the most pauses, which are then the good ones.
bool Backoff::far_next(std::uint64_t found, std::uint64_t capacity) noexcept {
  const bool many = found >= 4 * portion_;
  const bool safe = found * (most_long_pauses / usual_long_pauses) <= capacity / 2;
  if (!many || !safe || --far_left_ != 0) return false;
  far_left_ = far_apart_ = std::min(2 * far_apart_, most_far_apart);
  good_ = most_long_pauses;
  return true;
}

void Backoff::end_epoch(std::int64_t now_ns, std::uint64_t counter, std::uint64_t capacity, bool slept) noexcept {
  const bool missed = misses_ >= most_misses;
  const std::int64_t time = now_ns - begin_ns_;
  if (slept || time <= 0 || counter <= begin_counter_ || begin_ns_ == 0) {
    return state_ == State::base ? begin(State::base, 0, now_ns, counter) : give_up(now_ns, counter);
  }
  const std::uint64_t gained = counter - begin_counter_;
  const double rate = static_cast<double>(gained) / static_cast<double>(time);
  if (missed && state_ != State::settle && state_ != State::test) return give_up(now_ns, counter);
  switch (state_) {
    case State::base: {
      base_rate_ = std::max(rate, 0.9 * base_rate_);
      portion_ = std::max<std::uint64_t>(gained / finds_in_base, 1);
      const bool slow = waits_ > finds_in_base / 2 && static_cast<double>(time) > slow_ns * finds_in_base;
      if (slow || --left_ != 0) return begin(State::base, 0, now_ns, counter);
      good_ = usual_long_pauses;
      return begin(State::probe, good_, now_ns, counter);
    }
    case State::probe:
      if (gained > capacity / 2 || (rate <= 1.1 * base_rate_ && !far_next(gained, capacity)))
        return give_up(now_ns, counter);
      return begin(State::trial, good_, now_ns, counter);
    case State::trial:
      if (rate <= 1.1 * base_rate_) return give_up(now_ns, counter);
      apart_ = left_ = 1;
      last_rate_ = rate;
      return begin(State::run, good_, now_ns, counter);
    case State::run: {
      // So few pauses may hold only as long as this side lags.
      if (rate < 0.7 * last_rate_ && good_ < usual_long_pauses) good_ = usual_long_pauses;
      last_rate_ = rate;
      if (--left_ != 0) return begin(State::run, good_, now_ns, counter);
      next_test(gained / finds_in_run, capacity);
      return begin(tried_ == 0 ? State::test : State::settle, tried_, now_ns, counter);
    }
    case State::settle:
      return begin(State::test, tried_, now_ns, counter);
    case State::test:
      test_rate_ = missed ? 0 : rate;
      return begin(State::again, good_, now_ns, counter);
    case State::again:
      last_rate_ = std::max(last_rate_, rate);
      return compare(now_ns, counter);
  }
}

}  // namespace ringbuf::detail
