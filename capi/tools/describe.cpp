#include "describe.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "text.hpp"
#include "text_format.hpp"

namespace tool {

std::string one_line(const Json &json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::string hex(const void *bytes, std::size_t size) {
  std::string text;
  const auto *at = static_cast<const unsigned char *>(bytes);
  for (std::size_t i = 0; i < size; ++i) text += tool::format("{:02x}", at[i]);
  return text;
}

std::int64_t held(const Info &info) noexcept { return std::max<std::int64_t>(0, info.written - info.oldest); }

double age_seconds(const Info &info) {
  return std::max(0.0, static_cast<double>(realtime_now() - info.created_realtime_ns) / 1e9);
}

Json describe_ring(const std::string &name, const Info &info) {
  const bool messages = (info.flags & RINGBUF_MESSAGES) != 0;
  Json json;
  json["name"] = name;
  json["state"] = state_name(info.state);
  json["type"] = messages ? "messages" : info.data_type == RINGBUF_BYTES ? "bytes" : type_name(info);
  json["channels"] = info.channels;
  json["item_size"] = info.item_size;
  json["sample_bytes"] = info.sample_bytes;
  json["sample_rate"] = info.sample_rate;
  json["capacity"] = info.capacity;
  json["window"] = info.window;
  json["seconds"] = info.sample_rate > 0 ? Json(static_cast<double>(info.capacity) / info.sample_rate) : Json(nullptr);
  json["lossless"] = (info.flags & RINGBUF_LOSSLESS) != 0;
  json["keep"] = (info.flags & RINGBUF_KEEP) != 0;
  json["first_index"] = info.first_index;
  json["oldest"] = info.oldest;
  json["written"] = info.written;
  json["held"] = held(info);
  json["readers"] = info.readers;
  json["max_readers"] = info.max_readers;
  json["generation"] = info.generation;
  json["writer_pid"] = info.writer_pid;
  json["total_bytes"] = info.total_bytes;
  json["created"] = iso_time(info.created_realtime_ns);
  json["age_seconds"] = age_seconds(info);
  json["ring_id"] = hex(static_cast<const void *>(info.ring_id), sizeof info.ring_id);
  return json;
}

Json describe_reader(const ReaderInfo &reader, double sample_rate) {
  Json json;
  json["pid"] = reader.process_id;
  json["position"] = reader.position;
  json["lag"] = reader.lag;
  json["lag_seconds"] = sample_rate > 0 ? Json(static_cast<double>(reader.lag) / sample_rate) : Json(nullptr);
  json["lost"] = reader.lost;
  json["overruns"] = reader.overruns;
  json["holds_back"] = reader.holds_back != 0;
  return json;
}

Json parse_metadata(const std::string &metadata) {
  Json json = Json::parse(metadata, nullptr, false);
  return json.is_object() ? json : Json();
}

std::string owner_of(const std::string &name) {
  ringbuf_t *handle = nullptr;
  if (ringbuf_open(&handle, name.c_str(), RINGBUF_OBSERVER | RINGBUF_LAZY) != RINGBUF_OK) return "-";
  std::string owner = "-";
  std::intptr_t fd = -1;
  struct stat status = {};
  if (ringbuf_fd(handle, &fd) == RINGBUF_OK && ::fstat(static_cast<int>(fd), &status) == 0) {
    std::array<char, 4096> room{};
    struct passwd entry = {};
    struct passwd *found = nullptr;
    if (::getpwuid_r(status.st_uid, &entry, room.data(), room.size(), &found) == 0 && found != nullptr) {
      owner = entry.pw_name;
    } else {
      owner = std::to_string(status.st_uid);
    }
  }
  static_cast<void>(ringbuf_close(handle));
  return owner;
}

std::string process_text(std::uint32_t process_id) {
  if (process_id == 0) return "-";
  std::string program;
  std::ifstream file(tool::format("/proc/{}/comm", process_id));
  if (std::getline(file, program)) return tool::format("pid {} ({})", process_id, program);
  return tool::format("pid {}", process_id);
}

}  // namespace tool
