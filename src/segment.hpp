// The memory of an open ring: its mapping, its descriptors and locks, and what closing it has to undo.
#pragma once

#include <atomic>
#include <cstdint>

#include "os/os.hpp"
#include "ringbuf/reader.hpp"
#include "ringbuf/writer.hpp"

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

// Ways to come by a segment: as the writer of a new ring, as the writer of one whose writer is gone, as a reader. On
// failure `segment` is as it was and so is everything else. A name that is null makes an anonymous ring.
Status create_segment(SegmentPointer &segment, const char *name, const Options &options) noexcept;
Status create_segment_raw(SegmentPointer &segment, void *raw, std::size_t bytes, const Options &options) noexcept;
// `wanted`, if not null: incompatible unless the ring has its shape.
Status resume_segment(SegmentPointer &segment, const char *name, const Geometry *wanted = nullptr) noexcept;
Status resume_segment_fd(SegmentPointer &segment, std::intptr_t handle) noexcept;
Status resume_segment_raw(SegmentPointer &segment, void *raw, std::size_t bytes) noexcept;
// `lazy`: no page is made present before it is used.
Status open_segment(SegmentPointer &segment, const char *name, bool lazy) noexcept;
Status open_segment_fd(SegmentPointer &segment, std::intptr_t handle, bool lazy) noexcept;
Status open_segment_raw(SegmentPointer &segment, void *raw, std::size_t bytes, bool read_only) noexcept;

// waiting.cpp: ends the sleep of another thread, or the next one; safe in a signal handler.
void interrupt(Segment &segment) noexcept;

// liveness.cpp: who lives, and the slots of the living.

// Takes a slot in the reader table: ok, or too_many_readers.
Status take_slot(Segment &segment) noexcept;
// True once a clock tick, so that looking for the dead costs little; of calls that come fast, a few later.
bool tick_passed(Segment &segment) noexcept;
// Whether the process that a token in a ring stands for lives; in another domain than the ring's it counts as alive.
bool owner_alive(std::uint64_t owner, std::uint64_t domain) noexcept;
// The number of that process; 0 if it does not live, or has none that means something here.
std::uint32_t owner_number(std::uint64_t owner, std::uint64_t domain) noexcept;
// The token of this process in a ring of that domain.
std::uint64_t own_token(std::uint64_t domain) noexcept;
// Whether the ring has a writer that lives.
bool writer_alive(const Segment &segment) noexcept;

// Whether the reader that has a slot lives.
bool reader_alive(const Segment &segment, std::uint32_t slot) noexcept;

// Validates a name.
Status check_name(const char *name) noexcept;

// Reads and validates what stands at the beginning of an object.
Status read_geometry(const os::Object &object, Geometry &geometry) noexcept;

// Ends what this handle does in the ring, for everybody to see, without taking the memory away: at close, and at exit,
// where other threads may still be using it.
enum class Ending : std::uint8_t { close, exit };
void finish(Segment &segment, Ending ending) noexcept;

// registry.cpp: the segments of this process, finished when it exits, disowned in its children.

// To be called before a segment is made, and wherever a handle is found to be the parent's: a child that nobody told of
// its birth disowns what its parent has open. forked: this process shares its parent's memory, and opens nothing.
Status arrive() noexcept;
// Registers a segment that is about to be opened. closed: the process exits.
Status register_segment(Segment &segment) noexcept;
// Gives a registered segment an object that was opened after forks_begun() was `forks_before`, before it has any lock.
// On failure the object stays the caller's.
std::uint64_t forks_begun() noexcept;
Status note_object(Segment &segment, os::Object &object, std::uint64_t forks_before) noexcept;
void note_region(Segment &segment, const os::Region &region) noexcept;
// Releases the locks of a segment's object, if it has one, and closes that.
void give_up_object(Segment &segment) noexcept;
// The segment is open. closed: the process exits, and the segment is to be closed at once.
Status open_for_use(Segment &segment, Role role) noexcept;
// True for the one who is to finish the segment: neither a forked child, nor a second time.
bool claim_segment(Segment &segment) noexcept;
void unregister_segment(Segment &segment) noexcept;

}  // namespace ringbuf::detail
