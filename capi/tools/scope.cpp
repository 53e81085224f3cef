// ringbuf scope: the signal in the terminal.
#include "scope.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "chosen_channels.hpp"
#include "commands.hpp"
#include "option.hpp"
#include "output.hpp"
#include "stop.hpp"

namespace tool {

namespace {

constexpr std::uint64_t samples_without_rate = 2000;
constexpr std::size_t once_rows = 6;
constexpr std::size_t once_columns = 80;

struct ScopeOptions {
  std::string name;
  std::vector<std::string> channels;
  std::optional<Amount> span;
  std::optional<std::size_t> rows, columns;
  std::optional<std::int64_t> interval;
  bool once = false;
  bool spectrum = false;
};

std::size_t terminal_columns() {
  struct winsize size = {};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return once_columns;
  return size.ws_col;
}

int scope(const ScopeOptions &options) {
  catch_stop_signals();
  Ring ring = Ring::open(options.name, RINGBUF_OBSERVER | RINGBUF_LAZY);
  const Info info = ring.info();
  std::vector<std::uint32_t> channels =
      chosen_channels(options.channels, "--channels", info, channel_names(ring, info));
  if (channels.empty()) {
    channels.resize(info.channels);
    std::iota(channels.begin(), channels.end(), 0U);
  }
  std::uint64_t span = samples_without_rate;
  if (options.span) {
    span = options.span->samples(info.sample_rate, "--span");
    if (span == 0) throw Failure(exit_usage, "--span is 0, expected a time such as 2s or a number of samples");
  } else if (info.sample_rate > 0) {
    span = Amount{true, 2'000'000'000}.samples(info.sample_rate, "--span");
  }
  Scope scope(std::move(ring), std::move(channels), span);
  scope.spectrum = options.spectrum;
  if (!options.once)
    return scope_screen(scope, std::max<std::int64_t>(options.interval.value_or(50'000'000), 1'000'000));
  for (const ScopeLine &line :
       scope.draw(options.columns.value_or(terminal_columns()), options.rows.value_or(once_rows), 0)) {
    out(line.text + "\n");
  }
  return exit_ok;
}

}  // namespace

Run make_scope(CLI::App &app) {
  auto options = std::make_shared<ScopeOptions>();
  add_ring(app, options->name);
  add_option(app, "--channels", options->channels, "only these: numbers from 0 on, or names, with commas between")
      .delimiter(',')
      .type_name("LIST");
  add_amount(app, "--span", options->span, "how much is shown; default: 2s, or 2000 samples without a rate");
  add_flag(app, "--spectrum", options->spectrum, "the spectrum of the newest samples of the span");
  add_duration(app, "--interval", options->interval, "from one picture to the next; default: 50ms");
  const Argument once = add_flag(app, "--once", options->once, "one picture to stdout, and no screen");
  add_option(app, "--rows", options->rows, "with --once: lines of each channel; default: 6")
      .type_name("N")
      .between(1, 1000)
      .needs(once);
  add_option(app, "--columns", options->columns, "with --once: how wide; default: the terminal, or 80")
      .type_name("N")
      .between(20, 10000)
      .needs(once);
  examples(app, {"ringbuf scope microphone", "ringbuf scope eeg --channels Fz,Cz --span 10s",
                 "ringbuf scope hello --once --channels 0 --rows 8 --spectrum"});
  return [options] { return scope(*options); };
}

}  // namespace tool
