#include "element.hpp"

#include <fmt/core.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <type_traits>

#include "formats/elements.hpp"

namespace tool {

namespace {

static_assert(std::endian::native == std::endian::little, "samples, .npy and frames are little endian");

template <class Type>
Type load(const std::byte *from) noexcept {
  Type value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class Type>
void store(Type value, std::byte *into) noexcept {
  std::memcpy(into, &value, sizeof value);
}

template <class Type>
void store_integer(double value, bool scaled, std::byte *into) noexcept {
  constexpr auto most = static_cast<double>(std::numeric_limits<Type>::max());
  constexpr auto least = static_cast<double>(std::numeric_limits<Type>::min());
  double number = value;
  if (scaled) number = std::is_signed_v<Type> ? value * most : (value + 1) / 2 * most;
  number = std::nearbyint(number);
  Type result = 0;
  if (number >= most) {  // the double of a 64-bit limit is one more than the limit
    result = std::numeric_limits<Type>::max();
  } else if (number <= least) {
    result = std::numeric_limits<Type>::min();
  } else if (number == number) {
    result = static_cast<Type>(number);
  }
  store(result, into);
}

template <class Type>
void fill(std::uint64_t number, std::uint64_t elements, std::byte *into) noexcept {
  for (std::uint64_t i = 0; i < elements; ++i) store(static_cast<Type>(number + i), into + i * sizeof(Type));
}

// Floating point numbers count as far as they have all integers.
template <class Type>
void fill_float(std::uint64_t number, std::uint64_t elements, std::uint64_t mask, std::byte *into) noexcept {
  for (std::uint64_t i = 0; i < elements; ++i) store(static_cast<Type>((number + i) & mask), into + i * sizeof(Type));
}

template <class Type>
void fill_complex(std::uint64_t number, std::uint64_t elements, std::uint64_t mask, std::byte *into) noexcept {
  for (std::uint64_t i = 0; i < elements; ++i) {
    const auto value = static_cast<Type>((number + i) & mask);
    store(value, into + 2 * i * sizeof(Type));
    store(-value, into + (2 * i + 1) * sizeof(Type));
  }
}

constexpr std::uint64_t bits(int count) noexcept { return (std::uint64_t{1} << count) - 1; }

}  // namespace

Shape shape_of(const ringbuf_info_t &info) noexcept { return {info.data_type, info.channels, info.item_size}; }

bool is_complex(std::uint32_t type) noexcept { return type == RINGBUF_COMPLEX64 || type == RINGBUF_COMPLEX128; }

bool is_integer(std::uint32_t type) noexcept {
  return type == RINGBUF_INT16 || (type >= RINGBUF_INT8 && type <= RINGBUF_UINT64);
}

double element_value(std::uint32_t type, const std::byte *element, bool imaginary) noexcept {
  switch (type) {
    case RINGBUF_FLOAT32:
      return static_cast<double>(load<float>(element));
    case RINGBUF_INT16:
      return load<std::int16_t>(element);
    case RINGBUF_FLOAT64:
      return load<double>(element);
    case RINGBUF_INT8:
      return load<std::int8_t>(element);
    case RINGBUF_UINT8:
      return load<std::uint8_t>(element);
    case RINGBUF_UINT16:
      return load<std::uint16_t>(element);
    case RINGBUF_INT32:
      return load<std::int32_t>(element);
    case RINGBUF_UINT32:
      return load<std::uint32_t>(element);
    case RINGBUF_INT64:
      return static_cast<double>(load<std::int64_t>(element));
    case RINGBUF_UINT64:
      return static_cast<double>(load<std::uint64_t>(element));
    case RINGBUF_FLOAT16:
      return static_cast<double>(formats::half_to_float(load<std::uint16_t>(element)));
    case RINGBUF_COMPLEX64:
      return static_cast<double>(load<float>(element + (imaginary ? 4 : 0)));
    case RINGBUF_COMPLEX128:
      return load<double>(element + (imaginary ? 8 : 0));
    default:
      return 0;
  }
}

void store_element(std::uint32_t type, double value, bool scaled, std::byte *element) noexcept {
  switch (type) {
    case RINGBUF_FLOAT32:
      return store(static_cast<float>(value), element);
    case RINGBUF_INT16:
      return store_integer<std::int16_t>(value, scaled, element);
    case RINGBUF_FLOAT64:
      return store(value, element);
    case RINGBUF_INT8:
      return store_integer<std::int8_t>(value, scaled, element);
    case RINGBUF_UINT8:
      return store_integer<std::uint8_t>(value, scaled, element);
    case RINGBUF_UINT16:
      return store_integer<std::uint16_t>(value, scaled, element);
    case RINGBUF_INT32:
      return store_integer<std::int32_t>(value, scaled, element);
    case RINGBUF_UINT32:
      return store_integer<std::uint32_t>(value, scaled, element);
    case RINGBUF_INT64:
      return store_integer<std::int64_t>(value, scaled, element);
    case RINGBUF_UINT64:
      return store_integer<std::uint64_t>(value, scaled, element);
    case RINGBUF_FLOAT16:
      return store(formats::float_to_half(static_cast<float>(value)), element);
    case RINGBUF_COMPLEX64:
      store(static_cast<float>(value), element);
      return store(0.0F, element + 4);
    case RINGBUF_COMPLEX128:
      store(value, element);
      return store(0.0, element + 8);
    default:
      return;
  }
}

void append_element(std::string &text, const Shape &shape, const std::byte *element) {
  auto into = std::back_inserter(text);
  switch (shape.type) {
    case RINGBUF_FLOAT32:
      fmt::format_to(into, "{}", load<float>(element));
      return;
    case RINGBUF_FLOAT64:
      fmt::format_to(into, "{}", load<double>(element));
      return;
    case RINGBUF_FLOAT16:
      fmt::format_to(into, "{}", formats::half_to_float(load<std::uint16_t>(element)));
      return;
    case RINGBUF_INT64:
      fmt::format_to(into, "{}", load<std::int64_t>(element));
      return;
    case RINGBUF_UINT64:
      fmt::format_to(into, "{}", load<std::uint64_t>(element));
      return;
    case RINGBUF_COMPLEX64:
      fmt::format_to(into, "{}{:+}i", load<float>(element), load<float>(element + 4));
      return;
    case RINGBUF_COMPLEX128:
      fmt::format_to(into, "{}{:+}i", load<double>(element), load<double>(element + 8));
      return;
    case RINGBUF_BYTES:
      for (std::uint32_t i = 0; i < shape.item_size; ++i)
        fmt::format_to(into, "{:02x}", load<std::uint8_t>(element + i));
      return;
    default:
      fmt::format_to(into, "{:.0f}", element_value(shape.type, element));
  }
}

void fill_counter(const Shape &shape, std::int64_t index, std::uint64_t count, std::byte *samples) noexcept {
  const std::uint64_t number = static_cast<std::uint64_t>(index) * shape.channels;
  const std::uint64_t elements = count * shape.channels;
  switch (shape.type) {
    case RINGBUF_FLOAT32:
      return fill_float<float>(number, elements, bits(24), samples);
    case RINGBUF_FLOAT64:
      return fill_float<double>(number, elements, bits(53), samples);
    case RINGBUF_FLOAT16:
      for (std::uint64_t i = 0; i < elements; ++i) {
        store(formats::float_to_half(static_cast<float>((number + i) & bits(11))), samples + 2 * i);
      }
      return;
    case RINGBUF_INT8:
    case RINGBUF_UINT8:
      return fill<std::uint8_t>(number, elements, samples);
    case RINGBUF_INT16:
    case RINGBUF_UINT16:
      return fill<std::uint16_t>(number, elements, samples);
    case RINGBUF_INT32:
    case RINGBUF_UINT32:
      return fill<std::uint32_t>(number, elements, samples);
    case RINGBUF_INT64:
    case RINGBUF_UINT64:
      return fill<std::uint64_t>(number, elements, samples);
    case RINGBUF_COMPLEX64:
      return fill_complex<float>(number, elements, bits(24), samples);
    case RINGBUF_COMPLEX128:
      return fill_complex<double>(number, elements, bits(53), samples);
    default:
      for (std::uint64_t i = 0; i < elements; ++i) {
        std::byte *item = samples + i * shape.item_size;
        for (std::uint32_t at = 0; at < shape.item_size; ++at) {
          item[at] = static_cast<std::byte>(((number + i) >> (8 * (at % 8))) & 255);
        }
      }
  }
}

}  // namespace tool
