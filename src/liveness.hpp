// Who lives: by locks that the kernel releases, or, where the ring says so, by process tokens. Only this file and its source
// tell the two apart.
#pragma once

#include <cstdint>

#include "segment.hpp"

namespace ringbuf::detail {

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
// True once a clock tick, so that looking for the dead costs little; of calls that come fast, a few later.
bool tick_passed(Segment &segment) noexcept;

// Takes the writer's lock of a ring that may have a writer. live: it has one that lives; blocked: a user who may only read the
// ring has held a lock in our way for 100 ms; failed: `status` says why.
enum class Claim { ours, live, blocked, failed };
Claim claim_writer_by_lock(const os::Object &object, Status &status) noexcept;
// Becomes the writer of a ring whose owners count: by one exchange, of an owner who does not live. The ring may be another
// one by then than it was before.
bool claim_writer_by_token(const Segment &segment) noexcept;

// Takes a slot that no living reader has, against all others who try.
bool claim_slot(Segment &segment, std::uint32_t slot) noexcept;
// Makes sure that a slot belongs to no living reader, and that none takes it until release_slot(). With a shared lock, so that
// a user who may only read the ring, and shares the lock as well, does not keep the slot of a dead reader from being freed.
bool hold_off_slot(Segment &segment, std::uint32_t slot) noexcept;
void release_slot(Segment &segment, std::uint32_t slot) noexcept;

}  // namespace ringbuf::detail
