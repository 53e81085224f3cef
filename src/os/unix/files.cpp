// Names of rings that are files in a directory, and operations on a file that do not depend on its kind of locks.
#include <dirent.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "error.hpp"
#include "failpoint.hpp"
#include "os/unix/unix.hpp"

namespace ringbuf::os {

namespace {

// How long to wait for a lock that is held only for moments. The number of tries also counts, so that a machine that
// stands still does not use up the wait.
constexpr std::int64_t name_lock_patience_ns = 100'000'000;
constexpr int name_lock_tries = 20;

// strerror_r has two versions. One returns the text, which may or may not be in the buffer. The other one returns a
// number.
[[maybe_unused]] const char *error_text(const char *result, const char * /*buffer*/) noexcept { return result; }
[[maybe_unused]] const char *error_text(int /*result*/, const char *buffer) noexcept { return buffer; }

}  // namespace

Status status_of(int error) noexcept {
  switch (error) {
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
  // ETXTBSY: a process runs the file as a program.
  if (fd < 0 && (errno == EACCES || errno == EPERM || errno == EROFS || errno == ETXTBSY)) {
    fd = open_retrying(path, O_RDONLY | flags);
  }
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
    adopted.fd = fd;
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
    // O_NONBLOCK: a FIFO of that name must not block this process; adopt() refuses it.
    const int fd = open_best(path.text, O_NOFOLLOW | O_NONBLOCK, writable);
    if (fd >= 0) return adopt(object, fd, writable, name);
    const int error = errno;
    // The error of open for a link or a directory differs between systems. By now the name may also be gone, or be a
    // file.
    struct stat st {};
    const bool is_there = error != ENOENT && ::lstat(path.text, &st) == 0;
    if (error == ENOENT || (!is_there && errno == ENOENT)) {
      if (::stat(directory(), &st) != 0) return system_failure(errno, "stat", directory());
      return fail(Status::not_found, "name is \"{}\": no ring has it", name);
    }
    if (error == EAGAIN) return fail(Status::permission, "name is \"{}\": another process has a lease on it", name);
    if (is_there && !S_ISREG(st.st_mode)) {
      return fail(Status::corrupt, "name is \"{}\": that is no shared memory", name);
    }
    if (tries == 3) return system_failure(error, "open", name);
  }
}

Status read(const Object &object, std::uint64_t offset, void *bytes, std::size_t size) noexcept {
  auto *to = static_cast<std::byte *>(bytes);
  while (size > 0) {
    const ssize_t n = retrying([&] { return ::pread(object.fd, to, size, static_cast<off_t>(offset)); });
    if (n < 0) return system_failure(errno, "pread", "the ring");
    if (n == 0) return fail(Status::corrupt, "the memory ends at byte {}", offset);
    to += n;
    offset += static_cast<std::uint64_t>(n);
    size -= static_cast<std::size_t>(n);
  }
  return Status::ok;
}

Status write(const Object &object, std::uint64_t offset, const void *bytes, std::size_t size) noexcept {
  const auto *from = static_cast<const std::byte *>(bytes);
  while (size > 0) {
    const ssize_t n = retrying([&] { return ::pwrite(object.fd, from, size, static_cast<off_t>(offset)); });
    if (n <= 0) return system_failure(n < 0 ? errno : EIO, "pwrite", "the ring");
    from += n;
    offset += static_cast<std::uint64_t>(n);
    size -= static_cast<std::size_t>(n);
  }
  return Status::ok;
}

Status check_replaceable(const Object &object, const char *name) noexcept {
  struct stat st {};
  if (::fstat(object.fd, &st) != 0) return system_failure(errno, "fstat", name);
  if (st.st_uid == ::geteuid() || ::geteuid() == 0) return Status::ok;
  return fail(Status::exists, "name is \"{}\": a dead ring of user {} has it, which user {} cannot replace", name,
              st.st_uid, ::geteuid());
}

Naming naming(const Object &object, const char *name) noexcept {
  struct stat own {};
  struct stat named {};
  if (::lstat(Path(name).text, &named) != 0) {
    if (errno == ENOENT) return Naming::none;
    (void)system_failure(errno, "lstat", name);
    return Naming::unknown;
  }
  if (::fstat(object.fd, &own) != 0) {
    (void)system_failure(errno, "fstat", name);
    return Naming::unknown;
  }
  return own.st_dev == named.st_dev && own.st_ino == named.st_ino ? Naming::ours : Naming::other;
}

namespace {

// The holder of this lock is the only process, of those that follow the protocol, that removes the name from the memory
// that it stands for. So the name comes to stand for other memory only while a process holds the lock, or afterwards.
class NameLock {
 public:
  explicit NameLock(const Object &object) noexcept : object_(object) {}
  NameLock(const NameLock &) = delete;
  NameLock &operator=(const NameLock &) = delete;
  ~NameLock() {
    if (!locked_) return;
    RINGBUF_FAILPOINT();
    unlock(object_, name_lock);
  }

