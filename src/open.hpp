// Opening and making a segment. On failure `segment` is unchanged, and nothing else has changed.
#pragma once

#include "segment.hpp"

namespace ringbuf::detail {

// The source of a ring: its name, its descriptor, or memory of the caller.
struct Source {
  static Source named(const char *name) noexcept { return {Kind::name, name, -1, nullptr, 0}; }
  static Source of_descriptor(std::intptr_t handle) noexcept { return {Kind::descriptor, nullptr, handle, nullptr, 0}; }
  static Source in(void *memory, std::size_t bytes) noexcept { return {Kind::memory, nullptr, -1, memory, bytes}; }

  enum class Kind : std::uint8_t { name, descriptor, memory } kind;
  const char *name;
  std::intptr_t handle;
  void *memory;
  std::size_t bytes;
};

struct Opening {
  Role role = Role::reader;          // writer: only if the ring has no living writer
  bool lazy = false;                 // pages become present on first use
  bool read_only = false;            // the reader stores nothing, not even announcements
  const Geometry *wanted = nullptr;  // incompatible unless the ring has this shape
};

Status open_segment(SegmentPointer &segment, const Source &source, const Opening &opening) noexcept;

// Opens the ring of a name for a reader as soon as it is live: its writer lives and has not closed it, and the name is
// the ring's. Waits until then; timeout if that is too long, any other failure at once.
//
// `current`: a handle of a ring of that name. If that ring itself is live, `segment` is unchanged. An interruption of
// that handle ends the wait.
Status open_live(SegmentPointer &segment, const char *name, const Opening &opening, std::int64_t timeout_ns,
                 Segment *current = nullptr) noexcept;

// Makes a ring with this process as its writer. Without a name (null) the ring is anonymous.
Status create_segment(SegmentPointer &segment, const char *name, const Options &options) noexcept;
Status create_segment_raw(SegmentPointer &segment, void *raw, std::size_t bytes, const Options &options) noexcept;

}  // namespace ringbuf::detail
