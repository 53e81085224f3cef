// Names of rings, looked at and removed without ringbuf.
#pragma once

#include <string>

namespace test {

// Its file, where rings are files.
std::string name_path(const std::string &name);
// Whether a ring has the name.
bool name_is_there(const std::string &name);
// Takes the name away, if it is there, whatever has it.
void remove_name(const std::string &name);
// Takes away what tests have left that were killed: names that are `prefix`, the number of a process, and a dot.
void remove_names_of_the_dead(const std::string &prefix);

}  // namespace test
