// The `ringbuf` command: finds the command that is named first, and turns what ends it into an exit code.
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "command.hpp"
#include "failure.hpp"
#include "manual.hpp"
#include "output.hpp"
#include "ringbuf.h"

namespace {

using tool::Command;

std::string overview() {
  std::string text =
      "Looks at, feeds, records and cleans the rings of this machine.\n\n"
      "Usage: ringbuf COMMAND [OPTIONS]\n\nCommands:\n";
  for (const Command &each : tool::commands()) text += fmt::format("  {:<12}{}\n", each.name, each.summary);
  text +=
      "\n`ringbuf help COMMAND` has the options of a command, with examples. `ringbuf NAME` runs the program "
      "ringbuf-NAME\n"
      "where no command has that name.\n\n"
      "Exit codes: 0 ok, 1 error, 2 usage, 3 not found, 4 timeout, 5 writer dead or stale, 6 samples lost.\n";
  return text;
}

// Runs ringbuf-NAME of the path. Returns if there is none; throws if it cannot be run.
void run_extension(char **words) {
  const std::string program = std::string("ringbuf-") + words[0];
  if (program.find('/') != std::string::npos) return;
  std::string name = program;
  std::vector<char *> arguments{name.data()};
  for (char **word = words + 1; *word != nullptr; ++word) arguments.push_back(*word);
  arguments.push_back(nullptr);
  ::execvp(program.c_str(), arguments.data());
  if (errno != ENOENT && errno != ENOTDIR) {
    throw tool::Failure(tool::exit_error, fmt::format("{} cannot be run: {}", program, std::strerror(errno)));
  }
}

[[noreturn]] void unknown_command(const std::string &name) {
  std::vector<std::string> names{"help"};
  for (const Command &each : tool::commands()) names.emplace_back(each.name);
  const std::string hint = tool::nearest(name, names);
  throw tool::Failure(tool::exit_usage,
                      fmt::format("there is no command \"{}\", and no program ringbuf-{}; {}", name, name,
                                  hint.empty() ? "`ringbuf help` lists the commands"
                                               : fmt::format("did you mean `ringbuf {}`?", hint)));
}

// `arguments` begin after the name of the command.
int run(const Command &command, std::vector<std::string> arguments) {
  CLI::App app;
  tool::Run action;
  tool::describe(command, app, action);
  std::vector<std::string> backwards(arguments.rbegin(), arguments.rend());  // as CLI11 wants them
  try {
    app.parse(std::move(backwards));
  } catch (const CLI::CallForHelp &) {
    tool::out(app.help());
    return tool::exit_ok;
  } catch (const CLI::ParseError &error) {
    throw tool::Failure(tool::exit_usage,
                        fmt::format("{}; `ringbuf help {}` has the options", error.what(), command.name));
  }
  return action();
}

int help(const std::vector<std::string> &arguments) {
  if (arguments.empty()) {
    tool::out(overview());
    return tool::exit_ok;
  }
  if (arguments[0] == "--man") {  // for the package
    tool::out(tool::man_page(arguments.size() > 1 ? arguments[1] : ""));
    return tool::exit_ok;
  }
  const Command *command = tool::find_command(arguments[0]);
  if (command == nullptr) unknown_command(arguments[0]);
  return run(*command, {"--help"});
}

int dispatch(int argc, char **argv) {
  if (argc < 2) throw tool::Failure(tool::exit_usage, "which command? `ringbuf help` lists them");
  const std::string name = argv[1];
  std::vector<std::string> arguments(argv + 2, argv + argc);
  if (name == "help" || name == "--help" || name == "-h") return help(arguments);
  if (name == "--version") {
    tool::out(fmt::format("ringbuf {}\n", ringbuf_version()));
    return tool::exit_ok;
  }
  if (name.empty() || name[0] == '-') {
    throw tool::Failure(tool::exit_usage,
                        fmt::format("\"{}\" comes before a command; `ringbuf help` lists them", name));
  }
  const Command *command = tool::find_command(name);
  if (command == nullptr) {
    run_extension(argv + 1);
    unknown_command(name);
  }
  return run(*command, std::move(arguments));
}

// What was found before the failure.
void flush_quietly() noexcept {
  try {
    tool::flush();
  } catch (const std::exception &) {  // the failure is told anyway
  }
}

int run_and_report(int argc, char **argv) {
  static_cast<void>(std::signal(SIGPIPE, SIG_DFL));  // a reader that has seen enough ends us without a word
  const bool known = argc > 1 && tool::find_command(argv[1]) != nullptr;
  const std::string who = known ? fmt::format("ringbuf {}", argv[1]) : "ringbuf";
  try {
    const int code = dispatch(argc, argv);
    tool::flush();
    return code;
  } catch (const tool::Failure &failure) {
    flush_quietly();
    tool::say(fmt::format("{}: {}", who, failure.what()));
    return failure.code();
  } catch (const std::bad_alloc &) {
    tool::say(fmt::format("{}: this process is out of memory", who));
  } catch (const std::exception &error) {
    tool::say(fmt::format("{}: {}", who, error.what()));
  }
  return tool::exit_error;
}

}  // namespace

int main(int argc, char **argv) {
  try {
    return run_and_report(argc, argv);
  } catch (...) {  // no memory is left for a message
    return tool::exit_error;
  }
}
