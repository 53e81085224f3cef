// Child processes, and gates at which they wait for one another. Children are forked from a single thread, die with
// their parent, and leave by _exit, so that nothing of the test program runs in them at the end.
#pragma once

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace crash {

// Nothing here takes so long; only a process that is stuck does.
inline constexpr int stuck_ms = 30'000;
inline constexpr std::int64_t stuck_ns = std::int64_t{stuck_ms} * 1'000'000;

inline std::int64_t clock_ns(clockid_t id = CLOCK_MONOTONIC) noexcept {
  timespec t{};
  ::clock_gettime(id, &t);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

class Child {
 public:
  Child() noexcept = default;
  Child(Child&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)), pidfd_(std::exchange(other.pidfd_, -1)), status_(other.status_) {}
  Child& operator=(Child&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(pidfd_, other.pidfd_);
    std::swap(status_, other.status_);
    return *this;
  }
  ~Child() { kill(); }

  // Runs `body` in a new process.
  template <class Body>
  static Child spawn(Body&& body) {
    const pid_t parent = ::getpid();
    Child child;
    child.pid_ = ::fork();
    if (child.pid_ < 0) {
      std::perror("fork");
      std::abort();
    }
    if (child.pid_ == 0) {
      (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(1);
      body();
      ::_exit(0);
    }
    child.pidfd_ = static_cast<int>(::syscall(SYS_pidfd_open, child.pid_, 0));
    return child;
  }

  bool is_running() const noexcept { return pid_ > 0; }
  pid_t pid() const noexcept { return pid_; }
  int pidfd() const noexcept { return pidfd_; }
  // What waitpid said of its end.
  int status() const noexcept { return status_; }
  bool was_killed() const noexcept { return WIFSIGNALED(status_) && WTERMSIG(status_) == SIGKILL; }
  bool has_exited() const noexcept { return WIFEXITED(status_) && WEXITSTATUS(status_) == 0; }

  // False if it does not end.
  bool wait(int timeout_ms = stuck_ms) noexcept {
    if (!is_running()) return true;
    pollfd end{pidfd_, POLLIN, 0};
    int ready = 0;
    do {
      ready = ::poll(&end, 1, timeout_ms);
    } while (ready < 0 && errno == EINTR);
    if (ready == 0) return false;
    reap();
    return true;
  }

  // Until it stops or ends. Whether it has stopped.
  bool wait_for_stop() noexcept {
    siginfo_t info{};
    const auto look = [&](int options) {
      while (::waitid(P_PID, static_cast<id_t>(pid_), &info, options) != 0 && errno == EINTR) {
      }
    };
    look(WSTOPPED | WEXITED | WNOWAIT);
    if (info.si_code != CLD_STOPPED) return false;
    look(WSTOPPED);
    return true;
  }
  void resume() noexcept { (void)::kill(pid_, SIGCONT); }

  void kill() noexcept {
    if (!is_running()) return;
    (void)::kill(pid_, SIGKILL);
    reap();
  }

 private:
  void reap() noexcept {
    while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
    ::close(pidfd_);
    pid_ = pidfd_ = -1;
  }

  pid_t pid_ = -1;
  int pidfd_ = -1;
  int status_ = 0;
};

// Each opening lets one wait of another process pass. Made before both are forked.
class Gate {
 public:
  Gate() noexcept : fd_(::eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE)) {}
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate() { ::close(fd_); }

  void open() const noexcept {
    const std::uint64_t one = 1;
    if (::write(fd_, &one, sizeof one) != sizeof one) std::abort();
  }

  // False if `peer`, who is to open it, ends before it does, or nobody opens it.
  bool wait(const Child* peer = nullptr) const noexcept {
    pollfd events[2] = {{fd_, POLLIN, 0}, {peer != nullptr ? peer->pidfd() : -1, POLLIN, 0}};
    while (::poll(events, 2, stuck_ms) < 0 && errno == EINTR) {
    }
    std::uint64_t one = 0;
    return (events[0].revents & POLLIN) != 0 && ::read(fd_, &one, sizeof one) == sizeof one;
  }

 private:
  int fd_;
};

}  // namespace crash
