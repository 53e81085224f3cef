// For the conformance suite of src/os: objects and mappings that close themselves.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

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

// When a process was started, as /proc tells it: field 22 of stat, counted from field 2, which ends in a parenthesis.
inline std::uint64_t start_time(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string stat(std::istreambuf_iterator<char>(file), {});
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  std::string field;
  for (int number = 3; number <= 22; ++number) fields >> field;
  return std::stoull(field);
}

}  // namespace test
