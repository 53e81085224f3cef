// Indices near their end, 2^63, and near 2^32: refused or right, and a refused call changes nothing.
#include <limits>

#include "raw.hpp"
#include "support.hpp"

namespace {

using namespace capi;

constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

// A ring in memory of ours whose counters say that `written` samples were written.
struct Aged {
  Aged(std::uint64_t capacity, std::uint32_t flags, std::int64_t written)
      : o(options(capacity, capacity, flags, RINGBUF_INT8)), memory(size_of(o)) {
    make_raw(memory, o).close();
    const auto counter = static_cast<std::uint64_t>(written);
    for (const std::size_t at : {256U, 264U, 320U}) {  // written, intent, limit: see layout.hpp
      std::memcpy(static_cast<char*>(memory.at()) + at, &counter, sizeof counter);
    }
    EXPECT_EQ(ringbuf_open_raw(writer.out(), memory.at(), memory.bytes(), RINGBUF_AS_WRITER), RINGBUF_OK)
        << ringbuf_last_error();
    EXPECT_EQ(ringbuf_open_raw(reader.out(), memory.at(), memory.bytes(), RINGBUF_FROM_NEWEST), RINGBUF_OK)
        << ringbuf_last_error();
  }
  ringbuf_options_t o;
  Memory memory;
  Handle writer, reader;
};

struct State {
  std::int64_t written, oldest, position;
  bool operator==(const State&) const = default;
};
State state(const Aged& ring) {
  const ringbuf_info_t i = info(ring.reader);
  return {i.written, i.oldest, i.position};
}

const std::vector<std::uint64_t> kCapacities = {1, 3, 8, 64};

TEST(CapiEdges, TheLastSampleThatThereIsAnIndexForIsTheLast) {
  for (const std::uint64_t capacity : kCapacities) {
    for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_LOSSLESS)}) {
      const std::int64_t end = kLast - static_cast<std::int64_t>(capacity);
      for (std::int64_t left = 0; left <= 2 * static_cast<std::int64_t>(capacity) + 1; ++left) {
        SCOPED_TRACE("capacity " + std::to_string(capacity) + " flags " + std::to_string(flags) + " left " +
                     std::to_string(left));
        Aged ring(capacity, flags, end - left);
        const State before = state(ring);
        const auto n = static_cast<std::uint64_t>(left);
        const std::vector<std::int8_t> samples(static_cast<std::size_t>(3 * capacity + 2), 7);
        // One more than there is an index for, and many more.
        for (const std::uint64_t count :
             {n + 1, n + capacity, n + capacity + 1, std::uint64_t{1} << 62, (std::uint64_t{1} << 63) - 1,
              std::uint64_t{1} << 63, kHuge - capacity, kHuge}) {
          EXPECT_EQ(ringbuf_put(ring.writer, samples.data(), count), RINGBUF_INVALID_ARGUMENT) << count;
          EXPECT_NE(std::string(ringbuf_last_error()).find("count is"), std::string::npos) << ringbuf_last_error();
          void* place = nullptr;
          EXPECT_EQ(ringbuf_reserve(ring.writer, count, &place), RINGBUF_INVALID_ARGUMENT) << count;
          EXPECT_EQ(place, nullptr);
          EXPECT_EQ(ringbuf_wait_space(ring.writer, count, kForever), RINGBUF_INVALID_ARGUMENT) << count;
          EXPECT_EQ(ringbuf_commit(ring.writer, count), RINGBUF_INVALID_ARGUMENT);
        }
        EXPECT_EQ(state(ring), before);
        EXPECT_EQ(space(ring.writer), std::min(n, capacity));
        // What is left fits, one by one, and then nothing does.
        for (std::int64_t i = end - left; i < end; ++i) {
          const auto value = static_cast<std::int8_t>(i);
          ASSERT_EQ(ringbuf_push(ring.writer, &value), RINGBUF_OK) << ringbuf_last_error();
          std::int8_t read = 0;
          ASSERT_EQ(ringbuf_pop(ring.reader, &read), RINGBUF_OK) << ringbuf_last_error();
          ASSERT_EQ(read, value);
        }
        EXPECT_EQ(ringbuf_push(ring.writer, samples.data()), RINGBUF_INVALID_ARGUMENT);
        EXPECT_EQ(info(ring.reader).written, end);
        if (HasFailure()) return;
      }
    }
  }
}

