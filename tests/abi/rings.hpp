// The rings whose bytes are kept: what they are, how they are written, and what is in them.
#pragma once

#include <cstdint>
#include <cstring>
#include <ostream>
#include <string>
#include <vector>

#include "ringbuf.h"

namespace kept {

struct KeptRing {
  const char *file;           // without its ending
  ringbuf_options_t options;  // capacity and so on, as ringbuf_create takes them
  const char *metadata;
  std::uint64_t written;
  std::uint64_t oldest;
  bool crashed;                                           // the writer has not closed it
  void (*fill)(std::uint64_t index, void *sample);        // what sample `index` is
  bool (*write)(const KeptRing &ring, const char *name);  // leaves it under that name
};

inline void PrintTo(const KeptRing &ring, std::ostream *out) { *out << ring.file; }  // for GoogleTest

const std::vector<KeptRing> &kept_rings();
// One with gaps and times, and one of messages. `fill` of the latter fills in no sample.
const KeptRing &ring_with_gaps();
const KeptRing &ring_of_messages();
// Message k of that one, from 0 on, and the index of its record.
std::string message(std::uint64_t k);
std::uint64_t record_of_message(std::uint64_t k);

// Bytes that differ from one ring to the next, or may from one build to the next: times, processes, numbers that only
// count or that are a matter of judgement. Where they lie is in layout.cpp.
struct Range {
  std::size_t begin, end;
};
std::vector<Range> accidental_bytes(const KeptRing &ring);

// One sample as bytes.
std::string sample(const KeptRing &ring, std::uint64_t index);

// A ring as text: a line for each 32 bytes that are not all zero.
std::string to_text(const std::string &bytes);
std::string to_bytes(const std::string &text);  // empty if it is not of that form

}  // namespace kept
