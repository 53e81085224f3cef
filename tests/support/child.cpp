#include "child.hpp"

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

namespace process {

namespace {

std::map<std::string, Role> &roles() {
  static std::map<std::string, Role> all;
  return all;
}

std::vector<std::string> words(const std::string &role, const std::map<std::string, std::string> &arguments) {
  std::vector<std::string> all = {"--role=" + role};
  for (const auto &[key, value] : arguments) all.push_back(key + "=" + value);
  return all;
}

}  // namespace

void Arguments::add(const std::string &text) {
  const std::size_t equals = text.find('=');
  if (equals != std::string::npos) values_[text.substr(0, equals)] = text.substr(equals + 1);
}

const std::string &Arguments::text(const std::string &key) const {
  const auto found = values_.find(key);
  if (found != values_.end()) return found->second;
  std::fprintf(stderr, "the role needs the argument %s\n", key.c_str());
  std::_Exit(99);
}

std::uint64_t Arguments::number(const std::string &key) const { return std::strtoull(text(key).c_str(), nullptr, 0); }

Child::Child(const std::string &role, const std::map<std::string, std::string> &arguments)
    : process_(words(role, arguments)) {}

std::string Child::line() const {
  std::string line;
  return process_.read_line(line) ? line : "";
}

std::uint64_t Child::number() const { return std::strtoull(line().c_str(), nullptr, 10); }

void Child::tell(const std::string &line) const { process_.write_line(line); }

void say(const std::string &line) { test::write_own_line(line); }

std::string hear() {
  std::string line;
  if (!test::read_own_line(line)) std::_Exit(98);
  return line;
}

RegisterRole::RegisterRole(const char *name, Role role) { roles()[name] = role; }

bool play(int argc, char **argv, int &exit_code) {
  const std::string prefix = "--role=";
  if (argc < 2 || std::string(argv[1]).rfind(prefix, 0) != 0) return false;
  test::end_with_parent();
  const auto found = roles().find(std::string(argv[1]).substr(prefix.size()));
  exit_code = 97;
  if (found == roles().end()) return true;
  Arguments arguments;
  for (int i = 2; i < argc; ++i) arguments.add(argv[i]);
  exit_code = found->second(arguments);
  return true;
}

}  // namespace process
