// The options of making a ring and of opening one.
#pragma once

#include <cstdint>

#include "ringbuf/data_type.hpp"

namespace ringbuf {

// The options of a new ring. 0 means the default; capacity has none.
struct Options {
  DataType data_type = DataType::float32;  // type of one element
  std::uint32_t channels = 0;              // elements in one sample; default 1
  std::uint32_t item_size = 0;             // bytes of one element, only for DataType::bytes; default 1
  std::uint64_t capacity = 0;              // samples that the ring holds
  // Samples in the pocket; default 64 KiB, at most capacity / 8; opaque items 1. With `messages` the longest message in
  // bytes, rounded up to a multiple of 8; default an eighth of the capacity, less the 24 bytes of a record's header.
  std::uint64_t window = 0;
  bool lossless = false;             // registered readers hold the writer back
  bool keep = false;                 // the name outlives the writer
  bool messages = false;             // a ring of messages: of bytes, by send and receive
  std::uint32_t max_readers = 0;     // reader slots; default 16
  std::uint32_t mode = 0;            // permission bits; default 0600
  std::uint32_t metadata_bytes = 0;  // room for metadata; default 4096
  double sample_rate = 0;            // in Hz; 0 means unknown
  std::int64_t first_index = 0;      // index of the first sample: a copy keeps the indices of its original
};

// The clocks by which samples have times: the machine's, which never steps, or that of the world, in ns since 1970-01-01 UTC.
enum class Clock : std::uint8_t { monotonic, realtime };

// Where a reader continues after an overrun.
enum class Resync {
  middle,  // in the middle of the samples held: half a ring is left to read, and half a ring of time to read it
  newest,  // at the next sample to be written
  lap,     // whole laps further on: the position stays congruent modulo the capacity
  oldest   // at the oldest sample still there, which the writer overwrites next
};

// How to open a ring for reading.
struct OpenOptions {
  bool from_newest = false;        // start at the next sample to be written, not at the oldest one still there
  bool observer = false;           // take no reader slot, never hold the writer back
  Resync resync = Resync::middle;  // where to continue after an overrun
  bool lazy = false;               // map each page at its first use, not all at once
  bool any_shape = false;          // Reader::reopen only: the new ring may have another shape
};

}  // namespace ringbuf
