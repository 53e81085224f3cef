#include "pipes.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace demo {

void say_ready() { send_bytes("R", 1); }

bool wait_for_go() {
  char byte = 0;
  ssize_t n;
  do {
    n = ::read(go_fd, &byte, 1);
  } while (n < 0 && errno == EINTR);
  return n == 1;
}

void send_bytes(const void* bytes, std::size_t size) {
  // A pipe takes as little as this in one piece.
  if (::write(result_fd, bytes, size) != static_cast<ssize_t>(size)) {
    throw std::system_error(errno, std::generic_category(), "write to the starting process");
  }
}

}  // namespace demo
