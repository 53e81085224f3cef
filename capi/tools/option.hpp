// Options whose text is a time, a size or a number of samples. What cannot be read is a usage error that names the option.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "text.hpp"

namespace tool {

CLI::Option *add_duration(CLI::App &app, const std::string &name, std::optional<std::int64_t> &ns,
                          const std::string &text);
CLI::Option *add_bytes(CLI::App &app, const std::string &name, std::optional<std::uint64_t> &bytes,
                       const std::string &text);
CLI::Option *add_amount(CLI::App &app, const std::string &name, std::optional<Amount> &amount, const std::string &text);

// The positional NAME of a ring.
CLI::Option *add_ring(CLI::App &app, std::string &name, const std::string &text = "the ring");

}  // namespace tool
