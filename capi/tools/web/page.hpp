// The files of the page, which the program has in itself. The build writes their definition: page/embed.mjs.
#pragma once

#include <span>
#include <string_view>

namespace tool::web {

struct PageFile {
  std::string_view path;
  std::string_view type;
  std::string_view content;
};

std::span<const PageFile> page_files() noexcept;

}  // namespace tool::web
