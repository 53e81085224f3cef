#include "option.hpp"

#include <CLI/CLI.hpp>
#include <vector>

#include "text_format.hpp"

namespace tool {

const Argument &Argument::required() const {
  option_->required();
  return *this;
}

const Argument &Argument::type_name(const std::string &name) const {
  option_->type_name(name);
  return *this;
}

const Argument &Argument::description(const std::string &text) const {
  option_->description(text);
  return *this;
}

const Argument &Argument::positive() const {
  option_->check(CLI::PositiveNumber);
  return *this;
}

const Argument &Argument::between(std::int64_t least, std::int64_t most) const {
  option_->check(CLI::Range(least, most));
  return *this;
}

const Argument &Argument::one_of(std::initializer_list<const char *> values) const {
  option_->check(CLI::IsMember(std::vector<std::string>(values.begin(), values.end())));
  return *this;
}

const Argument &Argument::delimiter(char between) const {
  option_->delimiter(between);
  return *this;
}

const Argument &Argument::repeated() const {
  option_->expected(1)->take_all();
  return *this;
}

const Argument &Argument::needs(const Argument &other) const {
  option_->needs(other.option_);
  return *this;
}

const Argument &Argument::excludes(const Argument &other) const {
  option_->excludes(other.option_);
  return *this;
}

template <class Value>
Argument add_option(CLI::App &app, const std::string &name, Value &value, const std::string &text) {
  return Argument(app.add_option(name, value, text));
}

Argument add_flag(CLI::App &app, const std::string &name, bool &value, const std::string &text) {
  return Argument(app.add_flag(name, value, text));
}

Argument get_option(CLI::App &app, const std::string &name) { return Argument(app.get_option(name)); }

CLI::App &add_choice(CLI::App &app, const std::string &name, const std::string &text) {
  return *app.add_option_group(name, text)->require_option(0, 1);
}

namespace {

template <class Value, class Parse>
Argument add_parsed(CLI::App &app, const std::string &name, std::optional<Value> &value, const std::string &text,
                    Parse parse, const char *kind, const char *expected) {
  auto *option = app.add_option_function<std::string>(
      name,
      [&value, name, parse, expected](const std::string &given) {
        value = parse(given);
        if (!value) {
          throw CLI::ValidationError(tool::format("{} is \"{}\", expected {}", name, given, expected));
        }
      },
      text);
  return Argument(option->type_name(kind));
}

}  // namespace

Argument add_duration(CLI::App &app, const std::string &name, std::optional<std::int64_t> &ns,
                      const std::string &text) {
  return add_parsed(app, name, ns, text, parse_duration, "TIME", "a time such as 10s, 250ms or 1.5h");
}

Argument add_bytes(CLI::App &app, const std::string &name, std::optional<std::uint64_t> &bytes,
                   const std::string &text) {
  return add_parsed(app, name, bytes, text, parse_bytes, "SIZE", "a size such as 2GB, 64MiB or 4096");
}

Argument add_amount(CLI::App &app, const std::string &name, std::optional<Amount> &amount, const std::string &text) {
  return add_parsed(app, name, amount, text, parse_amount, "SAMPLES|TIME",
                    "a number of samples, or a time such as 10s");
}

Argument add_ring(CLI::App &app, std::string &name, const std::string &text) {
  return add_option(app, "NAME", name, text).required().type_name("");
}

#define TOOL_OPTION(...) \
  template Argument add_option(CLI::App &, const std::string &, __VA_ARGS__ &, const std::string &)
TOOL_OPTION(std::string);
TOOL_OPTION(std::optional<std::string>);
TOOL_OPTION(std::vector<std::string>);
TOOL_OPTION(std::vector<std::uint32_t>);
TOOL_OPTION(std::uint32_t);
TOOL_OPTION(std::int64_t);
TOOL_OPTION(std::uint64_t);
TOOL_OPTION(double);
TOOL_OPTION(std::optional<std::uint32_t>);
TOOL_OPTION(std::optional<std::int64_t>);
TOOL_OPTION(std::optional<std::uint64_t>);
TOOL_OPTION(std::optional<double>);
#undef TOOL_OPTION

}  // namespace tool
