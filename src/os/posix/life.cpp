// Who a process is, and whether it lives: it has a file in the working directory, named after its token, and locks it as
// long as it lives. So a token says more than a process number, and holds between containers that share the directory.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "os/posix/posix.hpp"

namespace ringbuf::os {

namespace {

using posix::WorkPath;

constexpr char prefix[] = "process-";

// Without such a file the process number has to do, marked so.
constexpr std::uint64_t number_mark = std::uint64_t{1} << 63;

struct Self {
  std::uint64_t token = 0;
  int fd = -1;
  pid_t pid = -1;
};
Self self;
pthread_mutex_t self_mutex = PTHREAD_MUTEX_INITIALIZER;

// Handlers of other people's that run while a thread forks may close and open rings: the mutex is then that thread's own.
const void *this_thread() noexcept {
  static thread_local const char mark = 0;
  return &mark;
}
std::atomic<const void *> forking_thread{nullptr};

void before_fork() {
  (void)::pthread_mutex_lock(&self_mutex);
  forking_thread.store(this_thread(), std::memory_order_relaxed);
}
void after_fork_in_parent() {
  forking_thread.store(nullptr, std::memory_order_relaxed);
  (void)::pthread_mutex_unlock(&self_mutex);
}

// A child that keeps the file open keeps its parent alive.
void disown() noexcept {
  if (self.fd >= 0) ::close(self.fd);
  self = {};
}

void after_fork_in_child() {
  disown();
  after_fork_in_parent();
}

// They are the first, so that a lock of the caller's, which its handlers take before a fork as well, is always taken
// before ours.
void set_own_fork_handlers() noexcept {
  static const bool done = ::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
  (void)done;
}

// 0 if that cannot be done.
std::uint64_t make_token() noexcept {
  if (directory_ready() != Status::ok || posix::work_ready() != Status::ok) return 0;
  posix::sweep();  // the files of the dead, else there would be more and more of them
  posix::UniqueName name(prefix);
  RINGBUF_STEP();
  self.fd = posix::make_locked_file(prefix, name, 0444);
  return self.fd >= 0 ? std::strtoull(name.text + sizeof prefix - 1, nullptr, 16) : 0;
}

}  // namespace

posix::Unforked::Unforked() noexcept : taken_(forking_thread.load(std::memory_order_relaxed) != this_thread()) {
  if (taken_) (void)::pthread_mutex_lock(&self_mutex);
}
posix::Unforked::~Unforked() {
  if (taken_) (void)::pthread_mutex_unlock(&self_mutex);
}

// What the C libraries of these systems have for it differs, and some have nothing.
void *forgetful_memory(std::size_t /*bytes*/) noexcept { return nullptr; }

void on_fork(void (*before)(), void (*parent)(), void (*child)()) noexcept {
  set_own_fork_handlers();
  (void)::pthread_atfork(before, parent, child);
}

std::uint64_t process_token() noexcept {
  set_own_fork_handlers();
  const pid_t pid = ::getpid();
  const posix::Unforked guard;
  if (self.pid != pid) {
    disown();
    self.token = make_token();
    if (self.token != 0) self.pid = pid;
  }
  const std::uint64_t token = self.token;
  return token != 0 ? token : number_mark | static_cast<std::uint64_t>(pid);
}

// The working directory, within which tokens mean something.
std::uint64_t process_domain() noexcept {
  struct stat st {};
  if (directory_ready() != Status::ok || posix::work_ready() != Status::ok || ::stat(WorkPath().text, &st) != 0)
    return 0;
  return static_cast<std::uint64_t>(st.st_ino) ^ (static_cast<std::uint64_t>(st.st_dev) << 40);
}

bool process_alive(std::uint64_t token) noexcept {
  if (token == 0) return false;
  if ((token & number_mark) != 0) {
    return ::kill(static_cast<pid_t>(token & ~number_mark), 0) == 0 || errno != ESRCH;
  }
  char name[sizeof prefix + 16];
  std::snprintf(name, sizeof name, "%s%016llx", prefix, static_cast<unsigned long long>(token));
  const int fd = posix::open_lock_file(WorkPath(name));
  if (fd < 0) return errno != ENOENT;  // dead only if that is certain
  const bool alive = posix::is_held(fd, WorkPath());
  ::close(fd);
  return alive;
}

// Tokens of others say nothing of their numbers.
std::uint32_t process_number_of(std::uint64_t token) noexcept {
  if (token == 0) return 0;
  if (token == process_token()) return static_cast<std::uint32_t>(::getpid());
  const bool known = (token & number_mark) != 0 && process_alive(token);
  return known ? static_cast<std::uint32_t>(token & ~number_mark) : 0;
}

}  // namespace ringbuf::os
