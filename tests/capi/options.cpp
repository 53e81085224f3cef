// ringbuf_options_t: defaults, zero fields, struct sizes, and every description that is of no possible ring.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "support.hpp"

namespace {

using namespace capi;

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

// Today's struct, in a program that was built against a later header.
struct LaterOptions {
  ringbuf_options_t known;
  std::uint64_t unknown[2];
};

TEST(CapiOptions, DefaultsAreTheHeaders) {
  ringbuf_options_t o;
  std::memset(&o, 0xAB, sizeof o);
  ASSERT_EQ(ringbuf_options_init(&o, sizeof o), RINGBUF_OK);
  EXPECT_EQ(o.struct_size, sizeof o);
  EXPECT_EQ(o.data_type, static_cast<std::uint32_t>(RINGBUF_FLOAT32));
  EXPECT_EQ(o.channels, 1U);
  EXPECT_EQ(o.capacity, 0U);
  EXPECT_EQ(o.window, 0U) << "0 means the default";
  EXPECT_EQ(o.flags, 0U);
  EXPECT_EQ(o.max_readers, 16U);
  EXPECT_EQ(o.mode, 0600U);
  EXPECT_EQ(o.metadata_bytes, 4096U);
  EXPECT_EQ(o.sample_rate, 0.0);
}

TEST(CapiOptions, InitWritesAsManyBytesAsItIsTold) {
  struct {
    LaterOptions options;
    unsigned char beyond[16];
  } memory;
  std::memset(&memory, 0xAB, sizeof memory);
  ASSERT_EQ(ringbuf_options_init(&memory.options.known, sizeof(LaterOptions)), RINGBUF_OK);
  EXPECT_EQ(memory.options.known.struct_size, sizeof(LaterOptions));
  EXPECT_EQ(memory.options.known.max_readers, 16U);
  EXPECT_EQ(memory.options.unknown[0], 0U);
  EXPECT_EQ(memory.options.unknown[1], 0U);
  for (const unsigned char byte : memory.beyond) {
    EXPECT_EQ(byte, 0xAB);
  }
}

TEST(CapiOptions, TheDefaultPocketIsAsLongAsTheWindowsThatASignalIsLookedAtIn) {
  struct {
    std::uint32_t type, channels, item_size;
    std::uint64_t capacity, window;
  } const cases[] = {
      {RINGBUF_FLOAT32, 1, 0, 1, 1},           {RINGBUF_FLOAT32, 1, 0, 8, 1},
      {RINGBUF_FLOAT32, 1, 0, 100, 12},        {RINGBUF_FLOAT32, 1, 0, 131072, 16384},
      {RINGBUF_FLOAT32, 1, 0, 1 << 20, 16384}, {RINGBUF_INT16, 3, 0, 1 << 20, 10922},
      {RINGBUF_FLOAT64, 10000, 0, 100, 1},     {RINGBUF_BYTES, 1, 4, 100, 1},
      {RINGBUF_BYTES, 2, 1, 1 << 20, 1},
  };
  for (const auto& each : cases) {
    ringbuf_options_t o{};
    o.struct_size = sizeof o;
    o.data_type = each.type;
    o.channels = each.channels;
    o.item_size = each.item_size;
    o.capacity = each.capacity;
    Handle ring = make(nullptr, o);
    EXPECT_EQ(info(ring).window, each.window) << each.type << " x " << each.channels << ", " << each.capacity;
  }
}

TEST(CapiOptions, InitRefusesAStructSmallerThanTheFirst) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{4}, sizeof(ringbuf_options_t) - 1}) {
    ringbuf_options_t o;
    std::memset(&o, 0xAB, sizeof o);
    EXPECT_EQ(ringbuf_options_init(&o, size), RINGBUF_INVALID_ARGUMENT) << size;
    unsigned char bytes[sizeof o];
    std::memcpy(bytes, &o, sizeof o);
    for (const unsigned char byte : bytes) {
      ASSERT_EQ(byte, 0xAB) << "a refused call wrote, struct_size " << size;
    }
  }
}

