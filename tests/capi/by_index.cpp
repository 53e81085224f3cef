// Reading by index: ringbuf_check, ringbuf_view and ringbuf_read, at each side of every boundary; and ringbuf_put.
#include <algorithm>
#include <limits>

#include "../support/memory.hpp"
#include "support.hpp"

namespace {

using namespace capi;

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min();

// check, view and read must say the same.
void expect_code(ringbuf_t* ring, std::int64_t start, std::int64_t end, int code) {
  std::int32_t room[64];
  const void* const mark = room;
  const void* samples = mark;
  EXPECT_EQ(ringbuf_check(ring, start, end), code) << start << ".." << end;
  EXPECT_EQ(ringbuf_view(ring, start, end, &samples), code) << start << ".." << end;
  if (code != RINGBUF_OK) {
    EXPECT_EQ(samples, mark) << "a refused view wrote its out-parameter";
  }
  EXPECT_EQ(ringbuf_read(ring, start, end, room), code) << start << ".." << end;
}

// All three, and the values that view and read bring.
void expect_samples(ringbuf_t* ring, std::int64_t start, std::int64_t end) {
  const auto count = static_cast<std::uint64_t>(end - start);
  const auto expected = numbers(start, count);
  EXPECT_EQ(ringbuf_check(ring, start, end), RINGBUF_OK) << start << ".." << end;
  const void* samples = nullptr;
  ASSERT_EQ(ringbuf_view(ring, start, end, &samples), RINGBUF_OK) << start << ".." << end;
  EXPECT_EQ(copy(samples, count), expected);
  std::vector<std::int32_t> room(static_cast<std::size_t>(count) + 2, -7);
  ASSERT_EQ(ringbuf_read(ring, start, end, room.data() + 1), RINGBUF_OK) << start << ".." << end;
  EXPECT_EQ(copy(room.data() + 1, count), expected);
  EXPECT_EQ(room.front(), -7);
  EXPECT_EQ(room.back(), -7);
}

// The rule of the specification, by itself.
int model(std::int64_t written, std::int64_t capacity, std::int64_t start, std::int64_t end) {
  if (start < 0 || end < start) {
    return RINGBUF_BAD_INDEX;
  }
  if (end > written) {
    return RINGBUF_NOT_YET;
  }
  return written - start > capacity ? RINGBUF_OVERWRITTEN : RINGBUF_OK;
}

TEST(CapiByIndex, EmptyRing) {
  Pair ring(options(8));
  expect_code(ring.reader, 0, 1, RINGBUF_NOT_YET);
  expect_code(ring.reader, 5, 9, RINGBUF_NOT_YET);
  expect_code(ring.reader, 0, kLargest, RINGBUF_NOT_YET);
  EXPECT_EQ(ringbuf_check(ring.reader, 0, 0), RINGBUF_OK);
  EXPECT_EQ(ringbuf_check(ring.reader, 1, 1), RINGBUF_NOT_YET);
}

TEST(CapiByIndex, BadIndices) {
  Pair ring(options(8));
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  expect_code(ring.reader, -1, 1, RINGBUF_BAD_INDEX);
  expect_code(ring.reader, -1, -1, RINGBUF_BAD_INDEX);
  expect_code(ring.reader, 2, 1, RINGBUF_BAD_INDEX);
  expect_code(ring.reader, 0, -1, RINGBUF_BAD_INDEX);
  expect_code(ring.reader, kSmallest, 1, RINGBUF_BAD_INDEX);
  expect_code(ring.reader, kSmallest, kSmallest, RINGBUF_BAD_INDEX);
  expect_code(ring.reader, kSmallest, kLargest, RINGBUF_BAD_INDEX);
  expect_code(ring.reader, kLargest, kSmallest, RINGBUF_BAD_INDEX);
  expect_code(ring.reader, kLargest, 0, RINGBUF_BAD_INDEX);
  expect_code(ring.reader, 9, 8, RINGBUF_BAD_INDEX);  // before it is not yet
}

TEST(CapiByIndex, LargeIndicesAreNotYet) {
  Pair ring(options(8));
  ASSERT_EQ(put(ring.writer, 12), RINGBUF_OK);
  expect_code(ring.reader, kLargest - 1, kLargest, RINGBUF_NOT_YET);
  expect_code(ring.reader, kLargest, kLargest, RINGBUF_NOT_YET);
  expect_code(ring.reader, 0, kLargest, RINGBUF_NOT_YET);
  expect_code(ring.reader, std::int64_t{1} << 32, (std::int64_t{1} << 32) + 1, RINGBUF_NOT_YET);
}

TEST(CapiByIndex, ExactBoundariesAfterALap) {
  Pair ring(options(8, 8));
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);  // 3 .. 11 are there
  expect_code(ring.reader, 2, 4, RINGBUF_OVERWRITTEN);
  expect_code(ring.reader, 2, 11, RINGBUF_OVERWRITTEN);
  expect_code(ring.reader, 2, 12, RINGBUF_NOT_YET);  // too far at both ends: not yet comes first
  expect_code(ring.reader, 10, 12, RINGBUF_NOT_YET);
  expect_code(ring.reader, 0, 1, RINGBUF_OVERWRITTEN);
  expect_samples(ring.reader, 3, 4);
  expect_samples(ring.reader, 3, 11);
  expect_samples(ring.reader, 10, 11);
}

