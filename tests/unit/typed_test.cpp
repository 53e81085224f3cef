// The C++ interface: typed windows, spans, ownership, exceptions.
#include <gtest/gtest.h>

#include <array>
#include <complex>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "../support/support.hpp"

using namespace ringbuf;

namespace {

Options typed(DataType type, std::uint32_t channels, std::uint64_t capacity, std::uint64_t window = 1) {
  Options options;
  options.data_type = type;
  options.channels = channels;
  options.capacity = capacity;
  options.window = window;
  return options;
}

TEST(Typed, RowsGoInAndComeOut) {
  const test::Name name("typed");
  Writer writer(name.c(), typed(DataType::int16, 3, 8, 4));
  Reader reader(name.c());
  const std::vector<std::int16_t> rows = {1, 2, 3, 4, 5, 6};
  ASSERT_EQ(writer.put(std::span<const std::int16_t>(rows)), Status::ok) << last_error();
  EXPECT_EQ(writer.written(), 2u);

  Window<std::int16_t> window;
  ASSERT_EQ(reader.view(0, 2, window), Status::ok) << last_error();
  EXPECT_EQ(window.start(), 0);
  EXPECT_EQ(window.end(), 2);
  EXPECT_EQ(window.size(), 2u);
  EXPECT_EQ(window.channels(), 3u);
  EXPECT_EQ(std::vector<std::int16_t>(window.elements().begin(), window.elements().end()), rows);
  EXPECT_EQ(window[1].size(), 3u);
  EXPECT_EQ(window[1][0], 4);
  EXPECT_EQ(window(0, 2), 3);
  EXPECT_TRUE(window.valid());
  static_assert(std::is_same_v<decltype(window.elements()), std::span<const std::int16_t>>);

  ASSERT_EQ(reader.next(1, 1, 0, window), Status::ok) << last_error();
  EXPECT_EQ(window(0, 0), 1);
  ASSERT_EQ(reader.next(1, 1, 0, window), Status::ok) << last_error();
  EXPECT_EQ(window.start(), 1);
  EXPECT_EQ(reader.next(1, 1, 0, window), Status::timeout);
  EXPECT_EQ(window.start(), 1) << "as it was";
}

TEST(Typed, AWindowOverTheEndIsContiguous) {
  Writer writer;
  ASSERT_EQ(Writer::create(writer, nullptr, typed(DataType::float64, 2, 4, 3)), Status::ok);
  for (int i = 0; i < 6; ++i) {
    const std::array<double, 2> row = {i + 0.25, i + 0.5};
    ASSERT_EQ(writer.put(std::span<const double>(row)), Status::ok);
  }
  Window<double> window;
  ASSERT_EQ(writer.view(2, 6, window), Status::ok) << last_error();
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(window(i, 0), static_cast<double>(i) + 2.25);
    EXPECT_EQ(window[i][1], static_cast<double>(i) + 2.5);
  }
}

TEST(Typed, AnotherTypeIsIncompatible) {
  Writer writer;
  ASSERT_EQ(Writer::create(writer, nullptr, typed(DataType::float32, 2, 8)), Status::ok);
  const std::array<std::int32_t, 2> integers{};
  const std::array<double, 2> doubles{};
  const std::array<float, 3> not_whole{};
  EXPECT_EQ(writer.put(std::span<const std::int32_t>(integers)), Status::incompatible);
  EXPECT_EQ(writer.put(std::span<const double>(doubles)), Status::incompatible);
  EXPECT_EQ(writer.put(std::span<const float>(not_whole)), Status::incompatible);
  EXPECT_EQ(writer.written(), 0u);
  ASSERT_EQ(writer.put(std::span<const float>(not_whole).first(2)), Status::ok);
  Window<std::uint32_t> window;
  EXPECT_EQ(writer.view(0, 1, window), Status::incompatible);
  EXPECT_EQ(window.size(), 0u);
  EXPECT_FALSE(window.valid());

  std::intptr_t handle = -1;
  Reader reader;
  ASSERT_EQ(writer.share(handle), Status::ok);
  ASSERT_EQ(Reader::open_fd(reader, handle), Status::ok);
  EXPECT_EQ(reader.next(1, 1, 0, window), Status::incompatible);
  EXPECT_EQ(reader.tell(), 0);
}

