// Forking, pinning and waiting.
#pragma once

#include <sys/types.h>

#include <functional>
#include <vector>

namespace bench {

// The processors this process may use.
std::vector<int> allowed_processors();

// A child on this processor, which dies with its parent.
pid_t fork_on(int processor, const std::function<void()> &work);

// A process that sleeps beside a measurement, until it is killed.
class Companion {
 public:
  Companion() = default;
  ~Companion();
  Companion(const Companion &) = delete;
  Companion &operator=(const Companion &) = delete;

  // Comes back when `work` sleeps in the kernel.
  void start(const std::function<void()> &work);

 private:
  pid_t child_ = -1;
};

// Waits until all have ended well. If one does not, or a signal asks the program to end, kills the others and throws
// std::runtime_error.
void wait_for(std::vector<pid_t> children);

// From now on SIGINT, SIGTERM and SIGHUP end the program by way of wait_for.
void catch_signals();

}  // namespace bench
