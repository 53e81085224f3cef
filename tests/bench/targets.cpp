#include "targets.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>

#include "rows/put.hpp"
#include "rows/queue.hpp"
#include "rows/round_trip.hpp"
#include "rows/stream.hpp"
#include "rows/wake.hpp"
#include "rows/window.hpp"

namespace bench {

namespace {

// The medians of the class that is quoted: near, where there are slices of it, for single processes the only one there is.
class Medians {
 public:
  explicit Medians(const std::vector<Line> &lines) {
    constexpr std::array order = {Class::near, Class::alone, Class::far, Class::sibling};
    for (const Class where : order) {
      for (const Line &line : lines) {
        if (line.where == where) values_[line.row->name].emplace(line.contender->name, Value{where, &line});
      }
    }
  }

  std::optional<double> of(const std::string &row, const std::string &contender) const {
    const auto found = values_.find(row);
    if (found == values_.end()) return {};
    const auto value = found->second.find(contender);
    if (value == found->second.end()) return {};
    return value->second.line->summary.median;
  }

  // Of the best peer in a row.
  std::optional<double> best(const std::string &row) const {
    const auto found = values_.find(row);
    if (found == values_.end()) return {};
    std::optional<double> best;
    for (const auto &[name, value] : found->second) {
      if (value.line->contender->kind != Kind::peer) continue;
      const double median = value.line->summary.median;
      const bool larger = larger_is_better(value.line->row->unit);
      if (!best || (larger ? median > *best : median < *best)) best = median;
    }
    return best;
  }

 private:
  struct Value {
    Class where;
    const Line *line;
  };
  std::map<std::string, std::map<std::string, Value>> values_;
};

class Printer {
 public:
  // `speed`: how many times as fast as asked for; at least 1 is what is wanted.
  void line(const std::string &what, const std::string &asked, const std::string &found, double speed) {
    if (!heading_) fmt::print("\nTargets:\n");
    heading_ = true;
    std::string verdict = "met";
    if (speed < 1) verdict = fmt::format("missed by {:.0f} %{}", 100 * (1 - speed), speed > 0.8 ? " (a tie)" : "");
    fmt::print("  {:<52} {:<26} {:>12}  {}\n", what, asked, found, verdict);
  }

  // At least `times` the reference; both throughputs.
  void at_least(const std::string &what, std::optional<double> value, double times, const char *of,
                std::optional<double> reference) {
    if (!value || !reference) return;
    line(what, fmt::format(">= {:.2f} x {}", times, of), fmt::format("{:.2f} x", *value / *reference),
         *value / (times * *reference));
  }
  // At most; both times.
  void at_most(const std::string &what, std::optional<double> value, double times, const char *of,
               std::optional<double> reference) {
    if (!value || !reference) return;
    line(what, fmt::format("<= {:.2f} x {}", times, of), fmt::format("{:.2f} x", *value / *reference),
         times * *reference / *value);
  }
  void at_most_ns(const std::string &what, std::optional<double> value, double ns) {
    if (!value) return;
    line(what, fmt::format("<= {:.1f} ns", ns), fmt::format("{:.1f} ns", *value), ns / *value);
  }

 private:
  bool heading_ = false;
};

constexpr const char *cpp = "ringbuf C++";
constexpr const char *c = "ringbuf C";

void print_streams(const Medians &medians, Printer &printer) {
  for (const char *who : {cpp, c}) {
    for (const bool can_lose : {false, true}) {
      const char *const how = can_lose ? "overwriting" : "lossless";
      printer.at_most_ns(fmt::format("put of 2 B, {}, streamed, {}", how, who),
                         medians.of(stream_row(2, can_lose), who), 10);
      for (const std::size_t bytes : stream_sizes) {
        if (bytes == 2) continue;
        for (const Use use : {Use::light, Use::heavy}) {
          const std::string row = stream_row(bytes, can_lose, use);
          const std::string what = fmt::format("{}, {}", row, who);
          printer.at_least(what, medians.of(row, who), 0.8, "the limit", medians.of(row, "limit"));
          // The peers lose nothing.
          printer.at_least(what, medians.of(row, who), 1, "the best peer", medians.best(stream_row(bytes, false, use)));
        }
      }
    }
  }
  // Aeron took that long on another machine; it is not among Debian's packages.
  printer.at_most_ns(fmt::format("put of 2 B, alone, {}", c), medians.of(put_row(2, "alone"), c), 7.9);
}

void print_windows(const Medians &medians, Printer &printer) {
  for (const char *who : {cpp, c}) {
    for (const std::uint64_t length : {std::uint64_t{1024}, std::uint64_t{1048576}}) {
      printer.at_most_ns(fmt::format("window of {} x 64 float32, validated, {}", length, who),
                         medians.of(window_row(length), who), 5);
    }
  }
}

void print_queues(const Medians &medians, Printer &printer) {
  for (const std::size_t capacity : {1024, 65536}) {
    const std::string small = queue_row(8, 1, capacity), large = queue_row(64, 1, capacity);
    printer.at_least(fmt::format("queue, 8 B, capacity {}, {}", capacity, cpp), medians.of(small, cpp), 1,
                     "the best peer", medians.best(small));
    printer.at_least(fmt::format("queue, 8 B, capacity {}, {}", capacity, c), medians.of(small, c), 1, "boost",
                     medians.of(small, "boost spsc_queue"));
    printer.at_least(fmt::format("queue, 64 B, capacity {}, {}", capacity, cpp), medians.of(large, cpp), 2,
                     "the best peer", medians.best(large));
    printer.at_least(fmt::format("queue, 64 B, capacity {}, {}", capacity, c), medians.of(large, c), 1, "the best peer",
                     medians.best(large));
    for (const std::size_t item : {8, 64}) {
      const std::string row = queue_row(item, queue_batch, capacity);
      for (const char *who : {cpp, c}) {
        printer.at_least(fmt::format("queue, {} B in batches, capacity {}, {}", item, capacity, who),
                         medians.of(row, who), 1.1, "the best peer", medians.best(row));
      }
    }
  }
}

void print_waits(const Medians &medians, Printer &printer) {
  for (const char *who : {cpp, c}) {
    printer.at_most(fmt::format("round trip, spinning, {}", who), medians.of(round_trip_row, who), 0.7, "the best peer",
                    medians.best(round_trip_row));
    for (const char *row : {wake_one_way_row, wake_round_trip_row}) {
      printer.at_most(fmt::format("{}, {}", row, who), medians.of(row, who), 1.05, "a raw futex",
                      medians.of(row, "limit"));
    }
    for (const char *company : {"alone", "a sleeping reader"}) {
      for (const std::size_t bytes : {2, 8, 256}) {
        const std::string row = put_row(bytes, company);
        const auto value = medians.of(row, who), reference = medians.of(row, "cannot wake");
        if (!value || !reference) continue;
        printer.line(fmt::format("{}, {}", row, who), "<= 3 ns + one that cannot wake",
                     fmt::format("+ {:.1f} ns", *value - *reference), (*reference + 3) / *value);
      }
    }
  }
}

}  // namespace

void print_targets(const std::vector<Line> &lines) {
  const Medians medians(lines);
  Printer printer;
  print_streams(medians, printer);
  print_windows(medians, printer);
  print_queues(medians, printer);
  print_waits(medians, printer);
}

}  // namespace bench
