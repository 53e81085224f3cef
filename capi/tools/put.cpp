// ringbuf put: stdin into a new ring.
#include <cstring>
#include <memory>
#include <vector>

#include "commands.hpp"
#include "feed.hpp"
#include "frame.hpp"
#include "input.hpp"
#include "option.hpp"
#include "output.hpp"
#include "put_framed.hpp"
#include "stop.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

struct PutOptions {
  std::string name;
  FeedOptions feed;
  bool framed = false;
  bool realtime = false;
  std::optional<std::uint64_t> messages;
};

int put_bytes(const PutOptions &options) {
  ringbuf_options_t base = default_options();
  base.data_type = RINGBUF_BYTES;
  base.item_size = 1;
  if (options.realtime && !options.feed.rate) throw Failure(exit_usage, "--realtime takes a --rate");
  Ring ring = create_feed(options.name, options.feed, base, "");
  const Info info = ring.info();
  const auto sample_bytes = static_cast<std::size_t>(info.sample_bytes);
  std::size_t chunk = std::max<std::size_t>(1, 262144 / sample_bytes);
  if (options.realtime) {  // 10 ms, so that samples come as evenly as from a device
    chunk = std::min(chunk, std::max<std::size_t>(1, static_cast<std::size_t>(info.sample_rate / 100)));
  }
  std::vector<std::byte> room(chunk * sample_bytes);
  const Pacer pacer(info.sample_rate);
  std::size_t rest = 0;  // bytes of a sample that has not come as a whole
  std::uint64_t put = 0;
  while (!stop_requested()) {
    const std::size_t got = read_in(room.data() + rest, room.size() - rest, !options.realtime);
    if (got == 0) break;
    const std::size_t bytes = rest + got;
    const std::size_t count = bytes / sample_bytes;
    if (options.realtime && !pacer.wait_until(put + count)) break;
    if (!put_all(ring, room.data(), count, sample_bytes)) break;
    put += count;
    rest = bytes % sample_bytes;
    std::memmove(room.data(), room.data() + count * sample_bytes, rest);
  }
  if (rest > 0 && !stop_requested()) {
    throw Failure(exit_error,
                  tool::format("stdin ends with {} bytes, which are no whole sample of {} bytes; {} samples were put",
                               rest, sample_bytes, put));
  }
  return exit_ok;
}

// Each line of stdin is a message.
int put_lines(const PutOptions &options) {
  ringbuf_options_t base = default_options();
  base.data_type = RINGBUF_BYTES;
  base.flags = RINGBUF_MESSAGES;
  base.window = *options.messages;
  base.capacity = 1048576;
  base.capacity = std::max<std::uint64_t>(base.capacity, (*options.messages + 64) * 8 / 8 * 8);
  Ring ring = create_feed(options.name, options.feed, base, "");
  std::string line;
  std::vector<char> room(65536);
  const auto send = [&] {
    int code = ringbuf_send(ring.get(), line.data(), line.size());
    while (code == RINGBUF_FULL && !stop_requested()) {
      code = ringbuf_wait_space(ring.get(), line.size(), -1);
      if (code != RINGBUF_INTERRUPTED) ring.check(code);
      code = ringbuf_send(ring.get(), line.data(), line.size());
    }
    if (code != RINGBUF_FULL) ring.check(code);
    line.clear();
  };
  while (!stop_requested()) {
    const std::size_t got = read_in(room.data(), room.size(), true);
    if (got == 0) break;
    for (std::size_t i = 0; i < got; ++i) {
      if (room[i] == '\n') {
        send();
      } else {
        line += room[i];
      }
    }
  }
  if (!line.empty() && !stop_requested()) send();
  return exit_ok;
}

int put(const PutOptions &options) {
  catch_stop_signals();
  if (options.framed) return put_framed(options.name, options.feed, options.realtime);
  return options.messages ? put_lines(options) : put_bytes(options);
}

}  // namespace

Run make_put(CLI::App &app) {
  auto options = std::make_shared<PutOptions>();
  add_ring(app, options->name, "the new ring");
  add_feed(app, options->feed);
  add_flag(app, "--realtime", options->realtime, "at the rate of the ring, not as fast as stdin comes");
  const Argument framed =
      add_flag(app, "--framed", options->framed,
               "stdin is of `ringbuf cat --framed`: shape, indices, times, gaps and metadata are as there");
  add_bytes(app, "--messages", options->messages, "a ring of messages up to that size; each line of stdin is one")
      .excludes(framed);
  examples(app, {"ringbuf cat hello | ringbuf put copy --keep",
                 "ringbuf cat hello --framed | ringbuf put copy --framed --keep",
                 "arecord -t raw -f S16_LE -r 48000 -c 2 | ringbuf put sound --type int16 --channels 2 --rate 48000"});
  return [options] { return put(*options); };
}

}  // namespace tool
