#include "verify_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "describe.hpp"
#include "formats/file.hpp"
#include "formats/format.hpp"
#include "output.hpp"
#include "ring.hpp"
#include "text_format.hpp"
#include "verify_counter.hpp"

namespace tool {

namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 18;

struct Found {
  std::uint64_t gaps = 0, skipped = 0, lost = 0, wrong = 0;
  bool counter = false;
  std::string first_wrong;
  std::vector<std::string> problems, changes;
};

// The index after the last sample, and after the gap that may follow.
std::int64_t end_index(const formats::Reader &reader) {
  std::int64_t end = reader.stream.first_index + static_cast<std::int64_t>(reader.indices());
  for (const auto &gap : reader.gaps) {
    if (gap.start <= end) end += gap.end - gap.start;
  }
  return end;
}

bool holds_messages(const formats::Reader &reader) { return (reader.stream.flags & RINGBUF_MESSAGES) != 0; }
const char *unit(const formats::Reader &reader) { return holds_messages(reader) ? "messages" : "samples"; }

void check_description(const formats::Reader &reader, Found &found) {
  if (reader.told && *reader.told != reader.samples) {
    found.problems.push_back(
        tool::format("it has {} {}, and its description says {}", reader.samples, unit(reader), *reader.told));
  }
  const std::int64_t end = end_index(reader);
  std::int64_t index = reader.stream.first_index;
  for (const auto &gap : reader.gaps) {
    if (gap.start < index || gap.end <= gap.start || gap.lost < 0 || gap.lost > gap.end - gap.start) {
      found.problems.push_back(tool::format("the gap [{}, {}) cannot be", gap.start, gap.end));
    } else if (gap.end > end) {
      if (reader.finished)
        found.problems.push_back(tool::format("the gap [{}, {}) is after its end", gap.start, gap.end));
      continue;
    }
    index = gap.end;
    ++found.gaps;
    found.skipped += static_cast<std::uint64_t>(gap.end - gap.start);
    found.lost += static_cast<std::uint64_t>(gap.lost);
  }
  for (std::size_t i = 1; i < reader.marks.size(); ++i) {
    const auto &before = reader.marks[i - 1], &mark = reader.marks[i];
    if (mark.index < before.index || mark.monotonic_ns < before.monotonic_ns) {
      found.problems.push_back(tool::format("the time of sample {} goes back", mark.index));
    }
  }
}

void check_messages(formats::Reader &reader, Found &found) {
  std::int64_t before_ns = INT64_MIN;
  for (std::uint64_t number = 0; number < reader.samples; ++number) {
    const formats::Message message = reader.message(number);
    if (message.monotonic_ns < before_ns)
      found.problems.push_back(tool::format("the time of the message at {} goes back", message.index));
    before_ns = message.monotonic_ns;
  }
}

void check_samples(formats::Reader &reader, Found &found) {
  const Shape shape{reader.stream.data_type, reader.stream.channels, reader.stream.item_size};
  CounterCheck counter(shape, found.wrong, found.first_wrong);
  const std::uint64_t most = std::max<std::uint64_t>(1, buffer_bytes / shape.sample_bytes());
  std::vector<std::byte> buffer(static_cast<std::size_t>(most) * shape.sample_bytes());
  std::int64_t index = reader.stream.first_index;
  auto gap = reader.gaps.begin();
  for (std::uint64_t sample = 0; sample < reader.samples;) {
    for (; gap != reader.gaps.end() && gap->start <= index; ++gap) index = std::max(index, gap->end);
    std::uint64_t count = std::min(most, reader.samples - sample);
    if (gap != reader.gaps.end()) count = std::min(count, static_cast<std::uint64_t>(gap->start - index));
    reader.read(sample, count, buffer.data());
    if (found.counter) counter.check(index, count, buffer.data());
    sample += count;
    index += static_cast<std::int64_t>(count);
  }
}

void print(const VerifyFileOptions &options, const formats::Format &format, const formats::Reader &reader,
           const Found &found) {
  const std::int64_t first = reader.stream.first_index, end = end_index(reader);
  if (options.json) {
    Json json;
    json["file"] = options.file;
    json["format"] = format.name;
    json["finished"] = reader.finished;
    json["whole"] = found.problems.empty() && reader.finished;
    json["samples"] = reader.samples;
    json["messages"] = holds_messages(reader);
    json["first_index"] = first;
    json["end_index"] = end;
    json["gaps"] = found.gaps;
    json["skipped"] = found.skipped;
    json["lost"] = found.lost;
    json["counter"] = found.counter ? Json(found.wrong == 0) : Json(nullptr);
    json["wrong"] = found.wrong;
    json["problems"] = found.problems;
    json["changes"] = found.changes;
    out(one_line(json));
    return;
  }
  for (const std::string &change : found.changes) out(tool::format("{}\n", change));
  out(tool::format("{}: {}, {}\n", options.file, format.name, reader.finished ? "finished" : "not finished"));
  out(tool::format("{}: {} {} of [{}, {}), {} lost\n", options.file, reader.samples, unit(reader), first, end,
                   found.lost));
  out(tool::format("{}: {} gaps, {} indices skipped\n", options.file, found.gaps, found.skipped));
  if (found.counter) out(tool::format("{}: counter pattern: {} samples are wrong\n", options.file, found.wrong));
}

bool says_counter(const std::string &metadata) {
  const Json json = Json::parse(metadata, nullptr, false);
  return json.is_object() && json.value("ringbuf:signal", Json()) == "counter";
}

}  // namespace

bool is_recording(const std::string &name, const std::string &format, bool repair) {
  if (repair || !format.empty() || name.find('/') != std::string::npos) return true;
  if (!formats::file_exists(name)) return false;
  const std::vector<Listed> rings = list_rings();
  if (std::any_of(rings.begin(), rings.end(), [&](const Listed &ring) { return ring.name == name; })) {
    throw Failure(exit_usage, tool::format("\"{0}\" is a ring and a file: ./{0} is the file", name));
  }
  return true;
}

int verify_file(const VerifyFileOptions &options) {
  const formats::Format &format = formats::format_for(options.format, options.file);
  Found found;
  if (options.repair) found.changes = format.repair(options.file);
  const auto reader = format.open(options.file);
  found.counter = options.counter || says_counter(reader->stream.metadata);
  check_description(*reader, found);
  const auto wrong = reader->check();
  found.problems.insert(found.problems.end(), wrong.begin(), wrong.end());
  if (holds_messages(*reader)) {
    if (options.counter) throw Failure(exit_usage, "--counter takes a recording of samples; this one has messages");
    check_messages(*reader, found);
  } else {
    check_samples(*reader, found);
  }
  print(options, format, *reader, found);
  if (!reader->finished) {
    throw Failure(exit_error, formats::is_being_written(options.file)
                                  ? tool::format("{} is not finished: its recorder is still at work", options.file)
                                  : tool::format("{} is not finished: its recorder was killed; --repair makes it whole",
                                                 options.file));
  }
  if (!found.problems.empty()) {
    throw Failure(exit_error, tool::format("{}: {}", options.file, fmt::join(found.problems, "; ")));
  }
  if (found.wrong > 0) throw Failure(exit_error, tool::format("{}: {}", options.file, found.first_wrong));
  return found.lost > 0 ? exit_lost : exit_ok;
}

}  // namespace tool
