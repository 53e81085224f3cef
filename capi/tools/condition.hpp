// `ringbuf trigger --when`: a comparison of a channel with a number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "element.hpp"
#include "ring.hpp"
#include "text.hpp"

namespace tool {

// SIGNAL TEST NUMBER, where SIGNAL is CHANNEL, abs(CHANNEL) or rms(CHANNEL, WINDOW).
struct Condition {
  enum class Measure { value, abs, rms };
  enum class Test { above, at_least, below, at_most, rising, falling };

  std::string text;     // as it was given
  std::string ring;     // empty: the first one
  std::string channel;  // "ch0", or a name of the metadata
  Measure measure = Measure::value;
  Amount window;  // of rms
  Test test = Test::above;
  double level = 0;
};

// Failure (usage) says at which character the text is wrong, and what was expected there.
Condition parse_condition(const std::string &text);

// A condition for the samples of a ring, which are given one after the other.
class Detector {
 public:
  // Failure (usage) if the ring has no such channel, or its type does not go with the condition.
  Detector(Condition condition, const Ring &ring, const Info &info);

  // Whether the condition holds at this sample. An edge holds at the first sample on the other side of the level.
  bool holds(const std::byte *sample) noexcept;
  // The next sample does not follow on the last one.
  void restart() noexcept;
  const std::string &text() const noexcept { return condition_.text; }

 private:
  double measure(const std::byte *sample) noexcept;
  double rms(double square) noexcept;

  Condition condition_;
  std::uint32_t type_;
  std::size_t offset_;  // of the element in a sample
  double before_;       // NaN, which no comparison holds for: not known
  // The squares of the last samples, for rms.
  std::vector<double> squares_;
  std::size_t next_ = 0;
  std::size_t filled_ = 0;
  std::size_t not_finite_ = 0;
  double sum_ = 0;
};

}  // namespace tool
