#include "format.hpp"

#include <fmt/format.h>

#include "../text_format.hpp"
#include "csv.hpp"
#include "edf.hpp"
#include "mcap.hpp"
#include "npy.hpp"
#include "raw.hpp"
#include "sigmf.hpp"
#include "sound.hpp"

namespace tool::formats {
namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

const char* ending_of(const Format& format, std::string_view path) {
  for (const char* ending : format.endings) {
    if (ends_with(path, ending)) return ending;
  }
  return nullptr;
}

std::string known() {
  std::string text;
  for (const Format& format : all_formats()) {
    text += text.empty() ? "" : ", ";
    text += tool::format("{} ({})", format.name, fmt::join(format.endings, ", "));
  }
  return text;
}

}  // namespace

const std::vector<Format>& all_formats() {
  static const std::vector<Format> all = {sigmf_format(), npy_format(),  csv_format(), raw_format(),
                                          wav_format(),   rf64_format(), w64_format(), flac_format(),
                                          mcap_format(),  edf_format(),  bdf_format()};
  return all;
}

const Format& format_for(std::string_view name, std::string_view path) {
  for (const Format& format : all_formats()) {
    if (name.empty() ? ending_of(format, path) != nullptr : name == format.name) return format;
  }
  if (!name.empty()) throw Error(tool::format("no format is called '{}'; there are {}", name, known()));
  throw Error(
      tool::format("'{}' has no ending that tells its format: give it one, or --format; there are {}", path, known()));
}

std::string path_with(const Format& format, const std::string& path, const std::string& suffix) {
  const char* ending = ending_of(format, path);
  if (ending == nullptr) return path + suffix + format.endings.front();
  const std::string_view view = ending;
  return path.substr(0, path.size() - view.size()) + suffix + ending;
}

std::string format_names() {
  std::string names;
  for (const Format& format : all_formats()) names += tool::format("{}{}", names.empty() ? "" : ", ", format.name);
  return names;
}

}  // namespace tool::formats
