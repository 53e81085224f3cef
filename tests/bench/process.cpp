#include "process.hpp"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>

#include "fail.hpp"

namespace bench {

namespace {
volatile std::sig_atomic_t caught = 0;
void note_signal(int number) { caught = number; }
}  // namespace

std::vector<int> allowed_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  require(sched_getaffinity(0, sizeof set, &set) == 0, "sched_getaffinity");
  std::vector<int> processors;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) processors.push_back(i);
  }
  return processors;
}

pid_t fork_on(int processor, const std::function<void()> &work) {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
  if (child != 0) return child;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  require(sched_setaffinity(0, sizeof set, &set) == 0, "sched_setaffinity");
  try {
    work();
  } catch (const std::exception &e) {
    fail(e.what());
  }
  _exit(0);
}

void Companion::start(const std::function<void()> &work) {
  const std::vector<int> here = allowed_processors();  // those of a pinned process are one
  child_ = fork_on(here.front(), work);
  // The state follows the name, which is in parentheses.
  const std::string file = "/proc/" + std::to_string(child_) + "/stat";
  for (int asleep = 0; asleep < 3;) {
    std::ifstream stream(file);
    std::string stat;
    require(static_cast<bool>(std::getline(stream, stat)), "a process has ended early");
    const std::size_t state = stat.rfind(") ") + 2;
    require(stat[state] != 'Z', "a process has ended early");
    asleep = stat[state] == 'S' ? asleep + 1 : 0;
    timespec moment{0, 1'000'000};
    nanosleep(&moment, nullptr);
  }
}

Companion::~Companion() {
  if (child_ < 0) return;
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

void wait_for(std::vector<pid_t> children) {
  std::string problem;
  while (!children.empty()) {
    int status = 0;
    const pid_t child = waitpid(-1, &status, 0);
    if (child < 0) {
      if (errno != EINTR) throw std::runtime_error(std::string("waitpid: ") + std::strerror(errno));
      problem = "ended by signal " + std::to_string(caught);
    } else {
      std::erase(children, child);
      if (status == 0) continue;
      if (problem.empty()) {
        problem = WIFEXITED(status) ? "a process ended with status " + std::to_string(WEXITSTATUS(status))
                                    : "a process died of signal " + std::to_string(WTERMSIG(status));
      }
    }
    for (const pid_t other : children) kill(other, SIGKILL);
  }
  if (!problem.empty()) throw std::runtime_error(problem);
  if (caught != 0) throw std::runtime_error("ended by signal " + std::to_string(caught));
}

void catch_signals() {
  struct sigaction action = {};
  action.sa_handler = note_signal;  // without SA_RESTART, so that waitpid returns
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
}

}  // namespace bench
