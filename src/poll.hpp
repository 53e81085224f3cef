// Descriptors for event loops, which become readable when samples come.
#pragma once

#include <cstdint>

#include "registry.hpp"

namespace ringbuf::detail {

// Gives the descriptor of a reader. It is made at the first call, and closed with the segment. unsupported: the system
// has none that event loops take. no_memory, system.
Status poll_fd(Segment &segment, std::intptr_t &fd) noexcept;
// Makes the descriptor readable as soon as the samples before `end` are written, or never will be; until then it is not.
// invalid_argument: there is no descriptor yet.
Status poll_arm(Segment &segment, std::uint64_t end) noexcept;
// At close and exit: closes the descriptor, if there is one. Afterwards no other thread uses the segment.
void stop_polling(Segment &segment) noexcept;

// During its lifetime no other thread uses the segment for polling. Afterwards the descriptor waits to be armed again.
class PollingPaused {
 public:
  explicit PollingPaused(Segment &segment) noexcept;
  PollingPaused(const PollingPaused &) = delete;
  PollingPaused &operator=(const PollingPaused &) = delete;
  ~PollingPaused();

 private:
  const LibraryLock lock_;
  Segment &segment_;
};

// Around fork(), called by the registry, which is locked. A child has no descriptors of this kind, and no thread that
// would make them readable.
void lock_polling() noexcept;
void unlock_polling() noexcept;
// In a child. `locked`: by the thread that made it.
void forget_polling(bool locked) noexcept;

}  // namespace ringbuf::detail
