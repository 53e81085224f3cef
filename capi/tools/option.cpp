#include "option.hpp"

#include <fmt/core.h>

namespace tool {

namespace {

template <class Value, class Parse>
CLI::Option *add_parsed(CLI::App &app, const std::string &name, std::optional<Value> &value, const std::string &text,
                        Parse parse, const char *kind, const char *expected) {
  auto *option = app.add_option_function<std::string>(
      name,
      [&value, name, parse, expected](const std::string &given) {
        value = parse(given);
        if (!value) {
          throw CLI::ValidationError(fmt::format("{} is \"{}\", expected {}", name, given, expected));
        }
      },
      text);
  return option->type_name(kind);
}

}  // namespace

CLI::Option *add_duration(CLI::App &app, const std::string &name, std::optional<std::int64_t> &ns,
                          const std::string &text) {
  return add_parsed(app, name, ns, text, parse_duration, "TIME", "a time such as 10s, 250ms or 1.5h");
}

CLI::Option *add_bytes(CLI::App &app, const std::string &name, std::optional<std::uint64_t> &bytes,
                       const std::string &text) {
  return add_parsed(app, name, bytes, text, parse_bytes, "SIZE", "a size such as 2GB, 64MiB or 4096");
}

CLI::Option *add_amount(CLI::App &app, const std::string &name, std::optional<Amount> &amount,
                        const std::string &text) {
  return add_parsed(app, name, amount, text, parse_amount, "SAMPLES|TIME",
                    "a number of samples, or a time such as 10s");
}

CLI::Option *add_ring(CLI::App &app, std::string &name, const std::string &text) {
  return app.add_option("NAME", name, text)->required()->type_name("");
}

}  // namespace tool
