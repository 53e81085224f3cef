// Processes for those tests of the C interface that take fork(), and other users.
//
// Children are forked from the single thread of a test and leave by _exit, so that nothing of GoogleTest runs in them;
// they say what they found through their exit code or a pipe. Nothing here sleeps to synchronise.
#ifndef RINGBUF_TESTS_CAPI_PROCESS_HPP
#define RINGBUF_TESTS_CAPI_PROCESS_HPP

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <type_traits>

#include "support.hpp"

namespace capi {

inline constexpr uid_t kNobody = 65534;
inline constexpr const char* kDirectory = "/dev/shm/";

// The file that a ring's name is.
inline std::string path(const Name& name) { return kDirectory + name.text(); }

// --- processes -----------------------------------------------------------------------------------------------------------

inline bool write_all(int fd, const void* bytes, std::size_t size) {
  const auto* at = static_cast<const char*>(bytes);
  while (size != 0) {
    const ssize_t n = ::write(fd, at, size);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return false;
    }
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

inline bool read_all(int fd, void* bytes, std::size_t size) {
  auto* at = static_cast<char*>(bytes);
  while (size != 0) {
    const ssize_t n = ::read(fd, at, size);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return false;
    }
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

// The two ends that a child talks through: tell the parent a value, wait for its word to go on.
class Line {
 public:
  Line(int in, int out) : in_(in), out_(out) {}
  template <class T>
  void say(const T& value) const {
    static_assert(std::is_trivially_copyable_v<T>);
    if (!write_all(out_, &value, sizeof value)) {
      ::_exit(120);
    }
  }
  template <class T = char>
  T hear() const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    if (!read_all(in_, &value, sizeof value)) {
      ::_exit(121);  // the parent is gone or has given up
    }
    return value;
  }
  // Holds what it has until it is killed, or the parent is gone.
  [[noreturn]] void hold() const {
    char byte = 0;
    (void)read_all(in_, &byte, 1);
    ::_exit(122);
  }

 private:
  int in_, out_;
};

// A forked process that runs `body(Line)` and leaves with what it returns; killed if the test leaves first.
class Child {
 public:
  template <class Body>
  explicit Child(Body body) {
    int down[2], up[2];
    if (::pipe2(down, O_CLOEXEC) != 0 || ::pipe2(up, O_CLOEXEC) != 0) {
      std::abort();
    }
    std::fflush(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) {
      std::abort();
    }
    if (pid_ == 0) {
      ::close(down[1]);
      ::close(up[0]);
      ::signal(SIGPIPE, SIG_IGN);
      int code = 123;
      try {
        code = body(Line(down[0], up[1]));
      } catch (...) {
        code = 124;
      }
      ::_exit(code);
    }
    ::close(down[0]);
    ::close(up[1]);
    to_ = down[1];
    from_ = up[0];
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      (void)wait();
    }
    ::close(to_);
    ::close(from_);
  }

  pid_t pid() const { return pid_; }

  template <class T>
  void say(const T& value) const {
    EXPECT_TRUE(write_all(to_, &value, sizeof value)) << "the child is gone";
  }
  template <class T = int>
  T hear() const {
    T value{};
    EXPECT_TRUE(read_all(from_, &value, sizeof value)) << "the child ended without a word";
    return value;
  }

  // Its exit code, or 1000 + the signal that ended it.
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }
  void kill() {
    ::kill(pid_, SIGKILL);
    EXPECT_EQ(wait(), 1000 + SIGKILL);
  }

 private:
  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
};

// Runs `body()` in a child and returns its result: a ringbuf code, or 1000 + a signal.
template <class Body>
int in_child(Body body) {
  Child child([&](Line) { return body(); });
  return child.wait();
}

// Runs `body()` in a child and returns the value that it gives, larger than an exit code can be.
template <class T, class Body>
T from_child(Body body) {
  Child child([&](Line line) {
    line.say(body());
    return 0;
  });
  T value = child.template hear<T>();
  EXPECT_EQ(child.wait(), 0);
  return value;
}

// Waits until a process sleeps in the kernel.
inline void await_sleep(pid_t process) { test::await_sleep(static_cast<std::uint64_t>(process)); }

}  // namespace capi

#endif
