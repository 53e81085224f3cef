// ringbuf nats push: the samples of a ring go into a stream.
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "commands.hpp"
#include "feed.hpp"
#include "jetstream.hpp"
#include "output.hpp"
#include "pusher.hpp"
#include "service.hpp"
#include "stop.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool::nats {

namespace {

constexpr std::int64_t push_retry_ns = 200 * ms;
// A stream has the description that often: the oldest entries are discarded, or released by those who have taken them.
constexpr std::uint64_t repeat_part = 8;
constexpr std::uint64_t unlimited_bytes = std::uint64_t{1} << 29;  // of a stream without a limit, for that purpose

struct PushOptions {
  std::string ring;
  std::string stream;
  ServerOptions server;
  std::optional<std::uint64_t> bytes;
  std::optional<std::int64_t> max_age;
  std::string storage = "file";
  std::uint32_t replicas = 1;
  std::optional<std::uint64_t> block;
  std::uint32_t window = PusherOptions{}.window;
  std::optional<std::int64_t> linger;
  std::optional<std::int64_t> patience;
  bool follow = false;
};

Ring open_ring(const std::string &name) {
  Ring ring = Ring::open(name, RINGBUF_OBSERVER);
  const Info info = ring.info();
  if ((info.flags & RINGBUF_MESSAGES) != 0) {
    throw Failure(exit_usage,
                  tool::format("{} is a ring of messages; so far only rings of samples can be pushed", name));
  }
  // So that the writer waits for us.
  return (info.flags & RINGBUF_LOSSLESS) != 0 ? Ring::open(name, RINGBUF_FROM_OLDEST) : std::move(ring);
}

// The stream, made if there is none. While a cluster begins, that takes a while.
StreamState find_or_make(JetStream &stream, const PushOptions &options, bool lossless) {
  StreamOptions made;
  made.bytes = options.bytes.value_or(made.bytes);
  made.max_age_ns = options.max_age.value_or(0);
  made.storage = options.storage == "memory" ? Storage::memory : Storage::file;
  made.replicas = options.replicas;
  made.discard_new = lossless;
  const std::int64_t end = monotonic_now() + options.server.wait.value_or(0);
  for (;;) {
    try {
      if (auto state = stream.state()) return *state;
      stream.create(made);
    } catch (const Unavailable &why) {
      if (monotonic_now() >= end || !sleep_until(monotonic_now() + push_retry_ns)) {
        throw Failure(exit_error, tool::format("stream \"{}\": {}", stream.name(), why.what()));
      }
    }
  }
}

StreamState prepare(JetStream &stream, const PushOptions &options, bool lossless) {
  StreamState state = find_or_make(stream, options, lossless);
  if (!state.ours) {
    throw Failure(exit_error,
                  tool::format("stream \"{}\" has other subjects than ringbuf.{}.>: it is not one of ringbuf; --stream "
                               "names another one",
                               stream.name(), stream.name()));
  }
  if (lossless && !state.discard_new) {
    throw Failure(
        exit_error,
        tool::format("the ring is lossless, and stream \"{}\" discards its oldest entries when it is full; it "
                     "has to refuse new ones (discard new). --stream names another one",
                     stream.name()));
  }
  return state;
}

void refuse_second(Connection &connection, const std::string &stream) {
  const auto others = Service::ask(connection, "push", stream, ask_ns, 1);
  if (others.empty()) return;
  const Json &other = others.front();
  throw Failure(exit_error,
                tool::format("stream \"{}\": process {} of host {} pushes ring \"{}\" into it; one origin per stream: "
                             "--stream names another one",
                             stream, other.value("pid", 0), other.value("host", "?"), other.value("ring", "?")));
}

Json answer(Pusher &pusher, const std::string &stream) {
  const PusherStatus status = pusher.status();
  const Origin &origin = pusher.origin();
  Json json;
  json["role"] = "push";
  json["stream"] = stream;
  json["ring"] = origin.ring;
  json["host"] = origin.host;
  json["pid"] = ::getpid();
  json["ring_id"] = origin.ring_id;
  json["sample_rate"] = origin.options.sample_rate;
  json["written"] = status.written;
  json["stored"] = status.stored;
  json["lost"] = status.lost;
  json["settled"] = status.settled;
  json["trouble"] = status.trouble;
  return json;
}

int push(const PushOptions &options) {
  std::string name = options.stream;
  if (name.empty()) {
    name = options.ring;
    std::replace(name.begin(), name.end(), '.', '_');
  }
  check_stream_name(name, "--stream");
  if (options.bytes && *options.bytes < 1'048'576) throw Failure(exit_usage, "--size is less than 1 MiB");
  catch_stop_signals();
  Ring ring = open_ring(options.ring);
  Connection connection(options.server, tool::format("ringbuf nats push {}", options.ring));
  JetStream stream(connection, name);
  for (;;) {
    const bool lossless = (ring.info().flags & RINGBUF_LOSSLESS) != 0;
    refuse_second(connection, name);
    const StreamState state = prepare(stream, options, lossless);
    PusherOptions pusher_options;
    pusher_options.block_bytes = static_cast<std::size_t>(options.block.value_or(pusher_options.block_bytes));
    pusher_options.window = options.window;
    pusher_options.linger_ns = options.linger.value_or(pusher_options.linger_ns);
    pusher_options.patience_ns = options.patience.value_or(pusher_options.patience_ns);
    const std::uint64_t holds = state.max_bytes > 0 ? static_cast<std::uint64_t>(state.max_bytes) : unlimited_bytes;
    pusher_options.repeat_bytes = holds / repeat_part;
    pusher_options.repeat_ns = state.max_age_ns / static_cast<std::int64_t>(repeat_part);
    Pusher pusher(std::move(ring), stream, pusher_options);
    int code = exit_ok;
    {
      const Service service(connection, "push", name, [&] { return answer(pusher, name); });
      code = pusher.run();
    }
    if (code == exit_dead) say(tool::format("ringbuf nats push: {}: the writer died", options.ring));
    if (!options.follow || stop_requested()) return code;
    for (;;) {
      ringbuf_t *next = nullptr;
      const int found = ringbuf_open_wait(&next, options.ring.c_str(), RINGBUF_OBSERVER, 100 * ms);
      if (found == RINGBUF_OK) {
        static_cast<void>(ringbuf_close(next));
        break;
      }
      if (stop_requested()) return exit_ok;
      if (found != RINGBUF_TIMEOUT) throw Failure(exit_code(found), ringbuf_last_error());
    }
    ring = open_ring(options.ring);
  }
}

}  // namespace

