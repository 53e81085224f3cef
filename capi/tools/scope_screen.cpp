// The screen of `ringbuf scope`.
#define NCURSES_NOMACROS 1
#include <curses.h>

#include <algorithm>

#include "scope.hpp"
#include "screen.hpp"
#include "stop.hpp"
#include "text.hpp"

namespace tool {

namespace {

constexpr const char *keys_text =
    "q quit, space pause, +/- time span, s spectrum, 0-9 channel on or off, a all channels, up/down scroll";

void draw(Scope &scope) {
  ::erase();
  const int height = std::max(::getmaxy(stdscr), 1);
  const int width = std::max(::getmaxx(stdscr), 1);
  const auto lines = scope.draw(static_cast<std::size_t>(width), std::nullopt, static_cast<std::size_t>(height - 1));
  int y = 0;
  for (const ScopeLine &line : lines) {
    if (y >= height - 1) break;
    const attr_t attribute = line.style == ScopeLine::Style::status    ? A_REVERSE
                             : line.style == ScopeLine::Style::heading ? A_BOLD
                                                                       : A_NORMAL;
    ::attrset(static_cast<int>(attribute));
    ::mvaddnstr(y++, 0, line.text.c_str(), -1);
  }
  ::attrset(static_cast<int>(A_NORMAL));
  ::mvaddnstr(height - 1, 0, keys_text, width - 1);
  ::refresh();
}

void press(Scope &scope, int key) {
  if (key >= '0' && key <= '9') scope.toggle(static_cast<std::uint32_t>(key - '0'));
  switch (key) {
    case ' ':
    case 'p':
      scope.pause(!scope.paused());
      break;
    case '+':
    case '=':
    case KEY_LEFT:
      scope.zoom(0.5);
      break;
    case '-':
    case KEY_RIGHT:
      scope.zoom(2);
      break;
    case 's':
      scope.spectrum = !scope.spectrum;
      break;
    case 'a':
      scope.show_all();
      break;
    case KEY_UP:
      scope.scroll(-1);
      break;
    case KEY_DOWN:
      scope.scroll(1);
      break;
    default:
      break;
  }
}

}  // namespace

int scope_screen(Scope &scope, std::int64_t interval_ns) {
  const Screen screen("ringbuf scope --once needs none");
  while (!stop_requested()) {
    const std::int64_t next = monotonic_now() + interval_ns;
    draw(scope);
    const int key = screen.key(next);
    if (key == 'q' || key == 'Q') break;
    press(scope, key);
  }
  return exit_ok;
}

}  // namespace tool
