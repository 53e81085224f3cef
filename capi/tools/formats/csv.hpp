// CSV: index, time in seconds since 1970-01-01 UTC, and the elements of each sample; with a sidecar FILE.json.
#pragma once

#include "format.hpp"

namespace tool::formats {
Format csv_format();
}  // namespace tool::formats
