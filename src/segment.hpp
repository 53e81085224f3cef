// The memory of an open ring: its mapping, its descriptors and locks, and what this handle is in it.
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

struct Segment {
  HotState hot;
  Geometry geometry{};
  os::Object object;
  os::Object elsewhere;  // of a ring by tokens: not open, names the ring to those who sleep and wake by its words
  os::Region region;
  char name[os::max_name_length + 1] = "";  // empty: anonymous
  bool raw = false;                         // the memory is the caller's; there is no object
  Role role = Role::none;
  bool keep = false;         // the name outlives the writer
  bool lazy = false;         // pages are mapped as they are used
  bool may_announce = true;  // false: the reader table is read-only for us
  std::uint32_t slot = no_slot;
  TickLimiter watch;                  // for looking whether our peers live
  std::uint32_t calls_to_skip = 0;    // before the next look
  Status last_verdict = Status::ok;   // what why_nothing found then,
  std::uint64_t last_generation = 0;  // and of which writer
  std::uint64_t known_owner = 0;      // the writer's token that
  std::uint32_t known_number = 0;     // was found to be this process
  // waiting.cpp: whether the next sleep is not to be, and the word that is slept on, for whoever says so.
  std::atomic<bool> interrupted{false};
  std::atomic<const Atomic32 *> sleeps_on{nullptr};
  // registry.cpp
  std::atomic<Access> own_access{Access::open};
  std::atomic<Access> *access = &own_access;
  bool registered = false;
  bool finishing = false;
  Segment *previous = nullptr;
  Segment *next = nullptr;

  bool is_raw() const noexcept { return raw; }
  // Whether tokens tell us who lives: where the ring says so, and where we have no object to ask for locks.
  bool has_tokens() const noexcept { return raw || geometry.liveness == liveness_tokens; }
  // How the sleepers of this ring are found. Those who have it in memory of theirs have no object.
  const os::Object &sleepers() const noexcept { return has_tokens() ? elsewhere : object; }
  bool is_forked() const noexcept { return access->load(std::memory_order_relaxed) == Access::forked; }
  WriterLines &lines() const noexcept { return hot.header->writer; }
};

// How often a race with others over one name is run again before we give up.
inline constexpr int max_attempts = 100;

// Validates a name.
Status check_name(const char *name) noexcept;
// Reads and validates the geometry at the beginning of an object.
Status read_geometry(const os::Object &object, Geometry &geometry) noexcept;

// registry.cpp: gives a registered segment an object that was opened after forks_begun() was `forks_before`, before the object
// has any lock. On failure the object stays the caller's.
std::uint64_t forks_begun() noexcept;
Status note_object(Segment &segment, os::Object &object, std::uint64_t forks_before) noexcept;

// A segment that is being opened.
Status allocate(SegmentPointer &segment) noexcept;

// Opens an object with open(object) and gives it to a segment that is being opened.
template <class Open>
Status open_object(Segment &segment, Open &&open) noexcept {
  const std::uint64_t forks = forks_begun();
  os::Object object;
  Status status = open(object);
  if (status == Status::ok) status = note_object(segment, object, forks);
  os::close(object);
  return status;
}

// Fills in the hot state of the memory at `begin`, whose geometry has been validated.
void attach(Segment &segment, std::byte *begin) noexcept;
// Maps the object of a segment whose geometry has been validated.
Status map(Segment &segment, bool as_writer) noexcept;
void set_name(Segment &segment, const char *name) noexcept;
// Validates the ring in the caller's memory, and attaches to it.
Status adopt_raw(Segment &segment, void *raw, std::size_t bytes) noexcept;

// Makes a ring in the memory of a segment, all but the magic.
void initialise(Segment &segment) noexcept;
// Names this process as the writer, in the memory.
void become_writer(Segment &segment) noexcept;
// The segment is complete: it is in use from now on.
Status finish_opening(SegmentPointer &segment, SegmentPointer &opened, Role role) noexcept;

// Ends what this handle does in the ring, for everybody to see, without taking the memory away: at close, and at exit,
// where other threads may still be using it.
enum class Ending : std::uint8_t { close, exit };
void finish(Segment &segment, Ending ending) noexcept;

}  // namespace ringbuf::detail
