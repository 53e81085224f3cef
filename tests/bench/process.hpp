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

// Waits until all have ended well. If one does not, or a signal asks the program to end, kills the others and throws
// std::runtime_error.
void wait_for(std::vector<pid_t> children);

// From now on SIGINT, SIGTERM and SIGHUP end the program by way of wait_for.
void catch_signals();

}  // namespace bench
