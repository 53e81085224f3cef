// The rows of the table, and who competes in each.
#pragma once

#include <climits>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "options.hpp"
#include "work.hpp"

namespace bench {

enum class Unit { gigabytes_per_s, million_per_s, ns, us, bytes };

constexpr bool larger_is_better(Unit unit) { return unit == Unit::gigabytes_per_s || unit == Unit::million_per_s; }
const char *unit_name(Unit unit);

struct Row {
  std::string name;   // "stream/8KiB/lossless"
  std::string title;  // in words
  Unit unit;
  double bytes = 0;          // of one item, for gigabytes_per_s
  bool until_reader = true;  // a slice ends when the reader has everything, not when the writer has sent it
};

enum class Kind { ringbuf, peer, limit, other };  // other: shown, but no measure of anything

struct Contender {
  std::vector<std::string> rows;  // several where one set-up serves them all, and measure() says which slice was whose
  std::string name;
  Kind kind;
  // One of the two.
  std::function<std::unique_ptr<Duel>(Arena &)> duel;
  std::function<std::unique_ptr<Solo>(Arena &)> solo;
  int most_forks = INT_MAX;  // where setting up takes long, or nothing depends on the fork
};

class Registry {
 public:
  Registry(const Options &options, std::size_t large)
      : quick(options.quick), plots(!options.svg.empty()), large_bytes(large) {}

  const bool quick;               // few and small things
  const bool plots;               // rows that only the plots have, too
  const std::size_t large_bytes;  // data of the largest ring of the large ones; 0: none of them

  void add(Row row) { rows.push_back(std::move(row)); }
  void duel(std::string row, std::string name, Kind kind, std::function<std::unique_ptr<Duel>(Arena &)> make) {
    contenders.push_back({{std::move(row)}, std::move(name), kind, std::move(make), {}});
  }
  Contender &solo(std::string row, std::string name, Kind kind, std::function<std::unique_ptr<Solo>(Arena &)> make) {
    return solo(std::vector{std::move(row)}, std::move(name), kind, std::move(make));
  }
  Contender &solo(std::vector<std::string> rows_of_one, std::string name, Kind kind,
                  std::function<std::unique_ptr<Solo>(Arena &)> make) {
    contenders.push_back({std::move(rows_of_one), std::move(name), kind, {}, std::move(make)});
    return contenders.back();
  }
  // A peer that this program was built without, or a work that it cannot do, and why.
  void absent(std::string name, std::string why) { missing.push_back({std::move(name), std::move(why)}); }

  const Row &row(const std::string &name) const;

  struct Absence {
    std::string name, why;
  };
  std::vector<Row> rows;
  std::vector<Contender> contenders;
  std::vector<Absence> missing;
};

// One function per file of peers/; a peer that was not found registers its absence.
void add_ringbuf_cpp(Registry &registry);
void add_ringbuf_c(Registry &registry);
void add_limit(Registry &registry);
void add_futex(Registry &registry);
void add_raw(Registry &registry);
void add_boost(Registry &registry);
void add_boost_messages(Registry &registry);
void add_jack(Registry &registry);
void add_ck(Registry &registry);
void add_dpdk(Registry &registry);
void add_libqb(Registry &registry);
void add_moodycamel(Registry &registry);

// One function per file of rows/ that has contenders of its own.
void add_rows(Registry &registry);

}  // namespace bench
