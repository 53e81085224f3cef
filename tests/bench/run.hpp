// Runs a contender once: forks, measures some slices, and comes back with what they gave.
#pragma once

#include <random>
#include <vector>

#include "options.hpp"
#include "row.hpp"
#include "sample.hpp"

namespace bench {

class Runner {
 public:
  Runner(const Options &options, const Registry &registry);

  // Throws std::runtime_error where a process failed.
  std::vector<Sample> run(const Contender &contender, std::mt19937_64 &random);

 private:
  struct Shared;

  void writer(Duel &duel, const Row &row) noexcept;
  void reader(Duel &duel) noexcept;
  void alone(Solo &solo, const Row &row, const Contender &contender) noexcept;

  const Options &options_;
  const Registry &registry_;
  Arena arena_;
  Shared *shared_;
  std::vector<int> processors_;
};

}  // namespace bench
