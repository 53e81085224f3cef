// For the conformance suite of src/os: objects and mappings that close themselves.
#pragma once

#include <gtest/gtest.h>

#include "os/os.hpp"

namespace test {

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

}  // namespace test
