// Locks of bytes of a file that belong to an open file description (F_OFD_SETLK). Two Objects in one process therefore
// exclude each other, even in two copies of this library. The kernel releases the locks with the last descriptor of the
// description.
#include <fcntl.h>

#include "error.hpp"
#include "failpoint.hpp"
#include "os/unix/unix.hpp"

namespace ringbuf::os {

namespace {

bool lock_call(const Object &object, int command, short type, Lock lock, off_t count, short &found) noexcept {
  const LockPlace place = lock_place(object);
  struct flock range;
  const bool done = lock_bytes(place.fd, command, type, place.first + static_cast<off_t>(lock.number), count, range);
  found = range.l_type;
  return done;
}

Status take(const Object &object, short type, Lock lock) noexcept {
  short found = 0;
  RINGBUF_FAILPOINT();
  if (lock_call(object, F_OFD_SETLK, type, lock, 1, found)) return Status::ok;
  if (errno == EAGAIN || errno == EACCES) return fail(Status::busy, "lock {} is held by another", lock.number);
  return system_failure(errno, "fcntl(F_OFD_SETLK)", "the ring");
}

}  // namespace

Status try_lock(const Object &object, Lock lock) noexcept {
  if (!object.writable) return fail(Status::permission, "locking takes write permission");
  return take(object, F_WRLCK, lock);
}

Status lock_shared(const Object &object, Lock lock) noexcept { return take(object, F_RDLCK, lock); }

Status hold_off(const Object &object, Lock lock) noexcept { return take(object, F_RDLCK, lock); }

void unlock(const Object &object, Lock lock) noexcept {
  short found = 0;
  RINGBUF_FAILPOINT();
  (void)lock_call(object, F_OFD_SETLK, F_UNLCK, lock, 1, found);
}

void unlock_all(const Object &object) noexcept {
  short found = 0;
  RINGBUF_FAILPOINT();
  (void)lock_call(object, F_OFD_SETLK, F_UNLCK, Lock{0}, lock_count, found);
}

// A shared lock does not count as an exclusive one: any user who may read may take it. If the state is unknown, the
// lock counts as locked.
bool is_locked(const Object &object, Lock lock) noexcept {
  short found = F_UNLCK;
  return !object.is_open() || !lock_call(object, F_OFD_GETLK, F_RDLCK, lock, 1, found) || found != F_UNLCK;
}

bool is_shared(const Object &object, Lock lock) noexcept {
  short found = F_UNLCK;
  return lock_call(object, F_OFD_GETLK, F_WRLCK, lock, 1, found) && found != F_UNLCK;
}

}  // namespace ringbuf::os
