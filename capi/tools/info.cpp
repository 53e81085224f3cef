// ringbuf info: everything about one ring.
#include <memory>

#include "commands.hpp"
#include "describe.hpp"
#include "option.hpp"
#include "output.hpp"
#include "ring.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

struct InfoOptions {
  std::string name;
  bool json = false;
};

// When a sample was put; JSON null if it is not known.
Json time_json(const Ring &ring, std::int64_t index) {
  std::int64_t realtime = 0;
  if (ringbuf_time_at(ring.get(), index, nullptr, &realtime) != RINGBUF_OK) return nullptr;
  return iso_time(realtime);
}

void print_json(const Ring &ring, const Info &info) {
  Json json = describe_ring(ring.name(), info);
  json["owner"] = owner_of(ring.name());
  json["data_bytes"] = info.buf_size_bytes;
  json["pocket_bytes"] = info.pocket_size_bytes;
  json["data_offset"] = info.data_offset;
  json["oldest_time"] = held(info) > 0 ? time_json(ring, info.oldest) : Json(nullptr);
  json["newest_time"] = held(info) > 0 ? time_json(ring, info.written - 1) : Json(nullptr);
  json["anchor"] = {{"index", info.anchor_index},
                    {"monotonic_ns", info.anchor_monotonic_ns},
                    {"realtime_ns", info.anchor_realtime_ns}};
  Json gaps = Json::array();
  for (const Gap &gap : ring.gaps()) gaps.push_back({gap.start, gap.end});
  json["gaps"] = gaps;
  Json readers = Json::array();
  for (const auto &each : ring.readers()) readers.push_back(describe_reader(each, info.sample_rate));
  json["reader_list"] = readers;
  const std::string metadata = ring.metadata();
  json["metadata_bytes"] = metadata.size();
  json["metadata"] = parse_metadata(metadata);
  if (json["metadata"].is_null() && !metadata.empty()) json["metadata_hex"] = hex(metadata.data(), metadata.size());
  out(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void line(const char *key, const std::string &value) { out(tool::format("{:<12} {}\n", key, value)); }

std::string samples_text(std::uint64_t count, const Info &info) {
  std::string text = tool::format("{}{}", count, (info.flags & RINGBUF_MESSAGES) != 0 ? " bytes" : " samples");
  if (info.sample_rate > 0) text += tool::format(", {}", human_duration(static_cast<double>(count) / info.sample_rate));
  return text;
}

void print_text(const Ring &ring, const Info &info) {
  line("name", ring.name());
  line("state", info.state == RINGBUF_STATE_DEAD
                    ? "DEAD: the writer died; `ringbuf sweep` shows what can be removed, a new writer can resume it"
                    : state_name(info.state));
  line("type", tool::format("{}, {} bytes a sample", shape_text(info), info.sample_bytes));
  line("rate", info.sample_rate > 0 ? human_rate(info.sample_rate) : "unknown");
  line("capacity", samples_text(info.capacity, info));
  line("window", samples_text(info.window, info));
  line("mode", tool::format("{}{}", (info.flags & RINGBUF_LOSSLESS) != 0 ? "lossless" : "overwriting",
                            (info.flags & RINGBUF_KEEP) != 0 ? ", kept when its writer closes it" : ""));
  line("memory", tool::format("{} ({} bytes)", human_bytes(static_cast<double>(info.total_bytes)), info.total_bytes));
  line("written",
       tool::format("{} (the next index), oldest {}, first {}", info.written, info.oldest, info.first_index));
  line("held", samples_text(static_cast<std::uint64_t>(held(info)), info));
  const Json newest = held(info) > 0 ? time_json(ring, info.written - 1) : Json(nullptr);
  if (newest.is_string()) line("newest", newest.get<std::string>());
  line("writer", tool::format("{}, generation {}", process_text(info.writer_pid), info.generation));
  line("owner", owner_of(ring.name()));
  line("created", tool::format("{}, {} ago", iso_time(info.created_realtime_ns), human_duration(age_seconds(info))));
  line("id", hex(static_cast<const void *>(info.ring_id), sizeof info.ring_id));
  for (const Gap &gap : ring.gaps())
    line("gap", tool::format("{} to {}, {} skipped", gap.start, gap.end, gap.end - gap.start));
  const auto readers = ring.readers();
  line("readers", tool::format("{} of {}", readers.size(), info.max_readers));
  for (const auto &each : readers) {
    line("  reader", tool::format("{}: position {}, lag {}, lost {} in {} overruns{}", process_text(each.process_id),
                                  each.position, samples_text(each.lag, info), each.lost, each.overruns,
                                  each.holds_back != 0 ? ", holds the writer back" : ""));
  }
  const std::string metadata = ring.metadata();
  if (metadata.empty()) return;
  const Json parsed = parse_metadata(metadata);
  if (parsed.is_null()) {
    line("metadata", tool::format("{} bytes, no JSON object", metadata.size()));
  } else {
    out("metadata\n" + parsed.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  }
}

int info(const InfoOptions &options) {
  const Ring ring = Ring::open(options.name, RINGBUF_OBSERVER | RINGBUF_LAZY);
  const Info info = ring.info();
  options.json ? print_json(ring, info) : print_text(ring, info);
  return exit_ok;
}

}  // namespace

Run make_info(CLI::App &app) {
  auto options = std::make_shared<InfoOptions>();
  add_ring(app, options->name);
  add_flag(app, "--json", options->json, "a JSON object");
  examples(app, {"ringbuf info hello", "ringbuf info hello --json"});
  return [options] { return info(*options); };
}

}  // namespace tool
