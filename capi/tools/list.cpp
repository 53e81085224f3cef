// ringbuf list: the rings of this machine, once or as they come and go.
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>

#include "commands.hpp"
#include "describe.hpp"
#include "output.hpp"
#include "ring.hpp"
#include "stop.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

struct ListOptions {
  bool json = false;
  bool watch = false;
};

std::string holds(const Info &info) {
  if (info.sample_rate > 0) return human_duration(static_cast<double>(info.capacity) / info.sample_rate);
  return human_count(static_cast<double>(info.capacity));
}

void print_table(const std::vector<Listed> &rings) {
  std::size_t width = 4;
  for (const auto &each : rings) width = std::max(width, each.name.size());
  constexpr const char *row = "{:<{}}  {:<10}  {:<16}  {:>11}  {:>12}  {:>14}  {:>7}  {:<10}  {}\n";
  out(tool::format(row, "NAME", width, "STATE", "TYPE", "RATE", "HOLDS", "WRITTEN", "READERS", "OWNER", "AGE"));
  for (const auto &[name, info] : rings) {
    // A dead writer is what a person looks for, so it stands out without colours, too.
    const std::string state = info.state == RINGBUF_STATE_DEAD ? "DEAD" : state_name(info.state);
    out(tool::format(row, name, width, state, shape_text(info), human_rate(info.sample_rate), holds(info), info.written,
                     info.readers, owner_of(name), human_duration(age_seconds(info))));
  }
}

Json listed_json(const Listed &ring) {
  Json json = describe_ring(ring.name, ring.info);
  json["owner"] = owner_of(ring.name);
  return json;
}

// The directory of the names, watched. A watch is an improvement: without it, each second has to do.
class Directory {
 public:
  Directory() : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    const char *given = std::getenv("RINGBUF_DIRECTORY");
    if (fd_ < 0) return;
    if (::inotify_add_watch(fd_, given != nullptr ? given : "/dev/shm",
                            IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE) < 0) {
      ::close(fd_);
      fd_ = -1;
    }
  }
  Directory(const Directory &) = delete;
  Directory &operator=(const Directory &) = delete;
  ~Directory() {
    if (fd_ >= 0) ::close(fd_);
  }

  // Returns when something has changed there, at the latest after a second: a writer that is killed leaves its name.
  void wait() const {
    ::pollfd ready{fd_, POLLIN, 0};
    if (::poll(&ready, 1, 1000) <= 0) return;
    alignas(inotify_event) std::array<char, 4096> events{};
    while (::read(fd_, events.data(), events.size()) > 0) {
    }
  }

 private:
  int fd_;
};

void tell(const ListOptions &options, const char *event, const Listed &ring) {
  if (options.json) {
    Json json;
    json["event"] = event;
    json["time"] = iso_time(realtime_now());
    json["ring"] = describe_ring(ring.name, ring.info);
    out(one_line(json));
    return;
  }
  out(tool::format("{} {:<10} {}  {}  {}\n", iso_time(realtime_now()), event, ring.name, shape_text(ring.info),
                   human_rate(ring.info.sample_rate)));
}

// The event of a ring that was there before, with the same id; nullptr if nothing has changed.
const char *changed(const Info &before, const Info &now) {
  if (before.state == now.state) return before.generation == now.generation ? nullptr : "resumed";
  if (now.state == RINGBUF_STATE_LIVE) return "resumed";
  return state_name(now.state);
}

int watch(const ListOptions &options) {
  catch_stop_signals();
  const Directory directory;  // before the first look, so that nothing is missed
  std::map<std::string, Info> known;
  bool first = true;
  while (!stop_requested()) {
    std::map<std::string, Info> now;
    for (auto &each : list_rings()) now.emplace(each.name, each.info);
    for (const auto &[name, info] : known) {
      const auto found = now.find(name);
      if (found == now.end() || !std::equal(std::begin(info.ring_id), std::end(info.ring_id), found->second.ring_id)) {
        tell(options, "gone", {name, info});
      }
    }
    for (const auto &[name, info] : now) {
      const auto found = known.find(name);
      if (found == known.end() ||
          !std::equal(std::begin(info.ring_id), std::end(info.ring_id), found->second.ring_id)) {
        tell(options, first ? "there" : "new", {name, info});
        if (info.state != RINGBUF_STATE_LIVE) tell(options, state_name(info.state), {name, info});
      } else if (const char *event = changed(found->second, info)) {
        tell(options, event, {name, info});
      }
    }
    flush();
    known.swap(now);
    first = false;
    directory.wait();
  }
  return exit_ok;
}

int list(const ListOptions &options) {
  if (options.watch) return watch(options);
  const auto rings = list_rings();
  if (options.json) {
    Json json = Json::array();
    for (const auto &each : rings) json.push_back(listed_json(each));
    out(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    print_table(rings);
  }
  return exit_ok;
}

}  // namespace

Run make_list(CLI::App &app) {
  auto options = std::make_shared<ListOptions>();
  add_flag(app, "--json", options->json, "a JSON array; with --watch, a JSON object a line");
  add_flag(app, "--watch", options->watch, "tell of rings that come, go, die and are resumed, until Ctrl-C");
  examples(app, {"ringbuf list", "ringbuf list --json", "ringbuf list --watch"});
  return [options] { return list(*options); };
}

}  // namespace tool