TEST(CapiOptions, ZeroFieldsMeanTheDefaults) {
  ringbuf_options_t o{};
  o.struct_size = sizeof o;
  o.capacity = 64;
  Name name;
  Handle ring = make(name.c(), o);
  const ringbuf_info_t i = info(ring);
  EXPECT_EQ(i.data_type, static_cast<std::uint32_t>(RINGBUF_FLOAT32));
  EXPECT_EQ(i.channels, 1U);
  EXPECT_EQ(i.item_size, 4U);
  EXPECT_EQ(i.window, 8U) << "an eighth of the ring";
  EXPECT_EQ(i.flags, 0U);
  EXPECT_EQ(i.max_readers, 16U);
  EXPECT_EQ(i.sample_rate, 0.0);
  const std::string full(4096, 'm');
  EXPECT_EQ(ringbuf_set_metadata(ring, full.data(), full.size()), RINGBUF_OK);
  EXPECT_EQ(ringbuf_set_metadata(ring, (full + "m").data(), full.size() + 1), RINGBUF_INVALID_ARGUMENT);

  ringbuf_options_t given = options(64, 1, 0, RINGBUF_FLOAT32);
  std::size_t of_zeroes = 0, of_defaults = 1;
  EXPECT_EQ(ringbuf_size(&o, &of_zeroes), RINGBUF_OK);
  EXPECT_EQ(ringbuf_size(&given, &of_defaults), RINGBUF_OK);
  EXPECT_EQ(of_zeroes, of_defaults);
}

TEST(CapiOptions, AnItemOfBytesIsOneByteByDefault) {
  ringbuf_options_t o = options(8, 1, 0, RINGBUF_BYTES);
  o.item_size = 0;
  Handle ring = make(nullptr, o);
  EXPECT_EQ(info(ring).item_size, 1U);
  EXPECT_EQ(info(ring).sample_bytes, 1U);
}

TEST(CapiOptions, ALaterStructIsTakenIfTheUnknownPartIsZero) {
  LaterOptions later{};
  later.known = options(8);
  later.known.struct_size = sizeof later;
  std::size_t bytes = 0, today = 1;
  EXPECT_EQ(ringbuf_size(&later.known, &bytes), RINGBUF_OK);
  const ringbuf_options_t o = options(8);
  EXPECT_EQ(ringbuf_size(&o, &today), RINGBUF_OK);
  EXPECT_EQ(bytes, today);
  Handle ring;
  EXPECT_EQ(ringbuf_create(ring.out(), nullptr, &later.known), RINGBUF_OK) << ringbuf_last_error();
}

TEST(CapiOptions, ALaterStructWithUnknownWishesIsRefused) {
  LaterOptions later{};
  later.known = options(8);
  later.known.struct_size = sizeof later;
  for (int byte = 0; byte < 16; ++byte) {
    later.unknown[0] = later.unknown[1] = 0;
    reinterpret_cast<unsigned char*>(later.unknown)[byte] = 1;
    std::size_t bytes = 7;
    ringbuf_t* ring = untouched();
    Name name;
    EXPECT_EQ(ringbuf_size(&later.known, &bytes), RINGBUF_INVALID_ARGUMENT) << byte;
    EXPECT_EQ(bytes, 7U);
    EXPECT_EQ(ringbuf_create(&ring, name.c(), &later.known), RINGBUF_INVALID_ARGUMENT) << byte;
    EXPECT_EQ(ring, untouched());
    EXPECT_FALSE(name.is_there());
  }
}

TEST(CapiOptions, AStructSmallerThanTheFirstIsRefused) {
  for (const std::uint32_t size : {0U, 4U, 55U}) {
    ringbuf_options_t o = options(8);
    o.struct_size = size;
    std::size_t bytes = 7;
    ringbuf_t* ring = untouched();
    EXPECT_EQ(ringbuf_size(&o, &bytes), RINGBUF_INVALID_ARGUMENT) << size;
    EXPECT_EQ(bytes, 7U);
    EXPECT_EQ(ringbuf_create(&ring, nullptr, &o), RINGBUF_INVALID_ARGUMENT) << size;
    EXPECT_EQ(ring, untouched());
  }
}

// --- what describes no possible ring -------------------------------------------------------------------------------

struct Absurd {
  const char* what;
  void (*change)(ringbuf_options_t&);
};

void PrintTo(const Absurd& absurd, std::ostream* out) { *out << absurd.what; }

