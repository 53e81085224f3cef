// What the repairs of the formats have in common: docs/recordings.md, "Whole files".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "file.hpp"

namespace tool::formats {

// What was changed, in words.
using Changes = std::vector<std::string>;

// Removes what follows the whole samples. Returns how many there are.
std::uint64_t cut_to_samples(File& file, std::uint64_t header_bytes, std::uint64_t sample_bytes, Changes& changes);
// The description says that the recording has so many samples and has ended.
void finish_sidecar(const std::string& path, const std::string& sigmf_type, std::uint64_t samples, Changes& changes);

}  // namespace tool::formats
