// What the Linux backend has open: a file in the directory of the rings, a memfd, or an inotify as a watch.
#pragma once

namespace ringbuf::os {

struct BackendObject {
  int fd = -1;      // holds the locks
  int shared = -1;  // an open file description of its own, for the next mapping and for share()

  bool is_open() const noexcept { return fd >= 0; }
};

}  // namespace ringbuf::os