TEST(CapiByIndex, EveryRangeOfSmallRings) {
  for (std::int64_t capacity = 1; capacity <= 5; ++capacity) {
    for (std::int64_t written = 0; written <= 12; ++written) {
      const auto size = static_cast<std::uint64_t>(capacity);
      Handle writer = make(nullptr, options(size, size));
      for (std::int64_t i = 0; i < written; ++i) {
        ASSERT_EQ(put(writer, 1), RINGBUF_OK);
      }
      for (std::int64_t start = -1; start <= written + 1; ++start) {
        for (std::int64_t end = -1; end <= written + 1; ++end) {
          SCOPED_TRACE("capacity " + std::to_string(capacity) + " written " + std::to_string(written));
          const int code = model(written, capacity, start, end);
          if (code == RINGBUF_OK) {
            expect_samples(writer, start, end);
          } else {
            expect_code(writer, start, end, code);
          }
          if (HasFailure()) {
            return;
          }
        }
      }
    }
  }
}

TEST(CapiByIndex, EmptyWindows) {
  Pair ring(options(4, 2));
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);  // 2 .. 6
  for (std::int64_t at = 2; at <= 6; ++at) {
    expect_samples(ring.reader, at, at);
  }
  expect_code(ring.reader, 1, 1, RINGBUF_OVERWRITTEN);
  expect_code(ring.reader, 7, 7, RINGBUF_NOT_YET);
}

TEST(CapiByIndex, ThePocketCarriesAWindowOverTheEnd) {
  Pair ring(options(8, 3));
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 5), RINGBUF_OK);  // 5 .. 13, the end of the data lies between 7 and 8
  for (std::int64_t start = 5; start <= 13; ++start) {
    for (std::int64_t end = start; end <= 13; ++end) {
      if (start >= 8 || end <= 8 + 3) {
        expect_samples(ring.reader, start, end);
      }
    }
  }
}

TEST(CapiByIndex, BeyondThePocketOnlyReadGoesOn) {
  Pair ring(options(8, 3));
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 5), RINGBUF_OK);
  for (std::int64_t start = 5; start < 8; ++start) {
    for (std::int64_t end = 8 + 3 + 1; end <= 13; ++end) {
      const void* const mark = &ring;
      const void* samples = mark;
      EXPECT_EQ(ringbuf_check(ring.reader, start, end), RINGBUF_OK);
      EXPECT_EQ(ringbuf_view(ring.reader, start, end, &samples), RINGBUF_NOT_CONTIGUOUS) << start << ".." << end;
      EXPECT_EQ(samples, mark);
      std::vector<std::int32_t> room(static_cast<std::size_t>(end - start));
      ASSERT_EQ(ringbuf_read(ring.reader, start, end, room.data()), RINGBUF_OK) << start << ".." << end;
      EXPECT_EQ(room, numbers(start, room.size()));
    }
  }
}

TEST(CapiByIndex, TheDefaultPocketIsOneSample) {
  Pair ring(options(4, 0));
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);  // 3 .. 7
  expect_samples(ring.reader, 3, 5);
  const void* samples = nullptr;
  EXPECT_EQ(ringbuf_view(ring.reader, 3, 6, &samples), RINGBUF_NOT_CONTIGUOUS);
}

TEST(CapiByIndex, ThePocketFollowsEveryLap) {
  Pair ring(options(5, 5));
  for (int put_no = 0; put_no < 60; ++put_no) {
    ASSERT_EQ(put(ring.writer, static_cast<std::uint64_t>(put_no % 7)), RINGBUF_OK);
    const std::int64_t w = written(ring.writer);
    expect_samples(ring.reader, std::max<std::int64_t>(0, w - 5), w);
  }
}