const Absurd kAbsurd[] = {
    {"CapacityZero", [](ringbuf_options_t& o) { o.capacity = 0; }},
    {"WindowAboveCapacity", [](ringbuf_options_t& o) { o.window = o.capacity + 1; }},
    {"WindowHuge", [](ringbuf_options_t& o) { o.window = kMax; }},
    {"TypeJustUnknown", [](ringbuf_options_t& o) { o.data_type = 13; }},
    {"TypeBelowBytes", [](ringbuf_options_t& o) { o.data_type = 254; }},
    {"TypeAboveBytes", [](ringbuf_options_t& o) { o.data_type = 256; }},
    {"TypeHuge", [](ringbuf_options_t& o) { o.data_type = 0xFFFFFFFFU; }},
    {"FlagUnknown", [](ringbuf_options_t& o) { o.flags = 4; }},
    {"FlagUnknownBesideKnown", [](ringbuf_options_t& o) { o.flags = RINGBUF_LOSSLESS | 0x80000000U; }},
    {"Readers1025", [](ringbuf_options_t& o) { o.max_readers = 1025; }},
    {"ReadersHuge", [](ringbuf_options_t& o) { o.max_readers = 0xFFFFFFFFU; }},
    {"ModeSetUid", [](ringbuf_options_t& o) { o.mode = 04600; }},
    {"ModeSticky", [](ringbuf_options_t& o) { o.mode = 01777; }},
    {"ModeHuge", [](ringbuf_options_t& o) { o.mode = 0xFFFFFFFFU; }},
    {"RateNegative", [](ringbuf_options_t& o) { o.sample_rate = -1.0; }},
    {"RateNaN", [](ringbuf_options_t& o) { o.sample_rate = std::nan(""); }},
    {"RateInfinite", [](ringbuf_options_t& o) { o.sample_rate = std::numeric_limits<double>::infinity(); }},
    {"RateMinusInfinite", [](ringbuf_options_t& o) { o.sample_rate = -std::numeric_limits<double>::infinity(); }},
    {"CapacityMaximum", [](ringbuf_options_t& o) { o.capacity = kMax; }},
    {"CapacityMaximumBytes",
     [](ringbuf_options_t& o) {
       o.data_type = RINGBUF_BYTES;
       o.item_size = 1;
       o.capacity = kMax;
     }},
    {"CapacityBeyondInt64",
     [](ringbuf_options_t& o) {
       o.data_type = RINGBUF_INT8;
       o.capacity = kMax / 2 + 1;
     }},
    {"DataIs2To64", [](ringbuf_options_t& o) { o.capacity = std::uint64_t{1} << 62; }},
    {"DataIs2To64Plus4", [](ringbuf_options_t& o) { o.capacity = (std::uint64_t{1} << 62) + 1; }},
    {"DataJustBelow2To64", [](ringbuf_options_t& o) { o.capacity = (std::uint64_t{1} << 62) - 1; }},
    {"DataIs2To63", [](ringbuf_options_t& o) { o.capacity = std::uint64_t{1} << 61; }},
    {"ChannelsTimesItemIs2To64",
     [](ringbuf_options_t& o) {
       o.data_type = RINGBUF_BYTES;
       o.channels = 0x80000000U;
       o.item_size = 0x80000000U;
       o.capacity = 4;
     }},
    {"AllThreeFactorsWrapToSmall",
     [](ringbuf_options_t& o) {
       o.data_type = RINGBUF_BYTES;
       o.channels = 0x10000U;
       o.item_size = 0x10000U;
       o.capacity = (std::uint64_t{1} << 32) + 1;
     }},
    {"DataFitsPocketDoesNot",
     [](ringbuf_options_t& o) {
       o.data_type = RINGBUF_INT8;
       o.capacity = (std::uint64_t{1} << 62) + (std::uint64_t{1} << 61);
       o.window = o.capacity;
     }},
};

class CapiAbsurd : public testing::TestWithParam<Absurd> {};

