// The metadata block: ringbuf_set_metadata and ringbuf_metadata.
#include "support.hpp"

namespace {

using namespace capi;

std::string metadata(ringbuf_t* ring) {
  std::string bytes(100000, '\0');
  std::size_t size = 0;
  EXPECT_EQ(ringbuf_metadata(ring, bytes.data(), bytes.size(), &size), RINGBUF_OK) << ringbuf_last_error();
  bytes.resize(size);
  return bytes;
}

int set(ringbuf_t* ring, const std::string& bytes) { return ringbuf_set_metadata(ring, bytes.data(), bytes.size()); }

TEST(CapiMetadata, IsEmptyAtFirst) {
  Pair ring(options(4));
  EXPECT_EQ(metadata(ring.reader), "");
  std::size_t size = 7;
  EXPECT_EQ(ringbuf_metadata(ring.reader, nullptr, 0, &size), RINGBUF_OK);
  EXPECT_EQ(size, 0U);
  char byte = '?';
  EXPECT_EQ(ringbuf_metadata(ring.reader, &byte, 1, &size), RINGBUF_OK);
  EXPECT_EQ(byte, '?');
}

TEST(CapiMetadata, ComesBackAsItWas) {
  Pair ring(options(4));
  static constexpr char kBytes[] = "{\"channels\": [\"left\", \"right\"]}\0with\xFFzeroes\0";
  const std::string bytes(kBytes, sizeof kBytes);
  ASSERT_EQ(set(ring.writer, bytes), RINGBUF_OK);
  EXPECT_EQ(metadata(ring.reader), bytes);
  EXPECT_EQ(metadata(ring.writer), bytes);
  Handle late = capi::open(ring.name, RINGBUF_OBSERVER);
  EXPECT_EQ(metadata(late), bytes);
}

TEST(CapiMetadata, IsReplaced) {
  Pair ring(options(4));
  for (const std::string& bytes : {std::string("a long first version"), std::string("short"), std::string(4096, 'x'),
                                   std::string("y"), std::string()}) {
    ASSERT_EQ(set(ring.writer, bytes), RINGBUF_OK);
    EXPECT_EQ(metadata(ring.reader), bytes);
  }
}

TEST(CapiMetadata, TooLongIsRefusedAndTheOldStays) {
  ringbuf_options_t o = options(4);
  for (const std::uint32_t room : {1U, 10U, 5000U}) {
    o.metadata_bytes = room;
    Handle writer = make(nullptr, o);
    const std::string fits(room, 'f');
    ASSERT_EQ(set(writer, fits), RINGBUF_OK);
    EXPECT_EQ(set(writer, fits + "!"), RINGBUF_INVALID_ARGUMENT);
    EXPECT_EQ(ringbuf_set_metadata(writer, fits.data(), ~std::size_t{0}), RINGBUF_INVALID_ARGUMENT);
    EXPECT_EQ(metadata(writer), fits);
  }
}

TEST(CapiMetadata, TooSmallARoomTellsHowMuchItTakes) {
  Pair ring(options(4));
  ASSERT_EQ(set(ring.writer, "0123456789"), RINGBUF_OK);
  for (std::size_t room = 0; room < 10; ++room) {
    char bytes[16];
    std::memset(bytes, '?', sizeof bytes);
    std::size_t size = 77;
    EXPECT_EQ(ringbuf_metadata(ring.reader, bytes, room, &size), RINGBUF_INVALID_ARGUMENT) << room;
    EXPECT_EQ(size, 10U);
    for (std::size_t i = room; i < sizeof bytes; ++i) {
      ASSERT_EQ(bytes[i], '?') << "written beyond a room of " << room;
    }
  }
  std::size_t size = 77;
  EXPECT_EQ(ringbuf_metadata(ring.reader, nullptr, 0, &size), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(size, 10U);
  char exact[11] = "??????????";
  EXPECT_EQ(ringbuf_metadata(ring.reader, exact, 10, &size), RINGBUF_OK);
  EXPECT_STREQ(exact, "0123456789");
}

TEST(CapiMetadata, IsBesideTheSamples) {
  ringbuf_options_t o = options(4, 4);
  o.metadata_bytes = 3;
  Pair ring(o);
  ASSERT_EQ(put(ring.writer, 4), RINGBUF_OK);
  ASSERT_EQ(set(ring.writer, "abc"), RINGBUF_OK);
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  EXPECT_EQ(metadata(ring.reader), "abc");
  std::int32_t room[4];
  ASSERT_EQ(ringbuf_read(ring.reader, 3, 7, room), RINGBUF_OK);
  EXPECT_EQ(copy(room, 4), numbers(3, 4));
}

TEST(CapiMetadata, OutlivesAWriterThatIsResumed) {
  Name name;
  Handle writer = make(name.c(), options(8, 1, RINGBUF_KEEP));
  ASSERT_EQ(set(writer, "before"), RINGBUF_OK);
  const Handle keeper = capi::open(name);  // without a reader the memory may go with the writer
  ASSERT_EQ(writer.close(), RINGBUF_OK);
  const Handle resumed = resume(name);
  EXPECT_EQ(metadata(resumed), "before");
  ASSERT_EQ(set(resumed, "after"), RINGBUF_OK);
  EXPECT_EQ(metadata(resumed), "after");
}

}  // namespace
