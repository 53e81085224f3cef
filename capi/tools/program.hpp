// A program of commands: `ringbuf`, and the extensions that have commands of their own.
#pragma once

#include <string>

namespace tool {

struct Program {
  const char *words;     // how it is called: "ringbuf", "ringbuf nats"
  const char *summary;   // one line, for the man page
  const char *overview;  // the first line of `help`
  bool extensions;       // `ringbuf NAME` runs ringbuf-NAME of the path
};

// Each program has one of its own, and a commands() of its own.
const Program &this_program() noexcept;

// "ringbuf-nats": the name of the man page, and of the file of an extension.
std::string file_name(const std::string &words);

// Finds the command that is named first, runs it, and turns what ends it into an exit code and a sentence on stderr.
int run_program(int argc, char **argv) noexcept;

}  // namespace tool
