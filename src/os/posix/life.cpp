// Who a process is, and whether it lives. Its token is the place of a byte in .ringbuf-processes, which it has locked as long
// as it lives; so a token says more than a process number, and holds between containers that share the directory.
//
// This is a lock of fcntl() that belongs to the process (F_SETLK): a child that is forked has none of it, by whatever call it
// was made. A process loses it with any descriptor of the file that it closes; so none is ever closed. Who looks asks as an
// open file description (F_OFD_GETLK), which is told of the locks of its own process, too.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>

#include "os/posix/posix.hpp"

namespace ringbuf::os {

namespace {

constexpr char file_name[] = ".ringbuf-processes";

// The low bits of a token are the number of the process, the others make it unique; they are 0 where there is no file.
constexpr int number_bits = 22;
constexpr int unique_bits = 39;
constexpr std::uint64_t number_mask = (std::uint64_t{1} << number_bits) - 1;

constexpr std::uint64_t number_of(std::uint64_t token) noexcept { return token & number_mask; }

std::atomic<std::uint64_t> self{0};
std::atomic<int> file{-1};

// Negative if it cannot be had. Where two threads open it at once, one descriptor is left over; it is not closed, either.
int processes_file() noexcept {
  int fd = file.load(std::memory_order_relaxed);
  if (fd >= 0) return fd;
  if (directory_ready() != Status::ok || posix::open_lock_file(file_name, fd) != Status::ok) return -1;
  int first = -1;
  return file.compare_exchange_strong(first, fd, std::memory_order_relaxed) ? fd : first;
}

bool lock_call(int fd, int command, short type, std::uint64_t token, struct flock &found) noexcept {
  return lock_bytes(fd, command, type, static_cast<off_t>(token), 1, found);
}

std::uint64_t unique() noexcept {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;  // different times stay different
  return (static_cast<std::uint64_t>(realtime_ns()) * odd >> (64 - unique_bits)) | 1;
}

// What is known of the process of a token.
struct Life {
  bool alive;
  std::uint64_t number;  // 0: not known
};

// Dead only if that is certain.
Life look_up(std::uint64_t token) noexcept {
  if (token == number_of(token)) {
    const bool alive = token != 0 && (::kill(static_cast<pid_t>(token), 0) == 0 || errno != ESRCH);
    return {alive, alive ? token : 0};
  }
  struct flock range;
  const int fd = processes_file();
  if (fd < 0 || !lock_call(fd, F_OFD_GETLK, F_WRLCK, token, range)) return {true, 0};
  if (range.l_type == F_UNLCK) return {false, 0};
  return {true, range.l_pid > 0 ? static_cast<std::uint64_t>(range.l_pid) : 0};
}

}  // namespace

// The child of a fork finds the parent's token, which has the parent's number; should it have got that number anew, the
// parent is dead, and the token is not locked.
std::uint64_t process_token() noexcept {
  const std::uint64_t number = process_number() & number_mask;
  const int fd = processes_file();
  std::uint64_t seen = self.load(std::memory_order_relaxed);
  while (fd >= 0) {
    if (seen != 0 && number_of(seen) == number && look_up(seen).alive) return seen;
    struct flock range;
    const std::uint64_t made = unique() << number_bits | number;
    RINGBUF_FAILPOINT();
    if (!lock_call(fd, F_SETLK, F_WRLCK, made, range)) break;
    if (self.compare_exchange_strong(seen, made, std::memory_order_relaxed)) return made;
    (void)lock_call(fd, F_SETLK, F_UNLCK, made, range);
  }
  return number;
}

// The file, within which tokens mean something.
std::uint64_t process_domain() noexcept {
  struct stat st {};
  const int fd = processes_file();
  if (fd < 0 || ::fstat(fd, &st) != 0) return 0;
  return static_cast<std::uint64_t>(st.st_ino) ^ (static_cast<std::uint64_t>(st.st_dev) << 40);
}

bool process_alive(std::uint64_t token) noexcept { return look_up(token).alive; }

std::uint32_t process_number_of(std::uint64_t token) noexcept {
  return static_cast<std::uint32_t>(look_up(token).number);
}

// What the C libraries of these systems have for it differs, and some have nothing.
void *forgetful_memory(std::size_t /*bytes*/) noexcept { return nullptr; }

void on_fork(void (*before)(), void (*parent)(), void (*child)()) noexcept {
  (void)::pthread_atfork(before, parent, child);
}

}  // namespace ringbuf::os
