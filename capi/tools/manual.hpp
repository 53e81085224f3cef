// Man pages, from the commands and their options.
#pragma once

#include <string>

namespace tool {

// In mdoc: ringbuf-NAME.1; with an empty name ringbuf.1.
std::string man_page(const std::string &name);

}  // namespace tool
