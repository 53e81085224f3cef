// ringbuf rm, ringbuf sweep: remove the names of rings.
#include <algorithm>
#include <memory>

#include "commands.hpp"
#include "describe.hpp"
#include "output.hpp"
#include "ring.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

struct RemoveOptions {
  std::vector<std::string> names;
  bool force = false;
};

// Not found: 3; live without --force, or not removed: 1. Every name is tried.
int remove(const RemoveOptions &options) {
  int result = exit_ok;
  for (const std::string &name : options.names) {
    try {
      bool live = false;
      ringbuf_t *handle = nullptr;
      // One that cannot be opened (damaged, of another version) may be removed all the same.
      const int opened = ringbuf_open(&handle, name.c_str(), RINGBUF_OBSERVER | RINGBUF_LAZY);
      if (opened == RINGBUF_OK) {
        Info info = {};
        info.struct_size = sizeof info;
        live = ringbuf_info(handle, &info) == RINGBUF_OK && info.state == RINGBUF_STATE_LIVE;
        static_cast<void>(ringbuf_close(handle));
      } else if (opened == RINGBUF_NOT_FOUND || opened == RINGBUF_INVALID_ARGUMENT) {
        static_cast<void>(Ring::open(name, RINGBUF_OBSERVER | RINGBUF_LAZY));  // throws, with the nearest name
      }
      if (live && !options.force) {
        throw Failure(exit_error,
                      tool::format("{}: a writer has it open; --force removes the name all the same", name));
      }
      if (const int code = ringbuf_unlink(name.c_str()); code != RINGBUF_OK) {
        throw Failure(exit_code(code), ringbuf_last_error());
      }
    } catch (const Failure &failure) {
      say(tool::format("ringbuf rm: {}", failure.what()));
      if (result == exit_ok) result = failure.code();
    }
  }
  return result;
}

struct SweepOptions {
  bool yes = false;
  bool json = false;
};

bool is_left_over(const Info &info) { return info.state == RINGBUF_STATE_DEAD; }

// The same ring, still dead: somebody may have resumed or replaced it since it was listed.
bool still_left_over(const Listed &ring) {
  const auto now = list_rings();
  return std::any_of(now.begin(), now.end(), [&](const Listed &each) {
    return each.name == ring.name && is_left_over(each.info) && each.info.generation == ring.info.generation &&
           std::equal(std::begin(each.info.ring_id), std::end(each.info.ring_id), ring.info.ring_id);
  });
}

int sweep(const SweepOptions &options) {
  auto rings = list_rings();
  rings.erase(std::remove_if(rings.begin(), rings.end(), [](const Listed &each) { return !is_left_over(each.info); }),
              rings.end());
  int result = exit_ok;
  double bytes = 0;
  Json all = Json::array();
  for (const Listed &ring : rings) {
    const Info &info = ring.info;
    bool removed = false;
    if (options.yes && still_left_over(ring)) {
      const int code = ringbuf_unlink(ring.name.c_str());
      removed = code == RINGBUF_OK;
      if (!removed && code != RINGBUF_NOT_FOUND) {
        say(tool::format("ringbuf sweep: {}", ringbuf_last_error()));
        result = exit_error;
      }
    }
    if (removed || !options.yes) bytes += static_cast<double>(info.total_bytes);
    if (options.json) {
      Json json = describe_ring(ring.name, info);
      json["removed"] = removed;
      all.push_back(json);
      continue;
    }
    out(tool::format("{:<10} {}  {}, {}, {} samples, made {} ago\n",
                     removed       ? "removed"
                     : options.yes ? "left"
                                   : "dead",
                     ring.name, shape_text(info), human_bytes(static_cast<double>(info.total_bytes)), held(info),
                     human_duration(age_seconds(info))));
  }
  if (options.json) {
    out(all.dump(2) + "\n");
  } else if (rings.empty()) {
    say("ringbuf sweep: no ring has a dead writer");
  } else if (!options.yes) {
    say(tool::format("ringbuf sweep: {} would be freed; --yes removes these rings", human_bytes(bytes)));
  }
  return result;
}

}  // namespace

Run make_rm(CLI::App &app) {
  auto options = std::make_shared<RemoveOptions>();
  add_option(app, "NAME", options->names, "the rings").required().type_name("");
  add_flag(app, "--force", options->force, "also if a writer has the ring open; who has it open keeps it");
  examples(app, {"ringbuf rm hello", "ringbuf rm --force hello"});
  return [options] { return remove(*options); };
}

Run make_sweep(CLI::App &app) {
  auto options = std::make_shared<SweepOptions>();
  add_flag(app, "--yes", options->yes, "remove them; without this they are only shown");
  add_flag(app, "--json", options->json, "a JSON array");
  examples(app, {"ringbuf sweep", "ringbuf sweep --yes"});
  return [options] { return sweep(*options); };
}

}  // namespace tool
