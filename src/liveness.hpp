// Liveness: whether the writer and the readers of a ring are alive, and how a process takes one of these roles. Locks
// that the kernel releases tell it; in memory of the caller, process tokens in the owner fields do.
#pragma once

#include <cstdint>

#include "segment.hpp"

namespace ringbuf::detail {

// The way that a ring has chosen, for a ring in a segment or one that is only looked at. A role has a lock and an
// owner field; the ring says which of them counts.
struct Liveness {
  const os::Object &object;
  bool tokens;           // process tokens count; otherwise locks of the object
  std::uint64_t domain;  // in which the tokens are valid

  explicit Liveness(const Segment &segment) noexcept : Liveness(segment.object, segment.geometry, segment.is_raw()) {}
  // raw: there is no object whose locks could tell.
  Liveness(const os::Object &of, const Geometry &geometry, bool raw) noexcept
      : object(of), tokens(raw || geometry.liveness == liveness_tokens), domain(geometry.domain) {}

  // Whether the process that holds a role is alive; `owner` is what it has stored. A process of another domain than
  // the ring's counts as alive.
  bool alive(std::uint64_t owner, os::Lock lock) const noexcept;
  // Whether the process of a token is alive, whichever way counts.
  bool owner_alive(std::uint64_t owner) const noexcept;
  // The process number of an owner. 0: the process is not alive, or has no number that is valid here.
  std::uint32_t process_number(std::uint64_t owner) const noexcept;
  // The token of this process in the ring.
  std::uint64_t own_token() const noexcept;

  // Takes a role that nobody alive has. Of several callers one succeeds.
  bool claim(Atomic64 &owner, os::Lock lock) const noexcept;
  // Makes sure that nobody alive has a role, and that no process takes it until release(). The lock is shared: a user
  // who may only read the ring can share it, too, but cannot prevent the slot of a dead reader from being freed.
  bool hold_off(Atomic64 &owner, os::Lock lock) const noexcept;
  void release(Atomic64 &owner, os::Lock lock) const noexcept;
};

// Whether the ring has a living writer.
bool writer_alive(const Segment &segment) noexcept;
// Whether the reader of a slot is alive.
bool reader_alive(const Segment &segment, std::uint32_t slot) noexcept;
// True once a clock tick, so that checks of liveness cost little. With calls that come fast, a few calls later.
bool tick_passed(Segment &segment) noexcept;

// Takes the writer lock. live: the ring has a living writer. blocked: for 100 ms a user who may only read the ring
// has held a lock that prevents it. failed: `status` has the reason.
enum class Claim { ours, live, blocked, failed };
Claim claim_writer_by_lock(const os::Object &object, Status &status) noexcept;
// Makes this process the owner of the writer role, by one exchange of a dead owner. Afterwards the memory may hold
// another ring than before. If the opening fails, the end of the segment gives the role back.
bool claim_writer_by_token(Segment &segment) noexcept;

// The slot of a reader: takes it, makes sure that it stays without a living reader, releases it; as in Liveness.
bool claim_slot(const Segment &segment, std::uint32_t slot) noexcept;
bool hold_off_slot(const Segment &segment, std::uint32_t slot) noexcept;
void release_slot(const Segment &segment, std::uint32_t slot) noexcept;

}  // namespace ringbuf::detail
