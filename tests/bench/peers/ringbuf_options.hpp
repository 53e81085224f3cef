// How both interfaces of ringbuf are set up for the rows, so that they are the same rings.
#pragma once

#include <ringbuf/ringbuf.hpp>

#include "../rows/put.hpp"
#include "../rows/stream.hpp"

namespace bench {

// Opaque items, nothing lost.
template <class T, std::size_t capacity>
ringbuf::Options queue_options() {
  ringbuf::Options o;
  o.data_type = ringbuf::DataType::bytes;
  o.item_size = sizeof(T);
  o.capacity = capacity;
  o.lossless = true;
  return o;
}

// Blocks of 256 bytes and more are rows of 64 float32, smaller ones are single rows of int16.
template <std::size_t bytes>
inline constexpr std::uint64_t samples_per_block = bytes >= 256 ? bytes / 256 : 1;

template <std::size_t bytes>
ringbuf::Options block_options(std::size_t ring_bytes) {
  ringbuf::Options o;
  if (bytes >= 256) {
    o.data_type = ringbuf::DataType::float32;
    o.channels = 64;
  } else {
    o.data_type = ringbuf::DataType::int16;
    o.channels = bytes / 2;
  }
  o.capacity = ring_bytes / bytes * samples_per_block<bytes>;
  o.window = stream_take<bytes> * samples_per_block<bytes>;
  return o;
}

}  // namespace bench
