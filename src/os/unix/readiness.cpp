// Descriptors for event loops, and the thread that makes them readable.
#ifdef __linux__
#include <link.h>
#endif
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include "error.hpp"
#include "os/unix/unix.hpp"

namespace ringbuf::os {

namespace {

#ifdef MSG_NOSIGNAL
constexpr int no_signal = MSG_NOSIGNAL;
#else
constexpr int no_signal = 0;
#endif

// Two connected sockets, which exec closes, and which do not block.
bool make_pair(int (&ends)[2]) noexcept {
#ifdef SOCK_CLOEXEC
  return ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0;
#else
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return false;
  const auto set = [](int fd) noexcept {
#ifdef SO_NOSIGPIPE
    const int yes = 1;
    if (::setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes) != 0) return false;
#endif
    return ::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && ::fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
  };
  return set(ends[0]) && set(ends[1]);
#endif
}

}  // namespace

// Sockets, because libraries that wrap a descriptor in a stream take them, and because both ends may be written to.
Status make_readiness(Readiness &readiness) noexcept {
  int ends[2] = {-1, -1};
  const bool made = make_pair(ends);
  readiness = {ends[0], ends[1]};
  if (made) return Status::ok;
  const int error = errno;
  close(readiness);
  return system_failure(error, "socketpair", "a descriptor for event loops");
}

// EAGAIN: its holder has left it so many bytes that it is readable. EPIPE: its holder has shut it down.
bool set_ready(const Readiness &readiness) noexcept {
  const char byte = 1;
  const auto sent =
      retrying([&] { return ::send(static_cast<int>(readiness.ours), &byte, 1, MSG_DONTWAIT | no_signal); });
  return sent == 1 || errno == EAGAIN || errno == EPIPE;
}

// There is one byte at most, unless its holder has put others there.
void clear_ready(const Readiness &readiness) noexcept {
  char bytes[64];
  for (int i = 0; i < 64; ++i) {
    const auto size =
        retrying([&] { return ::recv(static_cast<int>(readiness.given), bytes, sizeof bytes, MSG_DONTWAIT); });
    if (size < static_cast<ssize_t>(sizeof bytes)) return;
  }
}

void close(Readiness &readiness) noexcept {
  for (std::intptr_t *end : {&readiness.given, &readiness.ours}) {
    const int fd = static_cast<int>(*end);
    *end = -1;
    if (fd >= 0) ::close(fd);
  }
}

namespace {

struct Start {
  void (*run)(void *);
  void *argument;
};

#ifdef __linux__
// Thread-local data of all libraries lie on the stack, too.
int add_thread_local(dl_phdr_info *info, std::size_t, void *bytes) noexcept {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto &part = info->dlpi_phdr[i];
    if (part.p_type == PT_TLS) *static_cast<std::size_t *>(bytes) += part.p_memsz + part.p_align;
  }
  return 0;
}
#endif

std::size_t stack_bytes() noexcept {
  constexpr std::size_t own = std::size_t{64} << 10;
  std::size_t bytes = own + static_cast<std::size_t>(std::max(0L, static_cast<long>(PTHREAD_STACK_MIN)));
#ifdef __linux__
  (void)::dl_iterate_phdr(add_thread_local, &bytes);
#endif
  const std::size_t page = page_bytes();
  return (bytes + page - 1) / page * page;
}

}  // namespace

// The thread inherits the signal mask of the one that starts it.
Status start_thread(void (*run)(void *), void *argument) noexcept {
  auto *start = new (std::nothrow) Start{run, argument};
  if (start == nullptr) return fail(Status::no_memory, "no memory for a thread");
  sigset_t all;
  sigset_t before;
  (void)sigfillset(&all);  // a macro on macOS
  pthread_attr_t attributes;
  if (const int error = ::pthread_attr_init(&attributes); error != 0) {
    delete start;
    return system_failure(error, "pthread_attr_init", "a thread for event loops");
  }
  (void)::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  (void)::pthread_attr_setstacksize(&attributes, stack_bytes());
  (void)::pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const int error = ::pthread_create(
      &thread, &attributes,
      [](void *given) -> void * {
        const Start begin = *static_cast<Start *>(given);
        delete static_cast<Start *>(given);
        begin.run(begin.argument);
        return nullptr;
      },
      start);
  (void)::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  (void)::pthread_attr_destroy(&attributes);
  if (error == 0) return Status::ok;
  delete start;
  return system_failure(error, "pthread_create", "a thread for event loops");
}

}  // namespace ringbuf::os
