// Indices that a writer leaves out. What random operations show is in unit_model; here are the replica, the ends of the range,
// the texts, what a refused call leaves, and what outlives a writer.
#include <limits>
#include <random>

#include "support.hpp"

namespace {

using namespace capi;

constexpr std::size_t kGapsKept = 62;

struct Gap {
  std::int64_t start;
  std::int64_t end;
  bool operator==(const Gap& other) const { return start == other.start && end == other.end; }
};
std::ostream& operator<<(std::ostream& to, const Gap& gap) { return to << "[" << gap.start << ", " << gap.end << ")"; }

int collect(std::int64_t start, std::int64_t end, void* all) {
  static_cast<std::vector<Gap>*>(all)->push_back({start, end});
  return 0;
}
std::vector<Gap> gaps(ringbuf_t* ring) {
  std::vector<Gap> all;
  EXPECT_EQ(ringbuf_gaps(ring, collect, &all), RINGBUF_OK) << ringbuf_last_error();
  return all;
}

int check(ringbuf_t* ring, std::int64_t index) { return ringbuf_check(ring, index, index + 1); }

TEST(CapiGaps, TheIndicesOfAGapAreNoSamples) {
  for (const std::uint32_t flags : {0U, std::uint32_t{RINGBUF_LOSSLESS}}) {
    Pair ring(options(16, 4, flags));
    ASSERT_EQ(put(ring.writer, 5), RINGBUF_OK);
    ASSERT_EQ(ringbuf_skip(ring.writer, 3), RINGBUF_OK) << ringbuf_last_error();
    EXPECT_EQ(written(ring.writer), 8);
    ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);
    for (ringbuf_t* handle : {static_cast<ringbuf_t*>(ring.writer), static_cast<ringbuf_t*>(ring.reader)}) {
      for (std::int64_t i = 0; i < 10; ++i) {
        const int right = i >= 5 && i < 8 ? RINGBUF_GAP : RINGBUF_OK;
        std::int32_t item = -1;
        const void* at = nullptr;
        EXPECT_EQ(check(handle, i), right) << i;
        EXPECT_EQ(ringbuf_read(handle, i, i + 1, &item), right) << i;
        EXPECT_EQ(ringbuf_view(handle, i, i + 1, &at), right) << i;
        EXPECT_EQ(right == RINGBUF_OK ? item : i, i);
        EXPECT_EQ(ringbuf_check(handle, i, i), RINGBUF_OK) << "no index is asked for";
      }
      EXPECT_EQ(ringbuf_check(handle, 0, 5), RINGBUF_OK);
      EXPECT_EQ(ringbuf_check(handle, 8, 10), RINGBUF_OK);
      EXPECT_EQ(ringbuf_check(handle, 4, 6), RINGBUF_GAP);
      EXPECT_NE(std::string(ringbuf_last_error()).find("[4, 6)"), std::string::npos) << ringbuf_last_error();
      EXPECT_NE(std::string(ringbuf_last_error()).find("[5, 8)"), std::string::npos) << ringbuf_last_error();
      EXPECT_EQ(ringbuf_check(handle, 7, 9), RINGBUF_GAP);
      EXPECT_EQ(ringbuf_check(handle, 0, 10), RINGBUF_GAP);
      EXPECT_EQ(ringbuf_check(handle, 9, 11), RINGBUF_NOT_YET) << "before anything else";
      EXPECT_EQ(ringbuf_wait(handle, 6, kForever), RINGBUF_OK) << "nothing is to come any more";
      EXPECT_EQ(gaps(handle), (std::vector<Gap>{{5, 8}}));
    }
    EXPECT_EQ(ringbuf_seek(ring.reader, 6), RINGBUF_GAP);
    EXPECT_EQ(tell(ring.reader), 0);
  }
}

