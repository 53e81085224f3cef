// A skip is looked at, and ended by the writer's death, at each of its stores. In one thread and so the same every time.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "raw_ring.hpp"
#include "steps.hpp"

using namespace ringbuf;
using test::Checked;
using test::Steps;

namespace {

constexpr std::uint64_t capacity = 6;
constexpr std::uint64_t large = 300;  // room for more gaps than the table has

// What the writer does: p puts a sample, g skips one index, G skips four.
const std::vector<std::string> histories{"",       "p",         "g",       "ppp",      "ppg",
                                         "pppgpp", "ppppppppp", "ppgppGp", "pppppppG", "GpGpppppp"};
std::string many_gaps(std::size_t gaps) {
  std::string history = "pp";
  for (std::size_t i = 0; i < gaps; ++i) history += "gp";
  return history;
}

struct Ring : test::RawRing {
  Ring(bool lossless, std::uint64_t samples) : RawRing(test::checked_options(samples, 2, lossless)) {}

  void put(std::uint64_t n) {
    const auto samples = test::checked_samples(writer.written(), n);
    ASSERT_EQ(writer.put(samples.data(), n), Status::ok) << last_error();
    truth.insert(truth.end(), static_cast<std::size_t>(n), true);
  }
  void skip(std::uint64_t n) {
    ASSERT_EQ(writer.skip(n), Status::ok) << last_error();
    truth.insert(truth.end(), static_cast<std::size_t>(n), false);
  }
  void play(const std::string &history) {
    for (const char each : history) each == 'p' ? put(1) : skip(each == 'g' ? 1 : 4);
  }
  bool was_put(std::uint64_t index) const { return index < truth.size() && truth[static_cast<std::size_t>(index)]; }

  std::vector<bool> truth;  // for each index: whether a sample was put
};

// Each index answers as what the writer did there; those from `safe_from` on, which nothing threatens, are given.
void look(ringbuf::Ring &reader, const Ring &ring, std::uint64_t safe_from) {
  const auto written = static_cast<std::int64_t>(reader.written());
  for (std::int64_t i = 0; i < written; ++i) {
    const auto index = static_cast<std::uint64_t>(i);
    Checked sample{};
    const Status status = reader.read(i, i + 1, &sample);
    if (index >= safe_from) {
      ASSERT_EQ(status, ring.was_put(index) ? Status::ok : Status::gap) << "index " << i << " of " << written;
    }
    if (status == Status::gap) {
      ASSERT_FALSE(ring.was_put(index)) << "index " << i << " of " << written;
    }
    if (status != Status::ok) continue;
    ASSERT_TRUE(ring.was_put(index) && sample.is(index)) << "index " << i << " of " << written;
  }
  for (std::int64_t start = std::max<std::int64_t>(0, written - 8); start < written; ++start) {
    for (std::int64_t end = start + 1; end <= written; ++end) {
      if (reader.check(start, end) != Status::ok) continue;
      for (std::int64_t i = start; i < end; ++i) ASSERT_TRUE(ring.was_put(static_cast<std::uint64_t>(i))) << i;
    }
  }
}

// What a consumer gets from its position on, up to what is written: every sample, in order, and no other.
void drain(Reader &reader, const Ring &ring) {
  for (;;) {
    const auto at = static_cast<std::uint64_t>(reader.tell());
    Checked item{};
    const Status status = reader.pop(&item);
    if (status == Status::empty) return;
    if (status == Status::overwritten) {
      for (std::uint64_t i = at; i < static_cast<std::uint64_t>(reader.tell()); ++i) {
        ASSERT_FALSE(ring.was_put(i)) << "sample " << i << " was lost";
      }
      continue;
    }
    ASSERT_EQ(status, Status::ok) << last_error();
    ASSERT_TRUE(ring.was_put(at) && item.is(at)) << "sample " << at;
  }
}

struct Case {
  bool lossless;
  std::uint64_t samples;
  std::string history;
  std::uint64_t count;
};
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const bool lossless : {false, true}) {
    for (const std::string &history : histories) {
      for (const std::uint64_t count : {std::uint64_t{1}, std::uint64_t{2}, capacity, capacity + 3}) {
        all.push_back({lossless, capacity, history, count});
      }
    }
    for (const std::size_t gaps : {std::size_t{61}, std::size_t{62}, std::size_t{63}, std::size_t{130}}) {
      all.push_back({lossless, large, many_gaps(gaps), 1});
      all.push_back({lossless, large, many_gaps(gaps) + "g", 3});
    }
  }
  return all;
}
std::string text_of(const Case &c) {
  return std::string(c.lossless ? "lossless, " : "overwriting, ") + c.history + " and a skip of " +
         std::to_string(c.count);
}

