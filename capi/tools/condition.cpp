#include "condition.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "chosen_channels.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t longest_window = 16777216;

struct TestName {
  std::string_view name;
  Condition::Test test;
};
// The longer one first where one begins with the other.
constexpr std::array tests{TestName{">=", Condition::Test::at_least},   TestName{">", Condition::Test::above},
                           TestName{"<=", Condition::Test::at_most},    TestName{"<", Condition::Test::below},
                           TestName{"rising", Condition::Test::rising}, TestName{"falling", Condition::Test::falling}};

class Parser {
 public:
  explicit Parser(const std::string &text) : text_(text) {}

  Condition parse() {
    Condition condition;
    condition.text = text_;
    const std::size_t begin = skip_space();
    const std::string word = take_word();
    if (take('(')) {
      if (word != "abs" && word != "rms") fail(begin, "abs(CHANNEL) or rms(CHANNEL, WINDOW)");
      condition.measure = word == "abs" ? Condition::Measure::abs : Condition::Measure::rms;
      skip_space();
      channel(condition, take_word());
      if (condition.measure == Condition::Measure::rms) {
        if (!take(',')) fail(skip_space(), "a comma and the window, as in rms(ch0, 100ms)");
        condition.window = window();
      }
      if (!take(')')) fail(skip_space(), "a closing bracket");
    } else {
      at_ = begin;
      channel(condition, take_word());
    }
    condition.test = test();
    condition.level = number();
    if (skip_space() < text_.size()) fail(at_, "nothing after the number");
    return condition;
  }

 private:
  [[noreturn]] void fail(std::size_t at, const char *expected) const {
    const std::string found = at < text_.size() ? tool::format("\"{}\"", text_.substr(at)) : "the end";
    throw Failure(exit_usage,
                  tool::format("--when '{}': character {}: found {}, expected {}; an example is 'ch0 > 0.5'", text_,
                               at + 1, found, expected));
  }

  std::size_t skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    return at_;
  }

  bool take(char expected) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != expected) return false;
    ++at_;
    return true;
  }

  // Up to a blank or an operator. It may be empty.
  std::string take_word() {
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_of(" \t<>=(),\"'", begin), text_.size());
    return text_.substr(begin, at_ - begin);
  }

  // `word` has been taken, and begins a channel: CHANNEL or RING/CHANNEL, and CHANNEL may be in quotation marks.
  void channel(Condition &condition, std::string word) {
    if (const auto slash = word.find('/'); slash != std::string::npos) {
      condition.ring = word.substr(0, slash);
      word = word.substr(slash + 1);
      if (condition.ring.empty()) fail(at_ - word.size() - 1, "the name of a ring before the slash");
    }
    if (word.empty() && at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      const std::size_t end = text_.find(text_[at_], at_ + 1);
      if (end == std::string::npos) fail(at_, "the same quotation mark again after the name");
      word = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
    }
    if (word.empty()) fail(at_, "a channel: ch0, or a name of the metadata");
    condition.channel = word;
  }

  Amount window() {
    const std::size_t begin = skip_space();
    at_ = std::min(text_.find_first_of("),", begin), text_.size());
    std::string word = text_.substr(begin, at_ - begin);
    while (word.ends_with(' ')) word.pop_back();
    const auto amount = parse_amount(word);
    if (!amount || amount->value == 0) fail(begin, "a time such as 100ms, or a number of samples");
    return *amount;
  }

  Condition::Test test() {
    skip_space();
    for (const TestName &each : tests) {
      if (std::string_view(text_).substr(at_).starts_with(each.name)) {
        at_ += each.name.size();
        return each.test;
      }
    }
    fail(at_, "one of >, >=, <, <=, rising, falling");
  }

  double number() {
    skip_space();
    double value = 0;
    const char *begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc() || !std::isfinite(value)) fail(at_, "a number");
    at_ += static_cast<std::size_t>(end - begin);
    return value;
  }

  const std::string &text_;
  std::size_t at_ = 0;
};

