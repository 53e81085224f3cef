// Where libsndfile writes a FLAC file: as it is, but for a length of 0 in the header, which means that it is not known, and
// which readers take for a very large one. It becomes 1, so that a recorder may be killed at any moment.
#pragma once

#include <sndfile.h>

#include "file.hpp"

namespace tool::formats {

class FlacOutput {
 public:
  explicit FlacOutput(File& file) : file_(file) {}
  FlacOutput(const FlacOutput&) = delete;
  FlacOutput& operator=(const FlacOutput&) = delete;

  // Null: it cannot be opened; sf_strerror(nullptr) says why.
  SNDFILE* open(SF_INFO& info);

 private:
  sf_count_t write(const void* bytes, sf_count_t count);

  File& file_;
  sf_count_t offset_ = 0;
  sf_count_t size_ = 0;
};

}  // namespace tool::formats
