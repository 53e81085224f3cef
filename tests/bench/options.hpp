// The command line.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace bench {

struct Options {
  std::string rows = ".";  // regular expressions
  std::string contenders = ".";
  int forks = 13;  // pairs of processes for each contender of each row
  int slices = 5;  // of each pair
  double slice_ms = 3;
  double seconds = 0;                     // stop after so long; 0: when all forks are done
  std::uint64_t seed = 0;                 // 0: drawn
  std::array<double, 2> classes{0, 225};  // ns: sibling below the first (0: found in the data), far from the second on
  std::string json;
  std::string svg;
  bool list = false;
  bool large = false;
  bool quick = false;  // --short
  bool verbose = false;
};

// Exits with 0 after --help, with 2 if the arguments make no sense.
Options parse(int argc, char **argv);

}  // namespace bench