template <class T>
void expect_held(DataType type, std::uint32_t item_size = 0) {
  Options options = typed(type, 1, 4);
  options.item_size = item_size;
  Writer writer;
  ASSERT_EQ(Writer::create(writer, nullptr, options), Status::ok) << last_error();
  const std::array<T, 2> items{};
  EXPECT_EQ(writer.put(std::span<const T>(items)), Status::ok) << last_error();
  Window<T> window;
  EXPECT_EQ(writer.view(0, 2, window), Status::ok) << last_error();
}

struct Item {
  char text[20];
  std::int32_t number;
};

TEST(Typed, EachTypeHoldsWhatItSays) {
  expect_held<float>(DataType::float32);
  expect_held<double>(DataType::float64);
  expect_held<std::int8_t>(DataType::int8);
  expect_held<std::uint8_t>(DataType::uint8);
  expect_held<std::byte>(DataType::uint8);
  expect_held<std::int16_t>(DataType::int16);
  expect_held<std::uint16_t>(DataType::uint16);
  expect_held<std::int32_t>(DataType::int32);
  expect_held<std::uint32_t>(DataType::uint32);
  expect_held<std::int64_t>(DataType::int64);
  expect_held<std::uint64_t>(DataType::uint64);
  expect_held<std::complex<float>>(DataType::complex64);
  expect_held<std::complex<double>>(DataType::complex128);
  expect_held<std::uint16_t>(DataType::float16);
  expect_held<Item>(DataType::bytes, sizeof(Item));
}

TEST(Typed, AWindowKnowsThatItHasBeenOverwritten) {
  Writer writer;
  ASSERT_EQ(Writer::create(writer, nullptr, typed(DataType::int32, 1, 4)), Status::ok);
  const std::array<std::int32_t, 4> values = {1, 2, 3, 4};
  ASSERT_EQ(writer.put(std::span<const std::int32_t>(values)), Status::ok);
  Window<std::int32_t> all;
  Window<std::int32_t> late;
  ASSERT_EQ(writer.view(0, 4, all), Status::ok);
  ASSERT_EQ(writer.view(1, 4, late), Status::ok);
  EXPECT_TRUE(all.valid());
  ASSERT_EQ(writer.push(&values[0]), Status::ok);
  EXPECT_FALSE(all.valid());
  EXPECT_TRUE(late.valid());
  std::byte *at = nullptr;
  ASSERT_EQ(writer.reserve(1, at), Status::ok);
  EXPECT_FALSE(late.valid()) << "what is reserved is about to be destroyed";
}

TEST(Typed, OnlyConstructorsThrow) {
  const test::Name name("throws");
  try {
    Reader reader(name.c());
    FAIL();
  } catch (const Error &error) {
    EXPECT_EQ(error.status(), Status::not_found);
    EXPECT_NE(std::string(error.what()).find(name.text()), std::string::npos) << error.what();
  }
  try {
    Writer writer(name.c(), Options());
    FAIL();
  } catch (const Error &error) {
    EXPECT_EQ(error.status(), Status::invalid_argument);
    EXPECT_NE(std::string(error.what()).find("capacity"), std::string::npos) << error.what();
  }
  EXPECT_THROW((void)Writer::resumed(name.c()), Error);
  Writer first(name.c(), typed(DataType::int32, 1, 4));
  try {
    Writer second(name.c(), typed(DataType::int32, 1, 4));
    FAIL();
  } catch (const Error &error) {
    EXPECT_EQ(error.status(), Status::exists);
  }
  static_assert(noexcept(first.push(nullptr)) &&noexcept(first.close()));
  static_assert(std::is_nothrow_move_constructible_v<Writer> && std::is_nothrow_move_assignable_v<Writer>);
  static_assert(std::is_nothrow_move_constructible_v<Reader> && std::is_nothrow_move_assignable_v<Reader>);
  static_assert(!std::is_copy_constructible_v<Writer> && !std::is_copy_constructible_v<Reader>);
}

