#include "command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <numeric>

#include "program.hpp"
#include "text_format.hpp"

namespace tool {

const Command *find_command(std::string_view name) noexcept {
  const auto all = commands();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Command &each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

void describe(const Command &command, CLI::App &app, Run &run) {
  app.name(tool::format("{} {}", this_program().words, command.name));
  app.description(command.summary);
  app.option_defaults()->always_capture_default(false);
  run = command.make(app);
}

void examples(CLI::App &app, std::initializer_list<const char *> lines) {
  std::string text = "Examples:";
  for (const char *line : lines) text += tool::format("\n  {}", line);
  app.footer(text);
}

namespace {

// The number of letters to insert, delete, replace or swap with their neighbour.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest(std::string_view name, const std::vector<std::string> &names) {
  std::string best;
  std::size_t least = name.size() / 3 + 2;  // more changes than that: another word
  for (const auto &each : names) {
    const bool begins = name.size() >= 3 && each.starts_with(name);
    const std::size_t far = begins ? 1 : distance(name, each);
    if (far < least && far < each.size()) {
      least = far;
      best = each;
    }
  }
  return best;
}

}  // namespace tool
