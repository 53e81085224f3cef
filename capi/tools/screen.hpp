// The terminal as a screen that is redrawn: ncurses.
#pragma once

#include <cstdint>
#include <string>

namespace tool {

// The terminal is as it was before when this ends, also by an exception.
class Screen {
 public:
  // Failure if stdin or stdout is no terminal, or of a kind that is not known; `instead` ends the sentence.
  explicit Screen(const std::string &instead);
  Screen(const Screen &) = delete;
  Screen &operator=(const Screen &) = delete;
  ~Screen();

  // The next key, KEY_RESIZE, or ERR when the time has come or a signal has.
  int key(std::int64_t until_monotonic_ns) const;
};

}  // namespace tool
