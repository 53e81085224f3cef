// fmt::format, compiled once: without a library of fmt, each file would compile all that it consists of, in half of its time.
#pragma once

#include <fmt/core.h>

#include <string>

namespace tool {

std::string format_text(fmt::string_view text, fmt::format_args values);

template <class... Values>
std::string format(fmt::format_string<Values...> text, Values &&...values) {
  return format_text(text, fmt::make_format_args(values...));
}

}  // namespace tool
