// ringbuf nats pull: a ring here has what a stream has.
#include <unistd.h>

#include <memory>

#include "commands.hpp"
#include "feed.hpp"
#include "jetstream.hpp"
#include "output.hpp"
#include "puller.hpp"
#include "service.hpp"
#include "stop.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool::nats {

namespace {

constexpr std::int64_t pull_retry_ns = 100 * ms;

struct PullOptions {
  std::string stream;
  std::string ring;
  std::string from = "oldest";
  ServerOptions server;
  std::optional<std::uint64_t> capacity;
  std::optional<std::int64_t> patience;
  bool keep = false;
  bool follow = false;
  bool observe = false;
};

void check_from(const std::string &from) {
  if (from == "oldest" || from == "newest" || parse_iso_time(from)) return;
  const auto index = parse_integer(from);
  if (!index || *index < 0) {
    throw Failure(exit_usage,
                  tool::format("--from is \"{}\", expected an index, `oldest`, `newest` or a time such as {}", from,
                               iso_time(realtime_now())));
  }
}

// The stream; waits for it as for the server. Nothing: a signal has ended the wait.
std::optional<StreamState> find(Connection &connection, JetStream &stream, std::int64_t wait_ns) {
  const std::int64_t end = monotonic_now() + wait_ns;
  std::optional<StreamState> state;
  for (;;) {
    std::string trouble;
    try {
      state = stream.state();
    } catch (const Unavailable &why) {
      trouble = why.what();
    }
    if (state && state->ours) return state;
    const bool over = monotonic_now() >= end;
    if (over && !trouble.empty()) throw Failure(exit_error, tool::format("stream \"{}\": {}", stream.name(), trouble));
    if (over) break;
    if (!sleep_until(monotonic_now() + pull_retry_ns)) return {};
  }
  std::vector<std::string> names;
  for (const StreamState &each : JetStream::list(connection)) names.push_back(each.name);
  const std::string hint = nearest(stream.name(), names);
  throw Failure(
      exit_not_found,
      tool::format("{} \"{}\"; {}", state ? "ringbuf has not made the stream" : "there is no stream", stream.name(),
                   hint.empty() ? "`ringbuf nats list` shows those that there are"
                                : tool::format("did you mean \"{}\"?", hint)));
}

void refuse_second(Connection &connection, const std::string &stream) {
  for (const Json &other : Service::ask(connection, "pull", stream, ask_ns, 64)) {
    if (!other.value("releases", false)) continue;
    throw Failure(
        exit_error,
        tool::format("stream \"{}\" is lossless, and process {} of host {} takes its samples; --observe reads "
                     "without taking",
                     stream, other.value("pid", 0), other.value("host", "?")));
  }
}

Json answer(Puller &puller, const std::string &stream, bool releases) {
  const PullerStatus status = puller.status();
  Json json;
  json["role"] = "pull";
  json["stream"] = stream;
  json["ring"] = status.ring;
  json["host"] = host_name();
  json["pid"] = ::getpid();
  json["origin"] = status.origin;
  json["ring_id"] = status.ring_id;
  json["sample_rate"] = status.sample_rate;
  json["at"] = status.at;
  json["duplicates"] = status.duplicates;
  json["gaps"] = status.gaps;
  json["lost"] = status.lost;
  json["restarts"] = status.restarts;
  json["delay_seconds"] = static_cast<double>(status.delay_ns) / 1e9;
  json["releases"] = releases;
  json["trouble"] = status.trouble;
  return json;
}

int pull(const PullOptions &options) {
  check_stream_name(options.stream, "STREAM");
  check_from(options.from);
  if (options.capacity && *options.capacity == 0)
    throw Failure(exit_usage, "--capacity is 0, expected a number of samples");
  catch_stop_signals();
  Connection connection(options.server, tool::format("ringbuf nats pull {}", options.stream));
  JetStream stream(connection, options.stream);
  const std::optional<StreamState> state = find(connection, stream, options.server.wait.value_or(0));
  if (!state) return exit_ok;
  const bool takes = state->discard_new && !options.observe;
  if (takes) refuse_second(connection, options.stream);
  PullerOptions puller_options;
  puller_options.ring = options.ring;
  puller_options.from = options.from;
  puller_options.capacity = options.capacity;
  puller_options.patience_ns = options.patience.value_or(puller_options.patience_ns);
  puller_options.keep = options.keep;
  puller_options.follow = options.follow;
  puller_options.release = takes;
  Puller puller(stream, puller_options);
  const Service service(connection, "pull", options.stream, [&] { return answer(puller, options.stream, takes); });
  const int code = puller.run();
  if (code == exit_dead) {
    flush();
    ::_exit(code);  // the ring is left as its origin was: with a writer that died
  }
  return code;
}

}  // namespace

Run make_pull(CLI::App &app) {
  auto options = std::make_shared<PullOptions>();
  add_option(app, "STREAM", options->stream, "the stream").required().type_name("");
  add_option(app, "RING", options->ring, "the ring to make here; default: the name of its origin").type_name("");
  add_server(app, options->server);
  add_option(app, "--from", options->from,
             "where a new ring begins: an index, `oldest`, `newest` (the next sample), or a UTC time; default: oldest")
      .type_name("PLACE");
  add_option(app, "--capacity", options->capacity, "samples that the ring holds; default: as its origin")
      .type_name("SAMPLES");
  add_duration(app, "--patience", options->patience,
               "how long nothing may come before the stream is asked; default: 3s");
  add_flag(app, "--keep", options->keep, "leave a ring that is made now in place at the end");
  add_flag(app, "--follow", options->follow, "at the end of the stream, wait for the next ring in it");
  add_flag(app, "--observe", options->observe, "leave the samples of a lossless stream to those who take them");
  examples(app, {"ringbuf nats pull eeg", "ringbuf nats pull lab1-eeg eeg --server nats://hub:4222 --from newest",
                 "ringbuf nats pull eeg copy --from 2026-11-26T09:00:00Z"});
  return [options] { return pull(*options); };
}

}  // namespace tool::nats
