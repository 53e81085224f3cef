// For tests that are built with RINGBUF_FAILPOINTS: before every store of the protocol the library calls step(), and here a
// test says what happens at that moment.
#pragma once

#include <cstdint>
#include <functional>

namespace test {

class Steps {
 public:
  // Calls `act(number)` at each step until this object goes; steps that `act` itself makes do not count.
  explicit Steps(std::function<void(std::uint64_t)> act);
  Steps(const Steps &) = delete;
  Steps &operator=(const Steps &) = delete;
  ~Steps();

  std::uint64_t taken() const { return taken_; }
  void take();

 private:
  std::function<void(std::uint64_t)> act_;
  std::uint64_t taken_ = 0;
  bool acting_ = false;
};

}  // namespace test
