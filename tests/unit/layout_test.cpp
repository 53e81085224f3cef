// The geometry of a ring: where everything lies, what it costs, and that no corrupted one is believed.
#include "ringbuf/detail/layout.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "../support/support.hpp"

using namespace ringbuf;

namespace {

constexpr std::uint32_t page = 4096;

Geometry geometry_of(const Options &options) {
  Geometry geometry{};
  EXPECT_EQ(make_geometry(options, page, geometry), Status::ok) << last_error();
  return geometry;
}

Options plain(std::uint64_t capacity) {
  Options options;
  options.capacity = capacity;
  return options;
}

// Sums and products that are compared with numbers of 64 bits: one that does not fit is larger than all of them.
class Wide {
 public:
  Wide(std::uint64_t value) : value_(value) {}

  friend Wide operator+(Wide a, Wide b) {
    Wide sum(0);
    sum.fits_ = !__builtin_add_overflow(a.value_, b.value_, &sum.value_) && a.fits_ && b.fits_;
    return sum;
  }
  friend Wide operator*(Wide a, Wide b) {
    Wide product(0);
    product.fits_ = !__builtin_mul_overflow(a.value_, b.value_, &product.value_) && a.fits_ && b.fits_;
    return product;
  }
  friend bool operator==(Wide a, std::uint64_t b) { return a.fits_ && a.value_ == b; }
  friend bool operator<=(Wide a, std::uint64_t b) { return a.fits_ && a.value_ <= b; }
  friend bool operator<(Wide a, std::uint64_t b) { return a.fits_ && a.value_ < b; }

