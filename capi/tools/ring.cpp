#include "ring.hpp"

#include <algorithm>

#include "command.hpp"
#include "stop.hpp"
#include "text_format.hpp"

namespace tool {

Exit exit_code(int code) noexcept {
  switch (code) {
    case RINGBUF_OK:
    case RINGBUF_CLOSED:
      return exit_ok;
    case RINGBUF_NOT_FOUND:
    case RINGBUF_NOT_INITIALIZED:
      return exit_not_found;
    case RINGBUF_INVALID_ARGUMENT:
      return exit_usage;
    case RINGBUF_TIMEOUT:
      return exit_timeout;
    case RINGBUF_STALE:
      return exit_dead;
    case RINGBUF_OVERWRITTEN:
    case RINGBUF_GAP:
      return exit_lost;
    default:
      return exit_error;
  }
}

namespace {

[[noreturn]] void fail_named(int code, const std::string &name) {
  std::string text = ringbuf_last_error();
  if (text.find(name) == std::string::npos) text = tool::format("{}: {}", name, text);
  if (code == RINGBUF_NOT_FOUND) {
    std::vector<std::string> names;
    auto rings = list_rings();
    names.reserve(rings.size());
    for (auto &each : rings) names.push_back(std::move(each.name));
    const std::string hint = nearest(name, names);
    if (!hint.empty()) {
      text += tool::format("; did you mean \"{}\"?", hint);
    } else {
      text += names.empty() ? "; there is no ring on this machine" : "; `ringbuf list` shows those that there are";
    }
  } else if (code == RINGBUF_EXISTS || code == RINGBUF_BUSY) {
    text += tool::format("; `ringbuf info {}` shows it", name);
  }
  throw Failure(exit_code(code), text);
}

}  // namespace

Ring::Ring(ringbuf_t *ring, std::string name) : ring_(ring), name_(std::move(name)) { wake_on_stop(ring_); }

Ring Ring::open(const std::string &name, std::uint32_t flags) {
  std::optional<Ring> ring = open_if_there(name, flags);
  if (!ring) fail_named(RINGBUF_NOT_FOUND, name);
  return std::move(*ring);
}

std::optional<Ring> Ring::open_if_there(const std::string &name, std::uint32_t flags) {
  ringbuf_t *ring = nullptr;
  const int code = ringbuf_open(&ring, name.c_str(), flags);
  if (code == RINGBUF_NOT_FOUND) return std::nullopt;
  if (code != RINGBUF_OK) fail_named(code, name);
  return Ring(ring, name);
}

Ring Ring::open_wait(const std::string &name, std::uint32_t flags, std::int64_t timeout_ns) {
  ringbuf_t *ring = nullptr;
  const int code = ringbuf_open_wait(&ring, name.c_str(), flags, timeout_ns);
  if (code != RINGBUF_OK) fail_named(code, name);
  return {ring, name};
}

Ring Ring::create(const std::string &name, const ringbuf_options_t &options) {
  ringbuf_t *ring = nullptr;
  const int code = ringbuf_create(&ring, name.c_str(), &options);
  if (code != RINGBUF_OK) fail_named(code, name);
  return {ring, name};
}

Ring Ring::resume(const std::string &name) {
  ringbuf_t *ring = nullptr;
  const int code = ringbuf_resume(&ring, name.c_str());
  if (code != RINGBUF_OK) fail_named(code, name);
  return {ring, name};
}

Ring Ring::again(std::uint32_t flags) const {
  std::intptr_t fd = -1;
  check(ringbuf_fd(ring_, &fd));
  ringbuf_t *ring = nullptr;
  const int code = ringbuf_open_fd(&ring, fd, flags);
  if (code != RINGBUF_OK) fail(code);
  return {ring, name_};
}

bool Ring::reconnect(const char *otherwise) {
  const int code =
      ringbuf_reopen(ring_, RINGBUF_FROM_OLDEST | RINGBUF_OBSERVER | RINGBUF_RESYNC_OLDEST | RINGBUF_LAZY, 0);
  if (code == RINGBUF_TIMEOUT || code == RINGBUF_NOT_INITIALIZED) return false;
  if (code == RINGBUF_INCOMPATIBLE) {
    throw Failure(exit_error, tool::format("{}: {}; {}", name_, ringbuf_last_error(), otherwise));
  }
  check(code);
  return true;
}

void Ring::close() noexcept {
  if (ring_ == nullptr) return;
  forget_on_stop(ring_);
  static_cast<void>(ringbuf_close(std::exchange(ring_, nullptr)));
}

void Ring::fail(int code) const { throw Failure(exit_code(code), tool::format("{}: {}", name_, ringbuf_last_error())); }

Info Ring::info() const {
  Info info = {};
  info.struct_size = sizeof info;
  check(ringbuf_info(ring_, &info));
  return info;
}

std::vector<ReaderInfo> Ring::readers() const {
  std::vector<ReaderInfo> all;
  all.reserve(1024);  // the callback must not throw
  check(ringbuf_readers(
      ring_,
      [](const ReaderInfo *reader, void *user) {
        auto &list = *static_cast<std::vector<ReaderInfo> *>(user);
        if (list.size() == list.capacity()) return 1;
        list.push_back(*reader);
        return 0;
      },
      &all));
  return all;
}

std::vector<Gap> Ring::gaps() const {
  std::vector<Gap> all;
  all.reserve(64);
  check(ringbuf_gaps(
      ring_,
      [](std::int64_t start, std::int64_t end, void *user) {
        auto &list = *static_cast<std::vector<Gap> *>(user);
        if (list.size() == list.capacity()) return 1;
        list.push_back({start, end});
        return 0;
      },
      &all));
  return all;
}

std::string Ring::metadata() const {
  std::string text;
  std::size_t size = 0;
  int code = ringbuf_metadata(ring_, nullptr, 0, &size);
  while (code == RINGBUF_INVALID_ARGUMENT && size > text.size()) {  // they may grow meanwhile
    text.resize(size);
    code = ringbuf_metadata(ring_, text.data(), text.size(), &size);
  }
  check(code);
  text.resize(size);
  return text;
}

std::vector<Listed> list_rings() {
  struct Found {
    std::vector<Listed> rings;
    std::exception_ptr error;
  } found;
  const int code = ringbuf_list(
      [](const char *name, const ringbuf_info_t *info, void *user) {
        auto &into = *static_cast<Found *>(user);
        try {
          into.rings.push_back({name, *info});
          return 0;
        } catch (...) {
          into.error = std::current_exception();
          return 1;
        }
      },
      &found);
  if (found.error) std::rethrow_exception(found.error);
  if (code != RINGBUF_OK) throw Failure(exit_code(code), ringbuf_last_error());
  std::sort(found.rings.begin(), found.rings.end(), [](const Listed &a, const Listed &b) { return a.name < b.name; });
  return std::move(found.rings);
}

ringbuf_options_t default_options() {
  ringbuf_options_t options = {};
  static_cast<void>(ringbuf_options_init(&options, sizeof options));
  return options;
}

ringbuf_options_t options_like(const Info &info) {
  ringbuf_options_t options = default_options();
  options.data_type = info.data_type;
  options.channels = info.channels;
  options.item_size = info.data_type == RINGBUF_BYTES ? info.item_size : 0;
  options.capacity = info.capacity;
  options.window = (info.flags & RINGBUF_MESSAGES) != 0 ? info.window - 24 : info.window;
  options.flags = info.flags & (RINGBUF_LOSSLESS | RINGBUF_MESSAGES);
  options.max_readers = info.max_readers;
  options.sample_rate = info.sample_rate;
  return options;
}

const char *state_name(std::uint32_t state) noexcept {
  switch (state) {
    case RINGBUF_STATE_LIVE:
      return "live";
    case RINGBUF_STATE_CLOSED:
      return "closed";
    case RINGBUF_STATE_SUPERSEDED:
      return "superseded";
    case RINGBUF_STATE_DEAD:
      return "dead";
    default:
      return "unknown";
  }
}

std::string type_name(const Info &info) {
  if ((info.flags & RINGBUF_MESSAGES) != 0) return "messages";
  if (info.data_type == RINGBUF_BYTES) return tool::format("bytes[{}]", info.item_size);
  const char *name = ringbuf_type_name(info.data_type);
  return name != nullptr ? name : tool::format("type {}", info.data_type);
}

std::string shape_text(const Info &info) {
  if ((info.flags & RINGBUF_MESSAGES) != 0) return "messages";
  return info.channels == 1 ? type_name(info) : tool::format("{} x {}", type_name(info), info.channels);
}

}  // namespace tool
