// What the backends of Unix systems share: rings are files in a directory. files.cpp, locks.cpp, room.cpp and system.cpp
// implement the part of os.hpp that is the same for all of them; the functions of the second half are each backend's own.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>

#include "os/os.hpp"

// macOS has these since 10.11, its public headers only since 15.
#if defined(__APPLE__) && !defined(F_OFD_SETLK)
#define F_OFD_SETLK 90
#define F_OFD_GETLK 92
#endif

namespace ringbuf::os {

static_assert(sizeof(off_t) == 8 && sizeof(time_t) == 8);

// Room for the path of the rings' directory and its end.
inline constexpr std::size_t max_directory_length = 512;

// --- Shared ---------------------------------------------------------------------------------------------------------

// ENOENT is an error of the system: only who looks up a name knows that it means not_found.
Status status_of(int error) noexcept;
// `what` is the system call that failed, `on` the name or thing it was for.
Status system_failure(int error, const char *what, const char *on) noexcept;

// Whether `bytes` more bytes of shared memory can be had, asked before they are taken: to take them may cost the process its
// life. `freed` are to be given back to the rings' directory at the same time. no_space: the text has both numbers.
Status check_room(std::uint64_t bytes, std::uint64_t freed, bool named, const char *on) noexcept;
// no_space after all, with both numbers.
Status no_room(std::uint64_t bytes, bool named, const char *on) noexcept;

int open_retrying(const char *path, int flags, mode_t mode = 0) noexcept;
// Opens for writing if that is allowed, else for reading.
int open_best(const char *path, int flags, bool &writable) noexcept;
// Makes an Object of a descriptor, which it then owns; closes it on failure. corrupt: it is no plain file.
Status adopt(Object &object, int fd, bool writable, const char *on) noexcept;

std::int64_t clock_ns(clockid_t id) noexcept;

inline int descriptor(const Object &object) noexcept { return static_cast<int>(object.handle); }

// Calls it until no signal interrupts it.
template <class Call>
auto retrying(Call &&call) noexcept {
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

// --- Of each backend ------------------------------------------------------------------------------------------------

// Where the files are.
const char *directory() noexcept;
// Makes the directory if need be; an error if its files are not to be relied on.
Status directory_ready() noexcept;
// Completes an Object with what only this backend keeps.
Status complete(Object &object, const struct stat &st) noexcept;

// Where an object's locks lie: a descriptor that the object shares with nobody, and lock_count bytes of its file.
struct LockPlace {
  int fd = -1;
  off_t first = 0;
};
LockPlace lock_place(const Object &object) noexcept;
inline constexpr off_t lock_count = 2048;
static_assert(reader_lock(max_reader_slots).number <= lock_count);

// How many more bytes of memory this process may take, and who says so.
struct MemoryRoom {
  std::uint64_t bytes = UINT64_MAX;
  const char *where = "";
};
MemoryRoom memory_room(std::uint64_t wanted) noexcept;

// A name that is no ring's, in the directory of the rings' names or below it.
struct HiddenPath {
  char text[max_directory_length + 1 + max_name_length + 64];
};
// Gives an object that has no name yet a hidden one, to be renamed.
Status hide(const Object &object, const char *name, HiddenPath &path) noexcept;
// Afterwards: it has been renamed, or it has not.
void unhide(const Object &object, const HiddenPath &path, bool renamed) noexcept;

struct Path {
  char text[max_directory_length + 1 + max_name_length + 1];
  explicit Path(const char *name) noexcept { std::snprintf(text, sizeof text, "%s/%s", directory(), name); }
};

}  // namespace ringbuf::os
