// Information about a ring and its readers.
#pragma once

#include <cstdint>

#include "ringbuf/detail/protocol.hpp"

namespace ringbuf {

// Everything about a ring, and about the handle that asks for it.
struct Info {
  Geometry geometry;         // copied when the ring was opened
  std::uint64_t written;     // samples ever written: the index of the next one
  std::uint64_t oldest;      // the oldest sample that can be read
  State state;               // state of the writer
  std::uint32_t readers;     // reader slots in use
  std::uint64_t generation;  // how many writers the ring has had
  bool has_anchor;           // true if samples have been put
  protocol::Time anchor;     // the last sample of a put, and the time of that put
  std::uint32_t writer_pid;  // process number of a live writer; 0: unknown here
};

// A registered reader of a ring.
struct ReaderInfo {
  std::uint32_t process_id;  // 0: unknown here, as in another process namespace
  bool holds_back;           // the writer does not overwrite samples that this reader has not finished with
  std::uint64_t position;    // the index of the sample that it reads next
  std::uint64_t lag;         // samples between the position and the newest one
  std::uint64_t lost;        // samples lost by overruns
  std::uint64_t overruns;    // number of overruns
};

}  // namespace ringbuf
