#include "child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "pipes.hpp"

extern char** environ;

namespace demo {
namespace {

[[noreturn]] void throw_errno(const char* call) { throw std::system_error(errno, std::generic_category(), call); }

struct Pipe {
  int read_end = -1;
  int write_end = -1;

  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw_errno("pipe2");
    read_end = out_of_the_way(ends[0]);
    write_end = out_of_the_way(ends[1]);
  }
  Pipe(const Pipe&) = delete;
  ~Pipe() {
    close_if_open(read_end);
    close_if_open(write_end);
  }

 private:
  // The child gets its ends as fixed descriptors; none of ours may be among those, or one would replace the other.
  static int out_of_the_way(int fd) {
    const int moved = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    close(fd);
    if (moved < 0) throw_errno("fcntl");
    return moved;
  }
  static void close_if_open(int fd) {
    if (fd >= 0) close(fd);
  }
};

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, number);
  return set;
}

// Starts this program with `arguments`; the child has the two ends as result_fd and go_fd.
pid_t spawn(const std::vector<std::string>& arguments, int result_end, int go_end) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, result_end, result_fd);
  posix_spawn_file_actions_adddup2(&actions, go_end, go_fd);

  // Ctrl-C goes to all processes of the terminal; the children leave it to us to end them.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGINT);
  posix_spawnattr_setsigmask(&attributes, &blocked);
  const sigset_t defaults = stop_signals();
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  pid_t pid = -1;
  const int error = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), "posix_spawn");
  return pid;
}

}  // namespace

StopSignals::StopSignals() {
  // A child that is gone shows when its pipe is read; writing to it, or to a screen that is gone, is no reason to end.
  // The children inherit this.
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = stop_signals();
  sigprocmask(SIG_BLOCK, &set, nullptr);
  fd_ = signalfd(-1, &set, SFD_CLOEXEC);
  if (fd_ < 0) throw_errno("signalfd");
}

StopSignals::~StopSignals() { close(fd_); }

StopSignals::Received StopSignals::take() const {
  signalfd_siginfo info;
  if (read(fd_, &info, sizeof info) != sizeof info) throw_errno("read of a signal");
  return {static_cast<int>(info.ssi_signo)};
}

Child::Child(std::string role, const Options& options, int argc, char** argv) : role_(std::move(role)) {
  std::vector<std::string> arguments{argv[0], "--role=" + role_, "--name=" + options.run};
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  Pipe results;
  Pipe go;
  pid_ = spawn(arguments, results.write_end, go.read_end);
  result_end_ = std::exchange(results.read_end, -1);
  go_end_ = std::exchange(go.write_end, -1);
}

Child::~Child() {
  close(go_end_);
  kill(pid_, SIGTERM);  // not reaped yet, so the id is still its own
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  close(result_end_);
}

void Child::go() const {
  if (write(go_end_, "G", 1) != 1) throw_errno("write to the writer");
}

void Child::receive(const StopSignals& signals, std::vector<Expected> list) {
  while (!list.empty()) {
    std::vector<pollfd> fds;
    for (const Expected& expected : list) fds.push_back({expected.child->result_end_, POLLIN, 0});
    fds.push_back({signals.fd(), POLLIN, 0});
    if (poll(fds.data(), fds.size(), -1) < 0) throw_errno("poll");
    if (fds.back().revents != 0) throw signals.take();

    for (std::size_t i = 0; i < list.size(); ++i) {
      if (fds[i].revents == 0) continue;
      Expected& expected = list[i];
      const ssize_t n = read(fds[i].fd, expected.bytes, expected.size);
      if (n < 0) throw_errno("read of a result");
      if (n == 0)
        throw std::runtime_error(fmt::format("the {} process has ended without a result", expected.child->role_));
      expected.bytes = static_cast<char*>(expected.bytes) + n;
      expected.size -= static_cast<std::size_t>(n);
    }
    std::erase_if(list, [](const Expected& expected) { return expected.size == 0; });
  }
}

}  // namespace demo
