// What the replays of samples and of messages have in common.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "formats/recording.hpp"
#include "ring.hpp"

namespace tool {

struct ReplayOptions {
  std::string file, format, name, messages, from, capacity;
  double speed = 1, rate = 0;
  std::uint32_t readers = 0;
  bool fast = false, loop = false, lossless = false, keep = false, quiet = false;
};

// The new ring: what `made` says, with the flags of the options and the metadata of the recording. Throws Failure (usage) if
// neither the options nor the recording have a name.
Ring create_replayed(const ReplayOptions &options, const formats::Stream &stream, ringbuf_options_t made);

// Failure (usage) of --from, whose text is no place at all.
[[noreturn]] void refuse_from(const ReplayOptions &options);

// The recording of a ring of messages.
int replay_messages(const ReplayOptions &options, formats::Reader &recording);

}  // namespace tool
