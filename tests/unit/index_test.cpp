// The index arithmetic, exhaustively: all capacities from 1 to 7, all windows, all positions over four laps, against
// models that move samples through slots one by one.
#include "ringbuf/detail/index.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "../support/support.hpp"

using namespace ringbuf;

namespace {

constexpr std::uint64_t max_capacity = 7;
constexpr std::uint64_t laps = 4;

// Numbers at which arithmetic goes wrong if it does.
constexpr std::uint64_t half = std::uint64_t{1} << 63;
const std::vector<std::uint64_t> hostile = {0,
                                            1,
                                            2,
                                            7,
                                            8,
                                            half - 2,
                                            half - 1,
                                            half,
                                            half + 1,
                                            half + 2,
                                            ~half,
                                            UINT64_MAX,
                                            UINT64_MAX - 1,
                                            UINT64_MAX - 7,
                                            UINT32_MAX,
                                            std::uint64_t{1} << 32};

// A ring whose slots remember which sample they hold: those before `written` are whole, those from there to `intent`
// have been begun and destroyed what was there.
class Slots {
 public:
  Slots(std::uint64_t capacity, std::uint64_t written, std::uint64_t intent)
      : holds_(static_cast<std::size_t>(capacity)) {
    for (std::uint64_t i = 0; i < written; ++i) holds_[offset(i)] = i;
    for (std::uint64_t i = written; i < intent; ++i) holds_[offset(i)].reset();
  }
  bool whole(std::uint64_t index) const { return holds_[offset(index)] == index; }
  // The first index from which on nothing has been destroyed.
  std::uint64_t oldest(std::uint64_t written) const {
    std::uint64_t first = written;
    while (first > 0 && whole(first - 1)) --first;
    return first;
  }

 private:
  std::size_t offset(std::uint64_t index) const { return static_cast<std::size_t>(index % holds_.size()); }

