// Portable POSIX: for systems without futexes, memfds and nameless files, as macOS is. It asks for POSIX.1-2024, whose locks
// belong to an open file description (F_OFD_SETLK).
//
// Rings are files in a directory, and not objects of shm_open(): those have short names on macOS, cannot be listed, and
// cannot be given their name when they are finished. A file can (link), and mmap shares its memory just the same.
//
//   DIRECTORY/NAME                        a ring
//   DIRECTORY/.ringbuf-made.TOKEN.NUMBER  a ring of the process TOKEN that has no name yet
//   DIRECTORY/.ringbuf-locks              an empty file; each ring has a range of it, in which its locks lie
//   DIRECTORY/.ringbuf-processes          an empty file; each process that lives has a byte of it locked (life.cpp)
//
// Locks are those of src/os/unix/locks.cpp. They do not lie in the ring's own file: a process that was handed a descriptor
// of a ring shares that open file description with the giver, and cannot open the file anew. So each Object opens the
// file of locks, and has a description of its own.
//
// Waiting is polling (wait.cpp): a waiter looks at the word after pauses that grow to 1 ms, and nobody wakes it up.
#pragma once

#include "failpoint.hpp"
#include "os/unix/unix.hpp"

namespace ringbuf::os::posix {

// Opens an empty file of that name in the rings' directory for reading and writing, and makes it if need be. It has to be
// ours, root's, or of the owner of the directory: a stranger could remove it, and with it the locks of others.
Status open_lock_file(const char *name, int &fd) noexcept;

}  // namespace ringbuf::os::posix
