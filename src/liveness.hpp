// Liveness: whether the writer and the readers of a ring are alive. Locks that the kernel releases tell it, or
// process tokens if the ring says so.
#pragma once

#include <cstdint>

#include "segment.hpp"

namespace ringbuf::detail {

// Whether the process of an owner token is alive. In another domain than the ring's it counts as alive.
bool owner_alive(std::uint64_t owner, std::uint64_t domain) noexcept;
// The process number of an owner token. 0: the process is not alive, or has no number that is valid here.
std::uint32_t owner_number(std::uint64_t owner, std::uint64_t domain) noexcept;
// The token of this process in a ring of that domain.
std::uint64_t own_token(std::uint64_t domain) noexcept;

// Whether the holder of a role is alive: by the token that it has stored as `owner`, or by its lock on the object.
bool holder_alive(const os::Object &object, bool tokens, std::uint64_t owner, std::uint64_t domain,
                  os::Lock lock) noexcept;
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
// another ring than before.
bool claim_writer_by_token(const Segment &segment) noexcept;

// Takes the lock or the ownership of a slot without a living reader. Of several callers one succeeds.
bool claim_slot(Segment &segment, std::uint32_t slot) noexcept;
// Makes sure that a slot has no living reader, and that no process takes it until release_slot(). The lock is shared:
// a user who may only read the ring can share it, too, but cannot prevent the slot of a dead reader from being freed.
bool hold_off_slot(Segment &segment, std::uint32_t slot) noexcept;
void release_slot(Segment &segment, std::uint32_t slot) noexcept;

}  // namespace ringbuf::detail
