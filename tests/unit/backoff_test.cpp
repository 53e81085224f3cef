// Adaptive backoff against a model of the cache line that carries the counter. The time is the model's, so every run is the
// same.
#include "ringbuf/detail/backoff.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <random>
#include <vector>

namespace {

using ringbuf::detail::Backoff;

// Nanoseconds of the model.
constexpr double kExchange = 100;  // the line goes to the other processor
constexpr double kLook = 2;        // the line is here
constexpr double kPause = 15;      // one hint to the processor

// A writer that makes an item, stores the counter, and so on. Its store waits for the line if the reader has it.
struct Writer {
  double item_ns = 6;               // the time to make one item
  double every_ns = 0;              // an item comes at most so often
  std::uint64_t in_flight = 16384;  // so many items may be unanswered: the capacity, or 1 in a ping-pong
  std::uint64_t capacity = 0;       // 0: as many; else it overwrites
  std::uint64_t burst = 0;          // so many items, then a rest; 0: no rests
  double rest_ns = 0;
  // An item whose place the reader left while it was so many behind, a lap ago, is made in that time: its lines are in a cache
  // that both sides share.
  std::uint64_t far = UINT64_MAX;
  double far_item_ns = 0;
  double exchange_ns = kExchange;
};

class Stream {
 public:
  explicit Stream(const Writer &writer, double use_ns = 2, std::uint64_t portion = 1)
      : writer_(writer), use_ns_(use_ns), portion_(portion) {}

  Writer &writer() { return writer_; }
  const Backoff &backoff() const { return backoff_; }
  void without_backoff() { fixed_ = 0; }
  void with_pauses(int pauses) { fixed_ = pauses; }

  // Takes `count` items. Returns the time of one.
  double take(std::uint64_t count) {
    const double begin = now_;
    const std::uint64_t before = taken_;
    delays_ = 0;
    late_ = 0;
    for (const std::uint64_t end = taken_ + count; taken_ < end;) {
      poll();
      for (; taken_ < known_; ++taken_) {
        const double late = now_ - made_at_.front();
        made_at_.pop_front();
        delays_ += late;
        late_ += late > 500 ? 1 : 0;
        now_ += use_ns_;
        answered_at_ = now_;
      }
    }
    count_ = static_cast<double>(taken_ - before);
    return (now_ - begin) / count_;
  }
  // Of the items of the latest take().
  double mean_delay() const { return delays_ / count_; }
  int late() const { return late_; }                        // by more than 500 ns
  std::uint64_t most_found() const { return most_found_; }  // by a poll
  // Takes what has been made.
  void drain() { take(written_ - taken_); }

 private:
  std::uint64_t capacity() const { return writer_.capacity != 0 ? writer_.capacity : writer_.in_flight; }
  void poll() {
    const std::uint32_t pauses = fixed_ >= 0 ? static_cast<std::uint32_t>(fixed_) : backoff_.pauses();
    now_ += kPause * pauses;
    look();
    if (fixed_ < 0 &&
        (seen_ == known_ ? backoff_.found_nothing() : backoff_.found(seen_ - known_, Backoff::enough(capacity())))) {
      backoff_.end_epoch(static_cast<std::int64_t>(now_), seen_, capacity(), false);
      now_ += 30;
    }
    if (seen_ == known_) now_ += kPause;
    most_found_ = std::max(most_found_, seen_ - known_);
    known_ = seen_;
  }
  // Loads the counter.
  void look() {
    run_writer(now_);
    now_ += stored_ ? writer_.exchange_ns : kLook;
    stored_ = false;
    seen_ = written_;
  }
  void run_writer(double until) {
    for (;;) {
      const auto place = static_cast<std::size_t>(written_ % writer_.in_flight);
      if (was_far_.size() <= place) was_far_.resize(place + 1);
      const double item_ns = was_far_[place] ? writer_.far_item_ns : writer_.item_ns;
      double at = written_at_ + item_ns * static_cast<double>(portion_);
      if (!stored_) at += writer_.exchange_ns;
      if (writer_.every_ns > 0) at = std::max(at, written_at_ + writer_.every_ns);
      if (writer_.burst != 0 && written_ % writer_.burst == 0) at += writer_.rest_ns;
      if (written_ >= taken_ + writer_.in_flight) {
        full_ = true;
        return;
      }
      if (full_) at = std::max(at, answered_at_ + 2 * kExchange);
      if (at > until) return;
      stored_ = true;
      full_ = false;
      written_at_ = at;
      was_far_[place] = written_ - taken_ >= writer_.far;
      for (std::uint64_t i = 0; i < portion_; ++i) made_at_.push_back(at);
      written_ += portion_;
    }
  }

