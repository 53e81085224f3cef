#include "input.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "failure.hpp"
#include "stop.hpp"
#include "text_format.hpp"

namespace tool {

std::size_t read_in(void *into, std::size_t size, bool some) {
  std::size_t done = 0;
  while (done < size && !(some && done > 0)) {
    std::array<::pollfd, 2> ready{::pollfd{STDIN_FILENO, POLLIN, 0}, ::pollfd{stop_fd(), POLLIN, 0}};
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) break;
    if (stop_requested()) break;
    if (ready[0].revents == 0) continue;
    const ::ssize_t count = ::read(STDIN_FILENO, static_cast<char *>(into) + done, size - done);
    if (count == 0) break;
    if (count > 0) {
      done += static_cast<std::size_t>(count);
    } else if (errno != EINTR && errno != EAGAIN) {
      throw Failure(exit_error, tool::format("stdin cannot be read: {}", std::strerror(errno)));
    }
  }
  return done;
}

}  // namespace tool
