#include "edf.hpp"

#include "edf_plan.hpp"

namespace tool::formats {
namespace {

template <bool bdf>
Format make(const char* name, const char* ending, const char* what) {
  Format format;
  format.name = name;
  format.endings = {ending};
  format.what = what;
  format.refusal = [](const Stream& stream) { return edf::plan(stream, bdf).refusal; };
  format.create = [](const std::string& path, const Stream& stream, bool replace) {
    return edf::create(path, stream, replace, bdf);
  };
  format.open = [](const std::string& path) { return edf::open(path, bdf); };
  format.repair = [](const std::string& path) { return edf::repair(path, bdf); };
  format.gaps = false;
  return format;
}

}  // namespace

Format edf_format() { return make<false>("edf", ".edf", "EDF+ with samples of 16 bits, with FILE.json"); }
Format bdf_format() { return make<true>("bdf", ".bdf", "BDF+ with samples of 24 bits, with FILE.json"); }

}  // namespace tool::formats
