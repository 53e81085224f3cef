// Names of rings that are files in a directory, and what can be done with a file without knowing how it is locked.
#include <dirent.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "error.hpp"
#include "os/unix/unix.hpp"
#include "ringbuf/step.hpp"

namespace ringbuf::os {

namespace {

// How long we wait for a lock that is held for moments only.
constexpr std::int64_t name_lock_patience_ns = 2'000'000'000;

// strerror_r comes in two kinds: one returns the text, which may or may not be in the buffer, the other one a number.
[[maybe_unused]] const char *error_text(const char *result, const char * /*buffer*/) noexcept { return result; }
[[maybe_unused]] const char *error_text(int /*result*/, const char *buffer) noexcept { return buffer; }

}  // namespace

Status status_of(int error) noexcept {
  switch (error) {
    case ENOENT:
      return Status::not_found;
    case EEXIST:
      return Status::exists;
    case EACCES:
    case EPERM:
    case EROFS:
      return Status::permission;
    case ENOSPC:
    case EFBIG:
    case EDQUOT:
      return Status::no_space;
    case ENOMEM:
      return Status::no_memory;
    default:
      return Status::system;
  }
}

Status system_failure(int error, const char *what, const char *on) noexcept {
  char text[96] = "";
  return fail(status_of(error), "{} for {}: {}", what, on, error_text(::strerror_r(error, text, sizeof text), text));
}

int open_retrying(const char *path, int flags, mode_t mode) noexcept {
  return retrying([&] { return ::open(path, flags | O_CLOEXEC, mode); });
}

int open_best(const char *path, int flags, bool &writable) noexcept {
  int fd = open_retrying(path, O_RDWR | flags);
  writable = fd >= 0;
  if (fd < 0 && (errno == EACCES || errno == EPERM || errno == EROFS)) fd = open_retrying(path, O_RDONLY | flags);
  return fd;
}

Status adopt(Object &object, int fd, bool writable, const char *on) noexcept {
  struct stat st {};
  Status status = Status::ok;
  Object adopted;
  if (::fstat(fd, &st) != 0) {
    status = system_failure(errno, "fstat", on);
  } else if (!S_ISREG(st.st_mode)) {
    status = fail(Status::corrupt, "{} is no shared memory", on);
  } else {
    adopted.handle = fd;
    adopted.bytes = static_cast<std::uint64_t>(st.st_size);
    adopted.writable = writable;
    status = complete(adopted, st);
  }
  if (status != Status::ok) {
    ::close(fd);
    return status;
  }
  object = adopted;
  return Status::ok;
}

Status open(Object &object, const char *name) noexcept {
  if (const Status status = directory_ready(); status != Status::ok) return status;
  const Path path(name);
  for (int tries = 1;; ++tries) {
    bool writable = false;
    // O_NONBLOCK: a FIFO of that name must not block us; adopt() refuses it.
    const int fd = open_best(path.text, O_NOFOLLOW | O_NONBLOCK, writable);
    if (fd >= 0) return adopt(object, fd, writable, name);
    const int error = errno;
    // What open says of a link, or of a directory, differs from system to system; and it may be gone by now, or be a file.
    struct stat st {};
    const bool is_there = error != ENOENT && ::lstat(path.text, &st) == 0;
    if (error == ENOENT || (!is_there && errno == ENOENT)) {
      return fail(Status::not_found, "name is \"{}\": no ring has it", name);
    }
    if (is_there && !S_ISREG(st.st_mode)) {
      return fail(Status::corrupt, "name is \"{}\": that is no shared memory", name);
    }
    if (tries == 3) return system_failure(error, "open", name);
  }
}

Status read(const Object &object, std::uint64_t offset, void *bytes, std::size_t size) noexcept {
  auto *to = static_cast<std::byte *>(bytes);
  while (size > 0) {
    const ssize_t n = retrying([&] { return ::pread(descriptor(object), to, size, static_cast<off_t>(offset)); });
    if (n < 0) return system_failure(errno, "pread", "the ring");
    if (n == 0) return fail(Status::corrupt, "the memory ends at byte {}", offset);
    to += n;
    offset += static_cast<std::uint64_t>(n);
    size -= static_cast<std::size_t>(n);
  }
  return Status::ok;
}

Naming naming(const Object &object, const char *name) noexcept {
  struct stat own {};
  struct stat named {};
  if (::lstat(Path(name).text, &named) != 0) return Naming::none;
  if (::fstat(descriptor(object), &own) != 0) return Naming::other;
  return own.st_dev == named.st_dev && own.st_ino == named.st_ino ? Naming::ours : Naming::other;
}

Status unlink(const char *name) noexcept {
  Object object;
  const Status opened = open(object, name);
  if (opened == Status::not_found) return opened;
  if (opened == Status::ok && object.writable) {
    const Status status = unlink_own(object, name);
    close(object);
    return status;
  }
  // No ring, or one that we may not write.
  close(object);
  RINGBUF_STEP();
  if (::unlink(Path(name).text) == 0) return Status::ok;
  return system_failure(errno, "unlink", name);
}

// The name can only come to stand for other memory after somebody has unlinked it, and whoever unlinks holds the lock of
// the memory that the name stands for while it looks and unlinks.
Status unlink_own(const Object &object, const char *name) noexcept {
  const std::int64_t give_up_ns = monotonic_ns() + name_lock_patience_ns;
  long pause_ns = 50'000;
  for (;;) {
    if (naming(object, name) != Naming::ours) return Status::ok;
    RINGBUF_STEP();
    const Status locked = try_lock(object, name_lock);
    if (locked == Status::ok) break;
    if (locked != Status::busy) return locked;
    if (monotonic_ns() > give_up_ns) {
      return fail(Status::busy, "name is \"{}\": somebody else has been about to remove it for a while", name);
    }
    const timespec pause{0, pause_ns};
    ::nanosleep(&pause, nullptr);
    pause_ns = std::min(2 * pause_ns, 5'000'000L);
  }
  Status status = Status::ok;
  if (naming(object, name) == Naming::ours) {
    RINGBUF_STEP();
    if (::unlink(Path(name).text) != 0) status = system_failure(errno, "unlink", name);
  }
  RINGBUF_STEP();
  unlock(object, name_lock);
  return status;
}

bool room_without(const Object &object, std::uint64_t bytes) noexcept {
  struct statvfs fs {};
  struct stat st {};
  if (::statvfs(directory(), &fs) != 0 || ::fstat(descriptor(object), &st) != 0) return false;
  const std::uint64_t freed = st.st_nlink > 0 ? static_cast<std::uint64_t>(st.st_blocks) * 512 : 0;
  return std::uint64_t{fs.f_bavail} * fs.f_frsize + freed >= bytes;
}

Status enumerate(bool (*visit)(const char *name, void *user), void *user) noexcept {
  if (const Status status = directory_ready(); status != Status::ok) return status;
  DIR *entries = ::opendir(directory());
  if (entries == nullptr) return system_failure(errno, "opendir", directory());
  while (const dirent *entry = ::readdir(entries)) {
    if (std::strlen(entry->d_name) <= max_name_length && !visit(entry->d_name, user)) break;
  }
  ::closedir(entries);
  return Status::ok;
}

}  // namespace ringbuf::os
