// The commands and their options as data, for what is generated from them: completion and man pages.
#pragma once

#include <string>
#include <vector>

#include "command.hpp"

namespace tool {

struct OptionDescription {
  std::string name;   // "--json"; of a positional one "NAME"
  std::string value;  // what a value is called; empty for a flag
  std::string text;
  std::vector<std::string> choices;  // all values that there are, if they are few
  bool positional = false;
  bool required = false;
  bool repeated = false;
};

struct CommandDescription {
  std::string name;
  std::string summary;
  std::vector<OptionDescription> options;
  std::vector<std::string> examples;
};

std::vector<CommandDescription> describe_commands();

}  // namespace tool
