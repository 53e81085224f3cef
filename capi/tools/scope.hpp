// What `ringbuf scope` shows, as lines of text: for a screen, and for stdout.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "envelope.hpp"
#include "ring.hpp"
#include "spectrum.hpp"

namespace tool {

struct ScopeLine {
  enum class Style { status, heading, curve, axis };
  std::string text;  // UTF-8, at most as many characters as the picture is wide
  Style style;
};

class Scope {
 public:
  // Failure (usage) if the ring has no numbers. `span` in samples.
  Scope(Ring ring, std::vector<std::uint32_t> channels, std::uint64_t span);
  Scope(const Scope &) = delete;
  Scope &operator=(const Scope &) = delete;

  // Channels that can be chosen are those of the constructor. Nothing happens if it would leave none.
  void toggle(std::uint32_t channel);
  void show_all();
  void scroll(int by);  // if not all channels fit
  void zoom(double factor);
  void pause(bool paused);
  bool paused() const noexcept { return paused_end_.has_value(); }
  bool spectrum = false;

  // Takes what has come, and draws it. `rows`: of each channel; if not given, as many as fit into `height`.
  std::vector<ScopeLine> draw(std::size_t width, std::optional<std::size_t> rows, std::size_t height);
  std::uint64_t lost() const noexcept { return envelope_.lost(); }

 private:
  void draw_curve(std::size_t channel, std::size_t width, std::size_t rows, std::vector<ScopeLine> &lines) const;
  void draw_spectrum(std::size_t channel, std::size_t width, std::size_t rows, std::vector<ScopeLine> &lines);
  std::string status(std::size_t channels_below) const;
  std::string span_text() const;

  Ring ring_;
  Info info_;
  std::vector<std::string> names_;
  std::vector<bool> chosen_;  // of the envelope's channels
  Envelope envelope_;
  Spectrum spectrum_;
  std::uint64_t span_;
  std::size_t top_ = 0;  // the first channel that is shown
  std::optional<std::int64_t> paused_end_;
};

// The live screen, until `q` or a signal. Failure if there is no terminal.
int scope_screen(Scope &scope, std::int64_t interval_ns);

}  // namespace tool
