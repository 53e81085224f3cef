// The `ringbuf` command.
#include "program.hpp"

namespace tool {

const Program &this_program() noexcept {
  static constexpr Program program{"ringbuf", "look at, feed, record and clean rings in shared memory",
                                   "Looks at, feeds, records and cleans the rings of this machine.", true};
  return program;
}

}  // namespace tool

int main(int argc, char **argv) { return tool::run_program(argc, argv); }
