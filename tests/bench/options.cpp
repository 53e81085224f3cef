#include "options.hpp"

#include <fmt/core.h>

#include <cstdlib>
#include <random>
#include <regex>
#include <stdexcept>
#include <string_view>

namespace bench {

namespace {

constexpr const char *usage = R"(usage: ringbuf_bench [OPTION ...]

Measures ringbuf, its peers and the machine's limits side by side. Everything that arrives is checked; a wrong sequence
number ends the run with status 1. Times never do.

  --row REGEX         only rows whose name matches
  --contender REGEX   only contenders whose name matches
  --list              say which there are, and end
  --forks N           pairs of processes for each contender of each row (13)
  --slices N          slices of each pair (5)
  --slice-ms MS       length of a slice (3)
  --seconds S         go on for S seconds instead of --forks, at least one fork of each
  --short             a few slices of everything, to see that it runs
  --large             also rings of up to 8 GiB
  --classes A,B       a round trip below A ns is "sibling", from B ns on "far", between "near" (0,225); 0: between the
                      two heaps of probes around 50 ns, or 45 where there is one
  --seed N            for the random order
  --json FILE         write all results
  --svg DIR           write plots
  --verbose           say what runs
)";

[[noreturn]] void refuse(const std::string &what) {
  fmt::print(stderr, "ringbuf_bench: {}\n{}", what, usage);
  std::exit(2);
}

template <class T>
T number(std::string_view option, const std::string &text) {
  try {
    std::size_t used = 0;
    const double value = std::stod(text, &used);
    if (used == text.size() && value >= 0 && value < 1e18) return static_cast<T>(value);
  } catch (const std::logic_error &) {
  }
  refuse(fmt::format("{} {}: not a number", option, text));
}

std::string expression(std::string_view option, const std::string &text) {
  try {
    std::regex checked(text);
    return text;
  } catch (const std::regex_error &) {
    refuse(fmt::format("{} {}: not a regular expression", option, text));
  }
}

}  // namespace

Options parse(int argc, char **argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    const auto value = [&]() -> std::string {
      if (++i == argc) refuse(fmt::format("{} needs a value", option));
      return argv[i];
    };
    if (option == "--row") {
      o.rows = expression(option, value());
    } else if (option == "--contender") {
      o.contenders = expression(option, value());
    } else if (option == "--list") {
      o.list = true;
    } else if (option == "--forks") {
      o.forks = number<int>(option, value());
    } else if (option == "--slices") {
      o.slices = number<int>(option, value());
    } else if (option == "--slice-ms") {
      o.slice_ms = number<double>(option, value());
    } else if (option == "--seconds") {
      o.seconds = number<double>(option, value());
    } else if (option == "--short") {
      o.quick = true;
      o.forks = 1;
      o.slices = 2;
    } else if (option == "--large") {
      o.large = true;
    } else if (option == "--classes") {
      const std::string text = value();
      const std::size_t comma = text.find(',');
      if (comma == std::string::npos) refuse("--classes needs two numbers");
      o.classes = {number<double>(option, text.substr(0, comma)), number<double>(option, text.substr(comma + 1))};
    } else if (option == "--seed") {
      o.seed = number<std::uint64_t>(option, value());
    } else if (option == "--json") {
      o.json = value();
    } else if (option == "--svg") {
      o.svg = value();
    } else if (option == "--verbose") {
      o.verbose = true;
    } else if (option == "--help" || option == "-h") {
      fmt::print("{}", usage);
      std::exit(0);
    } else {
      refuse(fmt::format("{}: no such option", option));
    }
  }
  if (o.forks < 1 || o.slices < 1 || o.slice_ms <= 0) refuse("--forks, --slices and --slice-ms are at least 1");
  if (o.slices > 100) refuse("--slices is at most 100");
  if (o.seed == 0) o.seed = std::random_device{}() % 1'000'000;
  return o;
}

}  // namespace bench
