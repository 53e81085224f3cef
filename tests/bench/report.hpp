// What is printed, and what is written to files.
#pragma once

#include <string>
#include <vector>

#include "machine.hpp"
#include "results.hpp"

namespace bench {

void print_table(const std::vector<Line> &lines);
void print_census(const Results::Census &census);
void print_missing(const Registry &registry);

// Throws std::runtime_error if the file cannot be written.
void write_json(const std::string &file, const Machine &machine, const Options &options, const Registry &registry,
                const Results::Census &census, const std::vector<Line> &lines);

}  // namespace bench
