// Writing in place: ringbuf_reserve and ringbuf_commit.
#include <algorithm>

#include "support.hpp"

namespace {

using namespace capi;

// Reserves `count`, writes the numbers of the samples there, commits `commit` of them.
void write_in_place(ringbuf_t* writer, std::uint64_t count, std::uint64_t commit) {
  const auto data = numbers(written(writer), count);
  void* samples = nullptr;
  ASSERT_EQ(ringbuf_reserve(writer, count, &samples), RINGBUF_OK) << ringbuf_last_error();
  std::memcpy(samples, data.data(), data.size() * sizeof data[0]);
  ASSERT_EQ(ringbuf_commit(writer, commit), RINGBUF_OK) << ringbuf_last_error();
}

void expect_read(ringbuf_t* ring, std::int64_t start, std::int64_t end) {
  const auto count = static_cast<std::uint64_t>(end - start);
  std::vector<std::int32_t> room(static_cast<std::size_t>(count) + 1);
  ASSERT_EQ(ringbuf_read(ring, start, end, room.data()), RINGBUF_OK) << start << ".." << end;
  EXPECT_EQ(copy(room.data(), count), numbers(start, count));
}

TEST(CapiReserve, WritesInPlace) {
  Pair ring(options(8, 2));
  write_in_place(ring.writer, 5, 5);
  EXPECT_EQ(written(ring.writer), 5);
  expect_read(ring.reader, 0, 5);
}

TEST(CapiReserve, NothingIsReadableBeforeTheCommit) {
  Pair ring(options(8, 2));
  void* samples = nullptr;
  ASSERT_EQ(ringbuf_reserve(ring.writer, 3, &samples), RINGBUF_OK);
  EXPECT_EQ(ringbuf_check(ring.reader, 0, 1), RINGBUF_NOT_YET);
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_EMPTY);
  EXPECT_EQ(written(ring.reader), 0);
  const std::int32_t data[] = {0, 1, 2};
  std::memcpy(samples, data, sizeof data);
  EXPECT_EQ(ringbuf_check(ring.reader, 0, 1), RINGBUF_NOT_YET);
  ASSERT_EQ(ringbuf_commit(ring.writer, 3), RINGBUF_OK);
  EXPECT_EQ(ringbuf_check(ring.reader, 0, 3), RINGBUF_OK);
}

TEST(CapiReserve, TheOldestInItsPlaceCannotBeReadAnyMore) {
  Pair ring(options(8, 2));
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
  void* samples = nullptr;
  ASSERT_EQ(ringbuf_reserve(ring.writer, 3, &samples), RINGBUF_OK);
  EXPECT_EQ(ringbuf_check(ring.reader, 2, 8), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(ringbuf_check(ring.reader, 3, 8), RINGBUF_OK);
  expect_read(ring.reader, 3, 8);
  // Giving up brings them not back: they may be half overwritten.
  ASSERT_EQ(ringbuf_commit(ring.writer, 0), RINGBUF_OK);
  EXPECT_EQ(written(ring.reader), 8);
  EXPECT_EQ(ringbuf_check(ring.reader, 2, 8), RINGBUF_OVERWRITTEN);
  expect_read(ring.reader, 3, 8);
}

TEST(CapiReserve, APositionInItsPlaceIsOverrun) {
  Pair ring(options(8, 2), RINGBUF_RESYNC_OLDEST);
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
  void* samples = nullptr;
  ASSERT_EQ(ringbuf_reserve(ring.writer, 3, &samples), RINGBUF_OK);
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(info(ring.reader).lost, 3U);
  expect_pops(ring.reader, 3, 5);
  EXPECT_EQ(pop_code(ring.reader), RINGBUF_EMPTY);
  ASSERT_EQ(ringbuf_commit(ring.writer, 0), RINGBUF_OK);
}

TEST(CapiReserve, CommitLess) {
  Pair ring(options(8, 2));
  write_in_place(ring.writer, 6, 4);
  EXPECT_EQ(written(ring.writer), 4);
  expect_read(ring.reader, 0, 4);
  EXPECT_EQ(ringbuf_check(ring.reader, 4, 5), RINGBUF_NOT_YET);
  // The next ones follow without a gap.
  write_in_place(ring.writer, 2, 2);
  expect_read(ring.reader, 0, 6);
}

TEST(CapiReserve, CommitNothingGivesUp) {
  Pair ring(options(8, 2));
  ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);
  write_in_place(ring.writer, 3, 0);
  EXPECT_EQ(written(ring.writer), 2);
  EXPECT_EQ(ringbuf_commit(ring.writer, 1), RINGBUF_INVALID_ARGUMENT);
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  expect_read(ring.reader, 0, 5);
}

