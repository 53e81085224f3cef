#include "ring.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace demo {

std::string error_message(int code, const char* call) {
  return fmt::format("{}: {}: {} ({})", call, ringbuf_error_name(code), ringbuf_strerror(code), ringbuf_last_error());
}

int expect(int code, const char* call, std::initializer_list<int> allowed) {
  if (code == RINGBUF_OK || std::find(allowed.begin(), allowed.end(), code) != allowed.end()) return code;
  throw std::runtime_error(error_message(code, call));
}

Ring create_ring(const std::string& name, const ringbuf_options_t& options) {
  ringbuf_t* ring = nullptr;
  expect(ringbuf_create(&ring, name.c_str(), &options), "ringbuf_create");
  return Ring(ring);
}

Ring open_ring(const std::string& name, std::uint32_t flags) {
  ringbuf_t* ring = nullptr;
  expect(ringbuf_open(&ring, name.c_str(), flags), "ringbuf_open");
  return Ring(ring);
}

ringbuf_options_t default_ring_options() {
  ringbuf_options_t options;
  expect(ringbuf_options_init(&options, sizeof options), "ringbuf_options_init");
  return options;
}

ringbuf_info_t ring_info(ringbuf_t* ring) {
  ringbuf_info_t info{};
  info.struct_size = sizeof info;
  expect(ringbuf_info(ring, &info), "ringbuf_info");
  return info;
}

std::string ring_metadata(ringbuf_t* ring) {
  // Asked without room, the call may refuse, but says how much room it takes.
  std::size_t size = 0;
  expect(ringbuf_metadata(ring, nullptr, 0, &size), "ringbuf_metadata", {RINGBUF_INVALID_ARGUMENT});
  std::string bytes(size, '\0');
  expect(ringbuf_metadata(ring, bytes.data(), bytes.size(), &size), "ringbuf_metadata");
  bytes.resize(size);
  return bytes;
}

std::string sample_ring_name(const std::string& run) { return run + ".samples"; }
std::string event_ring_name(const std::string& run) { return run + ".events"; }

}  // namespace demo
