// What a ring says about itself.
#pragma once

#include <cstdint>

#include "ringbuf/detail/protocol.hpp"

namespace ringbuf {

// Everything about a ring, and about the handle that asks.
struct Info {
  Geometry geometry;         // copied when the ring was opened
  std::uint64_t written;     // samples ever written: the index of the next one
  std::uint64_t oldest;      // the oldest sample that can be read
  State state;               // of the writer's side
  std::uint32_t readers;     // slots taken in the reader table
  std::uint64_t generation;  // how many writers the ring has had
  bool has_anchor;           // whether anything has been put
  protocol::Time anchor;     // the last sample of a put, and when that was
  std::uint32_t writer_pid;  // process number of a live writer; 0: not known here
};

// A registered reader of a ring.
struct ReaderInfo {
  std::uint32_t process_id;  // 0: not known here, as of another process namespace
  bool holds_back;           // the writer does not overwrite what this reader has not done with
  std::uint64_t position;    // the index of the sample that comes next
  std::uint64_t lag;         // samples between it and the newest one
  std::uint64_t lost;        // samples it missed
  std::uint64_t overruns;    // times it was too late
};

}  // namespace ringbuf
