// What the portable backend has open: the file of a ring, and the file of its locks.
#pragma once

#include <cstdint>

namespace ringbuf::os {

struct BackendObject {
  int fd = -1;
  int shared = -1;                // what share() has given
  int locks = -1;                 // DIRECTORY/.ringbuf-locks
  std::int64_t first_lock = 0;    // where the range of the ring begins there
  mutable char made_as[64] = {};  // the file of a ring that has no name yet; publish() empties it

  bool is_open() const noexcept { return fd >= 0; }
};

}  // namespace ringbuf::os