// The oldest index that the skip does not threaten.
std::uint64_t safe_after(const Case &c, const Ring &ring) {
  const std::uint64_t end = ring.writer.written() + c.count;
  const std::uint64_t floor = protocol::own_floor(ring.header().gaps);
  std::uint64_t safe = std::max(end > c.samples ? end - c.samples : 0, floor);
  const protocol::NewestGap newest = protocol::newest_gap(ring.header().gaps);
  if (newest.count >= gaps_kept && newest.end != ring.writer.written()) {
    safe = std::max(safe, protocol::gap_end_of(ring.header().gaps, newest.count - gaps_kept));
  }
  return safe;
}

TEST(GapSteps, EachIndexAnswersRightlyAtEveryStep) {
  for (const Case &c : cases()) {
    SCOPED_TRACE(text_of(c));
    Ring ring(c.lossless, c.samples);
    ring.play(c.history);
    if (HasFailure()) return;
    Reader reader = ring.open(true);
    const std::uint64_t safe = safe_after(c, ring);
    std::uint64_t taken = 0;
    {
      Steps steps([&](std::uint64_t) {
        ++taken;
        look(reader, ring, safe);
      });
      ring.skip(c.count);
    }
    EXPECT_GE(taken, 5U);
    look(reader, ring, safe);
    if (HasFailure()) return;
  }
}

// The writer dies before each store. The next one finds the skip done or not begun, loses nothing, and goes on.
TEST(GapSteps, ADeathAtAnyStepIsRepaired) {
  for (const Case &c : cases()) {
    SCOPED_TRACE(text_of(c));
    Ring ring(c.lossless, c.samples);
    ring.play(c.history);
    const std::uint64_t before = ring.writer.written();
    const std::uint64_t safe = safe_after(c, ring);
    if (HasFailure()) return;
    bool done = false;
    const auto die_and_resume = [&](std::uint64_t step) {
      SCOPED_TRACE("step " + std::to_string(step));
      Ring next(ring);
      if (testing::Test::HasFailure()) return;
      const std::uint64_t written = next.writer.written();
      ASSERT_TRUE(written == before || written == before + c.count) << written << ", before it was " << before;
      ASSERT_TRUE(!done || written != before) << "a skip that had happened has gone";
      done = written != before;
      next.truth.resize(static_cast<std::size_t>(written), false);
      Reader reader = next.open(true);
      look(reader, next, safe);
      next.put(1);
      next.skip(2);
      next.put(1);
      look(reader, next, safe_after({c.lossless, c.samples, "", 0}, next));
    };
    {
      Steps steps(die_and_resume);
      ring.skip(c.count);
    }
    if (HasFailure()) return;
    EXPECT_TRUE(done);
  }
}

// Whoever consumes at each step gets every sample, and of the gap it is told.
TEST(GapSteps, AConsumerGetsEverythingAtEveryStep) {
  for (const bool lossless : {false, true}) {
    for (const std::uint64_t count : {std::uint64_t{1}, std::uint64_t{2}, capacity, capacity + 3}) {
      SCOPED_TRACE(text_of({lossless, capacity, "", count}));
      Ring ring(lossless, capacity);
      Reader reader = ring.open(false);
      for (int round = 0; round < 5; ++round) {
        ring.put(1);
        drain(reader, ring);
        Steps steps([&](std::uint64_t) { drain(reader, ring); });
        ring.skip(count);
        if (HasFailure()) return;
      }
      drain(reader, ring);
      EXPECT_EQ(reader.lost(), 5 * count);
      EXPECT_EQ(reader.tell(), static_cast<std::int64_t>(reader.written()));
    }
  }
}

// Whoever joins a lossless ring at any step of a skip, which is refused or not, gets everything from its position on.
TEST(GapSteps, JoiningAtAnyStepLosesNothing) {
  for (const Case &c : cases()) {
    if (!c.lossless) continue;
    for (const bool refused : {false, true}) {
      SCOPED_TRACE(text_of(c) + (refused ? ", refused" : ""));
      for (std::uint64_t chosen = 0;; ++chosen) {
        SCOPED_TRACE("step " + std::to_string(chosen));
        Ring ring(true, c.samples);
        ring.play(c.history);
        Reader slow;
        if (refused) slow = ring.open(false);
        Reader reader;
        bool happened = false;
        {
          Steps steps([&](std::uint64_t number) {
            if (number != chosen) return;
            happened = true;
            reader = ring.open(false);
          });
          const Status status = ring.writer.skip(c.count);
          if (status == Status::ok) ring.truth.resize(static_cast<std::size_t>(ring.writer.written()), false);
          ASSERT_TRUE(status == Status::ok || status == Status::full) << last_error();
        }
        if (!happened) break;
        slow.close();
        drain(reader, ring);
        for (std::uint64_t i = 0; i < 3 * capacity; ++i) {
          ring.put(1);
          drain(reader, ring);
          if (HasFailure()) return;
        }
        EXPECT_EQ(reader.tell(), static_cast<std::int64_t>(reader.written()));
      }
    }
  }
}

}  // namespace
