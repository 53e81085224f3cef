#include "program.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <vector>

#include "command.hpp"
#include "failure.hpp"
#include "manual.hpp"
#include "output.hpp"
#include "ringbuf.h"
#include "text_format.hpp"

namespace tool {

namespace {

std::string overview() {
  const Program &program = this_program();
  std::string text = tool::format("{}\n\nUsage: {} COMMAND [OPTIONS]\n\nCommands:\n", program.overview, program.words);
  for (const Command &each : commands()) text += tool::format("  {:<12}{}\n", each.name, each.summary);
  text += tool::format("\n`{} help COMMAND` has the options of a command, with examples.", program.words);
  if (program.extensions) text += " `ringbuf NAME` runs the program ringbuf-NAME\nwhere no command has that name.";
  return text +
         "\n\nExit codes: 0 ok, 1 error, 2 usage, 3 not found, 4 timeout, 5 writer dead or stale, 6 samples lost.\n";
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
    throw Failure(exit_error, tool::format("{} cannot be run: {}", program, std::strerror(errno)));
  }
}

[[noreturn]] void unknown_command(const std::string &name) {
  const Program &program = this_program();
  std::vector<std::string> names{"help"};
  for (const Command &each : commands()) names.emplace_back(each.name);
  const std::string hint = nearest(name, names);
  std::string text = tool::format("there is no command \"{}\"", name);
  if (program.extensions) text += tool::format(", and no program ringbuf-{}", name);
  throw Failure(exit_usage, tool::format("{}; {}", text,
                                         hint.empty() ? tool::format("`{} help` lists the commands", program.words)
                                                      : tool::format("did you mean `{} {}`?", program.words, hint)));
}

// `arguments` begin after the name of the command.
int run(const Command &command, std::vector<std::string> arguments) {
  CLI::App app;
  Run action;
  describe(command, app, action);
  std::vector<std::string> backwards(arguments.rbegin(), arguments.rend());  // as CLI11 wants them
  try {
    app.parse(std::move(backwards));
  } catch (const CLI::CallForHelp &) {
    out(app.help());
    return exit_ok;
  } catch (const CLI::ParseError &error) {
    throw Failure(exit_usage,
                  tool::format("{}; `{} help {}` has the options", error.what(), this_program().words, command.name));
  }
  return action();
}

int help(const std::vector<std::string> &arguments) {
  if (arguments.empty()) {
    out(overview());
    return exit_ok;
  }
  if (arguments[0] == "--man") {  // for the package
    out(man_page(arguments.size() > 1 ? arguments[1] : ""));
    return exit_ok;
  }
  const Command *command = find_command(arguments[0]);
  if (command == nullptr) {
    std::string word = arguments[0];
    std::string option = "--help";
    std::array<char *, 3> words{word.data(), option.data(), nullptr};
    if (this_program().extensions) run_extension(words.data());
    unknown_command(word);
  }
  return run(*command, {"--help"});
}

int dispatch(int argc, char **argv) {
  if (argc < 2) throw Failure(exit_usage, tool::format("which command? `{} help` lists them", this_program().words));
  const std::string name = argv[1];
  std::vector<std::string> arguments(argv + 2, argv + argc);
  if (name == "help" || name == "--help" || name == "-h") return help(arguments);
  if (name == "--version") {
    out(tool::format("{} {}\n", this_program().words, ringbuf_version()));
    return exit_ok;
  }
  if (name.empty() || name[0] == '-') {
    throw Failure(exit_usage,
                  tool::format("\"{}\" comes before a command; `{} help` lists them", name, this_program().words));
  }
  const Command *command = find_command(name);
  if (command == nullptr) {
    if (this_program().extensions) run_extension(argv + 1);
    unknown_command(name);
  }
  return run(*command, std::move(arguments));
}

// What was found before the failure.
void flush_quietly() noexcept {
  try {
    flush();
  } catch (const std::exception &) {  // the failure is told anyway
  }
}

int run_and_report(int argc, char **argv) {
  static_cast<void>(std::signal(SIGPIPE, SIG_DFL));  // a reader that has seen enough ends us without a word
  const bool known = argc > 1 && find_command(argv[1]) != nullptr;
  const std::string words = this_program().words;
  const std::string who = known ? tool::format("{} {}", words, argv[1]) : words;
  try {
    const int code = dispatch(argc, argv);
    flush();
    return code;
  } catch (const Failure &failure) {
    flush_quietly();
    say(tool::format("{}: {}", who, failure.what()));
    return failure.code();
  } catch (const std::bad_alloc &) {
    say(tool::format("{}: this process is out of memory", who));
  } catch (const std::exception &error) {
    say(tool::format("{}: {}", who, error.what()));
  }
  return exit_error;
}

}  // namespace

int run_program(int argc, char **argv) noexcept {
  try {
    return run_and_report(argc, argv);
  } catch (...) {  // no memory is left for a message
    return exit_error;
  }
}

std::string file_name(const std::string &words) {
  std::string name = words;
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

}  // namespace tool
