// All orders of one operation and another: at each store of the first, in turn, the second runs as a whole, in one thread
// and so the same every time. What random threads meet once in a million is met here always.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../support/support.hpp"
#include "steps.hpp"

using namespace ringbuf;
using test::Checked;
using test::Steps;

namespace {

constexpr std::uint64_t capacity = 5;

struct Fixture {
  explicit Fixture(bool lossless, std::uint64_t window, std::uint64_t samples = capacity)
      : memory(test::memory_for(test::checked_options(samples, window, lossless))) {
    EXPECT_EQ(
        Writer::create_raw(writer, memory.begin(), memory.bytes(), test::checked_options(samples, window, lossless)),
        Status::ok)
        << last_error();
  }
  Reader open(const OpenOptions &how = {}) {
    Reader opened;
    EXPECT_EQ(Reader::open_raw(opened, memory.begin(), memory.bytes(), how), Status::ok) << last_error();
    return opened;
  }
  Status put(std::uint64_t n) {
    const auto samples = test::checked_samples(writer.written(), n);
    return writer.put(samples.data(), n);
  }
  // In place: `n` samples reserved and filled in, `commit` of them kept.
  void reserve_and_commit(std::uint64_t n, std::uint64_t commit) {
    std::byte *at = nullptr;
    if (writer.reserve(n, at) != Status::ok) return;
    const auto samples = test::checked_samples(writer.written(), n);
    std::memcpy(at, samples.data(), samples.size() * sizeof samples[0]);
    ASSERT_EQ(writer.commit(commit), Status::ok);
  }

