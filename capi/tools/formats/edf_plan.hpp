// How the samples of a ring go into records of EDF+ or BDF+.
#pragma once

#include <cstdint>
#include <string>

#include "edf_header.hpp"
#include "recording.hpp"

namespace tool::formats::edf {

struct Plan {
  std::string refusal;           // why the format cannot hold such a stream, and which one can; empty: it can
  std::uint32_t samples = 0;     // in a record
  std::int64_t duration_us = 0;  // of a record
  Header header;
};

Plan plan(const Stream& stream, bool bdf);

}  // namespace tool::formats::edf