// "ch3", unless the metadata name a channel so.
std::uint32_t find_channel(const Condition &condition, const Ring &ring, const Info &info) {
  if (const auto named = channel_named(ring, info, condition.channel)) return *named;
  const std::string &name = condition.channel;
  const auto number = name.starts_with("ch") ? parse_integer(std::string_view(name).substr(2)) : std::nullopt;
  if (number && *number >= 0 && *number < static_cast<std::int64_t>(info.channels)) {
    return static_cast<std::uint32_t>(*number);
  }
  std::string names;
  for (const std::string &each : channel_names(ring, info))
    names += tool::format("{}{}", names.empty() ? "" : ", ", each);
  throw Failure(exit_usage, tool::format("--when '{}': {} has no channel \"{}\", expected ch0 to ch{} or one of: {}",
                                         condition.text, ring.name(), name, info.channels - 1, names));
}

}  // namespace

Condition parse_condition(const std::string &text) { return Parser(text).parse(); }

Detector::Detector(Condition condition, const Ring &ring, const Info &info)
    : condition_(std::move(condition)),
      type_(info.data_type),
      offset_(std::size_t{find_channel(condition_, ring, info)} * info.item_size),
      before_(unknown) {
  const auto refuse = [&](const std::string &why) {
    throw Failure(exit_usage, tool::format("--when '{}': {}", condition_.text, why));
  };
  if (type_ == RINGBUF_BYTES) refuse(tool::format("{} has opaque items, which are no numbers", ring.name()));
  if (is_complex(type_) && condition_.measure == Condition::Measure::value) {
    refuse(tool::format("{} has complex numbers, which have no order; take abs() or rms()", ring.name()));
  }
  if (condition_.measure == Condition::Measure::rms) {
    const std::uint64_t window = condition_.window.samples(info.sample_rate, "the window of rms()");
    if (window == 0 || window > longest_window) {
      refuse(tool::format("the window has {} samples, expected 1 to {}", window, longest_window));
    }
    squares_.resize(static_cast<std::size_t>(window));
  }
}

void Detector::restart() noexcept {
  before_ = unknown;
  next_ = filled_ = not_finite_ = 0;
  sum_ = 0;
}

double Detector::measure(const std::byte *sample) noexcept {
  const std::byte *element = sample + offset_;
  const double value = element_value(type_, element);
  if (condition_.measure == Condition::Measure::value) return value;
  const double imaginary = is_complex(type_) ? element_value(type_, element, true) : 0;
  if (condition_.measure == Condition::Measure::abs) return std::hypot(value, imaginary);
  return rms(value * value + imaginary * imaginary);
}

double Detector::rms(double square) noexcept {
  double &place = squares_[next_];
  if (filled_ == squares_.size()) {
    if (std::isfinite(place)) {
      sum_ -= place;
    } else {
      --not_finite_;
    }
  } else {
    ++filled_;
  }
  place = square;
  if (std::isfinite(square)) {
    sum_ += square;
  } else {
    ++not_finite_;
  }
  if (++next_ == squares_.size()) {
    next_ = 0;
    sum_ = 0;  // anew, since the rounding errors of the differences would add up
    for (const double each : squares_) sum_ += std::isfinite(each) ? each : 0;
  }
  if (filled_ < squares_.size() || not_finite_ > 0) return unknown;
  return std::sqrt(std::max(0.0, sum_) / static_cast<double>(squares_.size()));
}

bool Detector::holds(const std::byte *sample) noexcept {
  const double value = measure(sample);
  const double before = std::exchange(before_, value);
  const double level = condition_.level;
  switch (condition_.test) {
    case Condition::Test::above:
      return value > level;
    case Condition::Test::at_least:
      return value >= level;
    case Condition::Test::below:
      return value < level;
    case Condition::Test::at_most:
      return value <= level;
    case Condition::Test::rising:
      return before < level && value >= level;
    default:
      return before > level && value <= level;
  }
}

}  // namespace tool
