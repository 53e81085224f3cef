// A child that fork() makes in the middle of a test, and that leaves by _exit, so that nothing of GoogleTest runs in it.
// Both sides tell one another values through pipes, so that nobody has to sleep to wait for the other.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "process.hpp"

namespace test {

inline void await_sleep(pid_t process) { await_sleep(static_cast<std::uint64_t>(process)); }

// The two ends that one side talks through.
class Line {
 public:
  Line() = default;
  Line(int in, int out) : in_(in), out_(out) {}

  int in() const { return in_; }
  int out() const { return out_; }

  // False if the other side is gone.
  template <class T>
  bool try_to_say(const T &value) const {
    static_assert(std::is_trivially_copyable_v<T>);
    return all_of(out_, &value, sizeof value, ::write);
  }
  template <class T>
  bool try_to_hear(T &value) const {
    static_assert(std::is_trivially_copyable_v<T>);
    return all_of(in_, &value, sizeof value, ::read);
  }

  // These end the process if the other side is gone.
  template <class T>
  void say(const T &value) const {
    if (!try_to_say(value)) ::_exit(120);
  }
  template <class T = char>
  T hear() const {
    T value{};
    if (!try_to_hear(value)) ::_exit(121);
    return value;
  }
  // Holds what the process has until it is killed, or the other side is gone.
  [[noreturn]] void hold() const {
    (void)hear();
    ::_exit(122);
  }

 private:
  template <class Bytes, class Call>
  static bool all_of(int fd, Bytes *bytes, std::size_t size, Call call) {
    for (std::size_t done = 0; done < size;) {
      using Byte = std::conditional_t<std::is_const_v<Bytes>, const char, char>;
      const ssize_t n = call(fd, reinterpret_cast<Byte *>(bytes) + done, size - done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      done += static_cast<std::size_t>(n);
    }
    return true;
  }

  int in_ = -1;
  int out_ = -1;
};

// What `run(line)` returns is the exit code. Killed if the test leaves first.
class Forked {
 public:
  Forked() = default;
  template <class Run>
  explicit Forked(Run &&run) {
    int down[2], up[2];
    if (::pipe2(down, O_CLOEXEC) != 0 || ::pipe2(up, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    (void)std::fflush(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork");
    if (pid_ == 0) {
      ::close(down[1]);
      ::close(up[0]);
      ::signal(SIGPIPE, SIG_IGN);
      int code = 124;
      try {
        code = run(Line(down[0], up[1]));
      } catch (...) {
      }
      ::_exit(code);
    }
    ::close(down[0]);
    ::close(up[1]);
    line_ = Line(up[0], down[1]);
  }
  Forked(Forked &&other) noexcept { swap(other); }
  Forked &operator=(Forked &&other) noexcept {
    swap(other);
    return *this;
  }
  ~Forked() {
    kill();
    for (const int fd : {line_.in(), line_.out()}) {
      if (fd >= 0) ::close(fd);
    }
  }

  pid_t pid() const { return pid_; }

  template <class T>
  bool try_to_say(const T &value) const {
    return line_.try_to_say(value);
  }
  template <class T>
  void say(const T &value) const {
    EXPECT_TRUE(try_to_say(value)) << "the child is gone";
  }
  template <class T = int>
  T hear() const {
    T value{};
    EXPECT_TRUE(line_.try_to_hear(value)) << "the child ended without a word";
    return value;
  }
  // Whether it has said something that was not heard yet.
  bool has_spoken() const {
    pollfd word{line_.in(), POLLIN, 0};
    return ::poll(&word, 1, 0) > 0;
  }

  void signal(int number) const { EXPECT_EQ(::kill(pid_, number), 0); }
  // Stops it, and returns when it stands still.
  void stop() const {
    signal(SIGSTOP);
    int status = 0;
    while (::waitpid(pid_, &status, WUNTRACED) < 0 && errno == EINTR) {
    }
    EXPECT_TRUE(WIFSTOPPED(status));
  }
  // Its exit code, or minus the signal that ended it.
  int wait() {
    if (pid_ <= 0) return result_;
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    result_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return result_;
  }
  int kill() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    return wait();
  }
  // Until it has ended. The system still knows it then, as it does until wait().
  void await_end() const {
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
  }

 private:
  void swap(Forked &other) noexcept {
    std::swap(line_, other.line_);
    std::swap(pid_, other.pid_);
    std::swap(result_, other.result_);
  }

  Line line_;
  pid_t pid_ = -1;
  int result_ = 0;
};

}  // namespace test