TEST(CapiByIndex, AViewIsInPlace) {
  Pair ring(options(8, 2));
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  const void *first = nullptr, *again = nullptr, *third = nullptr;
  ASSERT_EQ(ringbuf_view(ring.reader, 0, 3, &first), RINGBUF_OK);
  ASSERT_EQ(ringbuf_view(ring.reader, 0, 2, &again), RINGBUF_OK);
  ASSERT_EQ(ringbuf_view(ring.reader, 2, 3, &third), RINGBUF_OK);
  EXPECT_EQ(first, again);
  EXPECT_EQ(static_cast<const std::int32_t*>(first) + 2, third);
  void* raw = nullptr;
  std::size_t bytes = 0;
  ASSERT_EQ(ringbuf_raw(ring.reader, &raw, &bytes), RINGBUF_OK);
  const auto* begin = static_cast<const char*>(raw);
  EXPECT_GE(static_cast<const char*>(first), begin);
  EXPECT_LE(static_cast<const char*>(first) + 12, begin + bytes);
  // One lap later the same place holds other samples, and the check says so.
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
  EXPECT_EQ(ringbuf_check(ring.reader, 0, 3), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(copy(first, 3), (std::vector<std::int32_t>{8, 9, 10}));
}

TEST(CapiByIndex, AReaderCannotWriteThere) {
#ifdef RINGBUF_TEST_SANITIZED
  GTEST_SKIP() << "a sanitizer takes the signal for itself";
#endif
  for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_OBSERVER)}) {
    Pair ring(options(8), flags);
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
    const void* samples = nullptr;
    ASSERT_EQ(ringbuf_view(ring.reader, 0, 1, &samples), RINGBUF_OK);
    EXPECT_DEATH(*const_cast<volatile std::int32_t*>(static_cast<const std::int32_t*>(samples)) = 1, "");
  }
}

TEST(CapiByIndex, DataAreAlignedToAPage) {
  Pair ring(options(8));
  ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  const void* samples = nullptr;
  ASSERT_EQ(ringbuf_view(ring.reader, 0, 1, &samples), RINGBUF_OK);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(samples) % 4096, 0U);
}

TEST(CapiByIndex, ManyChannelsAreRows) {
  Name name;
  Handle writer = make(name.c(), options(4, 2, 0, RINGBUF_INT16, 3));
  std::vector<std::int16_t> rows(6 * 3);
  std::iota(rows.begin(), rows.end(), static_cast<std::int16_t>(0));
  ASSERT_EQ(ringbuf_put(writer, rows.data(), 3), RINGBUF_OK);
  ASSERT_EQ(ringbuf_put(writer, rows.data() + 9, 3), RINGBUF_OK);  // 2 .. 6
  Handle reader = capi::open(name);
  const void* samples = nullptr;
  ASSERT_EQ(ringbuf_view(reader, 3, 6, &samples), RINGBUF_OK);
  EXPECT_EQ(std::memcmp(samples, rows.data() + 9, 3 * 3 * 2), 0);
  std::vector<std::int16_t> room(4 * 3);
  ASSERT_EQ(ringbuf_read(reader, 2, 6, room.data()), RINGBUF_OK);
  EXPECT_EQ(std::memcmp(room.data(), rows.data() + 6, 4 * 3 * 2), 0);
}

TEST(CapiByIndex, OddItemSizes) {
  for (const std::uint32_t size : {1U, 3U, 13U, 4097U}) {
    ringbuf_options_t o = options(5, 2, 0, RINGBUF_BYTES);
    o.item_size = size;
    Handle writer = make(nullptr, o);
    std::string all;
    for (int i = 0; i < 8; ++i) {
      std::string item(size, static_cast<char>('a' + i));
      item.back() = static_cast<char>('A' + i);
      ASSERT_EQ(ringbuf_push(writer, item.data()), RINGBUF_OK);
      all += item;
    }
    std::string room(5 * size, '?');
    ASSERT_EQ(ringbuf_read(writer, 3, 8, room.data()), RINGBUF_OK);
    EXPECT_EQ(room, all.substr(3 * size));
    const void* samples = nullptr;
    ASSERT_EQ(ringbuf_view(writer, 3, 7, &samples), RINGBUF_OK);
    EXPECT_EQ(std::string(static_cast<const char*>(samples), 4 * size), all.substr(3 * size, 4 * size));
  }
}

// --- put ---------------------------------------------------------------------------------------------------------------

TEST(CapiPut, NothingIsFine) {
  Pair ring(options(4));
  EXPECT_EQ(put(ring.writer, 0), RINGBUF_OK);
  EXPECT_EQ(written(ring.writer), 0);
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  EXPECT_EQ(put(ring.writer, 0), RINGBUF_OK);
  EXPECT_EQ(written(ring.writer), 4);
  expect_samples(ring.reader, 0, 4);
}

