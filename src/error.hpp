// The text of last_error(): the argument, its value, and the expected value.
#pragma once

// A namespace of our own for fmt. A program may have compiled the same fmt with other flags. With one namespace the
// linker would use one of the two copies for both.
#define FMT_BEGIN_NAMESPACE \
  namespace fmt {           \
  inline namespace ringbuf_own {
#define FMT_END_NAMESPACE \
  }                       \
  }
namespace fmt {
inline namespace ringbuf_own {}
namespace v7 = ringbuf_own;  // fmt 7 names its namespace v7
}  // namespace fmt
#include <fmt/format.h>

#include <cstddef>
#include <utility>

#include "ringbuf/status.hpp"

namespace ringbuf {

// The buffer for one text of this thread. Nothing allocates.
struct ErrorText {
  static constexpr std::size_t size = 512;
  char text[size];
};
ErrorText &error_text() noexcept;

// Formats the details of a failure and returns its status: `return fail(Status::x, "...", ...)`.
#if FMT_VERSION >= 80000
template <class... Args>
using Format = fmt::format_string<Args...>;  // checked at compile time
#else
template <class...>
using Format = fmt::string_view;
#endif
template <class... Args>
Status fail(Status status, Format<Args...> format, Args &&...args) noexcept {
  ErrorText &error = error_text();
  try {
    const auto result = fmt::format_to_n(error.text, ErrorText::size - 1, format, std::forward<Args>(args)...);
    *result.out = '\0';
  } catch (...) {
    error.text[0] = '\0';
  }
  return status;
}

}  // namespace ringbuf
