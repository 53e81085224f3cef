// Overruns: told once, with the count of what was missed, and gone on from where the rule given at open says. A naive
// model of a reader says what must come.
#include <random>

#include "support.hpp"

namespace {

using namespace capi;

constexpr std::uint32_t kRules[] = {RINGBUF_RESYNC_MIDDLE, RINGBUF_RESYNC_NEWEST, RINGBUF_RESYNC_LAP,
                                    RINGBUF_RESYNC_OLDEST};

// A reader in the plainest words: the samples are the numbers of their indices.
struct Model {
  std::int64_t capacity;
  std::uint32_t rule;
  std::int64_t written = 0, position = 0;
  std::uint64_t overruns = 0, lost = 0;

  std::int64_t oldest() const { return written > capacity ? written - capacity : 0; }
  bool overrun() {
    if (position >= oldest()) {
      return false;
    }
    std::int64_t to = position;
    if (rule == RINGBUF_RESYNC_MIDDLE) {
      to = oldest() + (written - oldest()) / 2;
    } else if (rule == RINGBUF_RESYNC_OLDEST) {
      to = oldest();
    } else if (rule == RINGBUF_RESYNC_NEWEST) {
      to = written;
    } else {
      while (to < oldest()) {
        to += capacity;
      }
    }
    lost += static_cast<std::uint64_t>(to - position);
    ++overruns;
    position = to;
    return true;
  }
  int pop(std::int32_t* item) {
    if (overrun()) {
      return RINGBUF_OVERWRITTEN;
    }
    if (position == written) {
      return RINGBUF_EMPTY;
    }
    *item = static_cast<std::int32_t>(position++);
    return RINGBUF_OK;
  }
};

void expect_same(const Model& model, ringbuf_t* reader) {
  const ringbuf_info_t i = info(reader);
  EXPECT_EQ(i.position, model.position);
  EXPECT_EQ(i.overruns, model.overruns);
  EXPECT_EQ(i.lost, model.lost);
  EXPECT_EQ(tell(reader), model.position);
}

// After `read` of `first` samples, `more` come in one put: pops must be the model's until it is empty.
void run(std::uint64_t capacity, std::uint32_t rule, std::uint64_t first, std::uint64_t read, std::uint64_t more) {
  SCOPED_TRACE("capacity " + std::to_string(capacity) + ", rule " + std::to_string(rule) + ", put " +
               std::to_string(first) + ", popped " + std::to_string(read) + ", put " + std::to_string(more));
  Pair ring(options(capacity), rule);
  Model model{static_cast<std::int64_t>(capacity), rule};
  ASSERT_EQ(put(ring.writer, first), RINGBUF_OK);
  model.written += static_cast<std::int64_t>(first);
  expect_pops(ring.reader, 0, read);
  model.position = static_cast<std::int64_t>(read);
  ASSERT_EQ(put(ring.writer, more), RINGBUF_OK);
  model.written += static_cast<std::int64_t>(more);
  int code = RINGBUF_OK;
  while (code != RINGBUF_EMPTY) {
    std::int32_t expected = -1, item = -1;
    code = model.pop(&expected);
    ASSERT_EQ(ringbuf_pop(ring.reader, &item), code);
    ASSERT_EQ(item, expected);
    expect_same(model, ring.reader);
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

TEST(CapiOverrun, EverySmallCase) {
  for (const std::uint32_t rule : kRules) {
    for (std::uint64_t capacity = 1; capacity <= 4; ++capacity) {
      for (std::uint64_t first = 0; first <= capacity; ++first) {
        for (std::uint64_t read = 0; read <= first; ++read) {
          for (std::uint64_t more = 0; more <= 3 * capacity + 2; ++more) {
            run(capacity, rule, first, read, more);
            if (HasFatalFailure()) {
              return;
            }
          }
        }
      }
    }
  }
}

TEST(CapiOverrun, ExactPositions) {
  struct {
    std::uint32_t rule;
    std::int64_t position;
    std::uint64_t lost;
  } const cases[] = {{RINGBUF_RESYNC_MIDDLE, 8, 7},
                     {RINGBUF_RESYNC_OLDEST, 6, 5},
                     {RINGBUF_RESYNC_NEWEST, 10, 9},
                     {RINGBUF_RESYNC_LAP, 9, 8}};
  for (const auto& each : cases) {
    Pair ring(options(4), each.rule);
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    expect_pops(ring.reader, 0, 1);
    ASSERT_EQ(put(ring.writer, 9), RINGBUF_OK);  // 6 .. 10 are there, the position is 1
    EXPECT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
    EXPECT_EQ(tell(ring.reader), each.position);
    const ringbuf_info_t i = info(ring.reader);
    EXPECT_EQ(i.position, each.position);
    EXPECT_EQ(i.overruns, 1U);
    EXPECT_EQ(i.lost, each.lost);
    expect_pops(ring.reader, each.position, static_cast<std::uint64_t>(10 - each.position));
    EXPECT_EQ(pop_code(ring.reader), RINGBUF_EMPTY);
    EXPECT_EQ(info(ring.reader).overruns, 1U);
  }
}

TEST(CapiOverrun, NextTellsItTheSame) {
  for (const std::uint32_t rule : kRules) {
    Pair ring(options(4, 4), rule);
    Model model{4, rule};
    ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
    ASSERT_EQ(put(ring.writer, 7), RINGBUF_OK);
    model.written = 11;
    const void* samples = nullptr;
    std::int64_t start = -1;
    ASSERT_TRUE(model.overrun());
    EXPECT_EQ(ringbuf_next(ring.reader, 2, 2, 0, &samples, &start), RINGBUF_OVERWRITTEN);
    EXPECT_EQ(samples, nullptr);
    EXPECT_EQ(start, -1);
    expect_same(model, ring.reader);
    ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);
    model.written += 2;
    const bool again = model.overrun();
    EXPECT_EQ(ringbuf_next(ring.reader, 2, 2, 0, &samples, &start), again ? RINGBUF_OVERWRITTEN : RINGBUF_OK);
    if (!again) {
      EXPECT_EQ(start, model.position);
      EXPECT_EQ(copy(samples, 2), numbers(model.position, 2));
    }
  }
}

TEST(CapiOverrun, NextCopyTellsItOnceAndGoesOn) {
  for (const std::uint32_t rule : kRules) {
    Pair ring(options(8, 1), rule);
    Model model{8, rule};
    ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
    ASSERT_EQ(put(ring.writer, 11), RINGBUF_OK);
    model.written = 19;
    std::vector<std::int32_t> samples(8, -1);
    std::int64_t start = -1;
    ASSERT_TRUE(model.overrun());
    EXPECT_EQ(ringbuf_next_copy(ring.reader, 5, 2, 0, samples.data(), &start), RINGBUF_OVERWRITTEN);
    EXPECT_EQ(start, -1);
    expect_same(model, ring.reader);
    if (rule == RINGBUF_RESYNC_NEWEST) {
      ASSERT_EQ(put(ring.writer, 5), RINGBUF_OK);
      model.written += 5;
    }
    if (model.written - model.position < 5) {
      EXPECT_EQ(ringbuf_next_copy(ring.reader, 5, 2, 0, samples.data(), &start), RINGBUF_TIMEOUT);
    } else {
      EXPECT_EQ(ringbuf_next_copy(ring.reader, 5, 2, 0, samples.data(), &start), RINGBUF_OK);
      EXPECT_EQ(start, model.position);
      EXPECT_EQ(copy(samples.data(), 5), numbers(start, 5));
      model.position += 2;
    }
    expect_same(model, ring.reader);
  }
}

TEST(CapiOverrun, AnObserverIsToldToo) {
  Pair ring(options(4), RINGBUF_OBSERVER | RINGBUF_RESYNC_OLDEST);
  ASSERT_EQ(put(ring.writer, 9), RINGBUF_OK);
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(info(ring.reader).lost, 5U);
  EXPECT_EQ(info(ring.reader).overruns, 1U);
  expect_pops(ring.reader, 5, 4);
}

TEST(CapiOverrun, IsToldBeforeTheEnd) {
  Pair ring(options(4), RINGBUF_RESYNC_OLDEST);
  ASSERT_EQ(put(ring.writer, 6), RINGBUF_OK);
  ASSERT_EQ(ring.writer.close(), RINGBUF_OK);
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
  expect_pops(ring.reader, 2, 4);
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_CLOSED);
  EXPECT_EQ(info(ring.reader).lost, 2U);
}

TEST(CapiOverrun, NothingIsLostInSilence) {
  // Whatever the order of operations: popped + lost + still there = written.
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&](std::uint64_t n) { return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(random); };
  for (int round = 0; round < 60; ++round) {
    const std::uint64_t capacity = 1 + below(20);
    const std::uint32_t rule = kRules[below(std::size(kRules))];
    SCOPED_TRACE("round " + std::to_string(round) + " capacity " + std::to_string(capacity) + " rule " +
                 std::to_string(rule));
    Pair ring(options(capacity), rule);
    Model model{static_cast<std::int64_t>(capacity), rule};
    for (int step = 0; step < 200; ++step) {
      switch (below(4)) {
        case 0: {
          const std::uint64_t n = below(capacity + capacity / 2 + 2);
          ASSERT_EQ(put(ring.writer, n), RINGBUF_OK);
          model.written += static_cast<std::int64_t>(n);
          break;
        }
        case 1: {
          std::int32_t expected = -1, item = -1;
          const int code = model.pop(&expected);
          ASSERT_EQ(ringbuf_pop(ring.reader, &item), code);
          ASSERT_EQ(item, expected);
          break;
        }
        case 2: {
          const auto max = static_cast<std::size_t>(1 + below(capacity + 2));
          std::vector<std::int32_t> items(max, -1), expected(max, -1);
          std::uint64_t count = 999;
          std::size_t n = 0;
          int code = model.pop(&expected[0]);
          if (code == RINGBUF_OK) {
            for (n = 1; n < max && model.pop(&expected[n]) == RINGBUF_OK;) {
              ++n;
            }
          }
          ASSERT_EQ(ringbuf_pop_many(ring.reader, items.data(), max, &count), code);
          ASSERT_EQ(count, n);
          ASSERT_EQ(items, expected);
          break;
        }
        default: {
          const auto behind = static_cast<std::uint64_t>(model.written - model.position);
          ASSERT_EQ(usage(ring.reader), std::min(behind, capacity));
          const auto to = static_cast<std::int64_t>(below(static_cast<std::uint64_t>(model.written) + 2));
          const int code = to > model.written    ? RINGBUF_NOT_YET
                           : to < model.oldest() ? RINGBUF_OVERWRITTEN
                                                 : RINGBUF_OK;
          ASSERT_EQ(ringbuf_seek(ring.reader, to), code) << to;
          if (code == RINGBUF_OK) {
            model.position = to;
          }
        }
      }
      const ringbuf_info_t i = info(ring.reader);
      ASSERT_EQ(i.lost, model.lost);
      ASSERT_EQ(i.overruns, model.overruns);
      ASSERT_EQ(i.written, model.written);
      ASSERT_EQ(i.oldest, model.oldest());
      ASSERT_EQ(i.position, model.position);
    }
  }
}

}  // namespace
