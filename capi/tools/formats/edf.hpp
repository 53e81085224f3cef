// EDF+ (16 bits) and BDF+ (24 bits), with a sidecar FILE.json.
#pragma once

#include "format.hpp"
#include "repair.hpp"

namespace tool::formats {
Format edf_format();
Format bdf_format();

namespace edf {
std::unique_ptr<Writer> create(const std::string& path, const Stream& stream, bool replace, bool bdf);
std::unique_ptr<Reader> open(const std::string& path, bool bdf);
Changes repair(const std::string& path, bool bdf);
}  // namespace edf
}  // namespace tool::formats
