#include "report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace bench {

namespace {

// Three digits.
std::string number(double value) {
  if (value == 0) return "0";
  const double size = std::abs(value);
  if (size >= 99.95) return fmt::format("{:.0f}", value);
  if (size >= 9.995) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2f}", value);
}

std::string ratio(double value) { return value == 0 ? "" : fmt::format("{:.2f}", value); }

}  // namespace

void print_table(const std::vector<Line> &lines) {
  const Row *row = nullptr;
  fmt::print("\n{:<20} {:>10} {:>9} {:>9} {:>8} {:>5}  {:>6}  {:>6}\n", "", "median", "p10", "p90", "class", "n",
             "x peer", "x limit");
  for (const Line &line : lines) {
    if (line.row != row) {
      row = line.row;
      fmt::print("\n{}: {}, {}\n", row->name, row->title, unit_name(row->unit));
    }
    const Summary &s = line.summary;
    fmt::print("  {:<18} {:>10} {:>9} {:>9} {:>8} {:>5}  {:>6}  {:>6}{}\n", line.contender->name, number(s.median),
               number(s.p10), number(s.p90), class_name(line.where), s.n, ratio(line.to_best_peer),
               ratio(line.to_limit), s.lost > 0 ? fmt::format("  lost {:.1f} %", 100 * s.lost) : "");
  }
  fmt::print(
      "\nx peer, x limit: how many times as fast as the best peer and as the limit. Differences under 25 % are "
      "ties.\n");
  for (const Line &line : lines) {
    if (line.contender->kind == Kind::limit || line.to_limit <= 1.25) continue;
    fmt::print("No limit: {} was {:.2f} times as fast in {}, {}\n", line.contender->name, line.to_limit, line.row->name,
               class_name(line.where));
  }
}

void print_census(const Results::Census &census) {
  // Bins of a quarter of a doubling.
  std::map<int, std::size_t> bins;
  for (const double probe : census.probes) {
    if (probe > 0) ++bins[static_cast<int>(std::floor(4 * std::log2(probe)))];
  }
  if (bins.empty()) return;
  std::size_t most = 0;
  for (const auto &[bin, count] : bins) most = std::max(most, count);
  fmt::print("\nRound trips of a cache line, as the probes saw them (sibling below {:.0f} ns, far from {:.0f} ns):\n",
             census.bounds.round_trip[0], census.bounds.round_trip[1]);
  for (const auto &[bin, count] : bins) {
    const auto bound = [](int b) { return std::exp2(b / 4.0); };
    fmt::print("  {:>6.0f} to {:>6.0f} ns {:>6} {}\n", bound(bin), bound(bin + 1), count,
               std::string(1 + 50 * count / most, '#'));
  }
  fmt::print("{} slices kept; dropped: {} disturbed, {} on a slow processor, {} between probes that did not agree\n",
             census.kept, census.disturbed, census.slow, census.disagreeing);
}

void print_missing(const Registry &registry) {
  for (const Registry::Absence &absence : registry.missing) {
    fmt::print("{}: {}\n", absence.name, absence.why);
  }
}

}  // namespace bench