  std::vector<std::optional<std::uint64_t>> holds_;
};

template <class Try>
void for_all_counters(Try &&check) {
  for (std::uint64_t capacity = 1; capacity <= max_capacity; ++capacity) {
    for (std::uint64_t written = 0; written <= laps * capacity; ++written) {
      for (std::uint64_t intent = written; intent <= written + capacity; ++intent) {
        check(capacity, written, intent, Slots(capacity, written, intent));
        if (testing::Test::HasFailure()) return;
      }
    }
  }
}

TEST(Index, AvailabilityIsWhatTheSlotsHold) {
  for_all_counters([](std::uint64_t capacity, std::uint64_t written, std::uint64_t intent, const Slots &slots) {
    const auto last = static_cast<std::int64_t>(laps * capacity + 2);
    for (std::int64_t start = -2; start <= last; ++start) {
      for (std::int64_t end = -2; end <= last; ++end) {
        Status expected = Status::ok;
        if (start < 0 || end < start) {
          expected = Status::bad_index;
        } else if (static_cast<std::uint64_t>(end) > written) {
          expected = Status::not_yet;
        } else {
          // An empty window counts as its place: where nothing can be read any more, it is overwritten as well.
          if (static_cast<std::uint64_t>(start) < slots.oldest(written)) expected = Status::overwritten;
          for (std::int64_t i = start; i < end; ++i) {
            if (!slots.whole(static_cast<std::uint64_t>(i))) expected = Status::overwritten;
          }
        }
        ASSERT_EQ(availability(start, end, written, intent, capacity, 0), expected)
            << "[" << start << ", " << end << ") written " << written << " intent " << intent << " capacity "
            << capacity;
      }
    }
  });
}

TEST(Index, OldestIsTheFirstSampleThatCanBeRead) {
  for_all_counters([](std::uint64_t capacity, std::uint64_t written, std::uint64_t intent, const Slots &slots) {
    ASSERT_EQ(oldest_index(intent, capacity), slots.oldest(written)) << written << " " << intent << " " << capacity;
  });
}

TEST(Index, AReaderIsOverrunWhenItsNextSampleIsGone) {
  for_all_counters([](std::uint64_t capacity, std::uint64_t written, std::uint64_t intent, const Slots &slots) {
    for (std::uint64_t position = 0; position <= written + 2 * capacity; ++position) {
      ASSERT_EQ(overrun(position, intent, capacity), position < slots.oldest(written))
          << "position " << position << " written " << written << " intent " << intent << " capacity " << capacity;
    }
  });
}

TEST(Index, EachResyncRuleGoesWhereItSays) {
  for_all_counters([](std::uint64_t capacity, std::uint64_t written, std::uint64_t intent, const Slots &slots) {
    const std::uint64_t oldest = slots.oldest(written);
    for (std::uint64_t position = 0; position < oldest; ++position) {
      ASSERT_EQ(resync(Resync::middle, position, written, intent, capacity), oldest + (written - oldest) / 2);
      ASSERT_EQ(resync(Resync::oldest, position, written, intent, capacity), oldest);
      ASSERT_EQ(resync(Resync::newest, position, written, intent, capacity), written);
      std::uint64_t lap = position;
      while (lap < oldest) lap += capacity;
      ASSERT_EQ(resync(Resync::lap, position, written, intent, capacity), lap)
          << "position " << position << " written " << written << " intent " << intent << " capacity " << capacity;
    }
  });
}

// A writer that stops, or dies, between the steps of a put of more than the capacity leaves an intent that is further from
// `written` than the capacity; a reader must come to a place where it waits for more, and not be told again and again.
TEST(Index, EachResyncRuleEndsTheOverrunWhereverTheWriterStops) {
  for (std::uint64_t capacity = 1; capacity <= max_capacity; ++capacity) {
    for (std::uint64_t written = 0; written <= laps * capacity; ++written) {
      for (std::uint64_t intent = written; intent <= written + 3 * capacity; ++intent) {
        const std::uint64_t oldest = oldest_index(intent, capacity);
        // Where the writer that resumes goes on.
        ASSERT_EQ(next_index(written, intent, capacity), std::max(written, oldest));
        for (std::uint64_t position = 0; position < oldest; ++position) {
          for (const Resync rule : {Resync::middle, Resync::newest, Resync::lap, Resync::oldest}) {
            const std::uint64_t to = resync(rule, position, written, intent, capacity);
            ASSERT_GT(to, position);
            ASSERT_FALSE(overrun(to, intent, capacity))
                << "rule " << static_cast<int>(rule) << " position " << position << " written " << written << " intent "
                << intent << " capacity " << capacity;
            ASSERT_LT(to, oldest + capacity + (rule == Resync::newest ? 1 : 0));
          }
        }
        for (const bool moving : {false, true}) {
          const std::uint64_t first = first_position(moving, written, intent, capacity, 0);
          ASSERT_FALSE(overrun(first, intent, capacity));
          ASSERT_LE(first, next_index(written, intent, capacity));
          const bool later = moving && oldest != 0;
          ASSERT_EQ(first, std::min(oldest + (later ? capacity / 8 : 0), next_index(written, intent, capacity)));
        }
      }
    }
  }
}

TEST(Index, UsageCountsWhatLiesAheadUpToTheCapacity) {
  for (std::uint64_t capacity = 1; capacity <= max_capacity; ++capacity) {
    for (std::uint64_t written = 0; written <= laps * capacity; ++written) {
      for (std::uint64_t position = 0; position <= laps * capacity + 2; ++position) {
        std::uint64_t count = 0;
        for (std::uint64_t i = position; i < written && count < capacity; ++i) ++count;
        ASSERT_EQ(usage(position, written, capacity), count);
      }
    }
  }
}

TEST(Index, ALosslessWriterGoesAsFarAsTheSlowestReaderLets) {
  for (std::uint64_t capacity = 1; capacity <= max_capacity; ++capacity) {
    for (std::uint64_t written = 0; written <= laps * capacity; ++written) {
      for (std::uint64_t slowest = 0; slowest <= written; ++slowest) {
        // Up to the limit the reader's next sample survives, one more and it does not.
        const std::uint64_t limit = lossless_limit(slowest, written, capacity);
        ASSERT_FALSE(overrun(slowest, limit, capacity));
        ASSERT_TRUE(overrun(slowest, limit + 1, capacity));
      }
      for (std::uint64_t ahead = written + 1; ahead <= written + 3; ++ahead) {
        ASSERT_EQ(lossless_limit(ahead, written, capacity), written + capacity);
      }
      ASSERT_EQ(lossless_limit(UINT64_MAX, written, capacity), written + capacity);
    }
  }
}

TEST(Index, SplitTakesEachSampleToItsSlot) {
  for (std::uint64_t capacity = 1; capacity <= max_capacity; ++capacity) {
    for (std::uint64_t offset = 0; offset < capacity; ++offset) {
      for (std::uint64_t count = 0; count <= capacity; ++count) {
        const Split part = split(offset, count, capacity);
        ASSERT_EQ(part.head + part.tail, count);
        for (std::uint64_t i = 0; i < count; ++i) {
          const std::uint64_t at = i < part.head ? offset + i : i - part.head;
          ASSERT_EQ(at, (offset + i) % capacity)
              << "offset " << offset << " count " << count << " capacity " << capacity;
        }
      }
    }
  }
}

TEST(Index, ContiguousWindowsEndWithinThePocket) {
  for (std::uint64_t capacity = 1; capacity <= max_capacity; ++capacity) {
    for (std::uint64_t window = 1; window <= capacity; ++window) {
      for (std::uint64_t offset = 0; offset < capacity; ++offset) {
        for (std::uint64_t count = 0; count <= capacity; ++count) {
          ASSERT_EQ(contiguous(offset, count, capacity, window), offset + count <= capacity + window);
        }
      }
    }
  }
}

TEST(Index, OffsetFinderIsTheRemainderWhereverOneJumps) {
  for (std::uint64_t capacity = 1; capacity <= max_capacity; ++capacity) {
    for (std::uint64_t first = 0; first <= laps * capacity; ++first) {
      for (std::uint64_t second = 0; second <= laps * capacity; ++second) {
        for (std::uint64_t third = 0; third <= laps * capacity; ++third) {
          OffsetFinder finder;
          ASSERT_EQ(finder.offset(first, capacity), first % capacity);
          ASSERT_EQ(finder.offset(second, capacity), second % capacity)
              << first << " then " << second << " of " << capacity;
          ASSERT_EQ(finder.offset(third, capacity), third % capacity)
              << first << ", " << second << " then " << third << " of " << capacity;
        }
      }
    }
  }
}

TEST(Index, OffsetFinderKnowsHugeIndices) {
  const std::vector<std::uint64_t> capacities = {1, 2, 3, 7, 1000, std::uint64_t{1} << 32, std::uint64_t{1} << 60};
  for (const std::uint64_t capacity : capacities) {
    for (const std::uint64_t first : hostile) {
      for (const std::uint64_t second : hostile) {
        OffsetFinder finder;
        ASSERT_EQ(finder.offset(first, capacity), first % capacity);
        ASSERT_LT(finder.offset(second, capacity), capacity);
        if (first >= half || second >= half) continue;  // no index, but no way out of the ring either
        ASSERT_EQ(finder.offset(second, capacity), second % capacity)
            << first << " then " << second << " of " << capacity;
        ASSERT_EQ(finder.offset(first, capacity), first % capacity)
            << second << " then " << first << " of " << capacity;
      }
    }
  }
  test::Random random;
  OffsetFinder finder;
  std::uint64_t index = 0;
  constexpr std::uint64_t capacity = 1'000'003;
  for (int i = 0; i < 100000; ++i) {
    if (random.once_in(10)) index = random.below(half / 2);
    index += random.below(3 * capacity);
    ASSERT_EQ(finder.offset(index, capacity), index % capacity) << index;
  }
}

// The counters come from memory that anybody may have written to.
TEST(Index, HostileCountersNeverGrantMoreThanTheCapacity) {
  for (const std::uint64_t capacity : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{7}, std::uint64_t{1} << 40}) {
    for (const std::uint64_t written : hostile) {
      for (const std::uint64_t intent : hostile) {
        for (const std::uint64_t from : hostile) {
          ASSERT_LE(usage(from, written, capacity), capacity);
          for (const std::uint64_t to : hostile) {
            const auto start = static_cast<std::int64_t>(from);
            const auto end = static_cast<std::int64_t>(to);
            const Status status = availability(start, end, written, intent, capacity, 0);
            if (status != Status::ok) continue;
            ASSERT_GE(start, 0);
            ASSERT_LE(start, end);
            ASSERT_LE(to - from, capacity);
            ASSERT_LE(to, written);
          }
        }
      }
    }
  }
}