TEST(CapiEdges, APutOfAllThatIsLeft) {
  for (const std::uint64_t capacity : kCapacities) {
    const std::int64_t end = kLast - static_cast<std::int64_t>(capacity);
    for (std::uint64_t left = 1; left <= 3 * capacity; ++left) {
      Aged ring(capacity, 0, end - static_cast<std::int64_t>(left));
      const std::vector<std::int8_t> samples(static_cast<std::size_t>(left), 7);
      ASSERT_EQ(ringbuf_put(ring.writer, samples.data(), left), RINGBUF_OK) << ringbuf_last_error();
      EXPECT_EQ(info(ring.writer).written, end);
      EXPECT_EQ(ringbuf_check(ring.reader, end - static_cast<std::int64_t>(std::min(left, capacity)), end), RINGBUF_OK);
    }
  }
}

TEST(CapiEdges, ARingThatIsOlderThanThatIsNone) {
  Aged ring(8, RINGBUF_KEEP, 100);
  ring.writer.close();
  const std::uint64_t beyond = static_cast<std::uint64_t>(kLast) - 7;
  for (const std::size_t at : {256U, 264U, 320U}) {
    std::memcpy(static_cast<char*>(ring.memory.at()) + at, &beyond, sizeof beyond);
  }
  ringbuf_t* none = untouched();
  EXPECT_EQ(ringbuf_open_raw(&none, ring.memory.at(), ring.memory.bytes(), RINGBUF_AS_WRITER), RINGBUF_CORRUPT);
  EXPECT_EQ(none, untouched());
}

TEST(CapiEdges, NoStepLeadsBeyondTheLastIndex) {
  const std::int64_t written = kLast - 100;
  Aged ring(8, 0, written - 8);
  const std::vector<std::int8_t> samples(8, 7);
  ASSERT_EQ(ringbuf_put(ring.writer, samples.data(), 8), RINGBUF_OK);
  const State before = state(ring);
  const auto left = static_cast<std::uint64_t>(kLast - before.position);
  std::int8_t copied[8];
  for (const std::uint64_t step : {left + 1, left + 8, std::uint64_t{1} << 48, (std::uint64_t{1} << 48) + 1,
                                   std::uint64_t{1} << 63, kHuge - 8, kHuge}) {
    const void* at = nullptr;
    std::int64_t start = -1;
    EXPECT_EQ(ringbuf_next(ring.reader, 4, step, 0, &at, &start), RINGBUF_INVALID_ARGUMENT) << step;
    EXPECT_NE(std::string(ringbuf_last_error()).find("step is"), std::string::npos) << ringbuf_last_error();
    EXPECT_EQ(ringbuf_next_copy(ring.reader, 4, step, 0, copied, &start), RINGBUF_INVALID_ARGUMENT) << step;
    EXPECT_EQ(at, nullptr);
    EXPECT_EQ(start, -1);
  }
  EXPECT_EQ(state(ring), before);
  std::int64_t start = -1;
  EXPECT_EQ(ringbuf_next_copy(ring.reader, 4, left, 0, copied, &start), RINGBUF_OK);
  EXPECT_EQ(tell(ring.reader), kLast);
  EXPECT_EQ(ringbuf_next_copy(ring.reader, 4, 1, 0, copied, &start), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_next_copy(ring.reader, 8, 0, 0, copied, &start), RINGBUF_TIMEOUT);
  EXPECT_EQ(usage(ring.reader), 0U);
  EXPECT_EQ(ringbuf_seek(ring.reader, written), RINGBUF_OK);
}