TEST(CapiReserve, CommitMoreIsRefusedAndChangesNothing) {
  Pair ring(options(8, 2));
  const auto data = numbers(0, 3);
  void* samples = nullptr;
  ASSERT_EQ(ringbuf_reserve(ring.writer, 3, &samples), RINGBUF_OK);
  std::memcpy(samples, data.data(), 12);
  EXPECT_EQ(ringbuf_commit(ring.writer, 4), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_commit(ring.writer, ~std::uint64_t{0}), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(written(ring.writer), 0);
  EXPECT_EQ(ringbuf_commit(ring.writer, 3), RINGBUF_OK) << "the reservation still stands";
  expect_read(ring.reader, 0, 3);
}

TEST(CapiReserve, CommitWithoutAReservation) {
  Pair ring(options(8, 2));
  EXPECT_EQ(ringbuf_commit(ring.writer, 1), RINGBUF_INVALID_ARGUMENT);
  write_in_place(ring.writer, 3, 2);
  EXPECT_EQ(ringbuf_commit(ring.writer, 1), RINGBUF_INVALID_ARGUMENT) << "a commit ends the reservation";
  EXPECT_EQ(written(ring.writer), 2);
}

TEST(CapiReserve, CountMustBePossible) {
  Pair ring(options(8, 8));
  void* const mark = &ring;
  void* samples = mark;
  EXPECT_EQ(ringbuf_reserve(ring.writer, 0, &samples), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_reserve(ring.writer, 9, &samples), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_reserve(ring.writer, ~std::uint64_t{0}, &samples), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(samples, mark);
  write_in_place(ring.writer, 8, 8);
  expect_read(ring.reader, 0, 8);
}

TEST(CapiReserve, OverTheEndGoesThroughThePocketAndBack) {
  for (std::uint64_t before = 0; before < 8; ++before) {
    for (std::uint64_t count = 1; count <= 8; ++count) {
      if (before + count > 8 + 3) {
        continue;
      }
      Pair ring(options(8, 3));
      ASSERT_EQ(put(ring.writer, before), RINGBUF_OK);
      write_in_place(ring.writer, count, count);
      const auto w = static_cast<std::int64_t>(before + count);
      const std::int64_t oldest = std::max<std::int64_t>(0, w - 8);
      expect_read(ring.reader, oldest, w);
      // What went into the pocket is at the left of the data too: a window that begins there sees it ...
      for (std::int64_t start = std::max<std::int64_t>(oldest, 8); start < w; ++start) {
        const void* view = nullptr;
        ASSERT_EQ(ringbuf_view(ring.reader, start, w, &view), RINGBUF_OK);
        EXPECT_EQ(copy(view, static_cast<std::uint64_t>(w - start)),
                  numbers(start, static_cast<std::uint64_t>(w - start)));
      }
      // ... and what went to the left of the data is in the pocket: one that runs over the end sees that.
      ASSERT_EQ(put(ring.writer, 16 - before - count), RINGBUF_OK);
      const std::uint64_t at_once = count % 3 + 1;  // 16 .. 19 at the left, in one, two or three steps
      for (std::uint64_t left = 3; left != 0;) {
        const std::uint64_t step = std::min(left, at_once);
        write_in_place(ring.writer, step, step);
        left -= step;
      }
      const void* view = nullptr;
      ASSERT_EQ(ringbuf_view(ring.reader, 12, 19, &view), RINGBUF_OK);
      EXPECT_EQ(copy(view, 7), numbers(12, 7));
      if (HasFailure()) {
        FAIL() << "before " << before << " count " << count;
      }
    }
  }
}

TEST(CapiReserve, OverTheEndCommitLess) {
  for (std::uint64_t commit = 0; commit <= 5; ++commit) {
    Pair ring(options(8, 3));
    ASSERT_EQ(put(ring.writer, 6), RINGBUF_OK);
    write_in_place(ring.writer, 5, commit);
    ASSERT_EQ(written(ring.writer), static_cast<std::int64_t>(6 + commit));
    expect_read(ring.reader, 3, static_cast<std::int64_t>(6 + commit));
    // What was not committed is written again.
    ASSERT_EQ(put(ring.writer, 5 - commit), RINGBUF_OK);
    const void* view = nullptr;
    ASSERT_EQ(ringbuf_view(ring.reader, 3, 11, &view), RINGBUF_OK);
    EXPECT_EQ(copy(view, 8), numbers(3, 8)) << "committed " << commit;
    expect_read(ring.reader, 8, 11);
  }
}

TEST(CapiReserve, BeyondThePocketIsNotContiguous) {
  Pair ring(options(8, 3));
  ASSERT_EQ(put(ring.writer, 6), RINGBUF_OK);
  void* const mark = &ring;
  void* samples = mark;
  EXPECT_EQ(ringbuf_reserve(ring.writer, 6, &samples), RINGBUF_NOT_CONTIGUOUS);
  EXPECT_EQ(ringbuf_reserve(ring.writer, 8, &samples), RINGBUF_NOT_CONTIGUOUS);
  EXPECT_EQ(samples, mark);
  expect_read(ring.reader, 0, 6);  // a refused call loses nothing
  EXPECT_EQ(ringbuf_commit(ring.writer, 1), RINGBUF_INVALID_ARGUMENT);
  write_in_place(ring.writer, 5, 5);
  expect_read(ring.reader, 3, 11);
}

TEST(CapiReserve, ASecondReserveDropsTheFirst) {
  Pair ring(options(8, 2));
  void *first = nullptr, *second = nullptr;
  ASSERT_EQ(ringbuf_reserve(ring.writer, 6, &first), RINGBUF_OK);
  ASSERT_EQ(ringbuf_reserve(ring.writer, 2, &second), RINGBUF_OK);
  EXPECT_EQ(first, second);
  EXPECT_EQ(ringbuf_commit(ring.writer, 3), RINGBUF_INVALID_ARGUMENT);
  const auto data = numbers(0, 2);
  std::memcpy(second, data.data(), 8);
  EXPECT_EQ(ringbuf_commit(ring.writer, 2), RINGBUF_OK);
  expect_read(ring.reader, 0, 2);
}

TEST(CapiReserve, APutDropsIt) {
  Pair ring(options(8, 2));
  void* samples = nullptr;
  ASSERT_EQ(ringbuf_reserve(ring.writer, 4, &samples), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  EXPECT_EQ(ringbuf_commit(ring.writer, 1), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(written(ring.writer), 3);
  ASSERT_EQ(ringbuf_reserve(ring.writer, 4, &samples), RINGBUF_OK);
  const std::int32_t item = 3;
  ASSERT_EQ(ringbuf_push(ring.writer, &item), RINGBUF_OK);
  EXPECT_EQ(ringbuf_commit(ring.writer, 1), RINGBUF_INVALID_ARGUMENT);
  expect_read(ring.reader, 0, 4);
}

TEST(CapiReserve, ARefusedCallDropsNothing) {
  Pair ring(options(8, 2));
  void *samples = nullptr, *other = nullptr;
  ASSERT_EQ(put(ring.writer, 6), RINGBUF_OK);
  ASSERT_EQ(ringbuf_reserve(ring.writer, 2, &samples), RINGBUF_OK);
  const auto data = numbers(6, 2);
  std::memcpy(samples, data.data(), 8);
  EXPECT_EQ(ringbuf_reserve(ring.writer, 9, &other), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_reserve(ring.writer, 0, &other), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_reserve(ring.writer, 7, &other), RINGBUF_NOT_CONTIGUOUS);
  EXPECT_EQ(ringbuf_put(ring.writer, nullptr, 3), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_commit(ring.writer, 2), RINGBUF_OK);
  expect_read(ring.reader, 0, 8);

  Pair full(options(4, 4, RINGBUF_LOSSLESS));
  ASSERT_EQ(ringbuf_reserve(full.writer, 2, &samples), RINGBUF_OK);
  std::memcpy(samples, numbers(0, 2).data(), 8);
  EXPECT_EQ(put(full.writer, 5), RINGBUF_FULL);
  EXPECT_EQ(ringbuf_commit(full.writer, 2), RINGBUF_OK);
  expect_pops(full.reader, 0, 2);
}

TEST(CapiReserve, LosslessIsFullLikeAPut) {
  Pair ring(options(8, 8, RINGBUF_LOSSLESS));
  write_in_place(ring.writer, 6, 6);
  void* const mark = &ring;
  void* samples = mark;
  EXPECT_EQ(ringbuf_reserve(ring.writer, 3, &samples), RINGBUF_FULL);
  EXPECT_EQ(samples, mark);
  expect_pops(ring.reader, 0, 1);
  write_in_place(ring.writer, 3, 3);  // 6 .. 9, over the end
  EXPECT_EQ(ringbuf_reserve(ring.writer, 1, &samples), RINGBUF_FULL);
  expect_pops(ring.reader, 1, 8);
}

TEST(CapiReserve, ManyLaps) {
  Pair ring(options(7, 4));
  for (std::uint64_t i = 0; i < 300; ++i) {
    const std::uint64_t count = i % 4 + 1;
    write_in_place(ring.writer, count, count - (i % 3 == 0 ? 1 : 0));
    const std::int64_t w = written(ring.writer);
    const std::int64_t oldest = info(ring.writer).oldest;
    ASSERT_GE(oldest, w - 7);
    expect_read(ring.reader, oldest, w);
    ASSERT_FALSE(HasFailure()) << "step " << i;
  }
}

}  // namespace
