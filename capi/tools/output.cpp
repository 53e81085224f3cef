#include "output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include "failure.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

constexpr std::size_t buffer_bytes = 65536;

std::string &buffer() {
  static std::string text;
  return text;
}

}  // namespace

void write_all(int fd, const void *bytes, std::size_t size, const char *what) {
  const char *at = static_cast<const char *>(bytes);
  while (size > 0) {
    const ::ssize_t written = ::write(fd, at, size);
    if (written >= 0) {
      at += written;
      size -= static_cast<std::size_t>(written);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      ::pollfd ready{fd, POLLOUT, 0};
      static_cast<void>(::poll(&ready, 1, -1));
    } else if (errno != EINTR) {
      throw Failure(exit_error, tool::format("{} cannot be written: {}", what, std::strerror(errno)));
    }
  }
}

void flush() {
  std::string text;
  text.swap(buffer());
  write_all(STDOUT_FILENO, text.data(), text.size(), "stdout");
}

void out(std::string_view text) {
  buffer() += text;
  if (buffer().size() >= buffer_bytes) flush();
}

void write_out(const void *bytes, std::size_t size) {
  flush();
  write_all(STDOUT_FILENO, bytes, size, "stdout");
}

void say(std::string_view line) noexcept {
  static_cast<void>(std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data()));
}

bool out_is_terminal() noexcept { return ::isatty(STDOUT_FILENO) == 1; }

}  // namespace tool
