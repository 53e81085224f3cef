// How a process of the demo talks with the one that started it: it says that it is ready, the writer is told to go,
// and in the end each hands over its result.
#pragma once

#include <cstddef>
#include <type_traits>

namespace demo {

// The descriptors that a process of the demo finds open.
constexpr int result_fd = 3;
constexpr int go_fd = 4;

void say_ready();

// False if the starting process is gone.
bool wait_for_go();

void send_bytes(const void* bytes, std::size_t size);

template <class Result>
void send_result(const Result& result) {
  static_assert(std::is_trivially_copyable_v<Result>);
  send_bytes(&result, sizeof result);
}

}  // namespace demo
