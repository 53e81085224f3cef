// What each process reports to the one that started it, as bytes through a pipe.
#pragma once

#include <cstdint>

namespace demo {

struct WriterResult {
  std::int64_t samples;       // put into the ring
  std::uint32_t samples_crc;  // of what the writer meant to put
  std::uint32_t events_crc;
  std::int64_t events;
  std::int64_t waits;  // times it had to wait for a reader
  double seconds;
};

struct MeterResult {
  std::int64_t window;           // samples
  std::int64_t step;             // samples from one window to the next
  std::int64_t windows;          // that were whole and as in the recording
  std::int64_t differing;        // that were whole but not as in the recording
  std::int64_t first_differing;  // index of its first sample
  std::int64_t torn;             // overwritten while they were looked at
  std::int64_t lost;             // samples
};

struct CheckerResult {
  std::int64_t samples;
  std::int64_t viewed;  // blocks read in place
  std::int64_t copied;  // blocks read by copy
  std::int64_t lost;    // samples
  std::uint32_t crc;
  std::uint32_t padding;
};

struct EventsResult {
  std::int64_t events;
  std::int64_t lost;
  std::uint32_t crc;
  std::uint32_t padding;
};

struct Outcome {
  std::uint32_t recording_crc;  // of what should arrive
  WriterResult writer;
  MeterResult meter;
  CheckerResult checker;
  EventsResult events;
};

}  // namespace demo
