// Frames: samples in a pipe with their indices, times, gaps and metadata. `ringbuf cat --framed` writes them, `ringbuf put
// --framed` reads them. Each is a header of 48 bytes and a payload; numbers are little endian. docs/tools.md has the table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tool {

enum class FrameKind : std::uint32_t {
  ring = 1,      // first. Payload: JSON, the shape of the ring. index: where it begins.
  metadata = 2,  // payload: the ring's metadata
  samples = 3,   // index, count; payload: the samples
  time = 4,      // of the sample `index`: a monotonic, b realtime, in ns
  message = 5,   // index: of its first byte. count: its kind, a: its tag, b: its monotonic time; payload: the message
  lost = 6,      // index, count: samples that were overwritten before they could be read
  end = 7        // last. a: 1 if the writer has ended the stream
};

struct FrameHeader {
  std::array<char, 4> magic;
  FrameKind kind;
  std::int64_t index;
  std::int64_t count;
  std::uint64_t bytes;  // of the payload
  std::int64_t a;
  std::int64_t b;
};
static_assert(sizeof(FrameHeader) == 48);

inline constexpr std::array<char, 4> frame_magic{'R', 'B', 'F', '1'};
inline constexpr std::uint64_t most_frame_bytes = std::uint64_t{1} << 33;  // a longer payload is no frame

}  // namespace tool