TEST(Index, HostileCountersLeadNoReaderBackwards) {
  for (const std::uint64_t capacity : {std::uint64_t{1}, std::uint64_t{7}, std::uint64_t{1} << 40}) {
    for (const std::uint64_t written : hostile) {
      for (const std::uint64_t intent : hostile) {
        for (const std::uint64_t position : hostile) {
          if (position >= half || !overrun(position, intent, capacity)) continue;
          ASSERT_GT(resync(Resync::oldest, position, written, intent, capacity), position);
          ASSERT_GT(resync(Resync::middle, position, written, intent, capacity), position);
          ASSERT_GT(resync(Resync::newest, position, written, intent, capacity), position);
          if (intent > half) continue;
          ASSERT_GT(resync(Resync::lap, position, written, intent, capacity), position);
        }
      }
    }
  }
}

// The indices that a ring holds lie in ranges of which no two have the same cell.
TEST(Index, TrackMarksDoNotMeet) {
  for (std::uint64_t capacity = 1; capacity < 3000; ++capacity) {
    const std::uint64_t stride = track_stride(capacity);
    ASSERT_GE(stride * (track_marks - 2), capacity);
    ASSERT_TRUE(stride == 1 || (stride - 1) * (track_marks - 2) < capacity) << "no longer than it has to be";
    for (const std::uint64_t written : {capacity, 7 * capacity + 3, std::uint64_t{1} << 62}) {
      const std::uint64_t oldest = written - capacity;
      ASSERT_LE(written / stride - oldest / stride, track_marks - 2);
      ASSERT_EQ(track_mark(written, stride), written / stride % track_marks);
    }
  }
  EXPECT_EQ(track_stride(UINT64_MAX), UINT64_MAX / 254 + 1);
}

}  // namespace
