#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "report.hpp"

namespace bench {

void write_json(const std::string &file, const Machine &machine, const Options &options, const Registry &registry,
                const Results::Census &census, const std::vector<Line> &lines) {
  nlohmann::ordered_json out;
  out["machine"] = {{"processor", machine.processor}, {"processors", machine.processors},
                    {"kernel", machine.kernel},       {"compiler", machine.compiler},
                    {"flags", machine.flags},         {"c_library", machine.c_library}};
  out["options"] = {{"forks", options.forks},       {"slices", options.slices},
                    {"slice_ms", options.slice_ms}, {"seconds", options.seconds},
                    {"seed", options.seed},         {"classes_ns", census.bounds.round_trip},
                    {"rows", options.rows},         {"contenders", options.contenders}};
  for (const Registry::Absence &absence : registry.missing) out["missing"][absence.name] = absence.why;
  const std::vector<double> &probes = census.probes;
  out["probe_ns"] = {{"p01", quantile(probes, 0.01)},
                     {"p10", quantile(probes, 0.1)},
                     {"median", quantile(probes, 0.5)},
                     {"p90", quantile(probes, 0.9)},
                     {"p99", quantile(probes, 0.99)}};
  out["slices"] = {{"kept", census.kept},
                   {"disturbed", census.disturbed},
                   {"slow", census.slow},
                   {"disagreeing", census.disagreeing}};
  out["results"] = nlohmann::ordered_json::array();
  for (const Line &line : lines) {
    nlohmann::ordered_json result = {{"row", line.row->name},
                                     {"unit", unit_name(line.row->unit)},
                                     {"contender", line.contender->name},
                                     {"class", class_name(line.where)},
                                     {"n", line.summary.n},
                                     {"median", line.summary.median},
                                     {"p10", line.summary.p10},
                                     {"p90", line.summary.p90}};
    if (line.to_best_peer != 0) result["x_best_peer"] = line.to_best_peer;
    if (line.to_limit != 0) result["x_limit"] = line.to_limit;
    if (line.summary.lost != 0) result["lost"] = line.summary.lost;
    out["results"].push_back(std::move(result));
  }
  std::ofstream stream(file);
  stream << out.dump(2) << '\n';
  stream.close();
  if (!stream) throw std::runtime_error("cannot write '" + file + "'");
}

}  // namespace bench
