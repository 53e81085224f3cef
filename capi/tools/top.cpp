// ringbuf top: what all rings do now.
#include "top.hpp"

#include <memory>

#include "commands.hpp"
#include "feed.hpp"
#include "option.hpp"
#include "output.hpp"
#include "stop.hpp"
#include "text.hpp"

namespace tool {

namespace {

struct TopOptions {
  bool once = false;
  bool json = false;
  std::optional<std::int64_t> interval;
};

// One table after an interval, or a JSON line after each.
int top(const TopOptions &options) {
  const std::int64_t interval = std::max<std::int64_t>(options.interval.value_or(1'000'000'000), 1'000'000);
  if (!options.once && !options.json) return top_screen(interval);
  catch_stop_signals();
  Top top;
  static_cast<void>(top.look(TopOrder::name));
  for (std::int64_t next = monotonic_now() + interval; sleep_until(next); next += interval) {
    const auto rows = top.look(TopOrder::name);
    if (options.json) {
      out(one_line(top_json(rows)));
    } else {
      out(top_heading() + "\n");
      for (const TopRow &row : rows) {
        out(top_line(row) + "\n");
        for (const std::string &line : top_reader_lines(row)) out(line + "\n");
      }
    }
    flush();
    if (options.once) break;
  }
  return exit_ok;
}

}  // namespace

Run make_top(CLI::App &app) {
  auto options = std::make_shared<TopOptions>();
  add_flag(app, "--once", options->once, "one look, and no screen");
  add_flag(app, "--json", options->json, "a JSON object a line, one a second; with --once a single one");
  add_duration(app, "--interval", options->interval, "from one look to the next; default: 1s");
  examples(app, {"ringbuf top", "ringbuf top --once", "ringbuf top --json --interval 10s"});
  return [options] { return top(*options); };
}

}  // namespace tool
