#include "terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace demo {
namespace {

winsize window_size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) size = {};
  return size;
}

void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n <= 0) return;  // nobody watches; the checks go on all the same
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

bool can_draw(const LiveArea& area) {
  const char* term = std::getenv("TERM");
  if (isatty(STDOUT_FILENO) == 0 || term == nullptr || std::string_view(term) == "dumb") return false;
  return window_size().ws_row > area.rows() && terminal_columns() >= 60;
}

std::size_t terminal_columns() { return window_size().ws_col; }

void make_room(const LiveArea& area) { write_all(std::string(area.rows(), '\n')); }

void draw(const std::vector<std::string>& lines, std::size_t below) {
  std::string text = fmt::format("\033[{}A", below + lines.size());
  // A line that ran over the edge would move everything below it.
  const std::size_t columns = terminal_columns();
  for (const std::string& line : lines) text += fmt::format("\033[2K{}\n", line.substr(0, columns));
  if (below > 0) text += fmt::format("\033[{}B", below);
  write_all(text);
}

std::string printable(std::string_view text, std::size_t width) {
  std::string result(text.substr(0, width));
  for (char& c : result) {
    if (c < ' ' || c > '~') c = '?';
  }
  result.resize(width, ' ');
  return result;
}

void print_line(const std::string& line) { write_all(line + '\n'); }

}  // namespace demo
