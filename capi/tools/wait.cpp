// ringbuf wait: until a ring is there, a sample is written, or the stream has ended. For scripts.
#include <memory>
#include <optional>

#include "commands.hpp"
#include "option.hpp"
#include "ring.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

struct WaitOptions {
  std::string name;
  std::optional<std::int64_t> index;
  bool ended = false;
  std::optional<std::int64_t> timeout;
};

// What is left of the time; negative for no limit.
std::int64_t left(const WaitOptions &options, std::int64_t start) {
  if (!options.timeout) return -1;
  return std::max<std::int64_t>(0, *options.timeout - (monotonic_now() - start));
}

int wait_for_end(const Ring &ring, const WaitOptions &options, std::int64_t start) {
  // Further than the stream can go: the wait ends with it.
  const int code = ringbuf_wait(ring.get(), INT64_MAX, left(options, start));
  if (code == RINGBUF_CLOSED) return exit_ok;
  if (code == RINGBUF_STALE) throw Failure(exit_dead, tool::format("{}: the writer died", options.name));
  if (code == RINGBUF_TIMEOUT) throw Failure(exit_timeout, tool::format("{}: the stream goes on", options.name));
  ring.fail(code);
}

int wait_for_index(const Ring &ring, const WaitOptions &options, std::int64_t start) {
  const std::int64_t index = *options.index;
  const int code = index < INT64_MAX ? ringbuf_wait(ring.get(), index + 1, left(options, start)) : RINGBUF_TIMEOUT;
  switch (code) {
    case RINGBUF_OK:
      return exit_ok;
    case RINGBUF_TIMEOUT:
      throw Failure(exit_timeout, tool::format("{}: sample {} is not written yet; the next is {}", options.name, index,
                                               ring.info().written));
    case RINGBUF_CLOSED:
      throw Failure(exit_error, tool::format("{}: the stream has ended before sample {}", options.name, index));
    case RINGBUF_STALE:
      throw Failure(exit_dead, tool::format("{}: the writer died before sample {}", options.name, index));
    default:
      ring.fail(code);
  }
}

int wait(const WaitOptions &options) {
  const std::int64_t start = monotonic_now();
  if (options.ended) return wait_for_end(Ring::open(options.name, RINGBUF_OBSERVER | RINGBUF_LAZY), options, start);
  const Ring ring = Ring::open_wait(options.name, RINGBUF_OBSERVER | RINGBUF_LAZY, left(options, start));
  return options.index ? wait_for_index(ring, options, start) : exit_ok;
}

}  // namespace

Run make_wait(CLI::App &app) {
  auto options = std::make_shared<WaitOptions>();
  add_ring(app, options->name);
  const Argument index = add_option(app, "--index", options->index, "until the sample with this index is written");
  add_flag(app, "--end", options->ended, "until the writer has ended the stream; exit code 5 if it died")
      .excludes(index);
  add_duration(app, "--timeout", options->timeout, "give up after this time, with exit code 4; default: never");
  examples(app, {"ringbuf wait hello --timeout 10s", "ringbuf wait hello --index 48000", "ringbuf wait hello --end"});
  return [options] { return wait(*options); };
}

}  // namespace tool
