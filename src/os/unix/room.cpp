// How much shared memory is available, asked before it is taken. Taking too much is worse than a refusal: it ends in a
// signal (SIGXFSZ), or the kernel kills a process for lack of memory.
#include <sys/resource.h>
#include <sys/statvfs.h>

#include <algorithm>

#include "error.hpp"
#include "os/unix/unix.hpp"

namespace ringbuf::os {

namespace {

struct Free {
  std::uint64_t bytes = UINT64_MAX;
  const char *where = "";
};

void at_most(Free &free, std::uint64_t bytes, const char *where) noexcept {
  if (bytes < free.bytes) free = {bytes, where};
}

// A file system that reports no blocks at all is a tmpfs without a limit. Its free space is unknown.
Free in_directory(std::uint64_t freed) noexcept {
  struct statvfs fs {};
  if (::statvfs(directory(), &fs) != 0 || fs.f_blocks == 0) return {};
  return {std::uint64_t{fs.f_bavail} * fs.f_frsize + freed, directory()};
}

Status refuse(const Free &free, std::uint64_t bytes, const char *on) noexcept {
  return fail(Status::no_space, "{} takes {} bytes of shared memory, {} are free ({})", on, bytes, free.bytes,
              free.where);
}

}  // namespace

Status check_room(std::uint64_t bytes, std::uint64_t freed, bool named, const char *on) noexcept {
  // Asking for what is free takes longer than taking a little of it.
  constexpr std::uint64_t little = std::uint64_t{256} * 1024;
  Free free;
  if (named && bytes > little) free = in_directory(freed);
  struct rlimit file_size {};
  if (::getrlimit(RLIMIT_FSIZE, &file_size) == 0 && file_size.rlim_cur != RLIM_INFINITY) {
    at_most(free, std::uint64_t{file_size.rlim_cur}, "the process's limit of the size of files, RLIMIT_FSIZE");
  }
  if (bytes > free.bytes) return refuse(free, bytes, on);
  if (bytes <= little) return Status::ok;
  // The cost of the memory itself, and of the page tables through which processes reach it.
  const std::uint64_t wanted = bytes + bytes / 256;
  const MemoryRoom memory = memory_room(wanted);
  if (wanted > memory.bytes) return refuse({memory.bytes, memory.where}, bytes, on);
  return Status::ok;
}

Status no_room(std::uint64_t bytes, bool named, const char *on) noexcept {
  Free free;
  if (named) free = in_directory(0);
  const MemoryRoom memory = memory_room(bytes);
  at_most(free, memory.bytes, memory.where);
  if (free.bytes > bytes) return fail(Status::no_space, "{} takes {} bytes of shared memory: no room", on, bytes);
  return refuse(free, bytes, on);
}

}  // namespace ringbuf::os
