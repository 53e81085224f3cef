#include "screen.hpp"

#define NCURSES_NOMACROS 1
#include <curses.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstdlib>

#include "failure.hpp"
#include "stop.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

Screen::Screen(const std::string &instead) {
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1) {
    throw Failure(exit_usage, tool::format("stdin and stdout are no terminal; {}", instead));
  }
  // Terminals speak UTF-8 also where the locale is not set.
  if (std::setlocale(LC_CTYPE, "") == nullptr || MB_CUR_MAX == 1)
    static_cast<void>(std::setlocale(LC_CTYPE, "C.UTF-8"));
  if (::newterm(nullptr, stdout, stdin) == nullptr) {
    const char *term = std::getenv("TERM");
    throw Failure(exit_error, tool::format("the terminal is of a kind that is not known (TERM is \"{}\"); {}",
                                           term != nullptr ? term : "", instead));
  }
  ::cbreak();
  ::noecho();
  ::keypad(stdscr, TRUE);
  ::curs_set(0);
}

namespace {

// From then on getch() returns at once.
bool terminal_is_gone() {
  pollfd terminal{STDIN_FILENO, POLLIN, 0};
  return ::poll(&terminal, 1, 0) == 1 && (terminal.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

}  // namespace

Screen::~Screen() { ::endwin(); }

int Screen::key(std::int64_t until_monotonic_ns) const {
  while (!stop_requested()) {
    const std::int64_t left_ms = (until_monotonic_ns - monotonic_now()) / 1'000'000 + 1;
    if (left_ms <= 0) return ERR;
    ::timeout(static_cast<int>(std::min<std::int64_t>(left_ms, 100)));  // a signal is seen within that time
    const int key = ::getch();
    if (key != ERR) return key;
    if (terminal_is_gone()) return 'q';
    if (monotonic_now() >= until_monotonic_ns) return ERR;
  }
  return ERR;
}

}  // namespace tool
