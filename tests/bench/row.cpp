#include "row.hpp"

#include <stdexcept>

namespace bench {

const char *unit_name(Unit unit) {
  switch (unit) {
    case Unit::gigabytes_per_s:
      return "GB/s";
    case Unit::million_per_s:
      return "M/s";
    case Unit::ns:
      return "ns";
    case Unit::us:
      return "µs";
    case Unit::bytes:
      return "bytes";
  }
  return "";
}

const Row &Registry::row(const std::string &name) const {
  for (const Row &row : rows) {
    if (row.name == name) return row;
  }
  throw std::logic_error("no row '" + name + "'");
}

}  // namespace bench