TEST(CapiGaps, ConsumersAreToldOnceAndContinueBehind) {
  for (const std::uint32_t flags : {0U, std::uint32_t{RINGBUF_LOSSLESS}}) {
    Pair ring(options(16, 4, flags), RINGBUF_RESYNC_OLDEST);
    ASSERT_EQ(put(ring.writer, 5), RINGBUF_OK);
    ASSERT_EQ(ringbuf_skip(ring.writer, 3), RINGBUF_OK);
    ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
    std::vector<std::int32_t> items(16);
    std::uint64_t count = 0;
    ASSERT_EQ(ringbuf_pop_many(ring.reader, items.data(), 16, &count), RINGBUF_OK);
    EXPECT_EQ(count, 5U) << "up to the gap";
    EXPECT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
    EXPECT_NE(std::string(ringbuf_last_error()).find("skipped"), std::string::npos) << ringbuf_last_error();
    EXPECT_EQ(tell(ring.reader), 8);
    EXPECT_EQ(info(ring.reader).lost, 3U);
    EXPECT_EQ(info(ring.reader).overruns, 1U);
    expect_pops(ring.reader, 8, 4);
    EXPECT_EQ(pop_code(ring.reader), RINGBUF_EMPTY);

    // A window that touches the gap: what comes before it is not handed out either.
    ASSERT_EQ(ringbuf_seek(ring.reader, 3), RINGBUF_OK) << ringbuf_last_error();
    const void* window = nullptr;
    std::int64_t start = -1;
    EXPECT_EQ(ringbuf_next(ring.reader, 4, 4, kForever, &window, &start), RINGBUF_OVERWRITTEN);
    EXPECT_EQ(tell(ring.reader), 8);
    EXPECT_EQ(info(ring.reader).lost, 8U);
    ASSERT_EQ(ringbuf_next(ring.reader, 4, 4, kForever, &window, &start), RINGBUF_OK);
    EXPECT_EQ(start, 8);
  }
}

// The head start that a late reader gets counts from what is overwritten next, and that is the gap.
TEST(CapiGaps, WhoComesLaterStartsBehindALongGap) {
  Pair ring(options(64));
  ASSERT_EQ(put(ring.writer, 10), RINGBUF_OK);
  ASSERT_EQ(ringbuf_skip(ring.writer, 60), RINGBUF_OK);
  for (int i = 0; i < 56; ++i) {  // from here on the oldest sample that is left has less than an eighth before it
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    EXPECT_EQ(tell(capi::open(ring.name)), 70) << i;
  }
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  EXPECT_EQ(tell(capi::open(ring.name)), 71);
}

TEST(CapiGaps, LapsStayLaps) {
  Pair ring(options(16, 4), RINGBUF_RESYNC_LAP);
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  ASSERT_EQ(ringbuf_skip(ring.writer, 2), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  expect_pops(ring.reader, 0, 3);
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(tell(ring.reader), 3 + 16);
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_EMPTY);
}

TEST(CapiGaps, GapsThatMeetAreOne) {
  Pair ring(options(16));
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  for (std::uint64_t i = 0; i < 2 * kGapsKept; ++i) {
    ASSERT_EQ(ringbuf_skip(ring.writer, 1), RINGBUF_OK);
    ASSERT_EQ(ringbuf_skip(ring.writer, 0), RINGBUF_OK) << "leaves nothing out";
  }
  EXPECT_EQ(gaps(ring.reader), (std::vector<Gap>{})) << "the gap is longer than the ring";
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  EXPECT_EQ(check(ring.reader, 1 + 2 * kGapsKept), RINGBUF_OK);
  EXPECT_EQ(info(ring.reader).oldest, static_cast<std::int64_t>(1 + 2 * kGapsKept));
  // Who comes now does not start in the gap.
  EXPECT_GE(tell(capi::open(ring.name)), static_cast<std::int64_t>(1 + 2 * kGapsKept));
}

