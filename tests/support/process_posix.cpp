#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "process.hpp"

namespace test {

namespace {

void write_line_to(int fd, const std::string &line) {
  const std::string text = line + "\n";
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;  // the other side is gone, which it will be asked about
    done += static_cast<std::size_t>(n);
  }
}

bool read_line_from(int fd, std::string &line) {
  line.clear();
  for (;;) {
    char c = 0;
    const ssize_t n = ::read(fd, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n != 1) return false;
    if (c == '\n') return true;
    line += c;
  }
}

}  // namespace

std::uint64_t process_id() { return static_cast<std::uint64_t>(::getpid()); }
std::string own_program() { return std::filesystem::read_symlink("/proc/self/exe"); }

void await_sleep(std::uint64_t process) {
  const std::string id = std::to_string(process);
  for (;;) {
    std::ifstream in("/proc/" + id + "/task/" + id + "/stat");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto paren = text.rfind(") ");
    const char state = paren == std::string::npos ? 'X' : text[paren + 2];
    if (state == 'S' || state == 'X' || state == 'Z') return;
    std::this_thread::yield();
  }
}

struct Process::System {
  pid_t pid = -1;
  int from = -1;
  int to = -1;
  ~System() {
    if (from >= 0) ::close(from);
    if (to >= 0) ::close(to);
  }
};

Process::Process(const std::vector<std::string> &arguments, const std::string &program)
    : system_(std::make_unique<System>()) {
  ::signal(SIGPIPE, SIG_IGN);
  int up[2];
  int down[2];
  if (::pipe2(up, O_CLOEXEC) != 0 || ::pipe2(down, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, down[0], 0);
  ::posix_spawn_file_actions_adddup2(&actions, up[1], 1);
  // By a shell, since the program may be for a machine that is emulated.
  std::vector<std::string> words = {"sh", "-c", "exec $RINGBUF_TEST_EMULATOR \"$@\"", "sh"};
  words.push_back(program.empty() ? own_program() : program);
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char *> pointers;
  for (std::string &word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const int error = ::posix_spawn(&system_->pid, "/bin/sh", &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(up[1]);
  ::close(down[0]);
  system_->from = up[0];
  system_->to = down[1];
  if (error != 0) throw std::runtime_error("posix_spawn");
}

Process::Process(Process &&other) noexcept = default;

Process::~Process() {
  if (system_) kill();
}

void Process::write_line(const std::string &line) const { write_line_to(system_->to, line); }
bool Process::read_line(std::string &line) const { return read_line_from(system_->from, line); }

int Process::wait() {
  if (system_->pid <= 0) return result_;
  int status = 0;
  while (::waitpid(system_->pid, &status, 0) < 0 && errno == EINTR) {
  }
  system_->pid = -1;
  static_assert(killed == -SIGKILL);
  result_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return result_;
}

int Process::kill() {
  if (system_->pid > 0) ::kill(system_->pid, SIGKILL);
  return wait();
}

void Process::await_end() const {
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(system_->pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
}

bool start_times_agree() {
  // The process's parent, group, session, priority and start time, fields of stat; field 2 ends in a parenthesis. An emulator
  // that makes up what a process reads of itself may hit upon the start time, but not upon all of them.
  const auto identity = [](pid_t process) {
    std::ifstream in("/proc/" + std::to_string(process) + "/stat");
    const std::string stat{std::istreambuf_iterator<char>(in), {}};
    std::istringstream fields(stat.substr(stat.rfind(')') + 1));
    std::string all;
    std::string field;
    for (int number = 3; number <= 22 && fields >> field; ++number) {
      if (number == 4 || number == 5 || number == 6 || number == 18 || number == 22) all += field + ' ';
    }
    return all;
  };
  const std::string own = identity(::getpid());
  const pid_t other = ::fork();
  if (other == 0) ::_exit(identity(::getppid()) == own ? 0 : 1);
  int status = 1;
  while (::waitpid(other, &status, 0) < 0 && errno == EINTR) {
  }
  return status == 0;
}

bool read_own_line(std::string &line) { return read_line_from(STDIN_FILENO, line); }
void write_own_line(const std::string &line) { write_line_to(STDOUT_FILENO, line); }

void end_with_parent() {
  ::signal(SIGPIPE, SIG_IGN);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

void die() {
  ::raise(SIGKILL);
  std::abort();
}

Usage usage() {
  rusage r{};
  ::getrusage(RUSAGE_SELF, &r);
  return {(std::int64_t{r.ru_utime.tv_sec} + r.ru_stime.tv_sec) * 1'000'000'000 +
              (std::int64_t{r.ru_utime.tv_usec} + r.ru_stime.tv_usec) * 1000,
          r.ru_nvcsw};
}

}  // namespace test