TEST_P(CapiAbsurd, IsRefusedAndMakesNothing) {
  ringbuf_options_t o = options(8, 1, 0, RINGBUF_FLOAT32);
  GetParam().change(o);
  std::size_t bytes = 7;
  EXPECT_EQ(ringbuf_size(&o, &bytes), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(bytes, 7U);

  Name name("absurd");
  ringbuf_t* ring = untouched();
  EXPECT_EQ(ringbuf_create(&ring, name.c(), &o), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ring, untouched());
  EXPECT_FALSE(name.is_there());
  EXPECT_FALSE(is_listed(name.text()));
  EXPECT_EQ(ringbuf_open(&ring, name.c(), 0), RINGBUF_NOT_FOUND);

  EXPECT_EQ(ringbuf_create(&ring, nullptr, &o), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ring, untouched());

  alignas(64) static unsigned char memory[65536];
  std::memset(memory, 0xCD, sizeof memory);
  EXPECT_EQ(ringbuf_create_raw(&ring, memory, sizeof memory, &o), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ring, untouched());
  for (const unsigned char byte : memory) {
    ASSERT_EQ(byte, 0xCD) << "a refused call wrote into the caller's memory";
  }
}

INSTANTIATE_TEST_SUITE_P(Each, CapiAbsurd, testing::ValuesIn(kAbsurd));

TEST(CapiOptions, ARefusedCreateLeavesTheLiveRingOfThatName) {
  Name name;
  Handle writer = make(name.c(), options(8));
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);
  ringbuf_options_t o = options(0);
  ringbuf_t* ring = untouched();
  EXPECT_EQ(ringbuf_create(&ring, name.c(), &o), RINGBUF_INVALID_ARGUMENT);
  Handle reader = capi::open(name);
  expect_pops(reader, 0, 3);
}

TEST(CapiOptions, LargestWindowAndReadersAreTaken) {
  ringbuf_options_t o = options(8, 8);
  o.max_readers = 1024;
  o.mode = 0777;
  Name name;
  Handle ring = make(name.c(), o);
  EXPECT_EQ(info(ring).window, 8U);
  EXPECT_EQ(info(ring).max_readers, 1024U);
}

// --- how large a ring is ---------------------------------------------------------------------------------------------

TEST(CapiSize, IsWhatTheRingTakes) {
  struct {
    std::uint32_t type, channels, item, metadata;
    std::uint64_t capacity, window;
  } const cases[] = {
      {RINGBUF_INT16, 1, 0, 0, 1, 1},
      {RINGBUF_FLOAT32, 64, 0, 1, 1000, 100},
      {RINGBUF_COMPLEX128, 3, 0, 4096, 17, 17},
      {RINGBUF_BYTES, 1, 13, 5000, 4095, 3},
      {RINGBUF_BYTES, 5, 7, 100000, 4097, 4097},
      {RINGBUF_UINT8, 1, 0, 0, 4096, 1},
  };
  for (const auto& each : cases) {
    ringbuf_options_t o = options(each.capacity, each.window, 0, each.type, each.channels);
    o.item_size = each.item;
    o.metadata_bytes = each.metadata;
    std::size_t bytes = 0;
    ASSERT_EQ(ringbuf_size(&o, &bytes), RINGBUF_OK) << ringbuf_last_error();
    Name name;
    Handle ring = make(name.c(), o);
    const ringbuf_info_t i = info(ring);
    EXPECT_EQ(i.total_bytes, bytes);
    const std::uint64_t metadata = each.metadata == 0 ? 4096 : each.metadata;
    EXPECT_EQ(i.buf_size_bytes, each.capacity * i.sample_bytes);
    EXPECT_EQ(i.pocket_size_bytes, each.window * i.sample_bytes);
    EXPECT_GE(bytes, i.buf_size_bytes + i.pocket_size_bytes + metadata);
    // Metadata are there twice, so that they can be replaced without a reader seeing a mixture.
    EXPECT_LE(bytes, i.buf_size_bytes + i.pocket_size_bytes + std::max(metadata + 48 * 1024, 2 * metadata + 40 * 1024));
  }
}

TEST(CapiSize, MakesNothing) {
  constexpr int kBits = sizeof(std::size_t) == 8 ? 50 : 28;  // with 64 bits more than any machine has
  const ringbuf_options_t o = options(std::uint64_t{1} << kBits);
  std::size_t bytes = 0;
  ASSERT_EQ(ringbuf_size(&o, &bytes), RINGBUF_OK);
  EXPECT_GE(bytes, (std::size_t{4} << kBits));
}

}  // namespace