// More gaps than the table has entries: the newest ones count, and what lies before an older one cannot be read. Each index
// is compared with what the writer did.
TEST(CapiGaps, TheNewestSixtyTwoCount) {
  Pair ring(options(1000));
  std::vector<bool> put_here;
  std::vector<std::int64_t> ends;
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);
    ASSERT_EQ(ringbuf_skip(ring.writer, 1), RINGBUF_OK);
    put_here.insert(put_here.end(), {true, true, false});
    ends.push_back(written(ring.writer));
    const std::int64_t floor = ends.size() > kGapsKept ? ends[ends.size() - kGapsKept - 1] : 0;
    for (std::int64_t index = 0; index < written(ring.writer); ++index) {
      const int right = index < floor                               ? RINGBUF_OVERWRITTEN
                        : put_here[static_cast<std::size_t>(index)] ? RINGBUF_OK
                                                                    : RINGBUF_GAP;
      ASSERT_EQ(check(ring.reader, index), right) << index << " of " << written(ring.writer);
    }
    ASSERT_EQ(gaps(ring.reader).size(), std::min<std::size_t>(ends.size(), kGapsKept));
    ASSERT_EQ(info(ring.reader).oldest, floor);
  }
  // Whoever consumes from the beginning is overrun once, and gets everything from there on.
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
  EXPECT_GE(tell(ring.reader), ends[100 - kGapsKept - 1]);
}

TEST(CapiGaps, ALosslessRingSparesItsReaders) {
  Pair ring(options(8, 2, RINGBUF_LOSSLESS));
  ASSERT_EQ(put(ring.writer, 5), RINGBUF_OK);
  // The reader needs sample 0, which a next index of 9 would leave behind by more than the capacity.
  const ringbuf_info_t before = info(ring.writer);
  EXPECT_EQ(ringbuf_skip(ring.writer, 4), RINGBUF_FULL);
  EXPECT_NE(std::string(ringbuf_last_error()).find("4"), std::string::npos) << ringbuf_last_error();
  EXPECT_EQ(ringbuf_skip(ring.writer, 1000), RINGBUF_FULL);
  EXPECT_EQ(written(ring.writer), before.written);
  EXPECT_EQ(gaps(ring.reader), (std::vector<Gap>{}));
  EXPECT_EQ(info(ring.writer).oldest, before.oldest);
  // A refused skip takes nothing from those who come then.
  Handle late = capi::open(ring.name);
  EXPECT_EQ(tell(late), 0);
  late.close();

  ASSERT_EQ(ringbuf_skip(ring.writer, 3), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(put(ring.writer, 1), RINGBUF_FULL);
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 1, 0), RINGBUF_TIMEOUT);
  expect_pops(ring.reader, 0, 5);
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
  expect_pops(ring.reader, 8, 1);

  // As far as one likes, once all have read everything.
  ASSERT_EQ(ringbuf_wait_space(ring.writer, 8, kForever), RINGBUF_OK);
  ASSERT_EQ(ringbuf_skip(ring.writer, 1'000'000), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(put(ring.writer, 1), RINGBUF_FULL) << "the reader has not passed the gap yet";
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(put(ring.writer, 1), RINGBUF_FULL);
  expect_pops(ring.reader, 1'000'009, 8);
}

// A skip that would push a gap out of the table that a reader still has before it.
TEST(CapiGaps, ALosslessRingKeepsTheGapsThatReadersHaveBeforeThem) {
  Pair ring(options(1000, 2, RINGBUF_LOSSLESS));
  for (std::uint64_t i = 0; i < kGapsKept; ++i) {
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    ASSERT_EQ(ringbuf_skip(ring.writer, 1), RINGBUF_OK);
  }
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  EXPECT_EQ(ringbuf_skip(ring.writer, 1), RINGBUF_FULL);
  EXPECT_EQ(gaps(ring.reader).size(), kGapsKept);
  expect_pops(ring.reader, 0, 1);
  EXPECT_EQ(ringbuf_skip(ring.writer, 1), RINGBUF_FULL);
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(ringbuf_skip(ring.writer, 1), RINGBUF_OK) << ringbuf_last_error();
  for (std::uint64_t i = 1; i < kGapsKept; ++i) {
    expect_pops(ring.reader, static_cast<std::int64_t>(2 * i), 1);
    ASSERT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
  }
  expect_pops(ring.reader, static_cast<std::int64_t>(2 * kGapsKept), 1);
  EXPECT_EQ(info(ring.reader).lost, kGapsKept);
}

