// Random operations on rings of all kinds, each answer compared with the model's. The seed is printed; RINGBUF_SEED and
// RINGBUF_OPS draw the same again, or more.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <tuple>

#include "../support/support.hpp"
#include "model_run.hpp"

using model::Comparison;
using model::Kind;

namespace {

class Model : public testing::TestWithParam<std::tuple<Kind, bool>> {};

TEST_P(Model, RandomOperationsAnswerAsTheModelDoes) {
  const auto [kind, lossless] = GetParam();
  test::Random seeds;
  const std::uint64_t operations = test::from_environment("RINGBUF_OPS", 200'000);
  constexpr std::uint64_t operations_a_run = 2'000;
  for (std::uint64_t done = 0; done < operations; done += operations_a_run) {
    // The first run has the seed itself, so that a failing one can be run alone.
    const std::uint64_t seed = done == 0 ? seeds.seed() : seeds.below(UINT64_MAX);
    SCOPED_TRACE("RINGBUF_SEED=" + std::to_string(seed));
    Comparison run(kind, lossless, seed);
    if (HasFailure()) return;
    for (std::uint64_t i = 0; i < operations_a_run; ++i) {
      SCOPED_TRACE("operation " + std::to_string(i));
      run.operate();
      if (i % 16 == 0) run.check_pocket();
      if (HasFailure()) return;
    }
  }
}

std::string name_of(const testing::TestParamInfo<Model::ParamType> &info) {
  const char *kind = std::array{"Raw", "Anonymous", "Named"}[static_cast<std::size_t>(std::get<0>(info.param))];
  return std::string(kind) + (std::get<1>(info.param) ? "Lossless" : "Overwriting");
}

INSTANTIATE_TEST_SUITE_P(Kinds, Model,
                         testing::Combine(testing::Values(Kind::raw, Kind::anonymous, Kind::named), testing::Bool()),
                         name_of);

}  // namespace
