// The command line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace demo {

enum class SampleType { from_files, int16, float32 };

struct Options {
  std::vector<std::string> files;  // empty: those in the folder `recordings`
  std::string recordings;
  SampleType type = SampleType::from_files;
  double speed = 20;             // times real time; 0 is as fast as it goes
  std::int64_t repeat = 60;      // how often the recording is streamed
  double window_seconds = 0.05;  // of recording; the meter's window
  double capacity_seconds = 2;   // of recording; what the ring holds
  bool overwriting = false;      // the writer never waits for readers
  std::string run;               // what the names of this run's rings begin with
  std::int64_t corrupt = -1;     // for tests: the writer spoils this sample
  std::string role;              // empty in the process that a person starts
};

// The command line or the files named there will not do.
struct UsageError {
  std::string message;
};

// Exits after --help; throws UsageError.
Options parse_options(int argc, char** argv);

}  // namespace demo