TEST(Typed, WhatHasBeenMovedFromIsClosed) {
  const test::Name name("moved");
  Writer writer(name.c(), typed(DataType::int32, 1, 4));
  Reader reader(name.c());
  const std::int32_t value = 7;
  ASSERT_EQ(writer.push(&value), Status::ok);
  Writer other = std::move(writer);
  Reader moved = std::move(reader);
  EXPECT_FALSE(writer.is_open());  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_FALSE(reader.is_open());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(writer.push(&value), Status::not_initialized);
  EXPECT_EQ(writer.written(), 0u);
  std::int32_t item = 0;
  std::uint64_t count = 0;
  EXPECT_EQ(reader.pop(&item), Status::not_initialized);
  EXPECT_EQ(reader.usage(count), Status::not_initialized);
  EXPECT_EQ(reader.seek(0), Status::not_initialized);
  ASSERT_EQ(other.push(&value), Status::ok);
  EXPECT_EQ(moved.pop(&item), Status::ok);
  EXPECT_EQ(item, 7);
  EXPECT_EQ(moved.tell(), 1);
  // Assigning closes what was open.
  other = Writer();
  EXPECT_FALSE(name.is_there());
  EXPECT_EQ(moved.pop(&item), Status::ok);
  EXPECT_EQ(moved.pop(&item), Status::closed);
}

TEST(Typed, ClosingTwiceDoesNothing) {
  const test::Name name("twice");
  Writer writer(name.c(), typed(DataType::int32, 1, 4));
  Reader reader(name.c());
  reader.close();
  reader.close();
  EXPECT_FALSE(reader.is_open());
  writer.close();
  Writer next(name.c(), typed(DataType::int32, 1, 4));
  writer.close();
  EXPECT_TRUE(name.is_there()) << "the name is another ring's now";
  Writer().close();
  Reader().close();
}

TEST(Typed, AFailedOpenLeavesTheHandleAsItWas) {
  const test::Name name("kept");
  Writer writer(name.c(), typed(DataType::int32, 1, 4));
  Reader reader(name.c());
  EXPECT_EQ(Reader::open(reader, "ringbuf-test.no-such-ring"), Status::not_found);
  EXPECT_EQ(Writer::create(writer, "no/name", typed(DataType::int32, 1, 4)), Status::invalid_argument);
  EXPECT_TRUE(reader.is_open());
  const std::int32_t value = 3;
  EXPECT_EQ(writer.push(&value), Status::ok);
  std::int32_t item = 0;
  EXPECT_EQ(reader.pop(&item), Status::ok);
  EXPECT_EQ(item, 3);
}

TEST(Reservation, ANumberCommitsItsOwnAndNoOther) {
  Writer writer;
  ASSERT_EQ(Writer::create(writer, nullptr, typed(DataType::int32, 1, 8)), Status::ok);
  std::byte *first = nullptr, *second = nullptr;
  std::uint64_t one = 0, two = 0;
  ASSERT_EQ(writer.reserve(3, first, one), Status::ok) << last_error();
  ASSERT_EQ(writer.reserve(2, second, two), Status::ok) << last_error();
  EXPECT_NE(one, two);
  EXPECT_EQ(writer.commit(1, one), Status::invalid_argument) << "a newer reservation has ended it";
  EXPECT_EQ(writer.commit(0, one), Status::ok) << "there is nothing left to give up";
  EXPECT_EQ(writer.commit(3, two), Status::invalid_argument) << "more than was reserved";
  EXPECT_EQ(writer.written(), 0u);
  EXPECT_EQ(writer.commit(2, two), Status::ok) << last_error();
  EXPECT_EQ(writer.commit(1, two), Status::invalid_argument) << "it has been committed";
  std::uint64_t three = 0;
  ASSERT_EQ(writer.reserve(2, first, three), Status::ok);
  const std::int32_t item = 7;
  ASSERT_EQ(writer.put(&item, 1), Status::ok);
  EXPECT_EQ(writer.commit(2, three), Status::invalid_argument) << "a put has ended it";
  EXPECT_EQ(writer.written(), 3u);
}

}  // namespace
