#include "elements.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <limits>
#include <type_traits>

#include "ringbuf.h"

namespace tool::formats {
namespace {

template <typename T>
T load(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <typename T>
void append(const void* element, fmt::memory_buffer& text) {
  if constexpr (std::is_integral_v<T>) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, load<T>(element)).ptr;
    text.append(digits, end);
  } else {
    fmt::format_to(std::back_inserter(text), "{}", load<T>(element));
  }
}

template <typename T>
bool parse_integer(const char** text, const char* end, void* element) {
  T value{};
  const auto result = std::from_chars(*text, end, value);
  if (result.ec != std::errc()) return false;
  std::memcpy(element, &value, sizeof value);
  *text = result.ptr;
  return true;
}

float parse(const char* text, char** end, float) { return std::strtof(text, end); }
double parse(const char* text, char** end, double) { return std::strtod(text, end); }

// The line of a text ends in a character that is not part of a number, so these functions stop there.
template <typename T>
bool parse_float(const char** text, const char* end, void* element) {
  char* after = nullptr;
  const T value = parse(*text, &after, T{});
  if (after == *text || after > end) return false;
  std::memcpy(element, &value, sizeof value);
  *text = after;
  return true;
}

template <typename T>
bool parse_pair(const char** text, const char* end, void* element) {
  if (!parse_float<T>(text, end, element)) return false;
  if (*text >= end || **text != ',') return false;
  ++*text;
  return parse_float<T>(text, end, static_cast<char*>(element) + sizeof(T));
}

template <typename T>
void append_pair(const void* element, fmt::memory_buffer& text) {
  append<T>(element, text);
  text.push_back(',');
  append<T>(static_cast<const char*>(element) + sizeof(T), text);
}

}  // namespace

float half_to_float(std::uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const int fraction = half & 1023;
  float value = 0;
  if (exponent == 31) {
    value = fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  } else if (exponent == 0) {
    value = std::ldexp(static_cast<float>(fraction), -24);
  } else {
    value = std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
  }
  return (half & 0x8000) != 0 ? -value : value;
}

std::uint16_t float_to_half(float value) {
  const unsigned sign = std::signbit(value) ? 0x8000U : 0U;
  const float size = std::fabs(value);
  unsigned half = 0;
  if (std::isnan(value)) {
    half = 0x7e00;
  } else if (size >= 65520.0F) {
    half = 0x7c00;
  } else if (size < 6.103515625e-05F) {  // below the smallest normal number; a fraction of 1024 makes that one
    half = static_cast<unsigned>(std::lrint(std::ldexp(size, 24)));
  } else {
    int exponent = 0;
    const float fraction = std::frexp(size, &exponent);  // 0.5 to 1
    half = static_cast<unsigned>((exponent + 13) * 1024 + static_cast<int>(std::lrint(std::ldexp(fraction, 11))));
  }
  return static_cast<std::uint16_t>(sign | half);
}

void element_text(std::uint32_t data_type, const void* element, fmt::memory_buffer& text) {
  switch (data_type) {
    case RINGBUF_FLOAT32:
      return append<float>(element, text);
    case RINGBUF_FLOAT64:
      return append<double>(element, text);
    case RINGBUF_FLOAT16: {
      const float value = half_to_float(load<std::uint16_t>(element));
      return append<float>(&value, text);
    }
    case RINGBUF_INT8:
      fmt::format_to(std::back_inserter(text), "{}", int{load<std::int8_t>(element)});
      return;
    case RINGBUF_UINT8:
      fmt::format_to(std::back_inserter(text), "{}", int{load<std::uint8_t>(element)});
      return;
    case RINGBUF_INT16:
      return append<std::int16_t>(element, text);
    case RINGBUF_UINT16:
      return append<std::uint16_t>(element, text);
    case RINGBUF_INT32:
      return append<std::int32_t>(element, text);
    case RINGBUF_UINT32:
      return append<std::uint32_t>(element, text);
    case RINGBUF_INT64:
      return append<std::int64_t>(element, text);
    case RINGBUF_UINT64:
      return append<std::uint64_t>(element, text);
    case RINGBUF_COMPLEX64:
      return append_pair<float>(element, text);
    case RINGBUF_COMPLEX128:
      return append_pair<double>(element, text);
    default:
      return;
  }
}

bool element_parse(std::uint32_t data_type, const char** text, const char* end, void* element) {
  switch (data_type) {
    case RINGBUF_FLOAT32:
      return parse_float<float>(text, end, element);
    case RINGBUF_FLOAT64:
      return parse_float<double>(text, end, element);
    case RINGBUF_FLOAT16: {
      float value = 0;
      if (!parse_float<float>(text, end, &value)) return false;
      const std::uint16_t half = float_to_half(value);
      std::memcpy(element, &half, sizeof half);
      return true;
    }
    case RINGBUF_INT8:
      return parse_integer<std::int8_t>(text, end, element);
    case RINGBUF_UINT8:
      return parse_integer<std::uint8_t>(text, end, element);
    case RINGBUF_INT16:
      return parse_integer<std::int16_t>(text, end, element);
    case RINGBUF_UINT16:
      return parse_integer<std::uint16_t>(text, end, element);
    case RINGBUF_INT32:
      return parse_integer<std::int32_t>(text, end, element);
    case RINGBUF_UINT32:
      return parse_integer<std::uint32_t>(text, end, element);
    case RINGBUF_INT64:
      return parse_integer<std::int64_t>(text, end, element);
    case RINGBUF_UINT64:
      return parse_integer<std::uint64_t>(text, end, element);
    case RINGBUF_COMPLEX64:
      return parse_pair<float>(text, end, element);
    case RINGBUF_COMPLEX128:
      return parse_pair<double>(text, end, element);
    default:
      return false;
  }
}

}  // namespace tool::formats
