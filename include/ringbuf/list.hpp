// Names: which rings there are, and how to remove one.
#pragma once

#include "ringbuf/ring.hpp"

namespace ringbuf {

// Calls visit(name, info, user) for each ring of this machine that may be read, dead ones included, until it returns
// false.
Status list(bool (*visit)(const char *name, const Info &info, void *user), void *user) noexcept;

// Removes the name of a ring; whoever has the ring open keeps it. What is no ring stays: corrupt, not_initialized (an empty
// file). invalid_argument, not_found, busy, permission, system.
Status unlink(const char *name) noexcept;

}  // namespace ringbuf
