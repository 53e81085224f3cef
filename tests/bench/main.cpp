// Measures ringbuf beside its peers and the machine's limits; see options.cpp for how to call it.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <random>
#include <regex>

#include "clock.hpp"
#include "memory.hpp"
#include "names.hpp"
#include "options.hpp"
#include "plots.hpp"
#include "process.hpp"
#include "report.hpp"
#include "results.hpp"
#include "run.hpp"
#include "targets.hpp"

namespace {

using namespace bench;

// Contenders of one row run one after the other, in random order, and the rows do too: what drifts hits all alike.
std::vector<const Contender *> shuffled(const std::vector<const Contender *> &chosen, std::mt19937_64 &random) {
  std::vector<std::string> rows;
  for (const Contender *contender : chosen) {
    if (std::find(rows.begin(), rows.end(), contender->rows.front()) == rows.end())
      rows.push_back(contender->rows.front());
  }
  std::shuffle(rows.begin(), rows.end(), random);
  std::vector<const Contender *> order = chosen;
  std::shuffle(order.begin(), order.end(), random);
  std::stable_sort(order.begin(), order.end(), [&](const Contender *a, const Contender *b) {
    return std::find(rows.begin(), rows.end(), a->rows.front()) < std::find(rows.begin(), rows.end(), b->rows.front());
  });
  return order;
}

Registry everything(const Options &options) {
  const std::size_t large = options.large ? large_ring_bytes() : 0;
  Registry registry(options, large);
  if (options.large && large >> 30 < 8) {
    registry.absent("large rings", fmt::format("only up to {} MiB, since memory is short", large >> 20));
  }
  add_rows(registry);
  add_limit(registry);
  add_futex(registry);
  add_raw(registry);
  add_ringbuf_cpp(registry);
  add_ringbuf_c(registry);
  add_boost(registry);
  add_boost_messages(registry);
  add_jack(registry);
  add_ck(registry);
  add_dpdk(registry);
  add_libqb(registry);
  add_moodycamel(registry);
  return registry;
}

void run(const Options &options) {
  const Registry registry = everything(options);
  const std::regex rows(options.rows), names(options.contenders);
  std::vector<const Contender *> chosen;
  for (const Contender &contender : registry.contenders) {
    const auto wanted = [&](const std::string &row) { return std::regex_search(row, rows); };
    if (!std::any_of(contender.rows.begin(), contender.rows.end(), wanted)) continue;
    if (!std::regex_search(contender.name, names)) continue;
    chosen.push_back(&contender);
    for (const std::string &row : contender.rows) {
      if (options.list) fmt::print("{:<30} {}\n", row, contender.name);
    }
  }
  if (options.list) return print_missing(registry);

  const Machine machine = this_machine();
  fmt::print("{}, {} processors used of {}\n{}\n{}, {}, {}\n", machine.processor, 2, machine.processors, machine.kernel,
             machine.compiler, machine.flags, machine.c_library);
  fmt::print("seed {}, {} forks of {} slices of {} ms\n", options.seed, options.forks, options.slices,
             options.slice_ms);
  print_missing(registry);

  std::mt19937_64 random(options.seed);
  Runner runner(options, registry);
  Results results(options, registry);
  const std::int64_t begin = now_ns();
  const auto seconds = [begin] { return static_cast<double>(now_ns() - begin) / 1e9; };
  for (int fork = 0; options.seconds > 0 ? fork == 0 || seconds() < options.seconds : fork < options.forks; ++fork) {
    for (const Contender *contender : shuffled(chosen, random)) {
      if (fork != 0 && options.seconds > 0 && seconds() >= options.seconds) break;
      if (fork >= contender->most_forks) continue;
      if (options.verbose)
        fmt::print(stderr, "{:.1f} s: {}: {}\n", seconds(), contender->rows.front(), contender->name);
      try {
        results.add(*contender, runner.run(*contender, random));
      } catch (const std::exception &e) {
        throw std::runtime_error(contender->rows.front() + ", " + contender->name + ": " + e.what());
      }
    }
  }
  const std::vector<Line> lines = results.lines();
  print_table(lines);
  const Results::Census census = results.census();
  print_census(census);
  print_targets(lines);
  fmt::print("{:.0f} s\n", seconds());
  if (!options.svg.empty()) write_plots(options.svg, lines);
  if (!options.json.empty()) write_json(options.json, machine, options, registry, census, lines);
}

}  // namespace

int main(int argc, char **argv) {
  const bench::Options options = bench::parse(argc, argv);
  bench::catch_signals();
  int status = 0;
  try {
    run(options);
  } catch (const std::exception &e) {
    std::fflush(stdout);
    fmt::print(stderr, "ringbuf_bench: {}\n", e.what());
    status = 1;
  }
  bench::sweep_names();
  return status;
}
