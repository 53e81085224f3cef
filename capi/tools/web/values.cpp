#include "values.hpp"

#include <cmath>
#include <cstring>

#include "formats/elements.hpp"
#include "ringbuf.h"

namespace tool::web {

bool needs_double(std::uint32_t type) noexcept {
  switch (type) {
    case RINGBUF_FLOAT64:
    case RINGBUF_INT32:
    case RINGBUF_UINT32:
    case RINGBUF_INT64:
    case RINGBUF_UINT64:
    case RINGBUF_COMPLEX128:
      return true;
    default:
      return false;
  }
}

bool has_values(std::uint32_t type) noexcept { return ringbuf_type_size(type) != 0; }

namespace {

template <class Type, class Value>
void convert(const std::byte *from, std::size_t count, Value *into) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    Type element;
    std::memcpy(&element, from + i * sizeof element, sizeof element);
    into[i] = static_cast<Value>(element);
  }
}

template <class Type, class Value>
void convert_complex(const std::byte *from, std::size_t count, Value *into) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    Type parts[2];
    std::memcpy(parts, from + i * sizeof parts, sizeof parts);
    into[i] = static_cast<Value>(std::hypot(parts[0], parts[1]));
  }
}

template <class Value>
void convert_half(const std::byte *from, std::size_t count, Value *into) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, from + i * sizeof half, sizeof half);
    into[i] = static_cast<Value>(formats::half_to_float(half));
  }
}

template <class Value>
void convert_any(std::uint32_t type, const std::byte *from, std::size_t count, Value *into) noexcept {
  switch (type) {
    case RINGBUF_FLOAT32:
      return convert<float>(from, count, into);
    case RINGBUF_INT16:
      return convert<std::int16_t>(from, count, into);
    case RINGBUF_FLOAT64:
      return convert<double>(from, count, into);
    case RINGBUF_INT8:
      return convert<std::int8_t>(from, count, into);
    case RINGBUF_UINT8:
      return convert<std::uint8_t>(from, count, into);
    case RINGBUF_UINT16:
      return convert<std::uint16_t>(from, count, into);
    case RINGBUF_INT32:
      return convert<std::int32_t>(from, count, into);
    case RINGBUF_UINT32:
      return convert<std::uint32_t>(from, count, into);
    case RINGBUF_INT64:
      return convert<std::int64_t>(from, count, into);
    case RINGBUF_UINT64:
      return convert<std::uint64_t>(from, count, into);
    case RINGBUF_FLOAT16:
      return convert_half(from, count, into);
    case RINGBUF_COMPLEX64:
      return convert_complex<float>(from, count, into);
    case RINGBUF_COMPLEX128:
      return convert_complex<double>(from, count, into);
    default:
      for (std::size_t i = 0; i < count; ++i) into[i] = 0;
  }
}

}  // namespace

void to_values(std::uint32_t type, const std::byte *elements, std::size_t count, float *values) noexcept {
  convert_any(type, elements, count, values);
}

void to_values(std::uint32_t type, const std::byte *elements, std::size_t count, double *values) noexcept {
  convert_any(type, elements, count, values);
}

}  // namespace tool::web
