// What ends a command: exit codes, and an exception with a sentence for the person at the terminal.
#pragma once

#include <stdexcept>
#include <string>

namespace tool {

// Scripts depend on them: docs/tools.md has the table.
enum Exit : int {
  exit_ok = 0,
  exit_error = 1,
  exit_usage = 2,
  exit_not_found = 3,
  exit_timeout = 4,
  exit_dead = 5,  // the writer died, or a newer ring has the name
  exit_lost = 6   // all went well, but samples were lost
};

// main() prints `ringbuf COMMAND: MESSAGE` on stderr and exits with the code.
class Failure : public std::runtime_error {
 public:
  Failure(Exit code, const std::string &message) : std::runtime_error(message), code_(code) {}
  Exit code() const noexcept { return code_; }

 private:
  Exit code_;
};

// The exit code for a code of enum ringbuf_code.
Exit exit_code(int code) noexcept;

}  // namespace tool