 private:
  std::uint64_t value_;
  bool fits_ = true;
};

// Whether nothing that the geometry says can lead outside `bytes` or from one section into another.
bool is_sound(const Geometry &g, std::uint64_t bytes) {
  const Wide sample_bytes = Wide{g.channels} * g.item_size;
  return g.channels > 0 && g.item_size > 0 && sample_bytes == g.sample_bytes && g.capacity > 0 && g.window > 0 &&
         g.window <= g.capacity && Wide{g.capacity} * sample_bytes == g.buf_size_bytes &&
         Wide{g.window} * sample_bytes == g.pocket_size_bytes && g.header_bytes >= sizeof(Header) &&
         g.table_offset >= g.header_bytes && g.max_readers > 0 && g.max_readers <= max_reader_slots &&
         Wide{g.table_offset} + sizeof(ReaderTable) + Wide{g.max_readers} * sizeof(ReaderSlot) <= g.metadata_offset &&
         Wide{g.metadata_offset} + 2 * ((std::uint64_t{g.metadata_bytes} + 63) / 64 * 64) <= g.track_offset &&
         Wide{g.track_offset} + sizeof(TimeTrack) <= g.data_offset && g.track_offset % alignof(TimeTrack) == 0 &&
         g.table_offset % page == 0 && g.metadata_offset % page == 0 && g.data_offset % page == 0 &&
         Wide{g.data_offset} + g.buf_size_bytes == g.pocket_offset &&
         Wide{g.pocket_offset} + g.pocket_size_bytes <= g.total_bytes && g.total_bytes <= bytes;
}

TEST(Layout, SectionsFollowOneAnotherOnPagesOfTheirOwn) {
  for (const std::uint64_t capacity : std::vector<std::uint64_t>{1, 2, 100, 4096, 1'000'000}) {
    for (const std::uint64_t window : std::vector<std::uint64_t>{1, 2, 100, 4096}) {
      if (window > capacity) continue;
      for (const std::uint32_t channels : {1u, 3u, 64u}) {
        for (const std::uint32_t readers : {1u, 16u, 31u, 32u, 1024u}) {
          Options options = plain(capacity);
          options.window = window;
          options.channels = channels;
          options.max_readers = readers;
          const Geometry g = geometry_of(options);
          EXPECT_TRUE(is_sound(g, g.total_bytes));
          EXPECT_EQ(validate_geometry(g, g.total_bytes), Status::ok) << last_error();
          EXPECT_EQ(g.max_readers, readers);
          EXPECT_EQ(g.total_bytes % page, 0u);
        }
      }
    }
  }
}

TEST(Layout, ZeroMeansTheDefault) {
  const Geometry g = geometry_of(plain(10));
  EXPECT_EQ(g.magic, layout_magic);
  EXPECT_EQ(g.version, 1u);
  EXPECT_EQ(g.data_type, static_cast<std::uint32_t>(DataType::float32));
  EXPECT_EQ(g.channels, 1u);
  EXPECT_EQ(g.item_size, 4u);
  EXPECT_EQ(g.window, 1u);
  EXPECT_EQ(g.max_readers, 16u);
  EXPECT_EQ(g.metadata_bytes, 4096u);
  EXPECT_EQ(g.mode, 0600u);
  EXPECT_EQ(g.flags, 0u);
  EXPECT_EQ(g.sample_rate, 0.0);
  EXPECT_EQ(g.sample_bytes, 4u);
  EXPECT_EQ(g.buf_size_bytes, 40u);
  EXPECT_EQ(g.pocket_size_bytes, 4u);
}

TEST(Layout, ARingTakesLittleMoreThanItsData) {
  const Geometry g = geometry_of(plain(1000));
  EXPECT_EQ(metadata_copy_stride(g), 4096u);
  EXPECT_GE(g.data_offset, g.metadata_offset + 2 * std::uint64_t{g.metadata_bytes}) << "two copies";
  EXPECT_LE(g.total_bytes, g.buf_size_bytes + g.pocket_size_bytes + g.metadata_bytes + 32 * 1024);
}

TEST(Layout, OptionsThatMakeNoRingAreRefusedAndSayWhy) {
  const auto refused = [](auto change, const std::string &word) {
    Options options = plain(10);
    change(options);
    Geometry g{};
    EXPECT_EQ(make_geometry(options, page, g), Status::invalid_argument) << word;
    EXPECT_NE(std::string(last_error()).find(word), std::string::npos) << last_error();
    EXPECT_EQ(g.magic, 0u) << "nothing is changed";
  };
  refused([](Options &o) { o.capacity = 0; }, "capacity");
  refused([](Options &o) { o.window = 11; }, "window");
  refused([](Options &o) { o.data_type = static_cast<DataType>(13); }, "data_type");
  refused([](Options &o) { o.data_type = static_cast<DataType>(254); }, "data_type");
  refused([](Options &o) { o.item_size = 8; }, "item_size");
  refused([](Options &o) { o.max_readers = 1025; }, "max_readers");
  refused([](Options &o) { o.mode = 01000; }, "mode");
  refused([](Options &o) { o.sample_rate = -1; }, "sample_rate");
  refused([](Options &o) { o.sample_rate = std::numeric_limits<double>::infinity(); }, "sample_rate");
  refused([](Options &o) { o.sample_rate = std::nan(""); }, "sample_rate");
  refused([](Options &o) { o.first_index = -1; }, "first_index");
  refused([](Options &o) { o.first_index = INT64_MAX - 9; }, "first_index");
}

// Data and pocket have to take less than this, the whole ring at most half of the address space.
constexpr std::uint64_t limit = std::min<std::uint64_t>(std::uint64_t{1} << 60, SIZE_MAX / 2);

TEST(Layout, SizesWhoseProductsOverflowAreRefused) {
  const std::vector<std::uint64_t> capacities = {
      std::uint64_t{1} << 32, std::uint64_t{1} << 59, std::uint64_t{1} << 60, std::uint64_t{1} << 62,
      std::uint64_t{1} << 63, UINT64_MAX / 4 + 1,     UINT64_MAX - 1,         UINT64_MAX};
  const std::vector<std::uint32_t> factors = {1, 2, 4, 1u << 16, 1u << 31, UINT32_MAX};
  for (const std::uint64_t capacity : capacities) {
    for (const std::uint64_t window : {std::uint64_t{1}, capacity / 2, capacity}) {
      for (const std::uint32_t channels : factors) {
        for (const std::uint32_t item_size : factors) {
          Options options = plain(capacity);
          options.window = window;
          options.channels = channels;
          options.data_type = DataType::bytes;
          options.item_size = item_size;
          const Wide sample_bytes = Wide{channels} * item_size;
          const bool small = (Wide{capacity} + window) * sample_bytes < limit;
          Geometry g{};
          EXPECT_EQ(make_geometry(options, page, g), small ? Status::ok : Status::invalid_argument)
              << capacity << " " << window << " " << channels << " " << item_size;
          EXPECT_EQ(small, is_sound(g, g.total_bytes));
        }
      }
    }
  }
}

TEST(Layout, OneByteMoreThanTheLargestRingIsRefused) {
  Options options = plain(1);
  options.data_type = DataType::bytes;
  const std::uint64_t before = geometry_of(options).data_offset;
  options.capacity = sizeof(std::size_t) == 8 ? limit - 2 : limit / page * page - before - 1;  // and 1 of pocket
  Geometry g{};
  EXPECT_EQ(make_geometry(options, page, g), Status::ok) << last_error();
  EXPECT_TRUE(is_sound(g, g.total_bytes));
  ++options.capacity;
  EXPECT_EQ(make_geometry(options, page, g), Status::invalid_argument);
}

TEST(Layout, MemoryThatIsTooShortIsRefused) {
  const Geometry g = geometry_of(plain(100));
  EXPECT_EQ(validate_geometry(g, g.total_bytes + 1), Status::ok);
  for (const std::uint64_t bytes :
       {g.total_bytes - 1, g.pocket_offset, g.data_offset, std::uint64_t{512}, std::uint64_t{0}}) {
    EXPECT_EQ(validate_geometry(g, bytes), Status::corrupt) << bytes;
  }
}

// A field of the geometry, and whether other values of it may make a sound ring.
struct Field {
  const char *name;
  std::size_t offset;
  std::size_t bytes;
  bool free;
};
#define FIELD(name, free) \
  { #name, offsetof(Geometry, name), sizeof(Geometry::name), free }
const std::vector<Field> fields = {
    FIELD(magic, false),
    FIELD(version, false),
    FIELD(header_bytes, false),
    FIELD(buf_size_bytes, false),
    FIELD(pocket_size_bytes, false),
    FIELD(data_type, true),
    FIELD(channels, false),
    FIELD(item_size, false),
    FIELD(flags, true),
    FIELD(capacity, false),
    FIELD(window, false),
    FIELD(sample_bytes, false),
    FIELD(total_bytes, false),
    FIELD(max_readers, true),
    FIELD(metadata_bytes, true),
    FIELD(page_bytes, false),
    FIELD(mode, true),
    FIELD(table_offset, false),
    FIELD(metadata_offset, false),
    FIELD(data_offset, false),
    FIELD(pocket_offset, false),
    FIELD(sample_rate, true),
    FIELD(domain, true),
    FIELD(first_index, true),
    FIELD(track_offset, false),
    FIELD(data_alignment, true),
    FIELD(ring_id, true),
    FIELD(created_realtime_ns, true),
    FIELD(must_understand, false),
    FIELD(writer_must_understand, true),
    FIELD(liveness, true),
    FIELD(clock, false),
    FIELD(reserved, false),
    FIELD(ignored, true),
};
#undef FIELD

const Field &field_at(std::size_t offset) {
  for (const Field &field : fields) {
    if (offset >= field.offset && offset < field.offset + field.bytes) return field;
  }
  ADD_FAILURE() << "byte " << offset << " belongs to no field";
  return fields.front();
}

void expect_refused_or_harmless(const Geometry &bad, std::uint64_t bytes, const Field &field) {
  const Status status = validate_geometry(bad, bytes);
  if (status == Status::ok) {
    ASSERT_TRUE(field.free) << field.name << " has been changed and nobody noticed";
    ASSERT_TRUE(is_sound(bad, bytes)) << field.name;
    return;
  }
  Status expected = Status::corrupt;
  if (bad.magic == 0 || bad.magic == making_magic) expected = Status::not_initialized;
  const bool later = bad.must_understand != 0 || bad.liveness > liveness_tokens || bad.clock != clock_monotonic ||
                     bad.flags > (flag_lossless | flag_keep | flag_messages) ||
                     data_type_name(bad.data_type) == nullptr;
  if (bad.version != layout_version || later ||
      std::any_of(bad.reserved, std::end(bad.reserved), [](auto b) { return b != 0; })) {
    expected = Status::version_mismatch;
  }
  ASSERT_EQ(status, expected) << field.name;
}

void expect_every_byte_to_count(const Options &options) {
  const Geometry good = geometry_of(options);
  const std::uint64_t bytes =
      good.total_bytes + (std::uint64_t{1} << 20);  // room enough for what is not caught by the end
  for (std::size_t offset = 0; offset < sizeof good; ++offset) {
    for (unsigned change = 1; change < 256; ++change) {
      Geometry bad = good;
      reinterpret_cast<unsigned char *>(&bad)[offset] ^= static_cast<unsigned char>(change);
      expect_refused_or_harmless(bad, bytes, field_at(offset));
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(Layout, EveryCorruptedByteIsRefusedOrHarmless) {
  Options options = plain(1000);
  options.window = 17;
  options.channels = 3;
  options.sample_rate = 48000;
  options.first_index = 12345678901;
  expect_every_byte_to_count(options);
}

TEST(Layout, EveryCorruptedByteOfARingOfMessagesIsRefusedOrHarmless) {
  Options options = plain(1000);
  options.data_type = DataType::bytes;
  options.messages = true;
  options.window = 99;
  options.first_index = 12345678904;
  EXPECT_EQ(geometry_of(options).window, 128U);
  expect_every_byte_to_count(options);
}

TEST(Layout, EveryFieldSetToAWildNumberIsRefusedOrHarmless) {
  const Geometry good = geometry_of(plain(1000));
  const std::uint64_t half = std::uint64_t{1} << 63;
  for (const Field &field : fields) {
    if (field.bytes > 8) continue;
    for (const std::uint64_t wild : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{4095}, std::uint64_t{4097},
                                     std::uint64_t{UINT32_MAX}, half - 1, half, half + 1, UINT64_MAX - 1, UINT64_MAX}) {
      Geometry bad = good;
      std::memcpy(reinterpret_cast<unsigned char *>(&bad) + field.offset, &wild, field.bytes);
      if (std::memcmp(&bad, &good, sizeof good) == 0) continue;
      expect_refused_or_harmless(bad, UINT64_MAX, field);
      if (HasFailure()) return;
    }
  }
}

TEST(Layout, AWriterUnderstandsMoreThanAReaderHasTo) {
  Geometry g = geometry_of(plain(1000));
  EXPECT_EQ(validate_for_writer(g), Status::ok);
  g.writer_must_understand = 4;
  EXPECT_EQ(validate_geometry(g, g.total_bytes), Status::ok) << last_error();
  EXPECT_EQ(validate_for_writer(g), Status::version_mismatch);
  EXPECT_NE(std::string(last_error()).find("writer_must_understand is 0x4"), std::string::npos) << last_error();
}

TEST(Layout, DataMayBeAlignedToLargePages) {
  const std::uint64_t large = std::uint64_t{1} << 21;
  Geometry g{};
  ASSERT_EQ(make_geometry(plain(1000), page, g, large), Status::ok) << last_error();
  EXPECT_EQ(g.data_offset, large);
  EXPECT_EQ(validate_geometry(g, g.total_bytes), Status::ok) << last_error();
  g.data_alignment = large + page;
  EXPECT_EQ(validate_geometry(g, g.total_bytes), Status::corrupt);
}

}  // namespace
