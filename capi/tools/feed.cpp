#include "feed.hpp"

#include <poll.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "option.hpp"
#include "stop.hpp"
#include "text_format.hpp"

namespace tool {

void add_feed(CLI::App &app, FeedOptions &options) {
  add_option(app, "--type", options.type, "data type of an element: float32, int16, ..., bytes").type_name("TYPE");
  add_option(app, "--channels", options.channels, "elements in a sample; default: 1").positive();
  add_option(app, "--item-size", options.item_size, "bytes in an element of type bytes; default: 1").positive();
  add_option(app, "--rate", options.rate, "samples a second; default: unknown").positive().type_name("HZ");
  add_amount(app, "--capacity", options.capacity, "what the ring holds; default: 10s, or 16 MiB without a rate");
  add_amount(app, "--window", options.window, "the longest window that is contiguous; default: the library's");
  add_option(app, "--first-index", options.first_index, "index of the first sample; default: 0");
  add_option(app, "--metadata", options.metadata, "metadata: a JSON object, or @FILE with one").type_name("JSON|@FILE");
  add_option(app, "--wait-readers", options.wait_readers,
             "wait for that many registered readers before the first sample");
  add_flag(app, "--lossless", options.lossless,
           "wait for registered readers instead of overwriting what they have not read");
  add_flag(app, "--keep", options.keep, "leave the ring in place at the end");
}

namespace {

std::string metadata_of(const std::string &given) {
  std::string text = given;
  if (given.starts_with('@')) {
    std::ifstream file(given.substr(1), std::ios::binary);
    if (!file) throw Failure(exit_error, tool::format("--metadata: {} cannot be read", given.substr(1)));
    text.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  if (!nlohmann::json::parse(text, nullptr, false).is_object()) {
    throw Failure(exit_usage, tool::format("--metadata: {} is no JSON object", given));
  }
  return text;
}

}  // namespace

ringbuf_options_t feed_options(const FeedOptions &given, ringbuf_options_t base) {
  ringbuf_options_t options = base;
  if (!given.type.empty()) {
    if (ringbuf_type_code(given.type.c_str(), &options.data_type) != RINGBUF_OK) {
      throw Failure(exit_usage, tool::format("--type: {}", ringbuf_last_error()));
    }
    if (options.data_type != base.data_type) options.item_size = options.data_type == RINGBUF_BYTES ? 1 : 0;
  }
  if (given.channels) options.channels = *given.channels;
  if (given.item_size) {
    if (options.data_type != RINGBUF_BYTES) throw Failure(exit_usage, "--item-size goes with --type bytes");
    options.item_size = *given.item_size;
  }
  if (given.rate) options.sample_rate = *given.rate;
  if (given.first_index) options.first_index = *given.first_index;
  if (given.lossless) options.flags |= RINGBUF_LOSSLESS;
  if (given.keep) options.flags |= RINGBUF_KEEP;
  if (given.capacity) {
    options.capacity = given.capacity->samples(options.sample_rate, "--capacity");
    if (!given.window && options.window > options.capacity) options.window = 0;
  } else if (options.capacity == 0) {
    const std::size_t element =
        options.data_type == RINGBUF_BYTES ? options.item_size : ringbuf_type_size(options.data_type);
    const std::uint64_t bytes =
        std::uint64_t{std::max<std::uint32_t>(1, options.channels)} * std::max<std::size_t>(1, element);
    options.capacity = options.sample_rate > 0 ? Amount{true, 10'000'000'000}.samples(options.sample_rate, "--capacity")
                                               : std::max<std::uint64_t>(1, 16777216 / bytes);
  }
  if (given.window) options.window = given.window->samples(options.sample_rate, "--window");
  return options;
}

Ring create_feed(const std::string &name, const FeedOptions &given, ringbuf_options_t base,
                 const std::string &metadata) {
  const std::string text = given.metadata.empty() ? metadata : metadata_of(given.metadata);
  ringbuf_options_t options = feed_options(given, base);
  options.metadata_bytes = std::max<std::uint32_t>(options.metadata_bytes, static_cast<std::uint32_t>(text.size()));
  Ring ring = Ring::create(name, options);
  if (!text.empty()) ring.check(ringbuf_set_metadata(ring.get(), text.data(), text.size()));
  if (given.wait_readers > 0 && !stop_requested()) {
    const int code = ringbuf_wait_readers(ring.get(), given.wait_readers, -1);
    if (code != RINGBUF_INTERRUPTED) ring.check(code);
  }
  return ring;
}

bool put_all(Ring &ring, const std::byte *samples, std::uint64_t count, std::size_t sample_bytes) {
  while (count > 0) {
    int code = ringbuf_put(ring.get(), samples, count);
    if (code == RINGBUF_OK) return true;
    if (code != RINGBUF_FULL) ring.fail(code);
    std::uint64_t room = 0;
    ring.check(ringbuf_space(ring.get(), &room));
    room = std::min(room, count);
    if (room > 0) {
      code = ringbuf_put(ring.get(), samples, room);
      if (code == RINGBUF_OK) {
        samples += static_cast<std::size_t>(room) * sample_bytes;
        count -= room;
        continue;
      }
      if (code != RINGBUF_FULL) ring.fail(code);
    }
    if (stop_requested()) return false;
    code = ringbuf_wait_space(ring.get(), 1, -1);
    if (code != RINGBUF_INTERRUPTED) ring.check(code);
  }
  return true;
}

bool send_all(Ring &ring, std::uint32_t kind, std::int64_t tag, const void *bytes, std::size_t size) {
  for (;;) {
    int code = ringbuf_send_event(ring.get(), kind, tag, bytes, size);
    if (code == RINGBUF_OK) return true;
    if (code != RINGBUF_FULL) ring.fail(code);
    if (stop_requested()) return false;
    code = ringbuf_wait_space(ring.get(), size, -1);
    if (code != RINGBUF_INTERRUPTED) ring.check(code);
  }
}

bool skip_all(Ring &ring, std::uint64_t count) {
  const std::uint64_t capacity = ring.info().capacity;
  for (;;) {
    int code = ringbuf_skip(ring.get(), count);
    if (code == RINGBUF_OK) return true;
    if (code != RINGBUF_FULL) ring.fail(code);
    if (stop_requested()) return false;
    code = ringbuf_wait_space(ring.get(), std::min(count, capacity), -1);
    if (code != RINGBUF_INTERRUPTED) ring.check(code);
  }
}

bool sleep_until(std::int64_t monotonic_ns) {
  constexpr std::int64_t second = 1'000'000'000;
  while (!stop_requested()) {
    const std::int64_t left = monotonic_ns - monotonic_now();
    if (left <= 0) return true;
    // poll() on the pipe of the signals: a signal between the look above and here is not missed.
    ::pollfd stop{stop_fd(), POLLIN, 0};
    const struct timespec rest = {static_cast<time_t>(left / second), static_cast<long>(left % second)};
    static_cast<void>(::ppoll(&stop, 1, &rest, nullptr));
  }
  return false;
}

bool Pacer::wait_until(std::uint64_t count) const {
  return sleep_until(start_ + static_cast<std::int64_t>(std::ceil(static_cast<double>(count) / rate_ * 1e9)));
}

std::uint64_t Pacer::due() const {
  return static_cast<std::uint64_t>(static_cast<double>(monotonic_now() - start_) / 1e9 * rate_);
}

}  // namespace tool
