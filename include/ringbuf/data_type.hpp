// The types of an element. Python: the class `datatypes`.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace ringbuf {

// X(code, name, enumerator, bytes). 0 and 1 are the codes of the Python class.
#define RINGBUF_DATA_TYPES(X)       \
  X(0, FLOAT32, float32, 4)         \
  X(1, INT16, int16, 2)             \
  X(2, FLOAT64, float64, 8)         \
  X(3, INT8, int8, 1)               \
  X(4, UINT8, uint8, 1)             \
  X(5, UINT16, uint16, 2)           \
  X(6, INT32, int32, 4)             \
  X(7, UINT32, uint32, 4)           \
  X(8, INT64, int64, 8)             \
  X(9, UINT64, uint64, 8)           \
  X(10, FLOAT16, float16, 2)        \
  X(11, COMPLEX64, complex64, 8)    \
  X(12, COMPLEX128, complex128, 16) \
  X(255, BYTES, bytes, 0)

// The type of one element. The values are those of enum ringbuf_data_type.
enum class DataType : std::uint32_t {
#define X(code, name, enumerator, size) enumerator = code,
  RINGBUF_DATA_TYPES(X)
#undef X
};

// The name of a type. Null if no type has that code.
constexpr const char *data_type_name(std::uint32_t code) noexcept {
  switch (code) {
#define X(value, name, enumerator, size) \
  case value:                            \
    return #enumerator;
    RINGBUF_DATA_TYPES(X)
#undef X
    default:
      return nullptr;
  }
}

// The bytes in one element. 0 for `bytes`, whose size each ring chooses, and if no type has that code.
constexpr std::size_t data_type_size(std::uint32_t code) noexcept {
  switch (code) {
#define X(value, name, enumerator, size) \
  case value:                            \
    return size;
    RINGBUF_DATA_TYPES(X)
#undef X
    default:
      return 0;
  }
}

// Finds a type by its name. False if there is no such type.
constexpr bool data_type_from_name(std::string_view text, DataType &type) noexcept {
#define X(value, name, enumerator, size) \
  if (text == #enumerator) {             \
    type = DataType::enumerator;         \
    return true;                         \
  }
  RINGBUF_DATA_TYPES(X)
#undef X
  return false;
}

// True if elements of `type`, with `item_size` bytes each, can be read as objects of type T. Opaque items can be read as
// any trivially copyable type of their size, and float16 as any such type of two bytes.
template <class T>
constexpr bool holds(DataType type, std::size_t item_size) noexcept {
  static_assert(std::is_trivially_copyable_v<T>, "samples are copied byte by byte");
  if (sizeof(T) != item_size) return false;
  switch (type) {
    case DataType::float32:
      return std::is_same_v<T, float>;
    case DataType::float64:
      return std::is_same_v<T, double>;
    case DataType::complex64:
      return std::is_same_v<T, std::complex<float>>;
    case DataType::complex128:
      return std::is_same_v<T, std::complex<double>>;
    case DataType::int8:
    case DataType::int16:
    case DataType::int32:
    case DataType::int64:
      return std::is_integral_v<T> && std::is_signed_v<T>;
    case DataType::uint8:
    case DataType::uint16:
    case DataType::uint32:
    case DataType::uint64:
      return (std::is_integral_v<T> && std::is_unsigned_v<T>) || std::is_same_v<T, std::byte>;
    case DataType::float16:
    case DataType::bytes:
      return true;
  }
  return false;
}

}  // namespace ringbuf
