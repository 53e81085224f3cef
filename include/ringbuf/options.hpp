// What the maker of a ring chooses, and what its reader chooses.
#pragma once

#include <cstdint>

#include "ringbuf/data_type.hpp"

namespace ringbuf {

// What the creator chooses. Zero means the default, which stands behind each field; capacity has none.
struct Options {
  DataType data_type = DataType::float32;  // of one element
  std::uint32_t channels = 0;              // elements of one sample; 1
  std::uint32_t item_size = 0;             // bytes of one element, for DataType::bytes alone; 1
  std::uint64_t capacity = 0;              // samples
  std::uint64_t window = 0;                // samples of pocket; 64 KiB, at most capacity / 8, of opaque items 1
  bool lossless = false;                   // registered readers hold the writer back
  bool keep = false;                       // the name outlives the writer
  std::uint32_t max_readers = 0;           // slots in the reader table; 16
  std::uint32_t mode = 0;                  // permission bits; 0600
  std::uint32_t metadata_bytes = 0;        // 4096
  double sample_rate = 0;                  // Hz; 0 is unknown
};

// What a reader does after an overrun.
enum class Resync {
  middle,  // goes on in the middle of what is held: half a ring is left to read, and half a ring of time to read it in
  newest,  // at what is written next
  lap,     // whole laps further on: stays congruent modulo the capacity
  oldest   // at the oldest sample that is still there, which the writer overwrites next
};

// How to open a ring for reading.
struct OpenOptions {
  bool from_newest = false;        // start at what is written next instead of the oldest samples still there
  bool observer = false;           // take no slot in the reader table, never hold the writer back
  Resync resync = Resync::middle;  // where to go on after an overrun
  bool lazy = false;               // map pages as they are used, not all at once
};

}  // namespace ringbuf
