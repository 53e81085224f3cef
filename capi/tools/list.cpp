// ringbuf list
#include <fmt/core.h>

#include <memory>

#include "commands.hpp"
#include "output.hpp"
#include "ring.hpp"
#include "text.hpp"

namespace tool {

namespace {

struct Options {
  bool json = false;
};

int list(const Options &) {
  const auto rings = list_rings();
  out(fmt::format("{:<32} {:<10} {:<16} {:>10} {:>10} {:>14} {:>7}\n", "NAME", "STATE", "TYPE", "RATE", "HOLDS",
                  "WRITTEN", "READERS"));
  for (const auto &[name, info] : rings) {
    const double rate = info.sample_rate;
    out(fmt::format("{:<32} {:<10} {:<16} {:>10} {:>10} {:>14} {:>7}\n", name, state_name(info.state), shape_text(info),
                    human_rate(rate),
                    rate > 0 ? human_duration(static_cast<double>(info.capacity) / rate)
                             : human_count(static_cast<double>(info.capacity)),
                    info.written, info.readers));
  }
  return exit_ok;
}

}  // namespace

Run make_list(CLI::App &app) {
  auto options = std::make_shared<Options>();
  examples(app, {"ringbuf list"});
  return [options] { return list(*options); };
}

}  // namespace tool
