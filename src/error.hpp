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

#include "ringbuf/status.hpp"

namespace ringbuf {

// Formats the details of a failure and returns its status: `return fail(Status::x, "...", ...)`.
#if FMT_VERSION >= 80000
template <class... Args>
using Format = fmt::format_string<Args...>;  // checked at compile time
#else
template <class...>
using Format = fmt::string_view;
#endif
// The part of it that does not depend on the types of the arguments: error.cpp alone has fmt's code.
Status fail_with(Status status, fmt::string_view format, fmt::format_args args) noexcept;
template <class... Args>
Status fail(Status status, Format<Args...> format, Args &&...args) noexcept {
  return fail_with(status, format, fmt::make_format_args(args...));
}

}  // namespace ringbuf
