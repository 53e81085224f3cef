// Locks by flock(), each on a file of its own; see posix.hpp.
#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <cstring>

#include "error.hpp"
#include "os/posix/posix.hpp"

namespace ringbuf::os {

namespace {

// How long we try again because of somebody who holds a lock for a moment: one who was stopped right then holds it longer.
constexpr std::int64_t patience_ns = 500'000'000;
constexpr std::int64_t look_patience_ns = 50'000'000;

void pause(int attempt) noexcept {
  if (attempt < 10) {
    ::sched_yield();
  } else {
    const timespec moment{0, 100'000};
    ::nanosleep(&moment, nullptr);
  }
}

// Calls attempt() until it succeeds, at most for that time; without a time, once. The tries count, too: while all of us stand
// still, as a machine that is paused does, time passes and nobody lets go of anything.
template <class Attempt>
bool patiently(std::int64_t time_ns, Attempt &&attempt) noexcept {
  constexpr int least_tries = 100;
  if (attempt()) return true;
  if (time_ns == 0) return false;
  const std::int64_t give_up_ns = monotonic_ns() + time_ns;
  for (int i = 0; i < least_tries || monotonic_ns() < give_up_ns; ++i) {
    pause(i);
    if (attempt()) return true;
  }
  return false;
}

}  // namespace

namespace posix {

bool lock_now(int fd, int operation) noexcept {
  return retrying([&] { return ::flock(fd, operation | LOCK_NB); }) == 0;
}

bool is_removed(int fd) noexcept {
  struct stat st {};
  return ::fstat(fd, &st) == 0 && st.st_nlink == 0;
}

// The mode of open() is subject to the umask, and nobody is to see the file before it has the right one.
bool make_lock_file(const WorkPath &path, uid_t owner) noexcept {
  if (::access(path.text, F_OK) == 0) return true;
  WorkPath made = path;
  *std::strrchr(made.text, '/') = '\0';
  made = made.below(UniqueName("t").text);
  const int fd = open_retrying(made.text, O_RDONLY | O_CREAT | O_EXCL, 0400);
  if (fd < 0) return false;
  RINGBUF_STEP();
  const bool foreign = ::geteuid() == 0 && owner != 0;
  const bool done = ::fchmod(fd, 0444) == 0 && (!foreign || ::fchown(fd, owner, static_cast<gid_t>(-1)) == 0) &&
                    (::link(made.text, path.text) == 0 || errno == EEXIST);
  const int error = errno;
  ::unlink(made.text);
  ::close(fd);
  errno = error;
  return done;
}

int open_lock_file(const WorkPath &path) noexcept {
  return open_retrying(path.text, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
}

Look::Look(const WorkPath &directory, int operation, std::int64_t time_ns) noexcept
    : fd_(open_lock_file(directory.below(name))) {
  is_ours_ = fd_ >= 0 && patiently(time_ns, [&] { return lock_now(fd_, operation); });
}

Look::~Look() {
  if (is_ours_) lock_now(fd_, LOCK_UN);
  if (fd_ >= 0) ::close(fd_);
}

bool is_held(int fd, const WorkPath &directory) noexcept {
  bool held = !lock_now(fd, LOCK_SH);
  if (held) {
    const Look nobody_looks(directory, LOCK_SH, look_patience_ns);
    held = !lock_now(fd, LOCK_SH);
  }
  if (!held) lock_now(fd, LOCK_UN);
  return held;
}

}  // namespace posix

namespace {

using posix::lock_now;
using posix::Look;
using posix::WorkPath;

int find(const Extra &extra, Lock lock) noexcept {
  for (int i = 0; i < extra.held_count; ++i) {
    if (extra.held[i].number == lock.number) return i;
  }
  return -1;
}

// Locks the file behind a descriptor: ok; busy if somebody has it who does not only look.
Status lock(const Extra &extra, int fd, bool shared) noexcept {
  if (lock_now(fd, shared ? LOCK_SH : LOCK_EX)) return Status::ok;
  if (errno != EWOULDBLOCK) return system_failure(errno, "flock", "the ring");
  const Look nobody_looks(WorkPath(extra), LOCK_SH, patience_ns);
  bool locked = false;
  (void)patiently(patience_ns, [&] {
    locked = lock_now(fd, shared ? LOCK_SH : LOCK_EX);
    if (locked || shared) return true;
    // Whoever shares it only looks.
    const bool refused = !lock_now(fd, LOCK_SH);
    if (!refused) lock_now(fd, LOCK_UN);
    return refused;
  });
  return locked ? Status::ok : Status::busy;
}

// A descriptor that is to get a lock is noted first, so that each forked child knows of it.
int open_and_note(Extra &extra, Lock lock, const WorkPath &path) noexcept {
  const posix::Unforked guard;
  const int fd = posix::open_lock_file(path);
  if (fd >= 0) extra.held[extra.held_count++] = {lock.number, fd};
  return fd;
}

void close_and_forget(Extra &extra, int i, bool close) noexcept {
  const posix::Unforked guard;
  if (close) ::close(extra.held[i].fd);
  extra.held[i] = extra.held[--extra.held_count];
}

Status acquire(Extra &extra, Lock which, bool shared) noexcept {
  const WorkPath path(extra, which);
  for (int attempt = 0; attempt < 100; ++attempt) {
    const int fd = open_and_note(extra, which, path);
    if (fd < 0 && errno != ENOENT) return system_failure(errno, "open", path.text);
    if (fd < 0) {
      RINGBUF_STEP();
      if (posix::make_lock_file(path, extra.owner)) continue;
      if (errno != ENOENT) return system_failure(errno, "open", path.text);
      if (const Status status = posix::ring_directory_ready(extra); status != Status::ok) return status;
      continue;
    }
    RINGBUF_STEP();
    const Status status = lock(extra, fd, shared);
    if (status == Status::ok && !posix::is_removed(fd)) return Status::ok;
    close_and_forget(extra, extra.held_count - 1, true);
    if (status != Status::ok) return status;
  }
  return fail(Status::system, "{} keeps being removed", path.text);
}

Status take(const Object &object, Lock which, bool shared) noexcept {
  Extra &extra = *object.extra;
  if (find(extra, which) >= 0) return Status::ok;
  if (extra.held_count == Extra::max_held) return fail(Status::system, "{} locks are held already", Extra::max_held);
  const bool own = which.number == name_lock.number;
  const Status status = own ? lock(extra, descriptor(object), shared) : acquire(extra, which, shared);
  if (status == Status::busy) return fail(Status::busy, "lock {} is held by another", which.number);
  if (status == Status::ok && own) {
    const posix::Unforked guard;
    extra.held[extra.held_count++] = {which.number, descriptor(object)};
  }
  return status;
}

}  // namespace

Status try_lock(const Object &object, Lock lock) noexcept {
  RINGBUF_STEP();
  if (!object.writable) return fail(Status::permission, "locking takes write permission");
  return take(object, lock, false);
}

Status lock_shared(const Object &object, Lock lock) noexcept {
  RINGBUF_STEP();
  return take(object, lock, true);
}

Status hold_off(const Object &object, Lock lock) noexcept {
  RINGBUF_STEP();
  return take(object, lock, true);
}

// By its name, since a forked child may have got the open file, too: closing it would not be enough.
void unlock(const Object &object, Lock lock) noexcept {
  Extra &extra = *object.extra;
  const int i = find(extra, lock);
  if (i < 0) return;
  RINGBUF_STEP();
  const int fd = extra.held[i].fd;
  lock_now(fd, LOCK_UN);
  close_and_forget(extra, i, fd != descriptor(object));
}

void unlock_all(const Object &object) noexcept {
  while (object.extra != nullptr && object.extra->held_count > 0) unlock(object, {object.extra->held[0].number});
}

// What cannot be found out counts as locked.
bool is_locked(const Object &object, Lock lock) noexcept {
  if (!object.is_open()) return true;
  if (find(*object.extra, lock) >= 0) return false;
  const int fd = posix::open_lock_file(WorkPath(*object.extra, lock));
  if (fd < 0) return errno != ENOENT;
  const bool locked = posix::is_held(fd, WorkPath(*object.extra));
  ::close(fd);
  return locked;
}

// A writer asks about silent readers between its puts, where it must not wait: that one looks may be one too many.
bool is_shared(const Object &object, Lock lock) noexcept {
  const int fd = posix::open_lock_file(WorkPath(*object.extra, lock));
  if (fd < 0) return false;
  bool shared = true;
  {
    const Look look(WorkPath(*object.extra), LOCK_EX, lock.number == silent_reader_lock.number ? 0 : patience_ns);
    if (look.is_ours() && lock_now(fd, LOCK_EX)) {
      shared = false;
      lock_now(fd, LOCK_UN);
    }
  }
  ::close(fd);
  return shared;
}

}  // namespace ringbuf::os