  Writer writer_;
  const double use_ns_;
  const std::uint64_t portion_;
  Backoff backoff_;
  int fixed_ = -1;
  double now_ = 1, written_at_ = 0, answered_at_ = 0;
  bool stored_ = true;  // since the latest look
  bool full_ = false;   // the writer waits for an answer
  std::uint64_t written_ = 0, seen_ = 0, known_ = 0, taken_ = 0;
  std::deque<double> made_at_;
  std::vector<bool> was_far_;
  double delays_ = 0, count_ = 0;
  int late_ = 0;
  std::uint64_t most_found_ = 0;
};

constexpr std::uint64_t kMany = 200'000;

TEST(Backoff, AChaseEnds) {
  for (const double item_ns : {6., 20., 50.}) {
    Stream chase({.item_ns = item_ns});
    chase.without_backoff();
    Stream stream({.item_ns = item_ns});
    const double chasing = chase.take(kMany);
    EXPECT_GT(chasing, 50) << "the model chases";
    stream.take(kMany);
    EXPECT_LT(stream.take(kMany), 1.25 * item_ns + 2) << item_ns;
  }
}

// 8 KiB and more: a pause brings a few, and a probe counts whole ones.
TEST(Backoff, AChaseOfLargeBlocksEnds) {
  for (const double item_ns : {157., 230., 330.}) {
    Stream stream({.item_ns = item_ns}, 20);
    stream.take(kMany);
    EXPECT_LT(stream.take(kMany), 1.1 * item_ns) << item_ns;
  }
}

// Far apart the sides are quicker, but only once the pauses have been longer for a lap.
TEST(Backoff, TheSidesComeFarApartWhereThatIsQuicker) {
  for (const double item_ns : {60., 157., 200.}) {
    Stream stream({.item_ns = item_ns, .in_flight = 512, .far = 16, .far_item_ns = 0.6 * item_ns}, 20);
    stream.take(kMany);
    EXPECT_LT(stream.take(kMany), 0.75 * item_ns) << item_ns;
  }
}

// Blocks so large that a chase costs little: one long pause brings nothing, and many do.
TEST(Backoff, AChaseThatCostsLittleComesFarApart) {
  Stream stream({.item_ns = 157, .in_flight = 512, .far = 16, .far_item_ns = 94, .exchange_ns = 5}, 20);
  stream.take(kMany);
  EXPECT_LT(stream.take(kMany), 0.75 * 157);
}

// What the backoff is told by a side that uses what it finds for 2 us, and what it answers: the numbers of pauses, in turn.
std::vector<std::uint32_t> answers(bool waits, double gain_of_pauses) {
  Backoff backoff;
  std::vector<std::uint32_t> pauses;
  std::int64_t now_ns = 1;
  std::uint64_t counter = 0;
  for (int find = 0; find < 20'000; ++find) {
    if (waits && backoff.found_nothing()) backoff.end_epoch(now_ns, counter, 16384, false);
    const double rate = backoff.pauses() > 31 ? gain_of_pauses : 1;
    const auto more = static_cast<std::uint64_t>(400 * rate);
    now_ns += 2000;
    counter += more;
    if (backoff.found(more, 256)) backoff.end_epoch(now_ns, counter, 16384, false);
    if (pauses.empty() || pauses.back() != backoff.pauses()) pauses.push_back(backoff.pauses());
  }
  return pauses;
}

// Polls are far apart where items come slowly, and where each find is much work. Only the first must not be delayed.
TEST(Backoff, ABusySideTriesPauses) {
  const std::vector<std::uint32_t> busy = answers(false, 1);
  EXPECT_GE(*std::max_element(busy.begin(), busy.end()), 64U);
  const std::vector<std::uint32_t> slow = answers(true, 1);
  EXPECT_LE(*std::max_element(slow.begin(), slow.end()), 31U);
}

// Right after long pauses the sides are far apart, and the quick rule looks as good.
TEST(Backoff, TheQuickRuleIsNotTheFirstTest) {
  const std::vector<std::uint32_t> pauses = answers(false, 3);
  const auto run = std::find(pauses.begin(), pauses.end(), 64U);
  ASSERT_NE(run, pauses.end());
  ASSERT_NE(run + 1, pauses.end());
  EXPECT_GT(run[1], 64U);
}

// A writer that overwrites would have overtaken the reader.
TEST(Backoff, NoPauseIsLongerThanHalfOfTheRingTakes) {
  for (const double exchange_ns : {kExchange, 5.}) {
    for (const std::uint64_t capacity : {64U, 128U, 2048U, 16384U}) {
      const double item_ns = capacity < 1000 ? 157 : 6;
      Stream stream({.item_ns = item_ns, .in_flight = capacity, .exchange_ns = exchange_ns});
      stream.take(10 * kMany);
      EXPECT_LE(stream.most_found(), capacity / 2) << capacity;
    }
  }
  Stream overwritten({.item_ns = 6, .capacity = 64});  // each long pause would take more than the ring
  overwritten.take(10 * kMany);
  EXPECT_LE(overwritten.backoff().pauses(), 31U);
}

TEST(Backoff, AChaseEndsSoon) {
  Stream stream({.item_ns = 6});
  stream.take(4'000);
  EXPECT_LT(stream.take(4'000), 12);
}

// Windows of many samples that are put at once.
TEST(Backoff, PortionsAreNoChaseOfSamples) {
  Stream pingpong({.item_ns = 1, .in_flight = 64}, 2, 64);
  const double with = pingpong.take(64 * kMany);
  Stream plain({.item_ns = 1, .in_flight = 64}, 2, 64);
  plain.without_backoff();
  EXPECT_LT(with, 1.02 * plain.take(64 * kMany));
}

TEST(Backoff, ARoundTripIsNotDelayed) {
  Stream pingpong({.in_flight = 1});
  Stream plain({.in_flight = 1});
  plain.without_backoff();
  EXPECT_LT(pingpong.take(kMany), 1.01 * plain.take(kMany));
  EXPECT_EQ(pingpong.backoff().pauses(), 0U);
}

TEST(Backoff, SingleItemsAreNotDelayed) {
  for (const double every_ns : {1'000., 10'000., 100'000.}) {
    Stream stream({.every_ns = every_ns});
    Stream plain({.every_ns = every_ns});
    plain.without_backoff();
    stream.take(10'000);
    plain.take(10'000);
    EXPECT_LT(stream.mean_delay(), 1.01 * plain.mean_delay()) << every_ns;
  }
}

// As fast as a chase, and yet not one: pauses would bring delays and nothing else.
TEST(Backoff, AWriterThatIsNoFasterIsNotPausedFor) {
  Stream stream({.item_ns = 6, .every_ns = 300});
  Stream plain({.item_ns = 6, .every_ns = 300});
  plain.without_backoff();
  stream.take(kMany);
  plain.take(kMany);
  EXPECT_LT(stream.mean_delay(), 1.02 * plain.mean_delay());
}

TEST(Backoff, AReaderThatLagsDoesNotPause) {
  Stream stream({.item_ns = 6}, 12);
  stream.take(kMany);
  EXPECT_LT(stream.take(kMany), 1.03 * 12);
}

// A stream turns into single items and back, again and again.
TEST(Backoff, FollowsWhatTheWriterDoes) {
  Stream stream({.item_ns = 6});
  Stream plain({.item_ns = 6});
  plain.without_backoff();
  for (int i = 0; i < 20; ++i) {
    for (Stream *each : {&stream, &plain}) each->writer() = {.item_ns = 6};
    stream.take(kMany);
    EXPECT_LT(stream.take(kMany), 12) << i;
    for (Stream *each : {&stream, &plain}) each->writer() = {.every_ns = 10'000};
    stream.take(100);
    plain.take(1'000);
    stream.take(1'000);
    EXPECT_LT(stream.mean_delay(), 1.01 * plain.mean_delay()) << i;
    for (Stream *each : {&stream, &plain}) each->writer() = {.item_ns = 6};
    stream.take(kMany);
    for (Stream *each : {&stream, &plain}) each->writer() = {.in_flight = 1};
    stream.drain();
    stream.take(100);
    EXPECT_LE(stream.late(), 4) << i;
    plain.take(20'000);
    EXPECT_LT(stream.take(20'000), 1.05 * plain.take(20'000)) << i;
  }
}

// Bursts of 64 items, and a millisecond between them: the rest is neither gain nor loss. Only the quick rule pauses, briefly.
TEST(Backoff, BurstsAreNotDelayed) {
  Stream stream({.item_ns = 6, .burst = 64, .rest_ns = 1e6});
  Stream plain({.item_ns = 6, .burst = 64, .rest_ns = 1e6});
  plain.without_backoff();
  stream.take(10'000);
  plain.take(10'000);
  EXPECT_LT(stream.mean_delay(), plain.mean_delay() + 31 * kPause);
}

// Long bursts are streams while they last.
TEST(Backoff, LongBurstsGetTheirPauses) {
  Stream stream({.item_ns = 6, .burst = 20'000, .rest_ns = 1e5});
  stream.take(kMany);
  EXPECT_LT(stream.take(10 * kMany), 12 + 1e5 / 20'000);
}

// A writer that waits for answers to many items: pauses longer than it can fill cost time.
TEST(Backoff, ASmallRingIsNotSlower) {
  for (const std::uint64_t in_flight : {2U, 4U, 8U, 16U, 64U, 256U}) {
    Stream stream({.item_ns = 6, .in_flight = in_flight});
    Stream plain({.item_ns = 6, .in_flight = in_flight});
    plain.without_backoff();
    stream.take(kMany);
    plain.take(kMany);
    EXPECT_LT(stream.take(kMany), 1.05 * plain.take(kMany)) << in_flight;
  }
}

}  // namespace
