// The processes of the demo. Each runs one of these functions, which returns when the stream has ended and throws if
// something fails.
#pragma once

#include "options.hpp"

namespace demo {

void run_writer(const Options& options);
void run_meter(const Options& options);
void run_checker(const Options& options);
void run_events(const Options& options);

// Starts the others, and says what came of it; returns the exit status.
int run_all(const Options& options, int argc, char** argv);

}  // namespace demo
