#include "sidecar.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "../text.hpp"
#include "../text_format.hpp"
#include "channels.hpp"
#include "file.hpp"
#include "ringbuf.h"

namespace tool::formats {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_label = 20;  // characters that SigMF recommends for core:label

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) text += tool::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::string unhex(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned value = 0;
    const char* const end = text.data() + std::min(i + 2, text.size());
    const auto [rest, error] = std::from_chars(text.data() + i, end, value, 16);
    if (error != std::errc() || rest != end || i + 2 > text.size()) throw std::invalid_argument(text);
    bytes += static_cast<char>(value);
  }
  return bytes;
}

bool is_utf8(const std::string& bytes) {
  try {
    (void)Json(bytes).dump();
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

// Name, unit, scale and offset of each channel, with their defaults, and what else the metadata say of it: docs/metadata.md.
Json described_channels(const Stream& stream) {
  const Json metadata = Json::parse(stream.metadata, nullptr, false);
  Json all = Json::array();
  const bool known = metadata.is_object() && metadata.contains("channels") && metadata["channels"].is_array() &&
                     metadata["channels"].size() == stream.channels;
  for (const Channel& channel : channels_of(stream)) {
    Json json = {{"name", channel.name}, {"unit", channel.unit}, {"scale", channel.scale}, {"offset", channel.offset}};
    if (known && metadata["channels"][all.size()].is_object()) {
      for (const auto& [key, value] : metadata["channels"][all.size()].items()) {
        if (!json.contains(key)) json[key] = value;
      }
    }
    all.push_back(std::move(json));
  }
  return all;
}

struct Capture {
  std::uint64_t sample = 0;
  std::int64_t index = 0;
  const TimeMark* mark = nullptr;
  const Gap* gap = nullptr;
};

// The beginning, each gap's end and each mark, in order. What falls on the same sample is one capture.
std::vector<Capture> captures_of(const Sidecar& sidecar) {
  std::vector<Capture> captures;
  std::int64_t skipped = sidecar.stream.first_index;  // index minus sample
  const auto sample_of = [&](std::int64_t index) { return static_cast<std::uint64_t>(index - skipped); };
  captures.push_back({0, sidecar.stream.first_index, nullptr, nullptr});
  auto gap = sidecar.gaps.begin();
  const auto pass_gaps = [&](std::int64_t index) {
    for (; gap != sidecar.gaps.end() && gap->start <= index; ++gap) {
      const std::uint64_t sample = sample_of(gap->start);
      skipped += gap->end - gap->start;
      captures.push_back({sample, gap->end, nullptr, &*gap});
    }
  };
  for (const TimeMark& mark : sidecar.marks) {
    pass_gaps(mark.index);
    const std::uint64_t sample = sample_of(mark.index);
    if (captures.back().sample == sample && captures.back().index == mark.index) {
      captures.back().mark = &mark;
    } else {
      captures.push_back({sample, mark.index, &mark, nullptr});
    }
  }
  pass_gaps(INT64_MAX);
  return captures;
}

Json capture_json(const Capture& capture) {
  Json json = {{"core:sample_start", capture.sample}, {"core:global_index", capture.index}};
  if (capture.mark != nullptr) {
    json["core:datetime"] = iso_time(capture.mark->realtime_ns);
    json["ringbuf:monotonic_ns"] = capture.mark->monotonic_ns;
  }
  if (capture.gap != nullptr) {
    json["ringbuf:gap"] = capture.gap->end - capture.gap->start;
    json["ringbuf:lost"] = capture.gap->lost;
  }
  return json;
}

// The annotations in the order of their samples. One whose index is not that of its sample, as in a gap, says it besides.
Json annotations_json(const Sidecar& sidecar, std::vector<Annotation> annotations) {
  std::stable_sort(annotations.begin(), annotations.end(),
                   [](const Annotation& a, const Annotation& b) { return a.index < b.index; });
  Json all = Json::array();
  std::int64_t skipped = sidecar.stream.first_index;  // index minus sample
  auto gap = sidecar.gaps.begin();
  for (const Annotation& annotation : annotations) {
    std::int64_t index = std::max(annotation.index, sidecar.stream.first_index);
    for (; gap != sidecar.gaps.end() && gap->start <= index; ++gap) {
      index = std::max(index, gap->end);
      skipped += gap->end - gap->start;
    }
    if (gap != sidecar.gaps.begin()) index = std::max(index, (gap - 1)->end);
    Json json = {{"core:sample_start", index - skipped}};
    if (index != annotation.index) json["ringbuf:index"] = annotation.index;
    if (annotation.kind != 0) json["ringbuf:kind"] = annotation.kind;
    if (!is_utf8(annotation.text)) {
      json["ringbuf:hex"] = hex(annotation.text);
    } else {
      json[annotation.text.size() <= most_label ? "core:label" : "core:comment"] = annotation.text;
    }
    all.push_back(std::move(json));
  }
  return all;
}

std::vector<Annotation> parse_annotations(const Json& json, const Sidecar& sidecar) {
  std::vector<Annotation> annotations;
  for (const Json& each : json) {
    Annotation annotation;
    auto sample = static_cast<std::int64_t>(each.at("core:sample_start").get<std::uint64_t>());
    annotation.index = sidecar.stream.first_index + sample;
    for (const Gap& gap : sidecar.gaps) {
      if (gap.start <= annotation.index) annotation.index += gap.end - gap.start;
    }
    annotation.index = each.value("ringbuf:index", annotation.index);
    annotation.kind = each.value("ringbuf:kind", 0U);
    annotation.text = each.value("core:comment", each.value("core:label", ""));
    if (each.contains("ringbuf:hex")) annotation.text = unhex(each["ringbuf:hex"].get<std::string>());
    annotations.push_back(std::move(annotation));
  }
  std::stable_sort(annotations.begin(), annotations.end(),
                   [](const Annotation& a, const Annotation& b) { return a.index < b.index; });
  return annotations;
}

// A line for each: there may be many.
std::string lines(const Json& list) {
  std::string text;
  for (const Json& each : list) text += (text.empty() ? "\n" : ",\n") + each.dump();
  return text.empty() ? "[]" : "[" + text + "\n]";
}

}  // namespace

std::string sidecar_text(const Sidecar& sidecar, const std::string& sigmf_type) {
  const Stream& stream = sidecar.stream;
  Json global = Json::object();
  if (!sigmf_type.empty()) global["core:datatype"] = sigmf_type;
  global["core:version"] = "1.2.5";
  global["core:num_channels"] = stream.channels;
  if (stream.sample_rate >= 1) global["core:sample_rate"] = stream.sample_rate;
  global["core:recorder"] = tool::format("ringbuf {}", ringbuf_version());
  global["core:extensions"] = Json::array({{{"name", "ringbuf"}, {"version", "1.0.0"}, {"optional", true}}});
  const char* type = ringbuf_type_name(stream.data_type);
  global["ringbuf:data_type"] = type != nullptr ? type : "bytes";
  global["ringbuf:item_size"] = stream.item_size;
  global["ringbuf:sample_rate"] = stream.sample_rate;
  global["ringbuf:ring"] = {{"name", stream.name},
                            {"id", stream.ring_id},
                            {"flags", stream.flags},
                            {"capacity", stream.capacity},
                            {"window", stream.window}};
  global["ringbuf:channels"] = described_channels(stream);
  if (is_utf8(stream.metadata)) {
    global["ringbuf:metadata"] = stream.metadata;
  } else {
    global["ringbuf:metadata_hex"] = hex(stream.metadata);
  }
  if (sidecar.finished) global["ringbuf:samples"] = sidecar.samples;

  Json captures = Json::array();
  for (const Capture& capture : captures_of(sidecar)) captures.push_back(capture_json(capture));
  return "{\n\"global\": " + global.dump(2) + ",\n\"captures\": " + lines(captures) +
         ",\n\"annotations\": " + lines(annotations_json(sidecar, sidecar.annotations)) + "\n}\n";
}

Sidecar sidecar_parse(const std::string& text, const std::string& path) {
  try {
    const Json json = Json::parse(text);
    const Json& global = json.at("global");
    Sidecar sidecar;
    Stream& stream = sidecar.stream;
    stream.channels = global.value("core:num_channels", 1U);
    stream.sample_rate = global.value("ringbuf:sample_rate", global.value("core:sample_rate", 0.0));
    if (global.contains("ringbuf:data_type")) {
      if (ringbuf_type_code(global["ringbuf:data_type"].get<std::string>().c_str(), &stream.data_type) != RINGBUF_OK) {
        throw Error(tool::format("'{}' names no type of samples: {}", path, global["ringbuf:data_type"].dump()));
      }
      stream.item_size = global.at("ringbuf:item_size").get<std::uint32_t>();
    }
    if (global.contains("ringbuf:ring")) {
      const Json& ring = global["ringbuf:ring"];
      stream.name = ring.value("name", "");
      stream.ring_id = ring.value("id", "");
      stream.flags = ring.value("flags", 0U);
      stream.capacity = ring.value("capacity", std::uint64_t{0});
      stream.window = ring.value("window", std::uint64_t{0});
    }
    stream.metadata = global.value("ringbuf:metadata", "");
    if (global.contains("ringbuf:metadata_hex"))
      stream.metadata = unhex(global["ringbuf:metadata_hex"].get<std::string>());
    sidecar.finished = global.contains("ringbuf:samples");
    sidecar.samples = global.value("ringbuf:samples", std::uint64_t{0});

    std::uint64_t sample = 0;
    std::int64_t index = 0;
    bool first = true;
    for (const Json& capture : json.value("captures", Json::array())) {
      const auto start = capture.at("core:sample_start").get<std::uint64_t>();
      if (start < sample) throw Error(tool::format("'{}' has captures that are not in order", path));
      const std::int64_t expected = index + static_cast<std::int64_t>(start - sample);
      const std::int64_t here = capture.value("core:global_index", first ? 0 : expected);
      if (first) {
        stream.first_index = here - static_cast<std::int64_t>(start);
      } else if (here > expected) {
        sidecar.gaps.push_back({expected, here, capture.value("ringbuf:lost", std::int64_t{0})});
      } else if (here < expected) {
        throw Error(tool::format("'{}' has a capture whose index goes back, at sample {}", path, start));
      }
      first = false;
      sample = start;
      index = here;
      if (capture.contains("core:datetime")) {
        const auto time = parse_iso_time(capture["core:datetime"].get<std::string>());
        if (time && capture.contains("ringbuf:monotonic_ns")) {
          sidecar.marks.push_back({here, capture["ringbuf:monotonic_ns"].get<std::int64_t>(), *time});
        } else if (time && (sidecar.marks.empty() || *time >= sidecar.marks.back().realtime_ns)) {
          sidecar.marks.push_back({here, *time, *time});  // not a recording of ours: one clock is as good as the other
        }
      }
    }
    sidecar.annotations = parse_annotations(json.value("annotations", Json::array()), sidecar);
    return sidecar;
  } catch (const nlohmann::json::exception& error) {
    throw Error(tool::format("'{}' is no description of a recording: {}", path, error.what()));
  } catch (const std::invalid_argument& error) {
    throw Error(tool::format("'{}' has bytes that are no hexadecimal digits: {}", path, error.what()));
  }
}

SidecarWriter::SidecarWriter(const Stream& stream, std::string path, std::string sigmf_type, bool replace)
    : path_(std::move(path)), sigmf_type_(std::move(sigmf_type)), next_(stream.first_index) {
  sidecar_.stream = stream;
  if (!replace && file_exists(path_)) {
    throw Error(tool::format("'{}' exists; choose another name, or --overwrite", path_));
  }
}

void SidecarWriter::begin() { save(); }

void SidecarWriter::append(const void* samples, std::uint64_t count) {
  // Samples after a gap must not be taken for the ones before it: first the sidecar, then they.
  if (changed_ && !sidecar_.gaps.empty() && sidecar_.gaps.back().end == next_) save();
  store(samples, count);
  stored_ += count;
  next_ += static_cast<std::int64_t>(count);
}

void SidecarWriter::gap(const Gap& gap) {
  if (!sidecar_.gaps.empty() && sidecar_.gaps.back().end == gap.start) {
    sidecar_.gaps.back().end = gap.end;
    sidecar_.gaps.back().lost += gap.lost;
  } else {
    sidecar_.gaps.push_back(gap);
  }
  next_ = gap.end;
  changed_ = true;
}

void SidecarWriter::mark(const TimeMark& mark) {
  sidecar_.marks.push_back(mark);
  changed_ = true;
  marked(mark);
}

void SidecarWriter::annotate(const Annotation& annotation) {
  sidecar_.annotations.push_back(annotation);
  changed_ = true;
}

void SidecarWriter::sync() {
  flush();
  if (changed_) save();
}

void SidecarWriter::finish() {
  const std::uint64_t wanted = stored_;
  stored_ = end();
  next_ += static_cast<std::int64_t>(stored_) - static_cast<std::int64_t>(wanted);
  while (!sidecar_.marks.empty() && sidecar_.marks.back().index > next_) sidecar_.marks.pop_back();
  sidecar_.finished = true;
  sidecar_.samples = stored_;
  save();
  if (stored_ < wanted) {
    throw Error(tool::format("the last {} samples could not be written to '{}'", wanted - stored_, data_path()));
  }
}

std::vector<std::string> SidecarWriter::files() const { return {data_path(), path_}; }

void SidecarWriter::save() {
  replace_file(path_, sidecar_text(sidecar_, sigmf_type_));
  changed_ = false;
}

void apply_sidecar(Reader& reader, const std::string& path) {
  Sidecar sidecar = sidecar_parse(read_file(path), path);
  reader.stream = std::move(sidecar.stream);
  reader.gaps = std::move(sidecar.gaps);
  reader.marks = std::move(sidecar.marks);
  reader.told_annotations = std::move(sidecar.annotations);
  reader.finished = sidecar.finished;
  if (sidecar.finished) reader.told = sidecar.samples;
}

}  // namespace tool::formats
