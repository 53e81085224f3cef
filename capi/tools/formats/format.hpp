// The formats of recordings, by name and by the ending of a file.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "recording.hpp"

namespace tool::formats {

struct Format {
  const char* name = "";
  std::vector<const char*> endings;  // with the dot; the first one is what a name without any gets
  const char* what = "";             // in a few words
  // Why this format cannot hold such a stream, and which one can. Empty: it can.
  std::string (*refusal)(const Stream& stream) = nullptr;
  // Makes the files. They must not exist, unless `replace` is set. The stream is one that the format can hold.
  std::unique_ptr<Writer> (*create)(const std::string& path, const Stream& stream, bool replace) = nullptr;
  std::unique_ptr<Reader> (*open)(const std::string& path) = nullptr;
  // Makes the files of a killed recorder whole, and says what it has changed; nothing: they were whole.
  std::vector<std::string> (*repair)(const std::string& path) = nullptr;
  bool gaps = true;         // false: a gap starts a new file
  bool annotations = true;  // Writer::annotate()
};

const std::vector<Format>& all_formats();
std::string format_names();  // "sigmf, npy, ..."

// The format that is named, or, if `name` is empty, the one that the ending of `path` tells. Throws Error.
const Format& format_for(std::string_view name, std::string_view path);

// The path with the ending of the format, and before it `suffix`.
std::string path_with(const Format& format, const std::string& path, const std::string& suffix);

}  // namespace tool::formats
