// ringbuf nats list: the streams that have rings.
#include <algorithm>
#include <memory>

#include "commands.hpp"
#include "describe.hpp"
#include "jetstream.hpp"
#include "output.hpp"
#include "report.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool::nats {

namespace {

struct ListOptions {
  ServerOptions server;
  bool json = false;
};

int list(const ListOptions &options) {
  Connection connection(options.server, "ringbuf nats list");
  std::vector<StreamReport> reports;
  for (StreamState &state : JetStream::list(connection)) reports.push_back(report_of(connection, std::move(state)));
  if (options.json) {
    Json json = Json::array();
    for (const StreamReport &each : reports) json.push_back(stream_json(each));
    out(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    return exit_ok;
  }
  std::size_t width = 6;
  for (const StreamReport &each : reports) width = std::max(width, each.state.name.size());
  constexpr const char *row = "{:<{}}  {:<24}  {:<16}  {:>11}  {:>10}  {:>9}  {:<9}  {:>14}  {}\n";
  out(tool::format(row, "STREAM", width, "ORIGIN", "TYPE", "RATE", "SIZE", "ENTRIES", "STATE", "NEXT INDEX", "NEWEST"));
  for (const StreamReport &each : reports) {
    const auto newest = each.last ? iso_time(each.last->stored_ns).substr(0, 19) + "Z" : std::string("-");
    out(tool::format(row, each.state.name, width, each.origin ? origin_text(*each.origin) : "-",
                     each.origin ? type_text(*each.origin) : "-",
                     each.origin ? human_rate(each.origin->options.sample_rate) : "-",
                     human_bytes(static_cast<double>(each.state.bytes)), each.state.messages, state_text(each),
                     each.last ? each.last->end() : 0, newest));
  }
  return exit_ok;
}

}  // namespace

Run make_list(CLI::App &app) {
  auto options = std::make_shared<ListOptions>();
  add_server(app, options->server);
  add_flag(app, "--json", options->json, "as JSON");
  examples(app, {"ringbuf nats list", "ringbuf nats list --server nats://hub:4222 --json"});
  return [options] { return list(*options); };
}

}  // namespace tool::nats
