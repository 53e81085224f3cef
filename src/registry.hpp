// The open segments of this process. They are finished when it exits, and disowned in its children.
#pragma once

#include <cstdint>
#include <mutex>

#include "segment.hpp"

namespace ringbuf::detail {

// To be called before a segment is made, and whenever a handle turns out to be the parent's. A child that no fork
// handler was called for then disowns the segments of its parent. forked: this process shares its parent's memory and
// may open nothing.
Status arrive() noexcept;
// Registers a segment that is about to be opened. closed: the process is exiting.
Status register_segment(Segment &segment) noexcept;
// Gives an object to a registered segment, before the object has any lock. `forks_before` is the value of forks_begun()
// before the object was opened. On failure the object stays the caller's.
std::uint64_t forks_begun() noexcept;
Status note_object(Segment &segment, os::Object &object, std::uint64_t forks_before) noexcept;
// Opens an object with open(object) and gives it to a segment that is being opened.
template <class Open>
Status open_object(Segment &segment, Open &&open) noexcept {
  const std::uint64_t forks = forks_begun();
  os::Object object;
  Status status = open(object);
  if (status == Status::ok) status = note_object(segment, object, forks);
  os::close(object);
  return status;
}
void note_region(Segment &segment, const os::Region &region) noexcept;
// Releases the locks of a segment's object and closes the object, if the segment has one.
void give_up_object(Segment &segment) noexcept;
// Gives a segment that is open its role. closed: the process is exiting, and the segment must be closed at once.
Status open_for_use(Segment &segment, Role role) noexcept;
// Exchanges the rings of two segments that are in use. closed: the process is exiting, and nothing has changed.
Status exchange_rings(Segment &one, Segment &other) noexcept;
// True for the one caller that is to finish the segment. False in a forked child, and the second time (R4).
bool claim_segment(Segment &segment) noexcept;
void unregister_segment(Segment &segment) noexcept;

// A mutex that is never destroyed: it outlives the static objects of the program.
union ImmortalMutex {
  std::mutex mutex;
  ImmortalMutex() noexcept : mutex() {}
  ~ImmortalMutex() {}  // NOLINT(modernize-use-equals-default): a mutex may have a destructor
};
// Locks a mutex of the library. The thread that forks holds all of them already: fork handlers of the program run in it,
// and may close and open rings.
class LibraryLock {
 public:
  explicit LibraryLock(std::mutex &mutex) noexcept;
  LibraryLock(const LibraryLock &) = delete;
  LibraryLock &operator=(const LibraryLock &) = delete;
  ~LibraryLock() {
    if (locked_ != nullptr) locked_->unlock();
  }

 private:
  std::mutex *locked_;  // null: this thread forks
};

}  // namespace ringbuf::detail
