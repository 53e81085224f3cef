// The commands of `ringbuf nats`: one function for each, as in ../commands.hpp.
#pragma once

#include "command.hpp"

namespace tool::nats {

Run make_push(CLI::App &app);
Run make_pull(CLI::App &app);
Run make_list(CLI::App &app);
Run make_status(CLI::App &app);

// Failure unless a stream can have that name.
void check_stream_name(const std::string &name, const char *option);

}  // namespace tool::nats
