// The program ringbuf-nats, which `ringbuf nats` runs.
#include <array>

#include "commands.hpp"
#include "failure.hpp"
#include "program.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

constexpr std::array table{
    Command{"push", "publish the samples of a ring into a stream", nats::make_push},
    Command{"pull", "make a ring here of a stream", nats::make_pull},
    Command{"list", "show the streams that have rings", nats::make_list},
    Command{"status", "show how far those who push and pull are", nats::make_status},
};

}  // namespace

std::span<const Command> commands() noexcept { return table; }

const Program &this_program() noexcept {
  static constexpr Program program{"ringbuf nats", "carry rings to other machines over NATS JetStream",
                                   "Carries rings to other machines over NATS JetStream.", false};
  return program;
}

namespace nats {

void check_stream_name(const std::string &name, const char *option) {
  constexpr std::size_t longest = 200;
  if (name.empty() || name.size() > longest || name.find_first_of(" \t\r\n.*>/\\") != std::string::npos) {
    throw Failure(exit_usage, tool::format(R"({} is "{}", expected 1 to {} characters without blanks and . * > / \)",
                                           option, name, longest));
  }
}

}  // namespace nats

}  // namespace tool

int main(int argc, char **argv) { return tool::run_program(argc, argv); }
