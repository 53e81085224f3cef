// SigMF 1.2: FILE.sigmf-data has the samples, FILE.sigmf-meta the description.
#pragma once

#include "format.hpp"

namespace tool::formats {
Format sigmf_format();
}  // namespace tool::formats
