// For the conformance suite of src/os: objects and mappings that close themselves, and a sleeper.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

#include "os/os.hpp"

namespace test {

inline constexpr std::int64_t hour_ns = 3'600'000'000'000;

struct Owned : ringbuf::os::Object {
  Owned() = default;
  Owned(const Owned &) = delete;
  Owned &operator=(const Owned &) = delete;
  ~Owned() { ringbuf::os::close(*this); }
};

struct Mapped {
  explicit Mapped(ringbuf::os::Object &object) {
    EXPECT_EQ(ringbuf::os::map(object, region), ringbuf::Status::ok) << ringbuf::last_error();
  }
  Mapped(const Mapped &) = delete;
  Mapped &operator=(const Mapped &) = delete;
  ~Mapped() { ringbuf::os::unmap(region); }

  ringbuf::os::Region region;
};

inline ringbuf::Atomic32 &word_at(const ringbuf::os::Region &region, std::size_t offset) {
  return *reinterpret_cast<ringbuf::Atomic32 *>(region.begin + offset);
}

// Removes a name, whatever it stands for.
inline ringbuf::Status unlink_name(const char *name) {
  Owned object;
  const ringbuf::Status status = ringbuf::os::open(object, name);
  return status == ringbuf::Status::ok ? ringbuf::os::unlink_own(object, name) : status;
}

// Sleeps until the word is not `expected` any more, and returns what it is.
inline std::uint32_t sleep_at(const ringbuf::os::Object &object, const ringbuf::os::Region &region, std::size_t offset,
                              std::uint32_t expected) {
  const ringbuf::Atomic32 &word = word_at(region, offset);
  while (word.load() == expected) ringbuf::os::wait(object, &word, expected, hour_ns);
  return word.load();
}

}  // namespace test
