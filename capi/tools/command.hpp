// A command of `ringbuf`: how it is found, and how it says what its options are.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "option.hpp"

namespace tool {

// Called after the options have been read; returns the exit code, or throws Failure.
using Run = std::function<int()>;

struct Command {
  const char *name;
  const char *summary;         // one line, for `ringbuf help`
  Run (*make)(CLI::App &app);  // adds the options to the app; called once a process, or more often for the completion
};

// All commands of this program, in the order of its `help`; for `ringbuf` the table in commands.cpp.
std::span<const Command> commands() noexcept;
const Command *find_command(std::string_view name) noexcept;

// An app with the command's options. `run` becomes what the command does.
void describe(const Command &command, CLI::App &app, Run &run);

// The examples at the end of `ringbuf help COMMAND`, one command line each.
void examples(CLI::App &app, std::initializer_list<const char *> lines);

// The name that resembles `name` most, or an empty string if none does.
std::string nearest(std::string_view name, const std::vector<std::string> &names);

}  // namespace tool
