// On what, and with what, the numbers were measured.
#pragma once

#include <string>

namespace bench {

struct Machine {
  std::string processor;  // its name
  int processors;         // that may be used
  std::string kernel;
  std::string compiler;
  std::string flags;
  std::string c_library;
};

Machine this_machine();

}  // namespace bench
