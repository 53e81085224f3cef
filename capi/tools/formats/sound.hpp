// WAV, RF64, W64 and FLAC, by libsndfile, with a sidecar FILE.json.
#pragma once

#include "format.hpp"

namespace tool::formats {
Format wav_format();  // RF64 above 4 GiB, plain WAV below
Format rf64_format();
Format w64_format();
Format flac_format();
}  // namespace tool::formats
