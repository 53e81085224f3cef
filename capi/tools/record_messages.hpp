// The recording of a ring of messages. Indices are those of bytes, counts those of messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "recorded.hpp"

namespace tool {

class RecordedMessages final : public Recorded {
 public:
  RecordedMessages(Ring ring, const formats::Format &format, std::string path, bool replace, bool registered,
                   const RecordLimits &limits)
      : Recorded(std::move(ring), format, std::move(path), replace, registered, limits, 0) {}

  void begin(bool oldest, std::int64_t monotonic_ns) override;
  bool step(std::int64_t monotonic_ns) override;
  void finish() override;
  std::int64_t wanted_end() const override { return position_ + 1; }

 private:
  enum class Got { message, nothing, ended, again };
  // The next message that is there. `again`: it was overwritten meanwhile.
  Got receive(formats::Message &message);
  // False: the limits are reached before it.
  bool take(const formats::Message &message);
  void leave_out(std::int64_t end);
  std::int64_t clock_offset();
  std::optional<std::int64_t> time_at_position() const override { return std::nullopt; }

  std::optional<std::int64_t> last_ns_;    // of the message before
  std::optional<std::int64_t> offset_ns_;  // of the real time to the monotonic one
};

}  // namespace tool
