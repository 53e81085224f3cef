// The options of commands. CLI11, which reads them, is included where they are added and read, and nowhere else: it takes
// long to compile.
//
// What cannot be read is a usage error that names the option.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include "text.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tool {

// An option that has been added, and what else there is to say about it.
class Argument {
 public:
  explicit Argument(CLI::Option *option) noexcept : option_(option) {}

  const Argument &required() const;
  const Argument &type_name(const std::string &name) const;  // of the value, in the help; "": none
  const Argument &description(const std::string &text) const;
  const Argument &positive() const;
  const Argument &between(std::int64_t least, std::int64_t most) const;
  const Argument &one_of(std::initializer_list<const char *> values) const;
  const Argument &delimiter(char between) const;  // of the elements of a list
  const Argument &repeated() const;               // given several times, each time with one value
  const Argument &needs(const Argument &other) const;
  const Argument &excludes(const Argument &other) const;

 private:
  CLI::Option *option_;
};

// An option, or a positional argument, with a value. The types of values are those at the end of option.cpp.
template <class Value>
Argument add_option(CLI::App &app, const std::string &name, Value &value, const std::string &text);
Argument add_flag(CLI::App &app, const std::string &name, bool &value, const std::string &text);
Argument get_option(CLI::App &app, const std::string &name);

// Options of which at most one is given; they are added to what this returns.
CLI::App &add_choice(CLI::App &app, const std::string &name, const std::string &text);

Argument add_duration(CLI::App &app, const std::string &name, std::optional<std::int64_t> &ns, const std::string &text);
Argument add_bytes(CLI::App &app, const std::string &name, std::optional<std::uint64_t> &bytes,
                   const std::string &text);
Argument add_amount(CLI::App &app, const std::string &name, std::optional<Amount> &amount, const std::string &text);

// The positional NAME of a ring.
Argument add_ring(CLI::App &app, std::string &name, const std::string &text = "the ring");

}  // namespace tool
