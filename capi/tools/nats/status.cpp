// ringbuf nats status: how far those who push and pull are.
#include <algorithm>
#include <memory>

#include "commands.hpp"
#include "describe.hpp"
#include "feed.hpp"
#include "jetstream.hpp"
#include "output.hpp"
#include "report.hpp"
#include "service.hpp"
#include "stop.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool::nats {

namespace {

constexpr std::size_t most_pullers = 1000;
constexpr std::int64_t status_ask_ns = 300'000'000;
constexpr std::int64_t status_interval_ns = 1'000'000'000;

struct StatusOptions {
  std::vector<std::string> streams;
  ServerOptions server;
  bool json = false;
};

// Seconds that so many samples take; null if the rate is not known.
Json seconds_of(std::int64_t samples, double rate) {
  return rate > 0 ? Json(static_cast<double>(samples) / rate) : Json();
}

// What somebody who pushes or pulls has answered, with how far behind `end` it is, and how fast since the time before.
Json relay_json(Json answer, const char *key, std::int64_t end, const std::vector<Json> &before, double seconds) {
  const auto at = answer.value(key, std::int64_t{0});
  const double rate = answer.value("sample_rate", 0.0);
  const std::int64_t lag = std::max<std::int64_t>(0, end - at);
  answer["lag"] = lag;
  answer["lag_seconds"] = seconds_of(lag, rate);
  answer["samples_per_second"] = 0.0;
  for (const Json &each : before) {
    if (each.value("pid", 0) != answer.value("pid", 0) || each.value("host", "") != answer.value("host", "")) continue;
    answer["samples_per_second"] = static_cast<double>(at - each.value(key, at)) / seconds;
  }
  return answer;
}

struct Answers {
  std::vector<Json> push;
  std::vector<Json> pull;
};

Answers ask(Connection &connection, const std::string &stream) {
  return {Service::ask(connection, "push", stream, status_ask_ns, 1),
          Service::ask(connection, "pull", stream, status_ask_ns, most_pullers)};
}

void print(const Json &stream) {
  out(tool::format(
      "{}  {}  origin {}  next index {}  {} in {} entries\n", stream.value("stream", ""), stream.value("state", ""),
      stream["origin"].is_null() ? "-" : stream["origin"].get<std::string>(), stream.value("written", std::int64_t{0}),
      human_bytes(static_cast<double>(stream.value("bytes", std::uint64_t{0}))), stream.value("entries", 0)));
  const auto line = [](const Json &each, const char *counts) {
    const Json &seconds = each["lag_seconds"];
    std::string text =
        tool::format("  {:<4}  {:<32}  {:>12} samples/s  lag {} samples", each.value("role", ""),
                     tool::format("{}:{} pid {}", each.value("host", ""), each.value("ring", ""), each.value("pid", 0)),
                     human_count(each.value("samples_per_second", 0.0)), each.value("lag", std::int64_t{0}));
    if (seconds.is_number()) text += tool::format(", {}", human_duration(seconds.get<double>()));
    text += tool::format("  lost {}  {}", each.value("lost", std::uint64_t{0}), counts);
    const std::string trouble = each.value("trouble", "");
    out(trouble.empty() ? text + "\n" : tool::format("{}  ({})\n", text, trouble));
  };
  for (const Json &each : stream["push"]) line(each, tool::format("settled {}", each.value("settled", 0)).c_str());
  for (const Json &each : stream["pull"]) {
    line(each, tool::format("gaps {}  redelivered {}  read anew {}", each.value("gaps", 0), each.value("duplicates", 0),
                            each.value("restarts", 0))
                   .c_str());
  }
  if (stream["push"].empty()) out("  nobody pushes\n");
}

int status(const StatusOptions &options) {
  for (const std::string &name : options.streams) check_stream_name(name, "STREAM");
  catch_stop_signals();
  Connection connection(options.server, "ringbuf nats status");
  std::vector<std::string> names = options.streams;
  if (names.empty()) {
    for (const StreamState &each : JetStream::list(connection)) names.push_back(each.name);
  }
  std::vector<Answers> before;
  before.reserve(names.size());
  const std::int64_t start = monotonic_now();
  for (const std::string &name : names) before.push_back(ask(connection, name));
  if (!sleep_until(start + status_interval_ns)) return exit_ok;
  const double seconds = static_cast<double>(monotonic_now() - start) / 1e9;
  Json all = Json::array();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto found = JetStream::list(connection);
    const auto state =
        std::find_if(found.begin(), found.end(), [&](const StreamState &each) { return each.name == names[i]; });
    if (state == found.end()) {
      throw Failure(
          exit_not_found,
          tool::format("there is no stream \"{}\"; `ringbuf nats list` shows those that there are", names[i]));
    }
    const Answers now = ask(connection, names[i]);
    const StreamReport report = report_of(connection, *state);
    Json json = stream_json(report);
    const std::int64_t end = report.last ? report.last->end() : 0;
    json["push"] = Json::array();
    std::int64_t written = end;
    for (const Json &each : now.push) {
      written = std::max(written, each.value("written", std::int64_t{0}));
      json["push"].push_back(
          relay_json(each, "stored", each.value("written", std::int64_t{0}), before[i].push, seconds));
    }
    json["pull"] = Json::array();
    for (const Json &each : now.pull) json["pull"].push_back(relay_json(each, "at", written, before[i].pull, seconds));
    all.push_back(json);
  }
  if (options.json) {
    out(all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    for (const Json &each : all) print(each);
  }
  return exit_ok;
}

}  // namespace

Run make_status(CLI::App &app) {
  auto options = std::make_shared<StatusOptions>();
  add_option(app, "STREAM", options->streams, "the streams; default: all that have rings").type_name("");
  add_server(app, options->server);
  add_flag(app, "--json", options->json, "as JSON");
  examples(app, {"ringbuf nats status", "ringbuf nats status eeg --json"});
  return [options] { return status(*options); };
}

}  // namespace tool::nats
