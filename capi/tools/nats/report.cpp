#include "report.hpp"

#include "failure.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool::nats {

StreamReport report_of(Connection &connection, StreamState state) {
  StreamReport report;
  report.state = std::move(state);
  if (report.state.bounds.empty()) return report;
  try {
    JetStream stream(connection, report.state.name);
    report.last = stream.entry(report.state.bounds.last);
    if (const auto description = stream.description()) {
      report.origin = parse_origin(*description, tool::format("stream \"{}\"", report.state.name));
    }
  } catch (const std::runtime_error &error) {  // Unavailable, Failure: of that stream alone
    report.trouble = error.what();
  }
  return report;
}

Json stream_json(const StreamReport &report) {
  const StreamState &state = report.state;
  Json json;
  json["stream"] = state.name;
  json["state"] = state_text(report);
  json["origin"] = report.origin ? Json(origin_text(*report.origin)) : Json();
  json["ring_id"] = report.origin ? Json(report.origin->ring_id) : Json();
  json["type"] = report.origin ? Json(ringbuf_type_name(report.origin->options.data_type)) : Json();
  json["channels"] = report.origin ? report.origin->options.channels : 0;
  json["sample_rate"] = report.origin ? report.origin->options.sample_rate : 0;
  json["lossless"] = state.discard_new;
  json["written"] = report.last ? report.last->end() : 0;
  json["oldest"] = report.last ? Json(iso_time(state.oldest_ns)) : Json();
  json["newest"] = report.last ? Json(iso_time(report.last->stored_ns)) : Json();
  json["first"] = state.bounds.first;
  json["last"] = state.bounds.last;
  json["entries"] = state.messages;
  json["bytes"] = state.bytes;
  json["max_bytes"] = state.max_bytes;
  json["max_age_seconds"] = static_cast<double>(state.max_age_ns) / 1e9;
  json["storage"] = state.in_memory ? "memory" : "file";
  json["replicas"] = state.replicas;
  json["leader"] = state.leader.empty() ? Json() : Json(state.leader);
  json["trouble"] = report.trouble;
  return json;
}

std::string origin_text(const Origin &origin) { return tool::format("{}:{}", origin.host, origin.ring); }

std::string type_text(const Origin &origin) {
  const ringbuf_options_t &options = origin.options;
  const char *name = ringbuf_type_name(options.data_type);
  std::string text = name == nullptr ? "?" : name;
  if (options.data_type == RINGBUF_BYTES) text += tool::format("[{}]", options.item_size);
  return options.channels == 1 ? text : tool::format("{} x {}", text, options.channels);
}

std::string state_text(const StreamReport &report) {
  if (!report.trouble.empty()) return "damaged";
  if (!report.last) return "empty";
  if (report.last->kind != EntryKind::end) return "open";
  return report.last->died ? "died" : "closed";
}

}  // namespace tool::nats
