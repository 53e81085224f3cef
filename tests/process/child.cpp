#include "child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>
#include <vector>

namespace process {

namespace {

std::map<std::string, Role> &roles() {
  static std::map<std::string, Role> all;
  return all;
}

void write_line(int fd, const std::string &line) {
  const std::string text = line + "\n";
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;  // the other side is gone, which it will be asked about
    done += static_cast<std::size_t>(n);
  }
}

bool read_line(int fd, std::string &line) {
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

void Arguments::add(const std::string &text) {
  const std::size_t equals = text.find('=');
  if (equals != std::string::npos) values_[text.substr(0, equals)] = text.substr(equals + 1);
}

const std::string &Arguments::text(const std::string &key) const {
  const auto found = values_.find(key);
  if (found != values_.end()) return found->second;
  std::fprintf(stderr, "the role needs the argument %s\n", key.c_str());
  std::_Exit(99);
}

std::uint64_t Arguments::number(const std::string &key) const { return std::strtoull(text(key).c_str(), nullptr, 0); }

Child::Child(const std::string &role, const std::map<std::string, std::string> &arguments) {
  int up[2];
  int down[2];
  if (::pipe2(up, O_CLOEXEC) != 0 || ::pipe2(down, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, down[0], 0);
  ::posix_spawn_file_actions_adddup2(&actions, up[1], 1);
  // By a shell, since this program may be for a machine that is emulated.
  std::vector<std::string> words = {"sh", "-c", "exec $RINGBUF_TEST_EMULATOR \"$@\"", "sh"};
  words.push_back(std::filesystem::read_symlink("/proc/self/exe"));
  words.push_back("--role=" + role);
  for (const auto &[key, value] : arguments) words.push_back(key + "=" + value);
  std::vector<char *> pointers;
  for (std::string &word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const int error = ::posix_spawn(&pid_, "/bin/sh", &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(up[1]);
  ::close(down[0]);
  from_ = up[0];
  to_ = down[1];
  if (error != 0) throw std::runtime_error("posix_spawn");
}

Child::Child(Child &&other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      from_(std::exchange(other.from_, -1)),
      to_(std::exchange(other.to_, -1)),
      result_(other.result_) {}

Child::~Child() {
  kill();
  if (from_ >= 0) ::close(from_);
  if (to_ >= 0) ::close(to_);
}

std::string Child::line() const {
  std::string line;
  return read_line(from_, line) ? line : "";
}

std::uint64_t Child::number() const { return std::strtoull(line().c_str(), nullptr, 10); }

void Child::tell(const std::string &line) const { write_line(to_, line); }

int Child::wait() {
  if (pid_ <= 0) return result_;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  result_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return result_;
}

int Child::kill() {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
  return wait();
}

void say(const std::string &line) { write_line(STDOUT_FILENO, line); }

std::string hear() {
  std::string line;
  if (!read_line(STDIN_FILENO, line)) std::_Exit(98);
  return line;
}

RegisterRole::RegisterRole(const char *name, Role role) { roles()[name] = role; }

bool play(int argc, char **argv, int &exit_code) {
  const std::string prefix = "--role=";
  if (argc < 2 || std::string(argv[1]).rfind(prefix, 0) != 0) return false;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto found = roles().find(std::string(argv[1]).substr(prefix.size()));
  exit_code = 97;
  if (found == roles().end()) return true;
  Arguments arguments;
  for (int i = 2; i < argc; ++i) arguments.add(argv[i]);
  exit_code = found->second(arguments);
  return true;
}

}  // namespace process
