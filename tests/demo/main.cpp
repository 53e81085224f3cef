// The library's main job on real input, as a person would watch it; see --help.
#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "child.hpp"
#include "options.hpp"
#include "roles.hpp"

namespace {

constexpr int exit_usage = 2;

int run(const demo::Options& options, int argc, char** argv) {
  if (options.role.empty()) return demo::run_all(options, argc, argv);
  if (options.role == "writer") {
    demo::run_writer(options);
  } else if (options.role == "meter") {
    demo::run_meter(options);
  } else if (options.role == "checker") {
    demo::run_checker(options);
  } else if (options.role == "events") {
    demo::run_events(options);
  } else {
    throw demo::UsageError{"--role is what the demo passes to itself"};
  }
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  // Parsing the options reorders the arguments; the other processes get them as they were.
  std::vector<char*> arguments(argv, argv + argc);
  std::string who = "ringbuf_demo";
  try {
    const demo::Options options = demo::parse_options(argc, argv);
    if (!options.role.empty()) who += ": " + options.role;
    return run(options, argc, arguments.data());
  } catch (const demo::UsageError& error) {
    fmt::print(stderr, "{}: {}\n", who, error.message);
    return exit_usage;
  } catch (const demo::StopSignals::Received& signal) {
    fmt::print(stderr, "{}: interrupted; the processes have ended and the rings are removed\n", who);
    return 128 + signal.number;  // as a shell reports it
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", who, error.what());
    return EXIT_FAILURE;
  }
}
