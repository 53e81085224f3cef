#include "tree.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "ringbuf.h"

namespace tool {

namespace {

// CLI11 shows the choices of an option as "{a,b,c}" after its type.
std::vector<std::string> choices_of(const std::string &type) {
  const auto begin = type.find('{');
  const auto end = type.rfind('}');
  std::vector<std::string> choices;
  if (begin == std::string::npos || end == std::string::npos || end < begin) return choices;
  std::istringstream list(type.substr(begin + 1, end - begin - 1));
  for (std::string each; std::getline(list, each, ',');) choices.push_back(each);
  return choices;
}

std::vector<std::string> type_names() {
  std::vector<std::string> names;
  for (std::uint32_t code = 0; code < 256; ++code) {
    if (const char *name = ringbuf_type_name(code)) names.emplace_back(name);
  }
  return names;
}

void add_options(const CLI::App &app, std::vector<OptionDescription> &into) {
  for (const CLI::Option *option : app.get_options()) {
    if (option == app.get_help_ptr() && !into.empty()) continue;  // a group of options has its own
    OptionDescription each;
    each.positional = option->get_positional();
    each.name = each.positional ? option->get_name(true) : option->get_name();
    if (const auto comma = each.name.find(','); comma != std::string::npos) each.name = each.name.substr(comma + 1);
    each.text = option->get_description();
    const std::string type = option->get_type_name();
    each.choices = choices_of(type);
    if (option->get_items_expected_max() != 0) {
      const auto plain = type.substr(0, std::min(type.find_first_of(" :{["), type.size()));
      each.value = each.positional ? each.name : plain.empty() ? "VALUE" : plain;
    }
    if (each.value == "TYPE") each.choices = type_names();
    each.required = option->get_required();
    each.repeated = option->get_items_expected_max() > 1;
    into.push_back(each);
  }
}

}  // namespace

std::vector<CommandDescription> describe_commands() {
  std::vector<CommandDescription> all;
  for (const Command &command : commands()) {
    CLI::App app;
    Run run;
    describe(command, app, run);
    CommandDescription each{command.name, command.summary, {}, {}};
    add_options(app, each.options);
    for (const CLI::App *group : app.get_subcommands([](const CLI::App *) { return true; })) {
      add_options(*group, each.options);
    }
    std::istringstream footer(app.get_footer());
    std::string line;
    std::getline(footer, line);  // the heading
    while (std::getline(footer, line)) each.examples.push_back(line.substr(std::min<std::size_t>(2, line.size())));
    all.push_back(each);
  }
  return all;
}

}  // namespace tool
