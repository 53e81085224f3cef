// A child that fork() makes in the middle of a test, and that leaves by _exit, so that nothing of
// GoogleTest runs in it. Both sides send single bytes to wait for one another.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace test {

// One end of the conversation.
class Line {
 public:
  Line(int in, int out) : in_(in), out_(out) {}
  void send() const {
    const char byte = '.';
    (void)!::write(out_, &byte, 1);
  }
  // False if the other side is gone.
  bool receive() const {
    char byte = 0;
    return ::read(in_, &byte, 1) == 1;
  }

 private:
  int in_;
  int out_;
};

class Forked {
 public:
  // What `run(line)` returns is the exit code.
  template <class Run>
  explicit Forked(Run &&run) {
    if (::pipe(up_) != 0 || ::pipe(down_) != 0) throw std::runtime_error("pipe");
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork");
    if (pid_ == 0) {
      ::close(up_[0]);
      ::close(down_[1]);
      ::_exit(run(Line(down_[0], up_[1])));
    }
    ::close(up_[1]);
    ::close(down_[0]);
  }
  Forked(const Forked &) = delete;
  ~Forked() {
    kill();
    ::close(up_[0]);
    ::close(down_[1]);
  }

  pid_t pid() const { return pid_; }
  Line line() const { return {up_[0], down_[1]}; }

  // Waits for its end: the exit code, or minus the signal.
  int wait() {
    if (pid_ <= 0) return result_;
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0) {
    }
    pid_ = -1;
    result_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return result_;
  }
  int kill() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    return wait();
  }
  // Until it has ended, leaving it unreaped.
  void wait_until_zombie() const {
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  }

 private:
  int up_[2];
  int down_[2];
  pid_t pid_ = -1;
  int result_ = 0;
};

}  // namespace test
