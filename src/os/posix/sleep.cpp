// Sleeping without a futex: at a gate, which is a FIFO.
//
// Who wants to sleep on a word opens the gate of that word, making it if it is not there, makes sure that what it has open
// is still the gate, looks at the word once more, and polls the gate for something to read. Who wakes takes the gate away
// by renaming it, which only one can do and which fails at once if nobody has made a gate, writes a byte into it, and
// removes it. The byte is never read: the FIFO stays readable for everybody who has it open, however late they get to poll
// it, and who comes later makes a new gate. So no wake-up can be taken from another, and none can be lost:
//
//   G1  Who saw the gate in its place with the FIFO open already has the FIFO into which the byte will be written, whoever
//       takes the gate away, be it only to tidy up.
//   G2  Who saw it there after a waker had taken away the one before, or had found none, looks at the word after the waker
//       moved it: both sides have a fence between their access to the word and that to the directory.
//
// Should the waker die between the renaming and the writing, those at the gate sleep until their time has passed (a slice
// of 50 ms, for rings). Nobody is told by the kernel that a sleeper died, and nobody needs to know: its gate is taken away
// like any other.
//
// A sleep takes four system calls more than a poll (three more again for who makes the gate), a wake five, and one if
// nobody sleeps. Times are rounded up to milliseconds.
//
// Where there can be no gate (no descriptors left, say), a sleeper looks at the word by itself, after 20 us at first and
// every millisecond in the end.
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <climits>

#include "os/posix/posix.hpp"

namespace ringbuf::os {

namespace {

using posix::WorkPath;

// Words of one ring differ in their addresses modulo 8.
struct Gate {
  char name[40];
  WorkPath directory;
  WorkPath path;

  Gate(const Object &object, const Atomic32 *word) noexcept
      : directory(object.is_open() ? WorkPath(*object.extra).below("w") : WorkPath("w")), path(named(object, word)) {}

 private:
  WorkPath named(const Object &object, const Atomic32 *word) noexcept {
    const auto number = static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(word) % 8);
    if (object.is_open()) {
      std::snprintf(name, sizeof name, "g%u", number);
    } else {
      std::snprintf(name, sizeof name, "g%u-%llx", number, static_cast<unsigned long long>(object.ring));
    }
    return directory.below(name);
  }
};

bool gate_directory_ready(const Object &object, const Gate &gate) noexcept {
  if (object.is_open()) return posix::ring_directory_ready(*object.extra) == Status::ok;
  struct stat st {};
  if (directory_ready() != Status::ok || posix::work_ready() != Status::ok || ::stat(directory(), &st) != 0)
    return false;
  return posix::make_directory(gate.directory.text, st.st_mode & 0777, ::geteuid());
}

// For reading and writing, so that it has a writer and is not at its end.
int open_fifo(const char *path, struct stat &st) noexcept {
  const int fd = open_retrying(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0 || (::fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))) return fd;
  ::close(fd);
  errno = EACCES;
  return -1;
}

bool is_in_place(const char *path, const struct stat &opened) noexcept {
  struct stat st {};
  return ::lstat(path, &st) == 0 && st.st_dev == opened.st_dev && st.st_ino == opened.st_ino;
}

int open_gate(const Object &object, const Atomic32 *word) noexcept {
  const Gate gate(object, word);
  for (int attempt = 0; attempt < 100; ++attempt) {
    struct stat st {};
    const int fd = open_fifo(gate.path.text, st);
    if (fd >= 0) {
      // It is for whoever gets there, whatever the umask; its maker may have died before saying so.
      constexpr mode_t all = 0666;
      if ((st.st_mode & all) != all) (void)::fchmod(fd, all);
      if (is_in_place(gate.path.text, st)) return fd;  // G1
      ::close(fd);
      continue;
    }
    if (errno != ENOENT) return -1;
    RINGBUF_STEP();
    if (::mkfifo(gate.path.text, 0600) == 0 || errno == EEXIST) continue;
    if (errno != ENOENT || !gate_directory_ready(object, gate)) return -1;
  }
  return -1;
}

void look_now_and_then(const Atomic32 *word, std::uint32_t expected, std::int64_t timeout_ns) noexcept {
  const std::int64_t end_ns = monotonic_ns() + timeout_ns;
  std::int64_t pause_ns = 20'000;
  while (word->load(std::memory_order_acquire) == expected) {
    const std::int64_t left_ns = end_ns - monotonic_ns();
    if (left_ns <= 0) return;
    const timespec pause{0, static_cast<long>(std::min(pause_ns, left_ns))};
    if (::nanosleep(&pause, nullptr) != 0) return;
    pause_ns = std::min<std::int64_t>(2 * pause_ns, 1'000'000);
  }
}

int milliseconds(std::int64_t ns) noexcept {
  constexpr std::int64_t in_one = 1'000'000;
  return static_cast<int>(std::min<std::int64_t>(ns / in_one + (ns % in_one != 0 ? 1 : 0), INT_MAX));
}

}  // namespace

void posix::take_gate_away(const WorkPath &directory, const char *name) noexcept {
  const WorkPath taken = directory.below(UniqueName("t").text);
  if (::rename(directory.below(name).text, taken.text) != 0) return;
  RINGBUF_STEP();
  struct stat st {};
  const int fd = open_fifo(taken.text, st);
  if (fd >= 0) {
    const char byte = '!';
    (void)!::write(fd, &byte, 1);
    ::close(fd);
  }
  RINGBUF_STEP();
  ::unlink(taken.text);
}

void wait(const Object &object, const Atomic32 *word, std::uint32_t expected, std::int64_t timeout_ns) noexcept {
  if (timeout_ns <= 0 || word->load(std::memory_order_acquire) != expected) return;
  const int fd = open_gate(object, word);
  if (fd < 0) return look_now_and_then(word, expected, timeout_ns);
  std::atomic_thread_fence(std::memory_order_seq_cst);  // G2
  if (word->load(std::memory_order_acquire) == expected) {
    pollfd gate{fd, POLLIN, 0};
    (void)::poll(&gate, 1, milliseconds(timeout_ns));
  }
  ::close(fd);
}

void wake_all(const Object &object, Atomic32 *word, std::uint32_t /*before*/) noexcept {
  std::atomic_thread_fence(std::memory_order_seq_cst);  // G2
  RINGBUF_STEP();
  const Gate gate(object, word);
  posix::take_gate_away(gate.directory, gate.name);
}

// The gate of a word is found by its ring, and making sure of that is nothing for a signal handler.
void wake_address(const Atomic32 * /*word*/) noexcept {}

// To fence other processes' threads takes a kernel that does it.
bool accept_barriers() noexcept { return false; }
bool barrier() noexcept { return false; }

// The clock of the kernel's ticks is not to be had everywhere; ours ticks as fast as Linux's does.
std::int64_t tick_ns() noexcept {
  constexpr std::int64_t tick = 4'000'000;
  return monotonic_ns() / tick * tick;
}

}  // namespace ringbuf::os
