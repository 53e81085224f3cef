// The memory of an open ring: its mapping, its descriptors and locks, and the role of this handle in it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "os/os.hpp"
#include "ringbuf/detail/failure.hpp"
#include "ringbuf/detail/protocol.hpp"
#include "ringbuf/detail/slow_path.hpp"

namespace ringbuf::detail {

enum class Role : std::uint8_t { none, writer, reader };

inline constexpr std::uint32_t no_slot = UINT32_MAX;

struct Segment;

// The part of a segment that belongs to its ring. A handle that is opened again takes over that of another ring.
struct SegmentOfRing {
  HotState hot;
  Geometry geometry{};
  os::Object object;
  os::Object elsewhere;  // for borrowed memory: not open, names the ring to os::wait and os::wake_all
  os::Region region;
  char name[os::max_name_length + 1] = "";  // empty: anonymous
  bool raw = false;                         // the memory is the caller's, and there is no object
  protocol::Counters counters{};            // of the writer when it began: validated, not to be loaded again
  Role role = Role::none;
  bool claimed = false;      // this process has made itself the owner of the writer's role, by its token
  bool keep = false;         // the name outlives the writer
  bool lazy = false;         // each page is mapped at its first use
  bool may_announce = true;  // false: this handle may not store to the reader table
  std::uint32_t slot = no_slot;
  TickLimiter watch;                  // limits the checks whether the peers are alive
  std::uint32_t calls_to_skip = 0;    // calls that skip the check
  Status last_verdict = Status::ok;   // the result of why_nothing at the latest check
  std::uint64_t last_generation = 0;  // the generation of the writer at the latest check
  std::uint64_t known_owner = 0;      // a token of the writer
  std::uint32_t known_number = 0;     // the process number of that token
};

// The part that stays with its handle. Other threads store to it while the other part is exchanged. So it must not lie in
// the padding at the end of the other part, which an exchange copies: it comes first.
struct SegmentOfHandle {
  // waiting.cpp. interrupted: the next sleep must not happen. sleeps_on: the word of the sleep in progress, which
  // interrupt() needs.
  std::atomic<bool> interrupted{false};
  std::atomic<const Atomic32 *> sleeps_on{nullptr};
  struct PollEntry *poll_entry = nullptr;  // poll.cpp: if the handle has a descriptor for event loops
  bool slept = false;                      // since the backoff's epoch began
  // registry.cpp
  std::atomic<Access> own_access{Access::open};
  std::atomic<Access> *access = &own_access;
  bool registered = false;
  bool finishing = false;
  Segment *previous = nullptr;
  Segment *next = nullptr;
};

struct Segment : SegmentOfHandle, SegmentOfRing {
  bool is_raw() const noexcept { return raw; }
  // The ring lies in memory that a program has made for itself. Its name, if it has one, is not ours to remove, and
  // the memory may hold another ring later.
  bool is_borrowed() const noexcept { return raw || geometry.liveness == liveness_tokens; }
  // The object for os::wait and os::wake_all. Processes that have the ring in memory of their own have no object.
  const os::Object &sleepers() const noexcept { return is_borrowed() ? elsewhere : object; }
  bool is_forked() const noexcept { return access->load(std::memory_order_relaxed) == Access::forked; }
  WriterLines &lines() const noexcept { return hot.header->writer; }
};

inline TimeTrack &time_track(const Segment &segment) noexcept {
  return *reinterpret_cast<TimeTrack *>(segment.region.begin + segment.geometry.track_offset);
}

inline MessageStarts &message_starts(const Segment &segment) noexcept {
  return *reinterpret_cast<MessageStarts *>(segment.region.begin + segment.geometry.track_offset);
}

// The number of attempts in a race with other processes for one name.
inline constexpr int max_attempts = 100;

// Validates a name.
Status check_name(const char *name) noexcept;
// Reads and validates the geometry at the beginning of an object.
Status read_geometry(const os::Object &object, Geometry &geometry) noexcept;

// Allocates and registers a segment, which is then being opened.
Status allocate(SegmentPointer &segment) noexcept;

// Fills in the hot state for the memory at `begin`. The geometry has been validated.
void attach(Segment &segment, std::byte *begin) noexcept;
// Maps the object of a segment. The geometry has been validated.
Status map(Segment &segment, bool as_writer) noexcept;
void set_name(Segment &segment, const char *name) noexcept;
// Whether memory of the caller can hold a ring of `least` bytes.
Status check_memory(const void *raw, std::size_t bytes, std::uint64_t least) noexcept;
// Validates the ring in the caller's memory and attaches to it.
Status adopt_raw(Segment &segment, void *raw, std::size_t bytes) noexcept;

// Makes a ring in the memory of a segment, except for the magic.
void initialise(Segment &segment) noexcept;
// Stores this process as the writer in the ring.
void become_writer(Segment &segment) noexcept;
// Hands over a complete segment, which is in use from now on.
Status finish_opening(SegmentPointer &segment, SegmentPointer &opened, Role role) noexcept;

// Ends the role of this handle in the ring, visibly to every process. The memory stays mapped. At exit other threads
// may still be using it.
enum class Ending : std::uint8_t { close, exit };
void finish(Segment &segment, Ending ending) noexcept;

}  // namespace ringbuf::detail
