#include <algorithm>
#include <optional>
#include <tuple>

#include "text.hpp"
#include "text_format.hpp"
#include "top.hpp"

namespace tool {

std::vector<TopRow> Top::look(TopOrder order) {
  std::vector<TopRow> rows;
  std::map<std::string, Known> now;
  const std::int64_t time = monotonic_now();
  const double seconds = static_cast<double>(time - time_) / 1e9;
  for (Listed &listed : list_rings()) {
    TopRow row;
    row.name = listed.name;
    row.info = listed.info;
    const std::string id = hex(static_cast<const void *>(listed.info.ring_id), sizeof listed.info.ring_id);
    auto found = known_.find(listed.name);
    const bool same = found != known_.end() && found->second.id == id;
    std::optional<Ring> ring;
    try {
      ring.emplace(same ? std::move(found->second.ring) : Ring::open(listed.name, RINGBUF_OBSERVER | RINGBUF_LAZY));
      row.info = ring->info();
      row.readers = ring->readers();
      row.relay = relay_of(ring->metadata());
      std::int64_t newest = 0;
      if (row.relay && ringbuf_time_at(ring->get(), row.info.written - 1, nullptr, &newest) == RINGBUF_OK) {
        row.delay_s = std::max(0.0, static_cast<double>(realtime_now() - newest) / 1e9);
      }
    } catch (const Failure &) {
      continue;  // gone since it was listed
    }
    for (const ReaderInfo &reader : row.readers) {
      row.lag = std::max(row.lag, reader.lag);
      row.lost += reader.lost;
    }
    if (same && seconds > 0) {
      row.samples_per_second = static_cast<double>(row.info.written - found->second.written) / seconds;
      row.bytes_per_second = row.samples_per_second * static_cast<double>(row.info.sample_bytes);
      // A reader that leaves takes its count with it.
      row.lost_per_second =
          row.lost > found->second.lost ? static_cast<double>(row.lost - found->second.lost) / seconds : 0;
    }
    now.emplace(listed.name, Known{std::move(*ring), id, row.info.written, row.lost});
    rows.push_back(std::move(row));
  }
  known_ = std::move(now);
  time_ = time;
  std::stable_sort(rows.begin(), rows.end(), [order](const TopRow &a, const TopRow &b) {
    switch (order) {
      case TopOrder::rate:
        return a.samples_per_second > b.samples_per_second;
      case TopOrder::bytes:
        return a.bytes_per_second > b.bytes_per_second;
      case TopOrder::lag:
        return a.lag > b.lag;
      case TopOrder::lost:
        return std::tie(a.lost_per_second, a.lost) > std::tie(b.lost_per_second, b.lost);
      case TopOrder::state:
        return a.info.state < b.info.state;
      default:
        return false;  // by name, as they are listed
    }
  });
  return rows;
}

Json top_json(const std::vector<TopRow> &rows) {
  Json rings = Json::array();
  for (const TopRow &row : rows) {
    Json ring = describe_ring(row.name, row.info);
    ring["samples_per_second"] = row.samples_per_second;
    ring["bytes_per_second"] = row.bytes_per_second;
    ring["lag"] = row.lag;
    ring["lost"] = row.lost;
    ring["lost_per_second"] = row.lost_per_second;
    Json readers = Json::array();
    for (const ReaderInfo &reader : row.readers) readers.push_back(describe_reader(reader, row.info.sample_rate));
    ring["reader_list"] = readers;
    if (row.relay) {
      const Relay &relay = *row.relay;
      ring["relay"] = {{"stream", relay.stream}, {"ring", relay.ring}, {"host", relay.host}};
      ring["relay"]["delay_seconds"] = row.delay_s ? Json(*row.delay_s) : Json();
    }
    rings.push_back(ring);
  }
  return {{"time", iso_time(realtime_now())}, {"rings", rings}};
}

namespace {

constexpr const char *row_format = "{:<24}  {:<10}  {:>12}  {:>12}  {:>7}  {:>12}  {:>12}  {:>12}";

std::string lag_text(std::uint64_t lag, double sample_rate) {
  if (sample_rate > 0) return human_duration(static_cast<double>(lag) / sample_rate);
  return human_count(static_cast<double>(lag));
}

}  // namespace

std::string top_heading() {
  return tool::format(row_format, "NAME", "STATE", "SAMPLES/S", "BYTES/S", "READERS", "LAG", "LOST/S", "LOST");
}

std::string top_line(const TopRow &row) {
  const std::string state = row.info.state == RINGBUF_STATE_DEAD ? "DEAD" : state_name(row.info.state);
  const bool any = !row.readers.empty();
  return tool::format(row_format, row.name, state, human_count(row.samples_per_second),
                      human_bytes(row.bytes_per_second), row.readers.size(),
                      any ? lag_text(row.lag, row.info.sample_rate) : "-", any ? human_count(row.lost_per_second) : "-",
                      any ? human_count(static_cast<double>(row.lost)) : "-");
}

std::vector<std::string> top_reader_lines(const TopRow &row) {
  std::vector<std::string> lines;
  if (row.relay) {
    lines.push_back(tool::format("  from {}:{}, stream {}{}", row.relay->host, row.relay->ring, row.relay->stream,
                                 row.delay_s ? tool::format(", {} behind", human_duration(*row.delay_s)) : ""));
  }
  for (const ReaderInfo &reader : row.readers) {
    lines.push_back(tool::format("  {:<62}  {:>7}  {:>12}  {:>12}  {:>12}", process_text(reader.process_id), "",
                                 lag_text(reader.lag, row.info.sample_rate), "",
                                 human_count(static_cast<double>(reader.lost))));
  }
  return lines;
}

}  // namespace tool
