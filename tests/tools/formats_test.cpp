// The parts of the formats that a shell does not see: elements as text, and the description.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "formats/channels.hpp"
#include "formats/decimal.hpp"
#include "formats/elements.hpp"
#include "formats/format.hpp"
#include "formats/mcap_records.hpp"
#include "formats/sidecar.hpp"
#include "ringbuf.h"

namespace {

using namespace tool::formats;

TEST(Elements, EveryHalfComesBack) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const bool nan = (half & 0x7c00) == 0x7c00 && (half & 0x3ff) != 0;
    const std::uint16_t back = float_to_half(half_to_float(half));
    if (nan) {
      EXPECT_EQ(back & 0x7fff, 0x7e00) << bits;
    } else {
      EXPECT_EQ(back, half) << bits;
    }
  }
}

// What follows the digits may be anything, as far as most_digits.
template <typename T>
void expect_digits(T value) {
  char text[most_digits + 1];
  std::memset(text, '#', sizeof text);
  const char *end = nullptr;
  if constexpr (std::is_signed_v<T>) {
    end = put_signed(text, value);
  } else {
    end = put_unsigned(text, value);
  }
  ASSERT_EQ(std::string(static_cast<const char *>(text), end), std::to_string(value));
  ASSERT_EQ(text[most_digits], '#') << value;
}

TEST(Decimal, DigitsAreThoseOfTheLibrary) {
  for (std::int32_t value = -200'000; value <= 200'000; ++value) expect_digits(std::int64_t{value});
  for (std::uint32_t value = 0; value < ten_to_8; value += 997) expect_digits(std::uint64_t{value});
  for (std::uint64_t power = 1; power < UINT64_MAX / 10; power *= 10) {
    for (const std::uint64_t near : {power - 1, power, power + 1, 5 * power, 9 * power + 9}) {
      expect_digits(near);
      if (near <= INT64_MAX) expect_digits(static_cast<std::int64_t>(near));
      if (near <= INT64_MAX) expect_digits(-static_cast<std::int64_t>(near));
    }
  }
  expect_digits(UINT64_MAX);
  expect_digits(INT64_MAX);
  expect_digits(INT64_MIN);
}

TEST(Elements, HalvesAreRoundedToTheNearest) {
  EXPECT_EQ(float_to_half(1.0F), 0x3c00);
  EXPECT_EQ(float_to_half(1.0F + 0x1p-11F), 0x3c00);  // in the middle: to the even one
  EXPECT_EQ(float_to_half(1.0F + 3 * 0x1p-11F), 0x3c02);
  EXPECT_EQ(float_to_half(65519.0F), 0x7bff);
  EXPECT_EQ(float_to_half(65520.0F), 0x7c00);
  EXPECT_EQ(float_to_half(0x1p-24F), 0x0001);
  EXPECT_EQ(float_to_half(0x1p-26F), 0x0000);
  EXPECT_EQ(float_to_half(-2.0F), 0xc000);
}

template <typename T>
void expect_back(std::uint32_t type, const std::vector<T> &values) {
  for (const T value : values) {
    fmt::memory_buffer text;
    element_text(type, &value, text);
    text.push_back('\n');
    const char *at = text.data();
    const char *end = at + text.size() - 1;
    T back{};
    ASSERT_TRUE(element_parse(type, &at, end, &back)) << std::string(text.data(), text.size());
    EXPECT_EQ(at, end);
    EXPECT_EQ(std::memcmp(&back, &value, sizeof value), 0) << std::string(text.data(), text.size());
  }
}

TEST(Elements, NumbersComeBackAsTheyWere) {
  using F = std::numeric_limits<float>;
  using D = std::numeric_limits<double>;
  expect_back<float>(RINGBUF_FLOAT32,
                     {0, -0.0F, 0.1F, F::min(), F::denorm_min(), F::max(), F::lowest(), F::infinity()});
  expect_back<double>(RINGBUF_FLOAT64,
                      {0, -0.0, 0.1, D::min(), D::denorm_min(), D::max(), D::lowest(), -D::infinity()});
  expect_back<std::int8_t>(RINGBUF_INT8, {0, -128, 127});
  expect_back<std::uint8_t>(RINGBUF_UINT8, {0, 255});
  expect_back<std::int64_t>(RINGBUF_INT64, {0, INT64_MIN, INT64_MAX});
  expect_back<std::uint64_t>(RINGBUF_UINT64, {0, UINT64_MAX});
}

