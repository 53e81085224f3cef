// Memory of the caller's, and rings in it.
#ifndef RINGBUF_TESTS_CAPI_RAW_HPP
#define RINGBUF_TESTS_CAPI_RAW_HPP

#include <cstdlib>

#include "../support/memory.hpp"
#include "support.hpp"

namespace capi {

inline std::size_t size_of(const ringbuf_options_t& o) {
  std::size_t bytes = 0;
  EXPECT_EQ(ringbuf_size(&o, &bytes), RINGBUF_OK);
  return bytes;
}

// Memory of the caller's, shared with its children.
class Memory : public test::Pages {
 public:
  explicit Memory(std::size_t bytes, unsigned char fill = 0) : Pages(bytes) {
    if (begin() == nullptr) {
      std::abort();
    }
    std::memset(begin(), fill, bytes);
  }
  void* at(std::size_t offset = 0) const { return static_cast<char*>(begin()) + offset; }
  std::string content() const { return std::string(static_cast<const char*>(begin()), bytes()); }
};

inline Handle make_raw(const Memory& memory, const ringbuf_options_t& o) {
  Handle ring;
  EXPECT_EQ(ringbuf_create_raw(ring.out(), memory.at(), memory.bytes(), &o), RINGBUF_OK) << ringbuf_last_error();
  return ring;
}

inline Handle open_raw(const Memory& memory, std::uint32_t flags = 0) {
  Handle ring;
  EXPECT_EQ(ringbuf_open_raw(ring.out(), memory.at(), memory.bytes(), flags), RINGBUF_OK) << ringbuf_last_error();
  return ring;
}

}  // namespace capi

#endif