  test::Memory memory;
  Writer writer;
  Reader reader;
  Reader other;
};

// Runs `first` with `second` at its step 0, then at its step 1, and so on, each time from `prepare()`, until `first` has
// no such step any more. Returns how many it had.
template <class Prepare>
std::uint64_t at_each_step(Prepare &&prepare, const std::function<void(Fixture &)> &first,
                           const std::function<void(Fixture &)> &second, const std::function<void(Fixture &)> &after) {
  for (std::uint64_t chosen = 0;; ++chosen) {
    SCOPED_TRACE("step " + std::to_string(chosen));
    std::unique_ptr<Fixture> fixture = prepare();
    bool happened = false;
    {
      Steps steps([&](std::uint64_t number) {
        if (number != chosen) return;
        happened = true;
        second(*fixture);
      });
      first(*fixture);
    }
    if (happened) after(*fixture);
    if (testing::Test::HasFailure() || !happened) return chosen;
  }
}

// Each sample that the reader is given is whole, in place and copied, and those that nothing threatens are given.
void look_at_everything(Reader &reader, std::uint64_t safe_from, std::uint64_t safe_until) {
  const auto written = static_cast<std::int64_t>(reader.written());
  for (std::int64_t start = 0; start < written; ++start) {
    for (std::int64_t end = start + 1; end <= written; ++end) {
      std::vector<Checked> copy(static_cast<std::size_t>(end - start));
      const Status read = reader.read(start, end, copy.data());
      if (start >= static_cast<std::int64_t>(safe_from) && end <= static_cast<std::int64_t>(safe_until)) {
        ASSERT_EQ(read, Status::ok) << "[" << start << ", " << end << ") is threatened by nothing";
      }
      if (read == Status::ok) {
        for (std::size_t i = 0; i < copy.size(); ++i) {
          ASSERT_TRUE(copy[i].is(static_cast<std::uint64_t>(start) + i)) << "[" << start << ", " << end << ") at " << i;
        }
      }
      Window<Checked> window;
      if (reader.view(start, end, window) != Status::ok) continue;
      for (std::size_t i = 0; i < window.size(); ++i) {
        ASSERT_TRUE(window[i][0].is(static_cast<std::uint64_t>(start) + i))
            << "in place, [" << start << ", " << end << ") at " << i;
      }
    }
  }
}

// One operation on a ring of `before` samples, with a look at everything at each of its steps and after it.
void watch(std::uint64_t window, std::uint64_t before, std::uint64_t n,
           const std::function<void(Fixture &)> &operation) {
  Fixture ring(false, window);
  for (std::uint64_t i = 0; i < before; ++i) ASSERT_EQ(ring.put(1), Status::ok);
  OpenOptions how;
  how.observer = true;
  Reader reader = ring.open(how);
  // What is older than this may be destroyed at any step.
  const std::uint64_t safe_from = before + n > capacity ? before + n - capacity : 0;
  Steps steps([&](std::uint64_t) { look_at_everything(reader, safe_from, before); });
  operation(ring);
  look_at_everything(reader, safe_from, ring.writer.written());
}

TEST(Interleaving, AReaderSeesOnlyWholeSamplesAtEveryStepOfTheWriter) {
  for (std::uint64_t window = 1; window <= capacity; ++window) {
    for (std::uint64_t before = 0; before <= 2 * capacity; ++before) {
      for (std::uint64_t n = 1; n <= 2 * capacity + 1; ++n) {
        SCOPED_TRACE("window " + std::to_string(window) + ", " + std::to_string(before) + " written, " +
                     std::to_string(n));
        watch(window, before, n, [&](Fixture &ring) { ASSERT_EQ(ring.put(n), Status::ok); });
        if (HasFailure()) return;
        for (std::uint64_t commit = 0; commit <= n && n <= capacity; ++commit) {
          SCOPED_TRACE("reserved, " + std::to_string(commit) + " committed");
          watch(window, before, n, [&](Fixture &ring) { ring.reserve_and_commit(n, commit); });
          if (HasFailure()) return;
        }
      }
    }
  }
}

// A larger ring stores limits that lie ahead of the intent. At each step of a put there is a reader that knows what is
// written by then, and so asks no more than the limit.
TEST(Interleaving, WhatALimitGrantsIsWholeAtEveryStepOfTheWriter) {
  constexpr std::uint64_t large = 20;
  for (std::uint64_t before = 0; before <= large + 3; ++before) {
    for (const std::uint64_t n :
         {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}, large - 1, large, large + 1, 2 * large}) {
      SCOPED_TRACE(std::to_string(before) + " written, " + std::to_string(n));
      Fixture ring(false, 3, large);
      for (std::uint64_t i = 0; i < before; ++i) ASSERT_EQ(ring.put(1), Status::ok);
      OpenOptions how;
      how.observer = true;
      Reader reader = ring.open(how);
      const std::uint64_t safe_from = before + n > large ? before + n - large : 0;
      {
        Steps steps([&](std::uint64_t) {
          Checked sample;
          while (reader.pop(&sample) != Status::empty) {  // then it has looked at the counters
          }
          look_at_everything(reader, safe_from, before);
        });
        ASSERT_EQ(ring.put(n), Status::ok);
      }
      look_at_everything(reader, safe_from, ring.writer.written());
      if (HasFailure()) return;
    }
  }
}

// Puts until there is no more room, one sample at a time.
void fill(Fixture &ring) {
  for (std::uint64_t i = 0; i <= 2 * capacity; ++i) {
    const Status status = ring.put(1);
    if (status == Status::full) return;
    ASSERT_EQ(status, Status::ok) << last_error();
  }
}

// Everything from the reader's position on is there, in order and whole.
void drain(Reader &reader) {
  const std::uint64_t lost = reader.lost();
  Checked item{};
  for (;;) {
    const auto at = static_cast<std::uint64_t>(reader.tell());
    const Status status = reader.pop(&item);
    if (status == Status::empty) break;
    ASSERT_EQ(status, Status::ok) << last_error();
    ASSERT_TRUE(item.is(at)) << "sample " << at;
  }
  ASSERT_EQ(reader.lost(), lost);
  ASSERT_EQ(reader.tell(), static_cast<std::int64_t>(reader.written()));
}

// Both ways round: somebody joins while the writer fills a lossless ring, or the writer fills it while somebody joins.
class Joining : public testing::TestWithParam<std::uint64_t> {
 protected:
  static std::unique_ptr<Fixture> prepare() {
    auto ring = std::make_unique<Fixture>(true, 2);
    for (std::uint64_t i = 0; i < GetParam(); ++i) EXPECT_EQ(ring->put(1), Status::ok);
    return ring;
  }
};

// The writer goes on, and the reader that has joined gets everything from its position on.
void expect_nothing_lost(Fixture &ring) {
  fill(ring);
  drain(ring.reader);
  ASSERT_EQ(ring.put(1), Status::ok) << "the reader has had everything";
  drain(ring.reader);
}