TEST(CapiGaps, NoIndexIsBeyondTheLast) {
  ringbuf_options_t o = options(8);
  o.first_index = std::numeric_limits<std::int64_t>::max() - 8 - 10;
  Pair ring(o);
  EXPECT_EQ(ringbuf_skip(ring.writer, 11), RINGBUF_INVALID_ARGUMENT);
  EXPECT_NE(std::string(ringbuf_last_error()).find("11"), std::string::npos) << ringbuf_last_error();
  EXPECT_NE(std::string(ringbuf_last_error()).find("at most 10"), std::string::npos) << ringbuf_last_error();
  EXPECT_EQ(ringbuf_skip(ring.writer, std::numeric_limits<std::uint64_t>::max()), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(written(ring.writer), o.first_index);
  EXPECT_EQ(ringbuf_skip(ring.writer, 9), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  EXPECT_EQ(check(ring.reader, o.first_index + 9), RINGBUF_OK);
  EXPECT_EQ(check(ring.reader, o.first_index + 8), RINGBUF_GAP);
  EXPECT_EQ(ringbuf_skip(ring.writer, 1), RINGBUF_INVALID_ARGUMENT);
}

TEST(CapiGaps, RefusedCalls) {
  Pair ring(options(8));
  EXPECT_EQ(ringbuf_skip(nullptr, 1), RINGBUF_NOT_INITIALIZED);
  EXPECT_EQ(ringbuf_skip(ring.reader, 1), RINGBUF_WRITE_FORBIDDEN);
  EXPECT_EQ(ringbuf_gaps(nullptr, collect, nullptr), RINGBUF_NOT_INITIALIZED);
  EXPECT_EQ(ringbuf_gaps(ring.reader, nullptr, nullptr), RINGBUF_INVALID_ARGUMENT);
  EXPECT_NE(std::string(ringbuf_last_error()).find("visit"), std::string::npos) << ringbuf_last_error();
  // A skip ends a reservation.
  void* at = nullptr;
  ASSERT_EQ(ringbuf_reserve(ring.writer, 2, &at), RINGBUF_OK);
  ASSERT_EQ(ringbuf_skip(ring.writer, 1), RINGBUF_OK);
  EXPECT_EQ(ringbuf_commit(ring.writer, 2), RINGBUF_INVALID_ARGUMENT);
}

TEST(CapiGaps, AVisitEndsWhenItSaysSo) {
  Pair ring(options(16));
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    ASSERT_EQ(ringbuf_skip(ring.writer, 2), RINGBUF_OK);
  }
  EXPECT_EQ(gaps(ring.reader), (std::vector<Gap>{{1, 3}, {4, 6}, {7, 9}})) << "from the oldest to the newest";
  std::vector<Gap> seen;
  const auto twice = [](std::int64_t start, std::int64_t end, void* all) {
    auto& list = *static_cast<std::vector<Gap>*>(all);
    list.push_back({start, end});
    return list.size() == 2 ? 1 : 0;
  };
  EXPECT_EQ(ringbuf_gaps(ring.reader, twice, &seen), RINGBUF_OK);
  EXPECT_EQ(seen.size(), 2U);
}

TEST(CapiGaps, ASkipWakesWhoWaits) {
  Pair ring(options(16));
  std::thread writer([&] {
    await_waiter(ring.writer);
    EXPECT_EQ(ringbuf_skip(ring.writer, 5), RINGBUF_OK);
  });
  EXPECT_EQ(ringbuf_wait(ring.reader, 3, kForever), RINGBUF_OK);
  writer.join();
}

TEST(CapiGaps, OutliveTheirWriter) {
  for (const std::uint32_t flags : {0U, std::uint32_t{RINGBUF_LOSSLESS}}) {
    Name name;
    Handle writer = make(name.c(), options(16, 1, flags | RINGBUF_KEEP));
    Handle reader = capi::open(name);
    ASSERT_EQ(put(writer, 5), RINGBUF_OK);
    ASSERT_EQ(ringbuf_skip(writer, 3), RINGBUF_OK);
    writer.close();
    writer = resume(name);
    EXPECT_EQ(written(writer), 8);
    ASSERT_EQ(ringbuf_skip(writer, 2), RINGBUF_OK) << "makes the gap of the other writer longer";
    ASSERT_EQ(put(writer, 1), RINGBUF_OK);
    EXPECT_EQ(gaps(reader), (std::vector<Gap>{{5, 10}}));
    expect_pops(reader, 0, 5);
    EXPECT_EQ(pop_code(reader), RINGBUF_OVERWRITTEN);
    expect_pops(reader, 10, 1);
  }
}

// A replica: a ring on another machine that gets the blocks and the gaps of the first one answers as the first one does.
TEST(CapiGaps, AReplicaAnswersAsItsOriginal) {
  for (const std::int64_t first : {std::int64_t{0}, std::int64_t{1}, std::int64_t{1'000'000'000'000}}) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed) + ", first index " + std::to_string(first));
    std::mt19937 random(seed);
    ringbuf_options_t o = options(50, 8, 0, RINGBUF_INT64);
    o.first_index = first;
    Pair original(o);
    // The replica begins where the copying began, in the middle of the original.
    const auto write = [&](ringbuf_t* to, std::int64_t count) {
      std::vector<std::int64_t> samples(static_cast<std::size_t>(count));
      std::iota(samples.begin(), samples.end(), written(to));
      ASSERT_EQ(ringbuf_put(to, samples.data(), samples.size()), RINGBUF_OK) << ringbuf_last_error();
    };
    write(original.writer, 70);
    o.first_index = info(original.writer).oldest;
    Pair replica(o);
    for (int round = 0; round < 300; ++round) {
      const auto count = static_cast<std::int64_t>(random() % 7);
      if (random() % 3 == 0) {
        ASSERT_EQ(ringbuf_skip(original.writer, static_cast<std::uint64_t>(random() % 9 == 0 ? 60 : count)),
                  RINGBUF_OK);
      } else {
        write(original.writer, count);
      }
      if (random() % 2 == 0) continue;
      // What is new in the original: its gaps, and the samples between them.
      const std::int64_t end = written(original.writer);
      if (written(replica.writer) < info(original.writer).oldest) {
        const std::int64_t missed = info(original.writer).oldest - written(replica.writer);
        ASSERT_EQ(ringbuf_skip(replica.writer, static_cast<std::uint64_t>(missed)), RINGBUF_OK);
      }
      std::vector<Gap> all = gaps(original.reader);
      all.push_back({end, end});
      for (const Gap& gap : all) {
        const std::int64_t at = written(replica.writer);
        if (gap.end < at) continue;
        if (gap.start > at) {
          std::vector<std::int64_t> block(static_cast<std::size_t>(gap.start - at));
          ASSERT_EQ(ringbuf_read(original.reader, at, gap.start, block.data()), RINGBUF_OK) << ringbuf_last_error();
          ASSERT_EQ(ringbuf_put(replica.writer, block.data(), block.size()), RINGBUF_OK);
        }
        const std::int64_t left = gap.end - std::max(gap.start, at);
        ASSERT_EQ(ringbuf_skip(replica.writer, static_cast<std::uint64_t>(left)), RINGBUF_OK);
      }
      ASSERT_EQ(written(replica.writer), end);
      for (std::int64_t i = info(original.writer).oldest - 3; i < end + 2; ++i) {
        if (i < o.first_index) continue;
        std::int64_t left = -1;
        std::int64_t right = -1;
        ASSERT_EQ(check(replica.reader, i), check(original.reader, i)) << "index " << i << " of " << end;
        const int read = ringbuf_read(original.reader, i, i + 1, &left);
        ASSERT_EQ(ringbuf_read(replica.reader, i, i + 1, &right), read) << "index " << i << " of " << end;
        ASSERT_EQ(right, left);
        ASSERT_EQ(left, read == RINGBUF_OK ? i : left);
      }
    }
  }
}

}  // namespace