TEST(CapiPut, MoreThanTheCapacityKeepsTheLastAndCountsAll) {
  for (std::uint64_t capacity = 1; capacity <= 6; ++capacity) {
    for (std::uint64_t before = 0; before <= 7; ++before) {
      for (std::uint64_t count = 0; count <= 20; ++count) {
        Handle writer = make(nullptr, options(capacity, capacity));
        for (std::uint64_t i = 0; i < before; ++i) {
          ASSERT_EQ(put(writer, 1), RINGBUF_OK);
        }
        ASSERT_EQ(put(writer, count), RINGBUF_OK);
        const auto w = static_cast<std::int64_t>(before + count);
        ASSERT_EQ(written(writer), w);
        const std::int64_t oldest = std::max<std::int64_t>(0, w - static_cast<std::int64_t>(capacity));
        expect_samples(writer, oldest, w);
        if (oldest > 0) {
          EXPECT_EQ(ringbuf_check(writer, oldest - 1, w), RINGBUF_OVERWRITTEN);
        }
        if (HasFailure()) {
          FAIL() << "capacity " << capacity << " before " << before << " count " << count;
        }
      }
    }
  }
}

TEST(CapiPut, IndicesGoBeyondFourBillion) {
  // Of a put of 8 GiB only the last 8 bytes are looked at: the others have no memory of their own. Where there are not so
  // many addresses, it is several puts.
  constexpr std::uint64_t kCount = (std::uint64_t{1} << 33) + 3;
  constexpr auto kMost = static_cast<std::size_t>(std::min<std::uint64_t>(kCount, SIZE_MAX / 4));
  const test::MostlyNothing memory(kMost);
  if (memory.begin() == nullptr) {
    GTEST_SKIP() << "no address space for it";
  }
  auto* bytes = static_cast<std::int8_t*>(memory.begin());
  for (std::int8_t i = 0; i < 8; ++i) {
    bytes[kMost - 8 + static_cast<std::size_t>(i)] = i;
  }
  Name name;
  Handle writer = make(name.c(), options(8, 8, 0, RINGBUF_INT8));
  for (std::uint64_t left = kCount; left != 0;) {
    const auto n = left % kMost != 0 ? static_cast<std::size_t>(left % kMost) : kMost;
    ASSERT_EQ(ringbuf_put(writer, bytes + (kMost - n), n), RINGBUF_OK);
    left -= n;
  }
  const std::int8_t next = 8;
  ASSERT_EQ(ringbuf_push(writer, &next), RINGBUF_OK);
  constexpr auto kWritten = static_cast<std::int64_t>(kCount) + 1;
  EXPECT_EQ(written(writer), kWritten);
  EXPECT_EQ(info(writer).oldest, kWritten - 8);
  EXPECT_EQ(info(writer).write_ptr, kWritten % 8);
  Handle reader = capi::open(name);
  EXPECT_EQ(tell(reader), kWritten - 7) << "an eighth of the ring behind the oldest";
  ASSERT_EQ(ringbuf_seek(reader, kWritten - 8), RINGBUF_OK);
  EXPECT_EQ(ringbuf_check(reader, kWritten - 9, kWritten), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(ringbuf_check(reader, kWritten - 8, kWritten + 1), RINGBUF_NOT_YET);
  EXPECT_EQ(ringbuf_check(reader, 0, 1), RINGBUF_OVERWRITTEN);
  const void* samples = nullptr;
  ASSERT_EQ(ringbuf_view(reader, kWritten - 8, kWritten, &samples), RINGBUF_OK);
  std::int8_t room[8] = {};
  std::uint64_t popped = 0;
  ASSERT_EQ(ringbuf_pop_many(reader, room, 8, &popped), RINGBUF_OK);
  EXPECT_EQ(popped, 8U);
  for (std::int8_t i = 0; i < 8; ++i) {
    EXPECT_EQ(static_cast<const std::int8_t*>(samples)[i], i + 1);
    EXPECT_EQ(room[i], i + 1);
  }
}

TEST(CapiPut, FromAnyAlignment) {
  Handle writer = make(nullptr, options(600, 600));
  std::vector<unsigned char> bytes(16 + 500 * 4);
  for (std::size_t shift = 0; shift < 16; ++shift) {
    const auto data = numbers(written(writer), 500);
    std::memcpy(bytes.data() + shift, data.data(), 500 * 4);
    ASSERT_EQ(ringbuf_put(writer, bytes.data() + shift, 500), RINGBUF_OK);
    expect_samples(writer, written(writer) - 500, written(writer));
  }
}

TEST(CapiPut, PushIsAPutOfOne) {
  Pair ring(options(4, 4));
  for (std::int32_t i = 0; i < 11; ++i) {
    ASSERT_EQ(ringbuf_push(ring.writer, &i), RINGBUF_OK);
    EXPECT_EQ(written(ring.writer), i + 1);
  }
  expect_samples(ring.reader, 7, 11);
}

}  // namespace
