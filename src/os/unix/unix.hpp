// What the backends of Unix systems share: rings are files in a directory. files.cpp and system.cpp implement
// the part of os.hpp that is the same for all of them; the functions of the second half are each backend's own.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>

#include "os/os.hpp"

namespace ringbuf::os {

static_assert(sizeof(off_t) == 8 && sizeof(time_t) == 8);

// Room for the path of the rings' directory and its end.
inline constexpr std::size_t max_directory_length = 512;

// --- Shared ---------------------------------------------------------------------------------------------------------

Status status_of(int error) noexcept;
// `what` is the system call that failed, `on` the name or thing it was for.
Status system_failure(int error, const char *what, const char *on) noexcept;

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

struct Path {
  char text[max_directory_length + 1 + max_name_length + 1];
  explicit Path(const char *name) noexcept { std::snprintf(text, sizeof text, "%s/%s", directory(), name); }
};

}  // namespace ringbuf::os
