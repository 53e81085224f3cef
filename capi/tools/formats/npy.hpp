// npy, version 1.0: an array of (samples, channels) as numpy.load() reads it, with a sidecar FILE.json.
#pragma once

#include "format.hpp"

namespace tool::formats {
Format npy_format();
}  // namespace tool::formats