TEST(Elements, WhatIsNoElementIsRefused) {
  for (const std::string text : {"\n", "x\n", "32768\n", "-32769\n"}) {
    std::int16_t value = 0;
    const char *at = text.data();
    EXPECT_FALSE(element_parse(RINGBUF_INT16, &at, at + text.size() - 1, &value)) << text;
  }
}

Sidecar example() {
  Sidecar sidecar;
  sidecar.stream.name = "ring";
  sidecar.stream.data_type = RINGBUF_INT16;
  sidecar.stream.channels = 2;
  sidecar.stream.item_size = 2;
  sidecar.stream.sample_rate = 0.125;
  sidecar.stream.capacity = 100;
  sidecar.stream.first_index = 40;
  sidecar.stream.metadata = R"({"channels": [{"name": "a"}, {"name": "b", "unit": "V"}]})";
  return sidecar;
}

TEST(Sidecar, ComesBackAsItWas) {
  Sidecar sidecar = example();
  sidecar.gaps = {{40, 50, 0}, {60, 61, 1}, {70, 1'000'000'000'000, 7}};
  sidecar.marks = {{50, 10, 1'700'000'000'123'456'789},
                   {59, 20, 1'700'000'000'123'456'999},
                   {61, 30, 1'700'000'001'000'000'000},
                   {1'000'000'000'005, 40, 1'700'000'002'000'000'001}};
  sidecar.finished = true;
  sidecar.samples = 30;
  const Sidecar back = sidecar_parse(sidecar_text(sidecar, ""), "test");
  EXPECT_EQ(back.stream, sidecar.stream);
  EXPECT_EQ(back.gaps, sidecar.gaps);
  EXPECT_EQ(back.marks, sidecar.marks);
  EXPECT_TRUE(back.finished);
  EXPECT_EQ(back.samples, 30U);
}

TEST(Sidecar, KeepsMetadataThatAreNoText) {
  Sidecar sidecar = example();
  sidecar.stream.metadata = std::string("\xff\x00\x80{", 4);
  EXPECT_EQ(sidecar_parse(sidecar_text(sidecar, ""), "test").stream.metadata, sidecar.stream.metadata);
}

TEST(Sidecar, RefusesIndicesThatGoBack) {
  const std::string text = R"({"global": {}, "captures": [{"core:sample_start": 0, "core:global_index": 10},
                              {"core:sample_start": 5, "core:global_index": 14}]})";
  EXPECT_THROW(sidecar_parse(text, "test"), Error);
}

TEST(Channels, WhatTheMetadataDoNotSayHasItsDefault) {
  Stream stream = example().stream;
  std::vector<Channel> channels = channels_of(stream);
  ASSERT_EQ(channels.size(), 2U);
  EXPECT_EQ(channels[0].unit, "1");
  EXPECT_EQ(channels[1].name, "b");
  EXPECT_EQ(channels[1].unit, "V");
  for (const char *metadata :
       {"", "[]", "{", R"({"channels": [{}]})", R"({"channels": [1, 2]})", R"({"channels": "ab"})"}) {
    stream.metadata = metadata;
    channels = channels_of(stream);
    ASSERT_EQ(channels.size(), 2U);
    EXPECT_EQ(channels[1].name, "2");
  }
}

TEST(Crc32, IsThatOfZlib) {
  using mcap::crc_of;
  EXPECT_EQ(crc_of("123456789", 9), 0xCBF43926U);
  EXPECT_EQ(crc_of("", 0), 0U);
  std::string text;
  for (int i = 0; i < 1000; ++i) text += static_cast<char>(i * 7);
  for (std::size_t cut = 0; cut < 40; ++cut) {
    EXPECT_EQ(crc_of(text.data() + cut, text.size() - cut, crc_of(text.data(), cut)), crc_of(text.data(), text.size()));
  }
}

TEST(Formats, AreFoundByEndingAndByName) {
  EXPECT_STREQ(format_for("", "a.b.npy").name, "npy");
  EXPECT_STREQ(format_for("", "a.sigmf-meta").name, "sigmf");
  EXPECT_STREQ(format_for("raw", "a.npy").name, "raw");
  EXPECT_THROW(format_for("", "a"), Error);
  EXPECT_THROW(format_for("x", "a.npy"), Error);
  EXPECT_EQ(path_with(format_for("", "a.npy"), "a.npy", "-1"), "a-1.npy");
  EXPECT_EQ(path_with(format_for("", "a.sigmf-meta"), "a.sigmf-meta", "-1"), "a-1.sigmf-meta");
  EXPECT_EQ(path_with(format_for("raw", "a"), "a", "-1"), "a-1.raw");
}

}  // namespace
