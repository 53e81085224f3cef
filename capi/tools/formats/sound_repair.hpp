// The lengths in the header of a WAV, RF64 or W64 file.
#pragma once

#include "repair.hpp"

namespace tool::formats {
// The lengths are those of the samples that are in the file. Nothing is done to files that say otherwise where samples begin.
void repair_lengths(File& file, std::uint64_t sample_bytes, Changes& changes);
}  // namespace tool::formats
