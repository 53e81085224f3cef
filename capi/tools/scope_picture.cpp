#include <algorithm>
#include <cmath>
#include <utility>

#include "braille.hpp"
#include "chosen_channels.hpp"
#include "scope.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

constexpr std::size_t label_width = 11;  // of the values at the left
constexpr std::size_t least_rows = 2;
constexpr double shown_db = 100;

// At most that many characters of UTF-8.
std::string cut(const std::string &text, std::size_t width) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80 && ++count > width) return text.substr(0, i);
  }
  return text;
}

// Rows of dots with a label at the top and one at the bottom.
void add_rows(const Braille &dots, std::size_t rows, const std::string &top, const std::string &bottom,
              std::vector<ScopeLine> &lines) {
  for (std::size_t row = 0; row < rows; ++row) {
    const std::string label = row == 0 ? top : row + 1 == rows ? bottom : "";
    std::string text = tool::format("{:>{}} {}", label, label_width - 1, dots.row(row));
    text.erase(text.find_last_not_of(' ') + 1);
    lines.push_back({text, ScopeLine::Style::curve});
  }
}

// Which row of dots a value has, with `least` at the bottom.
std::size_t dot_of(double value, double least, double most, std::size_t height) {
  const double part = std::clamp((most - value) / (most - least), 0.0, 1.0);
  return static_cast<std::size_t>(std::lround(part * static_cast<double>(height - 1)));
}

std::string spread(const std::string &left, const std::string &right, std::size_t width) {
  const std::size_t used = label_width + left.size() + right.size();
  return std::string(label_width, ' ') + left + std::string(width > used ? width - used : 1, ' ') + right;
}

}  // namespace

Scope::Scope(Ring ring, std::vector<std::uint32_t> channels, std::uint64_t span)
    : ring_(std::move(ring)),
      info_(ring_.info()),
      names_(channel_names(ring_, info_)),
      chosen_(channels.size(), true),
      envelope_(ring_, std::move(channels)),
      spectrum_(ring_),
      span_(span) {
  if ((info_.flags & RINGBUF_MESSAGES) != 0 || info_.data_type == RINGBUF_BYTES) {
    throw Failure(exit_usage,
                  tool::format("{} has {}, which are no numbers; `ringbuf cat {}` shows them", ring_.name(),
                               (info_.flags & RINGBUF_MESSAGES) != 0 ? "messages" : "opaque items", ring_.name()));
  }
  zoom(1);
}

void Scope::zoom(double factor) {
  // The oldest eighth is overwritten while it is read.
  const double most = static_cast<double>(std::max<std::uint64_t>(info_.capacity - info_.capacity / 8, 1));
  span_ = static_cast<std::uint64_t>(std::clamp(static_cast<double>(span_) * factor, std::min(16.0, most), most));
}

void Scope::toggle(std::uint32_t channel) {
  const std::vector<bool> before = chosen_;
  for (std::size_t c = 0; c < chosen_.size(); ++c) {
    if (envelope_.channels()[c] == channel) chosen_[c] = !chosen_[c];
  }
  if (std::find(chosen_.begin(), chosen_.end(), true) == chosen_.end()) chosen_ = before;
  top_ = 0;
}

void Scope::show_all() { std::fill(chosen_.begin(), chosen_.end(), true); }

void Scope::scroll(int by) {
  const auto count = static_cast<std::size_t>(std::count(chosen_.begin(), chosen_.end(), true));
  if (by < 0 && top_ > 0) --top_;
  if (by > 0 && top_ + 1 < count) ++top_;
}

void Scope::pause(bool paused) {
  paused_end_.reset();
  if (paused) paused_end_ = envelope_.end();
}

std::string Scope::span_text() const {
  if (info_.sample_rate > 0) return human_duration(static_cast<double>(span_) / info_.sample_rate);
  return tool::format("{} samples", span_);
}

std::string Scope::status(std::size_t channels_below) const {
  // What may change comes first, since a narrow screen cuts the rest.
  std::string text =
      tool::format("{}  {}", ring_.name(), info_.state == RINGBUF_STATE_DEAD ? "DEAD" : state_name(info_.state));
  if (paused()) text += "  PAUSED";
  if (channels_below > 0) text += tool::format("  {} more below", channels_below);
  if (lost() > 0) text += tool::format("  {} samples missed", lost());
  text += tool::format("  {}  {}", shape_text(info_), human_rate(info_.sample_rate));
  return text;
}

