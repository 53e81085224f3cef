// The names of rings: list them all, remove one.
#pragma once

#include "ringbuf/ring.hpp"

namespace ringbuf {

// Calls visit(name, info, user) for each ring of this machine that this process may read, dead ones included, until visit
// returns false.
Status list(bool (*visit)(const char *name, const Info &info, void *user), void *user) noexcept;

// Removes the name of a ring. A process that has the ring open keeps it. A file that is no ring stays. The result is
// then corrupt, or not_initialized if the file is empty. Other results: invalid_argument, not_found, busy, permission,
// system.
Status unlink(const char *name) noexcept;

}  // namespace ringbuf
