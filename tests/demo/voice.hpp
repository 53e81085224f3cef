// Finds where a voice begins and ends in each channel: the events that the demo's queue carries.
#pragma once

#include <cstdint>
#include <vector>

#include "levels.hpp"

namespace demo {

// An item of the event ring, as it lies in shared memory.
struct VoiceEvent {
  std::int64_t sample_index;  // of the first sample of the chunk in which it was noticed
  float level_dbfs;           // RMS of that chunk
  std::uint16_t channel;
  std::uint16_t begins;  // 1 if the voice begins, 0 if it ends
};
static_assert(sizeof(VoiceEvent) == 16);

class VoiceDetector {
 public:
  VoiceDetector(SampleFormat format, double sample_rate);

  // Takes the next `count` samples of the stream, of which `start` is the index of the first, and returns what has
  // changed; valid until the next call.
  const std::vector<VoiceEvent>& feed(std::int64_t start, const void* samples, std::size_t count);

 private:
  struct Channel {
    bool speaking = false;
    std::int64_t last_heard = 0;
  };

  SampleFormat format_;
  std::int64_t pause_;  // samples of quiet after which a voice has ended, rather than taken breath
  std::vector<Channel> channels_;
  std::vector<Level> levels_;
  std::vector<VoiceEvent> events_;
};

}  // namespace demo