TEST(CapiEdges, RangesThatCannotBeAreRefused) {
  const std::int64_t ages[] = {0, 5, (std::int64_t{1} << 32) - 3, (std::int64_t{1} << 32) + 3, kLast - 8 - 4};
  for (const std::int64_t age : ages) {
    Aged ring(8, 0, age);
    const std::vector<std::int8_t> samples(8, 7);
    ASSERT_EQ(ringbuf_put(ring.writer, samples.data(), 3), RINGBUF_OK);
    const State before = state(ring);
    const std::int64_t hostile[] = {std::numeric_limits<std::int64_t>::min(),
                                    -kLast,
                                    -1,
                                    0,
                                    1,
                                    age - 9,
                                    age,
                                    age + 3,
                                    age + 4,
                                    std::int64_t{1} << 32,
                                    kLast - 1,
                                    kLast};
    for (const std::int64_t start : hostile) {
      for (const std::int64_t end : hostile) {
        const bool there = start >= 0 && start <= end && end <= age + 3 && start >= age + 3 - 8;
        std::int8_t room[8];
        const void* at = nullptr;
        EXPECT_EQ(ringbuf_check(ring.reader, start, end) == RINGBUF_OK, there) << start << " " << end;
        EXPECT_EQ(ringbuf_read(ring.reader, start, end, room) == RINGBUF_OK, there) << start << " " << end;
        EXPECT_EQ(ringbuf_view(ring.writer, start, end, &at) == RINGBUF_OK, there) << start << " " << end;
      }
      EXPECT_EQ(ringbuf_wait(ring.reader, start, 0), start < 0          ? RINGBUF_BAD_INDEX
                                                     : start <= age + 3 ? RINGBUF_OK
                                                                        : RINGBUF_TIMEOUT);
      if (start < 0 || start > age + 3) {
        EXPECT_NE(ringbuf_seek(ring.reader, start), RINGBUF_OK) << start;
      }
    }
    EXPECT_EQ(state(ring), before);
  }
}

// Nothing in the library counts in 32 bits.
TEST(CapiEdges, OverTwoToTheThirtySecond) {
  for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_LOSSLESS)}) {
    Aged ring(7, flags, (std::int64_t{1} << 32) - 3);
    for (std::int64_t i = (std::int64_t{1} << 32) - 3; i < (std::int64_t{1} << 32) + 30; ++i) {
      const auto value = static_cast<std::int8_t>(i);
      ASSERT_EQ(ringbuf_push(ring.writer, &value), RINGBUF_OK) << ringbuf_last_error();
      std::int8_t read = 0;
      ASSERT_EQ(ringbuf_pop(ring.reader, &read), RINGBUF_OK) << ringbuf_last_error();
      ASSERT_EQ(read, value);
      ASSERT_EQ(tell(ring.reader), i + 1);
    }
  }
}

// Counters that no writer stores, beyond the last index, and a range that ends before it begins, whose length wraps around.
TEST(CapiEdges, ARangeThatEndsBeforeItBeginsIsNeverGranted) {
  const ringbuf_options_t o = options(204, 16);
  for (std::int64_t lap = -300; lap < 0; ++lap) {
    const Memory memory(size_of(o));
    const Handle writer = make_raw(memory, o);
    Handle reader = open_raw(memory, RINGBUF_OBSERVER);
    const auto store = [&](std::size_t at, std::int64_t value) { std::memcpy(memory.at(at), &value, sizeof value); };
    constexpr std::size_t written = 256, intent = 264, limit = 320;  // see layout.hpp
    const void* at = nullptr;
    store(written, -1);
    store(intent, 8);
    EXPECT_EQ(ringbuf_view(reader, 0, 1, &at), RINGBUF_OK) << "from here on the reader takes everything for written";
    store(limit, lap + 1);
    (void)ringbuf_view(reader, lap, lap + 1, &at);  // ... and goes on from this lap
    store(limit, 8);
    EXPECT_EQ(ringbuf_view(reader, 8, -19, &at), RINGBUF_BAD_INDEX) << lap;
  }
}

}  // namespace