std::vector<ScopeLine> Scope::draw(std::size_t width, std::optional<std::size_t> rows, std::size_t height) {
  info_ = ring_.info();
  width = std::max<std::size_t>(width, label_width + 8);
  envelope_.resize(span_, 2 * (width - label_width));
  envelope_.update(paused_end_);
  if (spectrum) static_cast<void>(spectrum_.take(envelope_.end(), span_));
  std::vector<std::size_t> shown;
  for (std::size_t c = 0; c < chosen_.size(); ++c) {
    if (chosen_[c]) shown.push_back(c);
  }
  shown.erase(shown.begin(), shown.begin() + static_cast<std::ptrdiff_t>(std::min(top_, shown.size() - 1)));
  std::size_t count = shown.size();
  std::size_t left_over = 0;  // rows that the first channels have more
  if (!rows) {                // a status line, an axis, and a heading for each channel
    const std::size_t room = height > 2 ? height - 2 : 1;
    count = std::clamp<std::size_t>(room / (least_rows + 1), 1, shown.size());
    rows = std::max(room / count, least_rows + 1) - 1;
    left_over = room / count > least_rows ? room % count : 0;
  }
  std::vector<ScopeLine> lines;
  lines.push_back({status(shown.size() - count), ScopeLine::Style::status});
  for (std::size_t k = 0; k < count; ++k) {
    const Extent extent = envelope_.all(shown[k]);
    const std::uint32_t channel = envelope_.channels()[shown[k]];
    std::string heading = tool::format("ch{}", channel);
    if (names_[channel] != std::to_string(channel + 1)) heading += " " + names_[channel];  // the metadata have a name
    heading +=
        extent.count > 0 ? tool::format("  peak {:.4g}  rms {:.4g}", extent.peak(), extent.rms()) : "  no samples";
    if (extent.not_finite > 0) heading += tool::format("  {} not finite", extent.not_finite);
    lines.push_back({heading, ScopeLine::Style::heading});
    const std::size_t its_rows = *rows + (k < left_over ? 1 : 0);
    if (spectrum) {
      draw_spectrum(shown[k], width, its_rows, lines);
    } else {
      draw_curve(shown[k], width, its_rows, lines);
    }
  }
  if (spectrum) {
    const double rate = info_.sample_rate > 0 ? info_.sample_rate : 1;
    const bool two_sided = is_complex(info_.data_type);
    const auto text = [&](double frequency) {
      return tool::format("{:.6g}{}", frequency, info_.sample_rate > 0 ? " Hz" : "");
    };
    lines.push_back({spread(text(two_sided ? -rate / 2 : 0), text(rate / 2), width), ScopeLine::Style::axis});
  } else {
    const std::string newest =
        envelope_.end() > info_.first_index ? tool::format("sample {}", envelope_.end() - 1) : "";
    lines.push_back({spread(tool::format("-{}", span_text()), newest, width), ScopeLine::Style::axis});
  }
  for (ScopeLine &each : lines) each.text = cut(each.text, width);
  return lines;
}

void Scope::draw_curve(std::size_t channel, std::size_t width, std::size_t rows, std::vector<ScopeLine> &lines) const {
  Braille dots(width - label_width, rows);
  const Extent extent = envelope_.all(channel);
  double least = extent.least;
  double most = extent.most;
  if (!(most > least)) {  // a flat line, in the middle
    const double around = std::max(std::fabs(most) / 2, 1.0);
    least -= around;
    most += around;
  }
  const std::size_t columns = envelope_.columns();
  const Extent *before = nullptr;
  for (std::size_t k = 0; k < columns; ++k) {
    const Extent *at = envelope_.at(k, channel);
    if (at != nullptr) {
      // Also the way from the last sample of the column before.
      const double high = before != nullptr ? std::max(at->most, before->last) : at->most;
      const double low = before != nullptr ? std::min(at->least, before->last) : at->least;
      const std::size_t from = dot_of(high, least, most, dots.height());
      const std::size_t to = dot_of(low, least, most, dots.height());
      for (std::size_t x = k * dots.width() / columns; x < (k + 1) * dots.width() / columns; ++x) {
        dots.vertical(x, from, to);
      }
    }
    before = at;
  }
  add_rows(dots, rows, extent.count > 0 ? tool::format("{:.4g}", most) : "",
           extent.count > 0 ? tool::format("{:.4g}", least) : "", lines);
}

void Scope::draw_spectrum(std::size_t channel, std::size_t width, std::size_t rows, std::vector<ScopeLine> &lines) {
  Braille dots(width - label_width, rows);
  const std::vector<SpectrumLine> all = spectrum_.lines(envelope_.channels()[channel]);
  if (all.empty()) {
    add_rows(dots, rows, "", "", lines);
    return;
  }
  const SpectrumLine highest =
      *std::max_element(all.begin(), all.end(), [](const auto &a, const auto &b) { return a.decibels < b.decibels; });
  lines.back().text += tool::format("  highest {:.6g}{} {:.1f} dB", highest.frequency,
                                    info_.sample_rate > 0 ? " Hz" : "", highest.decibels);
  const double most = 10 * std::ceil(highest.decibels / 10);
  const double least = most - shown_db;
  for (std::size_t x = 0; x < dots.width(); ++x) {
    // The highest of the lines that fall on this column, or the one nearest to it.
    const std::size_t from = std::min(x * all.size() / dots.width(), all.size() - 1);
    const std::size_t to = std::clamp((x + 1) * all.size() / dots.width(), from + 1, all.size());
    double decibels = all[from].decibels;
    for (std::size_t k = from; k < to; ++k) decibels = std::max(decibels, all[k].decibels);
    if (decibels < least) continue;
    dots.vertical(x, dot_of(decibels, least, most, dots.height()), dots.height() - 1);
  }
  add_rows(dots, rows, tool::format("{:.0f} dB", most), tool::format("{:.0f} dB", least), lines);
}

}  // namespace tool
