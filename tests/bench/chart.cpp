#include "chart.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <stdexcept>

namespace bench {

namespace {

constexpr double width = 820, height = 460, left = 80, right = 210, top = 50, bottom = 60;

std::string escaped(const std::string &text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// One axis: from a value to a place, along powers of the base.
class Axis {
 public:
  Axis(double base, double low, double high, double begin, double end) : base_(base), begin_(begin), end_(end) {
    low_ = std::floor(log(low) + 1e-9);
    high_ = std::ceil(log(high) - 1e-9);
    if (high_ <= low_) high_ = low_ + 1;
  }
  double place(double value) const { return begin_ + (log(value) - low_) / (high_ - low_) * (end_ - begin_); }
  // At most a dozen.
  std::vector<double> ticks() const {
    std::vector<double> ticks;
    const double step = std::max(1.0, std::ceil((high_ - low_) / 12));
    for (double power = low_; power <= high_ + 1e-9; power += step) ticks.push_back(std::pow(base_, power));
    return ticks;
  }

 private:
  double log(double value) const { return std::log(value) / std::log(base_); }
  double base_, begin_, end_, low_, high_;
};

// 1024 is 1 Ki where powers of two are counted.
std::string tick_text(double value, double base) {
  if (base == 2) {
    for (const auto &[size, name] : std::array<std::pair<double, const char *>, 3>{
             {{1024.0 * 1024 * 1024, " Gi"}, {1024.0 * 1024, " Mi"}, {1024.0, " Ki"}}}) {
      if (value >= size) return fmt::format("{:g}{}", value / size, name);
    }
  }
  return fmt::format("{:g}", value);
}

std::string text(double x, double y, const char *anchor, const std::string &what, const std::string &more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more,
                     escaped(what));
}

std::string line(double x1, double y1, double x2, double y2, const char *color) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n", x1, y1, x2, y2,
                     color);
}

}  // namespace

void write_svg(const std::string &file, const Chart &chart) {
  std::vector<double> xs, ys;
  for (const Series &series : chart.series) {
    for (const auto &[x, y] : series.points) xs.push_back(x), ys.push_back(y);
  }
  if (xs.empty()) return;
  const auto [x_low, x_high] = std::minmax_element(xs.begin(), xs.end());
  const auto [y_low, y_high] = std::minmax_element(ys.begin(), ys.end());
  const Axis x(chart.x_base, *x_low, *x_high, left, width - right);
  const Axis y(*y_high / *y_low > 30 ? 10 : 2, *y_low, *y_high, height - bottom, top);

  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
      width, height);
  svg += text(left, 26, "start", chart.title, " font-size=\"15\"");
  for (const double tick : x.ticks()) {
    svg += line(x.place(tick), top, x.place(tick), height - bottom, "#ddd");
    svg += text(x.place(tick), height - bottom + 18, "middle", tick_text(tick, chart.x_base));
  }
  for (const double tick : y.ticks()) {
    svg += line(left, y.place(tick), width - right, y.place(tick), "#ddd");
    svg += text(left - 8, y.place(tick) + 4, "end", fmt::format("{:g}", tick));
  }
  svg += text((left + width - right) / 2, height - 18, "middle", chart.x_name);
  svg += text(18, (top + height - bottom) / 2, "middle", chart.y_name,
              fmt::format(" transform=\"rotate(-90 18 {:.1f})\"", (top + height - bottom) / 2));

  // Colours that people tell apart who do not see all of them.
  constexpr std::array strong = {"#0072b2", "#d55e00"};
  constexpr std::array plain = {"#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c564b", "#b09c00", "#7f7f7f"};
  std::size_t strong_used = 0, plain_used = 0;
  double legend = top + 10;
  for (const Series &series : chart.series) {
    if (series.points.empty()) continue;
    const char *color = series.dashed       ? "#000000"
                        : series.emphasized ? strong[strong_used++ % strong.size()]
                                            : plain[plain_used++ % plain.size()];
    const std::string style =
        fmt::format("fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"{}", color, series.emphasized ? 3 : 1.5,
                    series.dashed ? " stroke-dasharray=\"6 4\"" : "");
    std::string points;
    for (const auto &[px, py] : series.points) {
      points += fmt::format("{:.1f},{:.1f} ", x.place(px), y.place(py));
      svg +=
          fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", x.place(px), y.place(py), color);
    }
    svg += fmt::format("<polyline points=\"{}\" {}/>\n", points, style);
    svg += fmt::format("<path d=\"M{:.1f} {:.1f}h28\" {}/>\n", width - right + 14, legend, style);
    svg += text(width - right + 50, legend + 4, "start", series.name);
    legend += 20;
  }
  svg += "</svg>\n";

  std::ofstream stream(file);
  stream << svg;
  stream.close();
  if (!stream) throw std::runtime_error("cannot write '" + file + "'");
}

}  // namespace bench
