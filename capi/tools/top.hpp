// What `ringbuf top` shows of each ring.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "describe.hpp"
#include "relay.hpp"
#include "ring.hpp"

namespace tool {

struct TopRow {
  std::string name;
  Info info;
  std::vector<ReaderInfo> readers;
  double samples_per_second = 0;
  double bytes_per_second = 0;
  double lost_per_second = 0;  // of all registered readers together
  std::uint64_t lag = 0;       // of the slowest one
  std::uint64_t lost = 0;
  std::optional<Relay> relay;     // of a ring that was pulled from another machine
  std::optional<double> delay_s;  // since the origin had the newest sample, by the clocks of both machines
};

enum class TopOrder { name, rate, bytes, lag, lost, state };

class Top {
 public:
  // All rings as they are now, with their rates since the last call. A ring that was not there at that time has rates of 0.
  std::vector<TopRow> look(TopOrder order);

 private:
  struct Known {
    Ring ring;
    std::string id;
    std::int64_t written;
    std::uint64_t lost;
  };
  std::map<std::string, Known> known_;
  std::int64_t time_ = 0;
};

Json top_json(const std::vector<TopRow> &rows);
// The heading and the lines, as wide as they are.
std::string top_heading();
std::string top_line(const TopRow &row);
// The lines below it: its origin, and its registered readers.
std::vector<std::string> top_reader_lines(const TopRow &row);

// The live screen, until `q` or a signal. Failure if there is no terminal.
int top_screen(std::int64_t interval_ns);

}  // namespace tool
