// Descriptors of readers, and whether they are readable.
#ifndef RINGBUF_TESTS_CAPI_POLLING_HPP
#define RINGBUF_TESTS_CAPI_POLLING_HPP

#include <poll.h>

#include <cerrno>

#include "support.hpp"

namespace capi {

inline int poll_fd(ringbuf_t* ring) {
  intptr_t fd = -1;
  EXPECT_EQ(ringbuf_poll_fd(ring, &fd), RINGBUF_OK) << ringbuf_last_error();
  return static_cast<int>(fd);
}

inline int arm(ringbuf_t* ring, std::int64_t end) { return ringbuf_poll_arm(ring, end); }

// Whether the descriptor is readable, or becomes so within the time; -1: for however long that takes.
inline bool readable(int fd, int timeout_ms = 0) {
  pollfd one{fd, POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&one, 1, timeout_ms);
  } while (ready < 0 && errno == EINTR);
  return ready == 1 && one.revents == POLLIN;
}
inline constexpr int kHowever = -1;

}  // namespace capi

#endif
