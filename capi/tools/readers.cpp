// ringbuf readers: the registered readers of a ring, and how far they are.
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

struct ReadersOptions {
  std::string name;
  bool json = false;
};

int readers(const ReadersOptions &options) {
  const Ring ring = Ring::open(options.name, RINGBUF_OBSERVER | RINGBUF_LAZY);
  const Info info = ring.info();
  const auto all = ring.readers();
  if (options.json) {
    Json json = Json::array();
    for (const auto &each : all) json.push_back(describe_reader(each, info.sample_rate));
    out(json.dump(2) + "\n");
    return exit_ok;
  }
  constexpr const char *row = "{:<28}  {:>16}  {:>12}  {:>10}  {:>12}  {:>8}  {}\n";
  out(tool::format(row, "READER", "POSITION", "LAG", "TIME", "LOST", "OVERRUNS", "HOLDS BACK"));
  for (const auto &each : all) {
    out(tool::format(row, process_text(each.process_id), each.position, each.lag,
                     info.sample_rate > 0 ? human_duration(static_cast<double>(each.lag) / info.sample_rate) : "-",
                     each.lost, each.overruns, each.holds_back != 0 ? "yes" : "no"));
  }
  return exit_ok;
}

}  // namespace

Run make_readers(CLI::App &app) {
  auto options = std::make_shared<ReadersOptions>();
  add_ring(app, options->name);
  add_flag(app, "--json", options->json, "a JSON array");
  examples(app, {"ringbuf readers hello", "ringbuf readers hello --json"});
  return [options] { return readers(*options); };
}

}  // namespace tool