TEST_P(Joining, DuringAPutLosesNothing) {
  for (const std::uint64_t n : {std::uint64_t{1}, std::uint64_t{3}, capacity}) {
    for (const bool newest : {false, true}) {
      OpenOptions how;
      how.from_newest = newest;
      const std::uint64_t steps = at_each_step(
          prepare, [&](Fixture &ring) { (void)ring.put(n); }, [&](Fixture &ring) { ring.reader = ring.open(how); },
          expect_nothing_lost);
      EXPECT_GT(steps, 3u);
      if (HasFailure()) return;
    }
  }
}

TEST_P(Joining, WhileTheWriterFillsTheRingLosesNothing) {
  for (const bool newest : {false, true}) {
    OpenOptions how;
    how.from_newest = newest;
    const std::uint64_t steps = at_each_step(
        prepare, [&](Fixture &ring) { ring.reader = ring.open(how); }, fill, expect_nothing_lost);
    EXPECT_GT(steps, 2u);
    if (HasFailure()) return;
  }
}

TEST_P(Joining, GoingBackWhileTheWriterFillsTheRingLosesNothing) {
  const auto prepare_drained = [] {
    auto ring = prepare();
    ring->reader = ring->open();
    drain(ring->reader);
    return ring;
  };
  for (std::int64_t to = 0; to <= static_cast<std::int64_t>(GetParam()); ++to) {
    // Where one cannot go back there is no step.
    (void)at_each_step(
        prepare_drained,
        [&](Fixture &ring) {
          const Status status = ring.reader.seek(to);
          ASSERT_TRUE(status == Status::ok || status == Status::overwritten) << last_error();
        },
        fill, expect_nothing_lost);
    if (HasFailure()) return;
  }
}

TEST_P(Joining, LeavingWhileTheWriterFillsTheRingStopsNobody) {
  const auto prepare_two = [] {
    auto ring = prepare();
    ring->reader = ring->open();
    ring->other = ring->open();
    return ring;
  };
  const std::uint64_t steps = at_each_step(
      prepare_two, [](Fixture &ring) { ring.reader.close(); }, fill,
      [](Fixture &ring) {
        drain(ring.other);
        ASSERT_EQ(ring.put(capacity), Status::ok);
        drain(ring.other);
      });
  EXPECT_GT(steps, 1u);
}

INSTANTIATE_TEST_SUITE_P(Written, Joining, testing::Range<std::uint64_t>(0, 2 * capacity + 2));

// A sample that comes at any moment while a reader falls asleep is seen. (A missed one would be seen a time slice later:
// it is the stress tests that wait for wake-ups.)
TEST(Interleaving, ASampleThatComesWhileOneFallsAsleepIsSeen) {
  for (std::uint64_t chosen = 0; chosen < 4; ++chosen) {
    Fixture ring(false, 1);
    ring.reader = ring.open();
    Steps steps([&](std::uint64_t number) {
      if (number != chosen) return;
      ASSERT_EQ(ring.put(1), Status::ok);
    });
    ASSERT_EQ(ring.reader.wait(1, test::forever), Status::ok) << last_error();
    drain(ring.reader);
  }
}

// The metadata are the old or the new ones at every step.
TEST(Interleaving, MetadataAreOldOrNewAtEveryStep) {
  Fixture ring(false, 1);
  OpenOptions how;
  how.observer = true;
  Reader reader = ring.open(how);
  std::string now;
  for (const std::string next : {"a", "bb", "", "cccc", "ddd", "e"}) {
    std::uint64_t taken = 0;
    {
      Steps steps([&](std::uint64_t) {
        char bytes[16];
        std::size_t size = 0;
        ASSERT_EQ(reader.metadata(bytes, sizeof bytes, size), Status::ok) << last_error();
        const std::string seen(bytes, size);
        EXPECT_TRUE(seen == now || seen == next) << "\"" << seen << "\"";
        ++taken;
      });
      ASSERT_EQ(ring.writer.set_metadata(next.data(), next.size()), Status::ok);
    }
    EXPECT_GT(taken, 1u);
    now = next;
  }
}

}  // namespace
