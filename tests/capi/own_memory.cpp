// The ring's own memory as an argument: what is put from there is put right, and nothing is copied to there.
#include "raw.hpp"
#include "support.hpp"

namespace {

using namespace capi;

ringbuf_options_t items_of(std::uint32_t bytes, std::uint64_t capacity, std::uint64_t window) {
  ringbuf_options_t o = options(capacity, window, 0, RINGBUF_BYTES);
  o.item_size = bytes;
  return o;
}

std::string item(std::int64_t value, std::uint32_t bytes) { return std::string(bytes, static_cast<char>(value + 1)); }

// Of a ring of `written` samples, [start, end) once more. Sample i has the value i.
void put_again(const ringbuf_options_t& o, std::int64_t written, std::int64_t start, std::int64_t end) {
  Memory memory(size_of(o));
  Handle writer = make_raw(memory, o);
  for (std::int64_t i = 0; i < written; ++i) ASSERT_EQ(ringbuf_push(writer, item(i, o.item_size).data()), RINGBUF_OK);
  const void* samples = nullptr;
  const int code = ringbuf_view(writer, start, end, &samples);
  if (code == RINGBUF_NOT_CONTIGUOUS) return;
  ASSERT_EQ(code, RINGBUF_OK);
  const auto count = static_cast<std::uint64_t>(end - start);
  ASSERT_EQ(ringbuf_put(writer, samples, count), RINGBUF_OK);
  const ringbuf_info_t i = info(writer);
  std::string read(o.item_size, '\0');
  for (std::int64_t k = 0; k < end - start; ++k) {
    ASSERT_EQ(ringbuf_read(writer, written + k, written + k + 1, read.data()), RINGBUF_OK);
    ASSERT_EQ(read, item(start + k, o.item_size)) << "sample " << k;
  }
  // The pocket is the leftmost samples still.
  void* raw = nullptr;
  std::size_t bytes = 0;
  ASSERT_EQ(ringbuf_raw(writer, &raw, &bytes), RINGBUF_OK);
  const char* data = static_cast<const char*>(raw) + i.data_offset;
  const std::size_t there = static_cast<std::size_t>(std::min(i.window, static_cast<std::uint64_t>(i.written)));
  ASSERT_EQ(std::memcmp(data, data + i.buf_size_bytes, there * o.item_size), 0) << "data and pocket differ";
}

TEST(CapiOwnMemory, AViewOfTheRingIsPutRight) {
  for (const std::uint32_t bytes : {1U, 3U, 8U, 20U, 40U, 70U, 3000U}) {
    for (std::int64_t capacity = 1; capacity <= (bytes == 3000 ? 4 : 7); ++capacity) {
      for (std::int64_t window = 1; window <= capacity; ++window) {
        const ringbuf_options_t o =
            items_of(bytes, static_cast<std::uint64_t>(capacity), static_cast<std::uint64_t>(window));
        for (std::int64_t written = capacity; written < 2 * capacity; ++written) {
          for (std::int64_t start = written - capacity; start < written; ++start) {
            for (std::int64_t end = start + 1; end <= written; ++end) {
              SCOPED_TRACE(std::to_string(bytes) + " bytes, capacity " + std::to_string(capacity) + ", window " +
                           std::to_string(window) + ", " + std::to_string(written) + " written, [" +
                           std::to_string(start) + ", " + std::to_string(end) + ")");
              put_again(o, written, start, end);
              if (HasFailure()) return;
            }
          }
        }
      }
    }
  }
}

// Another mapping of the same memory has other addresses: whatever the values are, data and pocket agree.
TEST(CapiOwnMemory, AViewOfAnotherHandleLeavesDataAndPocketEqual) {
  Pair ring(options(8, 8));
  ASSERT_EQ(put(ring.writer, 8), RINGBUF_OK);
  for (std::int64_t written = 8; written < 60;) {
    for (std::int64_t n = 1; n <= 8; ++n) {
      const void* samples = nullptr;
      ASSERT_EQ(ringbuf_view(ring.reader, written - 8, written - 8 + n, &samples), RINGBUF_OK);
      ASSERT_EQ(ringbuf_put(ring.writer, samples, static_cast<std::uint64_t>(n)), RINGBUF_OK);
      written += n;
      const ringbuf_info_t i = info(ring.writer);
      void* raw = nullptr;
      std::size_t bytes = 0;
      ASSERT_EQ(ringbuf_raw(ring.writer, &raw, &bytes), RINGBUF_OK);
      const char* data = static_cast<const char*>(raw) + i.data_offset;
      ASSERT_EQ(std::memcmp(data, data + i.buf_size_bytes, static_cast<std::size_t>(i.buf_size_bytes)), 0);
    }
  }
}

TEST(CapiOwnMemory, TheReservedSamplesThemselvesCanBePut) {
  Pair ring(options(8, 8));
  void* place = nullptr;
  ASSERT_EQ(ringbuf_reserve(ring.writer, 5, &place), RINGBUF_OK);
  const auto five = numbers(0, 5);
  std::memcpy(place, five.data(), sizeof(std::int32_t) * 5);
  ASSERT_EQ(ringbuf_put(ring.writer, static_cast<std::int32_t*>(place) + 2, 3), RINGBUF_OK);
  std::int32_t read[3];
  ASSERT_EQ(ringbuf_read(ring.reader, 0, 3, read), RINGBUF_OK);
  EXPECT_EQ(copy(read, 3), numbers(2, 3));
}

// The memory of the ring, byte by byte, but for the reader's place.
std::string data_of(ringbuf_t* ring) {
  void* raw = nullptr;
  std::size_t bytes = 0;
  EXPECT_EQ(ringbuf_raw(ring, &raw, &bytes), RINGBUF_OK);
  const auto offset = static_cast<std::size_t>(info(ring).data_offset);
  return std::string(static_cast<char*>(raw) + offset, bytes - offset);
}

TEST(CapiOwnMemory, NothingIsCopiedToThere) {
  const ringbuf_options_t o = options(8, 4);
  Memory memory(size_of(o));
  Handle writer = make_raw(memory, o);
  Handle reader = open_raw(memory);
  ASSERT_EQ(put(writer, 8), RINGBUF_OK);
  ASSERT_EQ(ringbuf_set_metadata(writer, "metadata", 8), RINGBUF_OK);
  const std::string before = data_of(writer);
  auto* begin = static_cast<char*>(memory.at());
  const auto offset = static_cast<std::size_t>(info(writer).data_offset);
  std::uint64_t count = 0;
  std::int64_t start = -1;
  std::size_t size = 0;
  // Within, at either end, and from outside into it.
  for (char* to : {begin + offset, begin + offset + 12, begin, begin + memory.bytes() - 4, begin - 4}) {
    SCOPED_TRACE(to - begin);
    const auto refused = [&](int code, const char* argument) {
      EXPECT_EQ(code, RINGBUF_INVALID_ARGUMENT);
      EXPECT_EQ(std::string(ringbuf_last_error()).rfind(std::string(argument) + " ", 0), 0U) << ringbuf_last_error();
    };
    for (ringbuf_t* ring : {static_cast<ringbuf_t*>(writer), static_cast<ringbuf_t*>(reader)}) {
      refused(ringbuf_read(ring, 0, 3, to), "samples");
      refused(ringbuf_metadata(ring, to, 8, &size), "bytes");
    }
    refused(ringbuf_pop_many(reader, to, 3, &count), "items");
    refused(ringbuf_next_copy(reader, 3, 1, 0, to, &start), "samples");
    if (to >= begin) refused(ringbuf_pop(reader, to), "item");
  }
  EXPECT_EQ(tell(reader), 0);
  EXPECT_TRUE(data_of(writer) == before);
  expect_pops(reader, 0, 8);
}

TEST(CapiOwnMemory, MetadataFromTheRingItselfAreSetRight) {
  Pair ring(options(8));
  ASSERT_EQ(ringbuf_set_metadata(ring.writer, "0123456789", 10), RINGBUF_OK);
  void* raw = nullptr;
  std::size_t bytes = 0;
  ASSERT_EQ(ringbuf_raw(ring.writer, &raw, &bytes), RINGBUF_OK);
  const std::string all(static_cast<char*>(raw), bytes);
  const std::size_t at = all.find("0123456789");
  ASSERT_NE(at, std::string::npos);
  for (int i = 0; i < 2; ++i) {  // from the current copy, then from the one that is to be filled
    ASSERT_EQ(ringbuf_set_metadata(ring.writer, static_cast<char*>(raw) + at + 2, 6), RINGBUF_OK);
    char read[16] = {};
    std::size_t size = 0;
    ASSERT_EQ(ringbuf_metadata(ring.reader, read, sizeof read, &size), RINGBUF_OK);
    EXPECT_EQ(std::string(read, size), "234567");
  }
}

}  // namespace