  // ok: the name stands for the object and will go on doing so. stale: it does not. busy: the lock is taken. Another
  // user who may only read the ring can hold this lock, too, and so block all changes of the name. The wait for that
  // user is no longer than for any other process.
  Status take(const char *name) noexcept {
    const std::int64_t give_up_ns = monotonic_ns() + name_lock_patience_ns;
    long pause_ns = 50'000;
    for (int tries = 1;; ++tries) {
      RINGBUF_FAILPOINT();
      const Status status = try_lock(object_, name_lock);
      if (status == Status::ok) break;
      if (status != Status::busy) return status;
      if (const Status named = still_ours(name); named != Status::ok) return named;
      if (tries >= name_lock_tries && monotonic_ns() > give_up_ns) {
        return fail(Status::busy, "name is \"{}\": another process has held the lock of this name for {} ms", name,
                    name_lock_patience_ns / 1'000'000);
      }
      const timespec pause{0, pause_ns};
      ::nanosleep(&pause, nullptr);
      pause_ns = std::min(2 * pause_ns, 5'000'000L);
    }
    locked_ = true;
    return still_ours(name);
  }

 private:
  Status still_ours(const char *name) const noexcept {
    switch (naming(object_, name)) {
      case Naming::ours:
        return Status::ok;
      case Naming::unknown:
        return Status::system;
      default:
        return Status::stale;
    }
  }

  const Object &object_;
  bool locked_ = false;
};

}  // namespace

// Other processes see only the last step. The object gets a hidden name only when the name is certain to be the old
// one's. Linux gives no further name to a file whose last name was removed. A caller that gets stale, because the name
// belongs to another ring, tries again with the same object.
Status replace(const Object &object, const Object &old, const char *name) noexcept {
  NameLock lock(old);
  if (const Status status = lock.take(name); status != Status::ok) return status;
  HiddenPath hidden;
  if (const Status status = hide(object, name, hidden); status != Status::ok) return status;
  RINGBUF_FAILPOINT();
  Status status = Status::ok;
  if (::rename(hidden.text, Path(name).text) != 0) status = system_failure(errno, "rename", name);
  unhide(object, hidden, status == Status::ok);
  return status;
}

// A process that may only read the ring cannot lock it, but can still remove the name. Only the owner of the ring or
// root can be doing so.
Status unlink_own(const Object &object, const char *name) noexcept {
  NameLock lock(object);
  if (object.writable) {
    if (const Status status = lock.take(name); status != Status::ok)
      return status == Status::stale ? Status::ok : status;
  } else if (const Naming now = naming(object, name); now != Naming::ours) {
    return now == Naming::unknown ? Status::system : Status::ok;
  }
  RINGBUF_FAILPOINT();
  if (::unlink(Path(name).text) == 0 || errno == ENOENT) return Status::ok;
  return system_failure(errno, "unlink", name);
}

bool room_without(const Object &object, std::uint64_t bytes) noexcept {
  struct stat st {};
  if (::fstat(object.fd, &st) != 0 || st.st_nlink == 0) return false;
  return check_room(bytes, static_cast<std::uint64_t>(st.st_blocks) * 512, true, "the ring") == Status::ok;
}

Status enumerate(bool (*visit)(const char *name, void *user), void *user) noexcept {
  if (const Status status = directory_ready(); status != Status::ok) return status;
  DIR *entries = nullptr;
  do {
    entries = ::opendir(directory());
  } while (entries == nullptr && errno == EINTR);
  if (entries == nullptr) return system_failure(errno, "opendir", directory());
  Status status = Status::ok;
  for (;;) {
    errno = 0;
    const dirent *entry = ::readdir(entries);
    if (entry == nullptr) {
      if (errno != 0) status = system_failure(errno, "readdir", directory());
      break;
    }
    if (std::strlen(entry->d_name) <= max_name_length && !visit(entry->d_name, user)) break;
  }
  ::closedir(entries);
  return status;
}

}  // namespace ringbuf::os
