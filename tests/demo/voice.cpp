#include "voice.hpp"

namespace demo {
namespace {

// A voice begins above the one and is heard until it falls below the other; the distance keeps a level that hovers
// about a threshold from making an event of every chunk.
constexpr double begins_dbfs = -35;
constexpr double ends_dbfs = -45;
constexpr double pause_seconds = 0.1;

}  // namespace

VoiceDetector::VoiceDetector(SampleFormat format, double sample_rate)
    : format_(format),
      pause_(static_cast<std::int64_t>(pause_seconds * sample_rate)),
      channels_(format.channels),
      levels_(format.channels) {
  events_.reserve(format.channels);
}

const std::vector<VoiceEvent>& VoiceDetector::feed(std::int64_t start, const void* samples, std::size_t count) {
  events_.clear();
  measure(format_, samples, count, levels_);
  for (std::size_t c = 0; c < channels_.size(); ++c) {
    Channel& channel = channels_[c];
    const double level = dbfs(levels_[c].rms);
    const bool was_speaking = channel.speaking;
    if (level > (was_speaking ? ends_dbfs : begins_dbfs)) {
      channel.speaking = true;
      channel.last_heard = start;
    } else if (start - channel.last_heard >= pause_) {
      channel.speaking = false;
    }
    if (channel.speaking != was_speaking) {
      events_.push_back({start, static_cast<float>(level), static_cast<std::uint16_t>(c),
                         static_cast<std::uint16_t>(channel.speaking ? 1 : 0)});
    }
  }
  return events_;
}

}  // namespace demo
