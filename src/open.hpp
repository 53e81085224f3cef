// Ways to come by a segment. On failure `segment` is as it was and so is everything else.
#pragma once

#include "segment.hpp"

namespace ringbuf::detail {

// Where a ring is: under a name, behind a descriptor, or in the caller's memory.
struct Source {
  static Source named(const char *name) noexcept { return {Kind::name, name, -1, nullptr, 0}; }
  static Source behind(std::intptr_t handle) noexcept { return {Kind::descriptor, nullptr, handle, nullptr, 0}; }
  static Source in(void *memory, std::size_t bytes) noexcept { return {Kind::memory, nullptr, -1, memory, bytes}; }

  enum class Kind : std::uint8_t { name, descriptor, memory } kind;
  const char *name;
  std::intptr_t handle;
  void *memory;
  std::size_t bytes;
};

struct Opening {
  Role role = Role::reader;          // the writer's is to be had only if no writer lives
  bool lazy = false;                 // no page is made present before it is used
  bool read_only = false;            // a reader stores nothing, not even that it waits
  const Geometry *wanted = nullptr;  // incompatible unless the ring has this shape
};

Status open_segment(SegmentPointer &segment, const Source &source, const Opening &opening) noexcept;

// A new ring with this process as its writer; a name that is null makes an anonymous one.
Status create_segment(SegmentPointer &segment, const char *name, const Options &options) noexcept;
Status create_segment_raw(SegmentPointer &segment, void *raw, std::size_t bytes, const Options &options) noexcept;

}  // namespace ringbuf::detail
