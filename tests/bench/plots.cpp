#include "plots.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <stdexcept>

#include "chart.hpp"

namespace bench {

namespace {

// The number at the end of a row's name behind `prefix`, with what follows it cut off; none if the name is another one.
bool number_in(const std::string &name, const std::string &prefix, const std::string &suffix, double &number) {
  if (name.size() <= prefix.size() + suffix.size() || name.compare(0, prefix.size(), prefix) != 0 ||
      name.compare(name.size() - suffix.size(), suffix.size(), suffix) != 0) {
    return false;
  }
  const std::string digits = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
  std::size_t used = 0;
  try {
    number = std::stod(digits, &used);
  } catch (const std::logic_error &) {
    return false;
  }
  return used == digits.size();
}

// A series for each contender, of the rows whose x is known to `x_of`.
template <class X, class Y>
std::vector<Series> collect(const std::vector<Line> &lines, X &&x_of, Y &&y_of) {
  std::map<std::string, Series> series;
  std::vector<std::string> order;
  for (const Line &line : lines) {
    double x = 0;
    if (!x_of(line, x)) continue;
    const std::string &name = line.contender->name;
    if (!series.contains(name)) order.push_back(name);
    Series &one = series[name];
    one.name = name;
    one.emphasized = line.contender->kind == Kind::ringbuf;
    one.dashed = line.contender->kind == Kind::limit;
    one.points.emplace_back(x, y_of(line));
  }
  std::vector<Series> out;
  for (const std::string &name : order) {
    std::sort(series[name].points.begin(), series[name].points.end());
    out.push_back(series[name]);
  }
  return out;
}

double median(const Line &line) { return line.summary.median; }

}  // namespace

void write_plots(const std::string &directory, const std::vector<Line> &lines) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) throw std::runtime_error("cannot make '" + directory + "': " + error.message());

  // All blocks in GB/s.
  for (const Class where : {Class::sibling, Class::near, Class::far}) {
    const auto block = [where](const Line &line, double &bytes) {
      bytes = line.row->bytes;
      return line.where == where && line.row->name.starts_with("stream/") && line.row->name.ends_with("/lossless");
    };
    const auto throughput = [](const Line &line) {
      return line.row->unit == Unit::ns ? line.row->bytes / median(line) : median(line);
    };
    std::vector<Series> series = collect(lines, block, throughput);
    // A class that was met only now and then makes no picture.
    const bool enough =
        std::any_of(series.begin(), series.end(), [](const Series &one) { return one.points.size() > 3; });
    if (!enough) continue;
    write_svg(directory + "/throughput-" + class_name(where) + ".svg",
              {std::string("Stream between two processes, nothing lost, processors ") + class_name(where),
               "block, bytes", "GB/s", 2, std::move(series)});
  }

  const auto rows = [&](const std::string &prefix, const std::string &suffix) {
    return collect(
        lines, [&](const Line &line, double &x) { return number_in(line.row->name, prefix, suffix, x) && x > 0; },
        median);
  };
  write_svg(directory + "/window.svg",
            {"A window of 64 float32 channels, found and validated", "samples", "ns", 2, rows("window/", "")});
  write_svg(directory + "/large-capacity.svg", {"A put of 1024 float32 against the capacity of the ring",
                                                "capacity, MiB", "ns", 2, rows("large/put/", " MiB")});
  write_svg(directory + "/large-readers.svg", {"A put of 1024 float32 against the number of idle readers (1 GiB)",
                                               "readers", "ns", 2, rows("large/put/", " readers")});
  write_svg(directory + "/large-window.svg", {"A window of 1024 float32 channels of a large ring beside 16 readers",
                                              "samples", "ns", 2, rows("large/window/", "")});
}

}  // namespace bench
