// Names of rings and files in /dev/shm, all of which can be found again if a process dies.
#pragma once

#include <string>

namespace bench {

// "ringbuf-bench-PID-N", PID being the parent's; asked for by the parent, before it forks.
std::string unique_name();

// Removes what is left of them.
void sweep_names();

}  // namespace bench
