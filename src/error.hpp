// The text behind last_error(): which argument, its value, what was expected.
#pragma once

// A namespace of our own. A program may have compiled the same fmt with other flags, and the linker would take one of the
// two for both.
#define FMT_BEGIN_NAMESPACE \
  namespace fmt {           \
  inline namespace ringbuf_own {
#define FMT_END_NAMESPACE \
  }                       \
  }
namespace fmt {
inline namespace ringbuf_own {}
namespace v7 = ringbuf_own;  // fmt 7 names its own one
}  // namespace fmt
#include <fmt/format.h>

#include <cstddef>
#include <utility>

#include "ringbuf/status.hpp"

namespace ringbuf {

// Room for one text on this thread; nothing allocates.
struct ErrorText {
  static constexpr std::size_t size = 512;
  char text[size];
};
ErrorText &error_text() noexcept;

// Formats the details of a failure and returns its status: `return fail(Status::x, "...", ...)`.
#if FMT_VERSION >= 80000
template <class... Args>
using Format = fmt::format_string<Args...>;  // checked when it is compiled
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