Run make_push(CLI::App &app) {
  auto options = std::make_shared<PushOptions>();
  add_ring(app, options->ring);
  add_option(app, "--stream", options->stream, "the stream; default: the name of the ring, with _ for each dot")
      .type_name("NAME");
  add_server(app, options->server);
  add_bytes(app, "--size", options->bytes, "bytes that a new stream holds; default: 1GiB");
  add_duration(app, "--max-age", options->max_age,
               "how long a new stream keeps an entry; default: as long as there is room");
  add_option(app, "--storage", options->storage, "where a new stream is kept: file or memory; default: file")
      .one_of({"file", "memory"})
      .type_name("");
  add_option(app, "--replicas", options->replicas, "servers that keep a new stream, of a cluster; default: 1")
      .between(1, 5);
  add_bytes(app, "--block", options->block, "most bytes of samples in an entry; default: 256KiB");
  add_option(app, "--window", options->window,
             "entries on their way before the first answer is waited for; default: 64")
      .between(1, 4096);
  add_duration(app, "--linger", options->linger, "how long an entry waits for more samples; default: 5ms");
  add_duration(app, "--patience", options->patience, "how long to wait for an answer before asking again; default: 5s");
  add_flag(app, "--follow", options->follow, "at the end of the ring, wait for the next one of its name");
  examples(app,
           {"ringbuf nats push eeg", "ringbuf nats push eeg --server nats://hub:4222 --stream lab1-eeg --size 20GB",
            "ringbuf nats push eeg --replicas 3 --follow"});
  return [options] { return push(*options); };
}

}  // namespace tool::nats
