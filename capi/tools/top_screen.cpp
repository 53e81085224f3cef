// The screen of `ringbuf top`.
#define NCURSES_NOMACROS 1
#include <curses.h>

#include <array>

#include "output.hpp"
#include "screen.hpp"
#include "stop.hpp"
#include "text.hpp"
#include "text_format.hpp"
#include "top.hpp"

namespace tool {

namespace {

struct Key {
  char letter;
  TopOrder order;
  const char *name;
};
constexpr std::array keys{Key{'n', TopOrder::name, "name"},   Key{'r', TopOrder::rate, "rate"},
                          Key{'b', TopOrder::bytes, "bytes"}, Key{'l', TopOrder::lag, "lag"},
                          Key{'x', TopOrder::lost, "lost"},   Key{'s', TopOrder::state, "state"}};

void draw(const std::vector<TopRow> &rows, const char *order) {
  ::erase();
  const int height = ::getmaxy(stdscr);
  const int width = ::getmaxx(stdscr);
  int y = 0;
  const auto line = [&](const std::string &text, attr_t attribute) {
    if (y >= height) return;
    ::attrset(static_cast<int>(attribute));
    ::mvaddnstr(y++, 0, text.c_str(), width);
    ::attrset(static_cast<int>(A_NORMAL));
  };
  line(tool::format("ringbuf top  {}  {} rings, by {}", iso_time(realtime_now()).substr(0, 19), rows.size(), order),
       A_BOLD);
  line("keys: n name, r rate, b bytes, l lag, x lost, s state, q quit", A_NORMAL);
  line(top_heading(), A_REVERSE);
  for (const TopRow &row : rows) {
    line(top_line(row), row.info.state == RINGBUF_STATE_DEAD || row.lost_per_second > 0 ? A_BOLD : A_NORMAL);
    for (const std::string &reader : top_reader_lines(row)) line(reader, A_DIM);
  }
  ::refresh();
}

}  // namespace

int top_screen(std::int64_t interval_ns) {
  const Screen screen("ringbuf top --once and --json need none");
  catch_stop_signals();
  Top top;
  TopOrder order = TopOrder::name;
  const char *order_name = "name";
  std::vector<TopRow> rows = top.look(order);
  std::int64_t next = monotonic_now() + interval_ns;
  while (!stop_requested()) {
    draw(rows, order_name);
    const int key = screen.key(next);
    if (key == 'q' || key == 'Q') break;
    for (const Key &each : keys) {
      if (each.letter != key) continue;
      order = each.order;
      order_name = each.name;
    }
    // A key that sorts shows its order at once, over a shorter time than the interval.
    if (key == ERR && monotonic_now() < next) continue;
    if (key != KEY_RESIZE) rows = top.look(order);
    next = monotonic_now() + interval_ns;
  }
  return exit_ok;
}

}  // namespace tool
