// A message in a ring of messages.
#pragma once

#include <cstdint>

namespace ringbuf {

// Everything about a message but its bytes.
struct Message {
  std::uint64_t size;         // bytes
  std::int64_t start;         // index of its first byte
  std::uint32_t kind;         // as the writer gave it to send_event; 0 with send
  std::int64_t tag;           // likewise; by convention the index of a sample in another ring
  std::int64_t monotonic_ns;  // when it was sent, on the machine's monotonic clock
};

}  // namespace ringbuf
