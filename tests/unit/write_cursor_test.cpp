// The writer's own counters, exhaustively: every sequence of steps that a writer takes, on small rings, against a model that
// counts samples one by one.
#include "ringbuf/detail/write_cursor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace {

using ringbuf::detail::WriteCursor;

// A put of 1 to `capacity` samples, a reservation with a commit of fewer or none, or a skip before a put.
enum class Kind : std::uint8_t { put, reserve, skip };
struct Action {
  Kind kind;
  std::uint64_t count;
  std::uint64_t commit;
};

class Ring {
 public:
  Ring(std::uint64_t capacity, std::uint64_t window, bool lossless, std::uint64_t written, std::uint64_t intent)
      : capacity_(capacity), window_(window), lossless_(lossless), written_(written), announced_(intent) {
    cursor_.start(written, intent, capacity);
    expect("start");
  }

  void take(const Action &action) {
    if (action.kind == Kind::skip) {
      if (lossless_) return;
      limit(action.count + capacity_);
      announce(action.count + capacity_);
      cursor_.pass_over(action.count, capacity_);
      written_ += action.count;
      return expect("skip");
    }
    if (!cursor_.is_below_limit(action.count)) limit(action.count);
    const std::uint64_t before = cursor_.intent();
    const std::uint64_t intent = announce(action.count);
    if (action.kind == Kind::reserve) {
      const std::uint64_t number = cursor_.reservation();
      ASSERT_EQ(cursor_.reserve(action.count, intent), number + 1);
      ASSERT_EQ(cursor_.reserved(), action.count);
      ASSERT_FALSE(cursor_.is_plain(1)) << "a put that drops the reservation is no plain one";
      expect("reserve");
      cursor_.end_reservation();
      if (action.commit == 0) return expect("give up");
    } else if (cursor_.is_plain(action.count)) {
      const std::uint64_t offset = written_ % capacity_;
      ASSERT_LT(offset + action.count, capacity_) << "in one piece, and not up to the end";
      ASSERT_GE(offset, window_) << "outside the samples that the pocket repeats";
      ASSERT_LE(written_ + action.count, limit_) << "below the limit";
      ASSERT_TRUE(!lossless_ || written_ + action.count <= before) << "on a lossless ring announced by an earlier put";
    }
    const std::uint64_t count = action.kind == Kind::reserve ? action.commit : action.count;
    if (action.kind == Kind::put && cursor_.is_plain(count)) {
      cursor_.advance_plain(cursor_.place(), count);
    } else {
      cursor_.advance(count, capacity_);
    }
    written_ += count;
    cursor_.find_plain_end(capacity_, window_, lossless_);
    expect("put");
  }

 private:
  void limit(std::uint64_t count) {
    limit_ = cursor_.next_limit(count + 1);
    ASSERT_GE(limit_, written_ + count);
    cursor_.set_limit(limit_, capacity_);
    ASSERT_TRUE(cursor_.is_below_limit(count));
  }

  std::uint64_t announce(std::uint64_t count) {
    std::uint64_t intent = 0;
    if (lossless_) {
      (void)cursor_.extend_lossless_intent(count, capacity_);
      intent = cursor_.intent();
      EXPECT_LE(intent, std::max(limit_, announced_))
          << "a lossless writer announces nothing that it has no credit for";
    } else {
      intent = cursor_.overwriting_intent(count);
    }
    EXPECT_GE(intent, written_ + count);
    EXPECT_GE(intent, lossless_ ? announced_ : written_) << "an intent never goes back";
    if (lossless_) announced_ = intent;
    return intent;
  }

  void expect(const char *after) const {
    ASSERT_EQ(cursor_.written(), written_) << after;
    ASSERT_EQ(cursor_.offset(), written_ % capacity_) << after;
    ASSERT_TRUE(cursor_.holds(capacity_, window_, lossless_)) << after << " at " << written_ << " of " << capacity_;
  }

  WriteCursor cursor_;
  std::uint64_t capacity_;
  std::uint64_t window_;
  bool lossless_;
  std::uint64_t written_;
  std::uint64_t announced_;
  std::uint64_t limit_ = 0;
};

std::vector<Action> actions_of(std::uint64_t capacity) {
  std::vector<Action> actions{{Kind::skip, 1, 0}, {Kind::skip, capacity + 1, 0}};
  for (std::uint64_t count = 1; count <= capacity; ++count) {
    actions.push_back({Kind::put, count, 0});
    for (std::uint64_t commit = 0; commit <= count; ++commit) actions.push_back({Kind::reserve, count, commit});
  }
  return actions;
}

TEST(WriteCursor, HoldsItsInvariantThroughEverySequenceOfFour) {
  for (std::uint64_t capacity = 1; capacity <= 3; ++capacity) {
    const std::vector<Action> actions = actions_of(capacity);
    for (std::uint64_t window = 0; window <= capacity; ++window) {
      for (const bool lossless : {false, true}) {
        for (std::uint64_t written = 0; written <= capacity; ++written) {
          for (const Action &first : actions) {
            for (const Action &second : actions) {
              for (const Action &third : actions) {
                for (const Action &fourth : actions) {
                  Ring ring(capacity, window, lossless, written, written + written % 2);
                  for (const Action &action : {first, second, third, fourth}) ring.take(action);
                  if (HasFatalFailure()) return;
                }
              }
            }
          }
        }
      }
    }
  }
}

TEST(WriteCursor, KeepsAPlainPutOutOfTheWay) {
  // Of a ring of 8 with a pocket of 2, whose limit lies 6 further on: from offset 2 on, plain up to the limit or nearly to the
  // end.
  WriteCursor cursor;
  cursor.start(0, 0, 8);
  cursor.set_limit(6, 8);
  cursor.find_plain_end(8, 2, false);
  EXPECT_FALSE(cursor.is_plain(1)) << "offset 0 is repeated in the pocket";
  cursor.advance(2, 8);
  cursor.find_plain_end(8, 2, false);
  EXPECT_TRUE(cursor.is_plain(4));
  EXPECT_FALSE(cursor.is_plain(5)) << "beyond the limit";
  cursor.set_limit(100, 8);
  cursor.find_plain_end(8, 2, false);
  EXPECT_TRUE(cursor.is_plain(5));
  EXPECT_FALSE(cursor.is_plain(6)) << "up to the end of the data, where a lap ends";
  EXPECT_FALSE(cursor.is_plain(0)) << "a put of nothing";
  (void)cursor.reserve(1, 3);
  EXPECT_FALSE(cursor.is_plain(1));
}

// A sixteenth of the ring ahead, but never beyond the credit, and never short of the put.
TEST(WriteCursor, AnnouncesNoMoreThanItHasCreditFor) {
  constexpr std::uint64_t capacity = 64;
  for (std::uint64_t credit = 1; credit <= capacity; ++credit) {
    for (std::uint64_t count = 1; count <= credit; ++count) {
      WriteCursor cursor;
      cursor.start(10, 10, capacity);
      cursor.set_limit(10 + credit, capacity);
      ASSERT_TRUE(cursor.extend_lossless_intent(count, capacity));
      ASSERT_EQ(cursor.intent(), 10 + std::max(count, std::min<std::uint64_t>(credit, 4))) << credit << " " << count;
      ASSERT_FALSE(cursor.extend_lossless_intent(count, capacity)) << "announced already";
    }
  }
}

}  // namespace
