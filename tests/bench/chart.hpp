// A chart of lines as SVG: both axes in powers, a legend, nothing more.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace bench {

struct Series {
  std::string name;
  std::vector<std::pair<double, double>> points;  // positive numbers
  bool emphasized = false;                        // a thick line
  bool dashed = false;
};

struct Chart {
  std::string title;
  std::string x_name, y_name;
  double x_base = 2;  // where the ticks are: the powers of this
  std::vector<Series> series;
};

// Throws std::runtime_error if the file cannot be written. A chart without points writes none.
void write_svg(const std::string &file, const Chart &chart);

}  // namespace bench
