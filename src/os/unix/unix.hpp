// The common part of the Unix backends: rings are files in a directory. files.cpp, locks.cpp, room.cpp and system.cpp
// implement the part of os.hpp that is the same on all Unix systems. Each backend implements the functions of the
// second half.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>

#include "os/os.hpp"

// macOS has had these since 10.11, but its public headers only since 15.
#if defined(__APPLE__) && !defined(F_OFD_SETLK)
#define F_OFD_SETLK 90
#define F_OFD_GETLK 92
#endif

namespace ringbuf::os {

static_assert(sizeof(off_t) == 8 && sizeof(time_t) == 8);

// Room for the path of the rings' directory and its end.
inline constexpr std::size_t max_directory_length = 512;

// --- Shared ---------------------------------------------------------------------------------------------------------

// ENOENT is an error of the system here. Only the code that looks up a name knows that it means not_found.
Status status_of(int error) noexcept;
// `what` is the system call that failed, `on` the name or thing that it was for.
Status system_failure(int error, const char *what, const char *on) noexcept;

// Checks whether `bytes` more bytes of shared memory are available. It is called before the memory is taken, because
// taking it may cost the process its life. `freed` bytes are to be given back to the directory of the rings at the same
// time. no_space: the text has both numbers.
Status check_room(std::uint64_t bytes, std::uint64_t freed, bool named, const char *on) noexcept;
// Returns no_space after the system refused the memory. The text has both numbers.
Status no_room(std::uint64_t bytes, bool named, const char *on) noexcept;

int open_retrying(const char *path, int flags, mode_t mode = 0) noexcept;
// Opens for writing if that is allowed, else for reading.
int open_best(const char *path, int flags, bool &writable) noexcept;
// Makes an Object of a descriptor, which it then owns; closes it on failure. corrupt: it is no plain file.
Status adopt(Object &object, int fd, bool writable, const char *on) noexcept;

std::int64_t clock_ns(clockid_t id) noexcept;

// Calls `call` until no signal interrupts it.
template <class Call>
auto retrying(Call &&call) noexcept {
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

// A lock of `count` bytes of a file from `first` on, by fcntl(). False: errno; for F_OFD_GETLK `found` is what is in the way.
inline bool lock_bytes(int fd, int command, short type, off_t first, off_t count, struct flock &found) noexcept {
  found = {};
  found.l_type = type;
  found.l_whence = SEEK_SET;
  found.l_start = first;
  found.l_len = count;
  return retrying([&] { return ::fcntl(fd, command, &found); }) == 0;
}

// --- Of each backend ------------------------------------------------------------------------------------------------

// The directory of the files.
const char *directory() noexcept;
// Makes the directory if it has to. Fails if the files in it cannot be relied on.
Status directory_ready() noexcept;
// Completes an Object with the fields that only this backend has.
Status complete(Object &object, const struct stat &st) noexcept;

// The place of an object's locks: a descriptor that no other object shares, and lock_count bytes of its file.
struct LockPlace {
  int fd = -1;
  off_t first = 0;
};
LockPlace lock_place(const Object &object) noexcept;
inline constexpr off_t lock_count = 2048;
static_assert(reader_lock(max_reader_slots).number <= lock_count);

// How many more bytes of memory this process may take, and which limit says so.
struct MemoryRoom {
  std::uint64_t bytes = UINT64_MAX;
  const char *where = "";
};
MemoryRoom memory_room(std::uint64_t wanted) noexcept;

// A name that is not the name of a ring, in the directory of the rings' names or below it.
struct HiddenPath {
  char text[max_directory_length + 1 + max_name_length + 64];
};
// Gives an object without a name a hidden name, which the caller then renames.
Status hide(const Object &object, const char *name, HiddenPath &path) noexcept;
// Called afterwards. `renamed` tells whether the hidden name was renamed.
void unhide(const Object &object, const HiddenPath &path, bool renamed) noexcept;

struct Path {
  char text[max_directory_length + 1 + max_name_length + 1];
  explicit Path(const char *name) noexcept { std::snprintf(text, sizeof text, "%s/%s", directory(), name); }
};

}  // namespace ringbuf::os
