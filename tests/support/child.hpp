// Processes that play a role: this very program, started again. Parent and child speak in lines over the child's standard
// input and output, so that nobody has to sleep to wait for the other.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "process.hpp"

namespace process {

// What the parent hands over, as key=value.
class Arguments {
 public:
  void add(const std::string &text);
  const std::string &text(const std::string &key) const;  // ends the process if it is not there
  std::uint64_t number(const std::string &key) const;

 private:
  std::map<std::string, std::string> values_;
};

// --- In the parent

class Child {
 public:
  Child(const std::string &role, const std::map<std::string, std::string> &arguments);

  // The next line that the child says, without its end; "" when it has ended.
  std::string line() const;
  std::uint64_t number() const;  // a line that is a number, 0 if it is none
  void tell(const std::string &line) const;

  // Its exit code, test::killed, or minus the signal that it died of.
  int wait() { return process_.wait(); }
  int kill() { return process_.kill(); }
  void await_end() const { process_.await_end(); }

 private:
  test::Process process_;
};

// --- In the child

void say(const std::string &line);
std::string hear();  // ends the process if the parent is gone

// ROLE(name) { ... return exit_code; }
using Role = int (*)(const Arguments &arguments);
struct RegisterRole {
  RegisterRole(const char *name, Role role);
};
#define ROLE(name)                                                        \
  static int role_##name(const process::Arguments &arguments);            \
  static const process::RegisterRole register_##name(#name, role_##name); \
  static int role_##name([[maybe_unused]] const process::Arguments &arguments)

// Plays the role named on the command line, if one is; says whether.
bool play(int argc, char **argv, int &exit_code);

}  // namespace process
