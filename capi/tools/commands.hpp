// One function for each command: it adds the options to the app, and returns what the command does. A new command takes a file
// of its own, a line here, a row in commands.cpp and a line in CMakeLists.txt.
#pragma once

#include "command.hpp"

namespace tool {

Run make_list(CLI::App &app);
Run make_info(CLI::App &app);
Run make_readers(CLI::App &app);
Run make_top(CLI::App &app);
Run make_hz(CLI::App &app);
Run make_cat(CLI::App &app);
Run make_put(CLI::App &app);
Run make_gen(CLI::App &app);
Run make_verify(CLI::App &app);
Run make_wait(CLI::App &app);
Run make_rm(CLI::App &app);
Run make_sweep(CLI::App &app);
Run make_record(CLI::App &app);
Run make_replay(CLI::App &app);
Run make_trigger(CLI::App &app);
Run make_scope(CLI::App &app);
Run make_bench(CLI::App &app);
Run make_completion(CLI::App &app);

}  // namespace tool
