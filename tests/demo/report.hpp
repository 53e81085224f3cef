// What came of a run, for a person to read.
#pragma once

#include "options.hpp"
#include "recording.hpp"
#include "results.hpp"

namespace demo {

void print_plan(const Options& options, const Recording& recording);

// Prints what each process has seen; returns whether all of it is as it should be.
bool print_report(const Options& options, const Recording& recording, const Outcome& outcome);

}  // namespace demo
