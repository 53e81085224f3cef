#include "origin.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "text_format.hpp"

namespace tool::nats {

namespace {

constexpr int description_version = 1;

std::string bytes_of_hex(const std::string &text) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(at, 2), nullptr, 16));
  }
  return bytes;
}

bool is_utf8(const std::string &text) {
  try {
    static_cast<void>(Json(text).dump());
    return true;
  } catch (const Json::exception &) {
    return false;
  }
}

}  // namespace

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string text;
  std::getline(file, text);
  return text;
}

Origin origin_of(const Ring &ring, const Info &info) {
  Origin origin;
  origin.ring = ring.name();
  origin.host = host_name();
  origin.boot = boot_id();
  origin.ring_id = hex(static_cast<const void *>(info.ring_id), sizeof info.ring_id);
  origin.generation = info.generation;
  origin.options = options_like(info);
  origin.metadata = ring.metadata();
  return origin;
}

std::string describe_origin(const Origin &origin) {
  const ringbuf_options_t &options = origin.options;
  Json json;
  json["version"] = description_version;
  json["ring"] = origin.ring;
  json["host"] = origin.host;
  json["boot"] = origin.boot;
  json["ring_id"] = origin.ring_id;
  json["generation"] = origin.generation;
  json["type"] = ringbuf_type_name(options.data_type);
  json["channels"] = options.channels;
  json["item_size"] = options.item_size;
  json["capacity"] = options.capacity;
  json["window"] = options.window;
  json["sample_rate"] = options.sample_rate;
  json["lossless"] = origin.lossless();
  json["max_readers"] = options.max_readers;
  if (is_utf8(origin.metadata)) {
    json["metadata"] = origin.metadata;
  } else {
    json["metadata_hex"] = hex(origin.metadata.data(), origin.metadata.size());
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Origin parse_origin(const Entry &entry, const std::string &where) {
  const auto refuse = [&](const std::string &what) {
    throw Failure(exit_error, tool::format("{}: the description of the ring {}", where, what));
  };
  const std::string text(static_cast<const char *>(static_cast<const void *>(entry.payload.data())),
                         entry.payload.size());
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) refuse("is no JSON object");
  Origin origin;
  origin.options = default_options();
  try {
    if (const int version = json.at("version"); version != description_version) {
      refuse(tool::format("has version {}; here is version {}", version, description_version));
    }
    origin.ring = json.at("ring");
    origin.host = json.at("host");
    origin.boot = json.at("boot");
    origin.ring_id = json.at("ring_id");
    origin.generation = json.at("generation");
    const std::string type = json.at("type");
    if (ringbuf_type_code(type.c_str(), &origin.options.data_type) != RINGBUF_OK) {
      refuse(tool::format("has the type \"{}\", which is not known here", type.substr(0, 40)));
    }
    origin.options.channels = json.at("channels");
    origin.options.item_size = json.at("item_size");
    origin.options.capacity = json.at("capacity");
    origin.options.window = json.at("window");
    origin.options.sample_rate = json.at("sample_rate");
    origin.options.max_readers = json.at("max_readers");
    if (json.at("lossless").get<bool>()) origin.options.flags |= RINGBUF_LOSSLESS;
    if (json.contains("metadata_hex")) {
      const std::string digits = json.at("metadata_hex");
      if (digits.size() % 2 != 0 || digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
        refuse("has metadata_hex that are not hexadecimal");
      }
      origin.metadata = bytes_of_hex(digits);
    } else {
      origin.metadata = json.at("metadata");
    }
  } catch (const Json::exception &error) {
    refuse(tool::format("is not as it should be: {}", error.what()));
  }
  if (origin.ring_id != entry.ring) refuse("is of another ring than the entry");
  if (digest(text) != entry.shape) refuse("has another digest than the entry says");
  std::size_t bytes = 0;
  if (ringbuf_size(&origin.options, &bytes) != RINGBUF_OK)
    refuse(tool::format("is of no possible ring: {}", ringbuf_last_error()));
  return origin;
}

std::string digest(const std::string &text) {  // FNV-1a
  std::uint64_t value = 0xcbf29ce484222325U;
  for (const char each : text) value = (value ^ static_cast<unsigned char>(each)) * 0x100000001b3U;
  return tool::format("{:016x}", value);
}

}  // namespace tool::nats
