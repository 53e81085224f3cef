// Rings as files: made under a name of their own in the working directory, published by a link.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "error.hpp"
#include "os/posix/posix.hpp"

namespace ringbuf::os {

namespace {

using posix::WorkPath;

constexpr char new_prefix[] = "new-";

// So that the system does not write the memory to a disk all the time, where it can be told.
#ifdef MAP_NOSYNC
constexpr int map_flags = MAP_SHARED | MAP_NOSYNC;
#else
constexpr int map_flags = MAP_SHARED;
#endif

// posix_fallocate() is not everywhere, and not for all file systems; what has been written has its room.
int write_zeros(int fd, std::uint64_t bytes) noexcept {
  static constexpr char zeros[65536] = {};
  for (std::uint64_t done = 0; done < bytes;) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(sizeof zeros, bytes - done));
    const ssize_t n = retrying([&] { return ::pwrite(fd, zeros, size, static_cast<off_t>(done)); });
    if (n <= 0) return n < 0 ? errno : ENOSPC;
    done += static_cast<std::uint64_t>(n);
  }
  return 0;
}

// An empty file, in the working directory if it is to get a name, and what belongs to it. If that cannot be had
// (permission), the Object is open all the same.
Status make_file(Object &object, bool named, const char *on, std::uint32_t mode) noexcept {
  posix::UniqueName name(new_prefix);
  RINGBUF_STEP();
  const int fd = posix::make_locked_file(new_prefix, name, static_cast<mode_t>(mode));
  if (fd < 0) return system_failure(errno, "open", on);
  RINGBUF_STEP();
  if (!named) ::unlink(WorkPath(name.text).text);
  if (const Status status = adopt(object, fd, true, on); status != Status::ok) {
    if (named) ::unlink(WorkPath(name.text).text);
    return status;
  }
  if (named) std::memcpy(object.extra->made_as, name.text, sizeof name.text);
  RINGBUF_STEP();
  return posix::ring_directory_ready(*object.extra);
}

// A descriptor of the same open file; nothing of ours is locked by that.
int duplicate(int fd) noexcept { return ::fcntl(fd, F_DUPFD_CLOEXEC, 0); }

}  // namespace

Status complete(Object &object, const struct stat &st) noexcept {
  object.extra = new (std::nothrow) Extra;
  if (object.extra == nullptr) return fail(Status::no_memory, "no memory for {} bytes", sizeof(Extra));
  object.extra->device = st.st_dev;
  object.extra->inode = st.st_ino;
  object.extra->mode = st.st_mode & 07777;
  object.extra->owner = st.st_uid;
  return Status::ok;
}

Status create(Object &object, const char *name, std::uint64_t bytes, std::uint32_t mode) noexcept {
  const char *on = name != nullptr ? name : "anonymous ring";
  if (const Status status = directory_ready(); status != Status::ok) return status;
  if (const Status status = posix::work_ready(); status != Status::ok) return status;
  posix::sweep();
  if (const Status room = check_room(bytes, 0, true, on); room != Status::ok) return room;
  // Another user's dead ring may have left a directory that would be this file's; a file with another number has none.
  constexpr int attempts = 8;
  Object made[attempts];
  int last = -1;
  Status status = Status::permission;
  while (status == Status::permission && ++last < attempts) status = make_file(made[last], name != nullptr, on, mode);
  if (status == Status::ok) {
    RINGBUF_STEP();
    if (const int error = write_zeros(descriptor(made[last]), bytes); error != 0) {
      status = error == ENOSPC ? no_room(bytes, true, on) : system_failure(error, "write", on);
    } else {
      std::swap(object, made[last]);
      object.bytes = bytes;
    }
  }
  for (Object &each : made) close(each);
  return status;
}

Status publish(const Object &object, const char *name) noexcept {
  Extra &extra = *object.extra;
  const WorkPath made(extra.made_as);
  RINGBUF_STEP();
  if (::link(made.text, Path(name).text) != 0) return system_failure(errno, "link", name);
  RINGBUF_STEP();
  ::unlink(made.text);
  extra.made_as[0] = '\0';
  posix::lock_now(descriptor(object), LOCK_UN);
  return Status::ok;
}

Status hide(const Object &object, const char * /*name*/, HiddenPath &path) noexcept {
  std::snprintf(path.text, sizeof path.text, "%s", WorkPath(object.extra->made_as).text);
  return Status::ok;
}

void unhide(const Object &object, const HiddenPath & /*path*/, bool renamed) noexcept {
  if (!renamed) return;
  object.extra->made_as[0] = '\0';
  posix::lock_now(descriptor(object), LOCK_UN);
}

// Of the limits of the machine's memory POSIX says nothing.
MemoryRoom memory_room(std::uint64_t /*wanted*/) noexcept { return {}; }

Status check_lasting(const Object &object) noexcept {
  if (object.extra->owner == ::geteuid()) return Status::ok;
  return fail(Status::permission, "the ring is user {}'s, who could take its memory away from a writer of user {}",
              object.extra->owner, ::geteuid());
}

// The system has no call that does it for all file systems; a ring's file is written in full when it is made.
Status fill_holes(const Object & /*object*/) noexcept { return Status::ok; }

Status open_handle(Object &object, std::intptr_t handle) noexcept {
  if (handle < 0 || handle > INT32_MAX || ::fcntl(static_cast<int>(handle), F_GETFD) < 0) {
    return fail(Status::invalid_argument, "fd is {}, expected an open descriptor", handle);
  }
  if (const Status status = directory_ready(); status != Status::ok) return status;
  const int fd = duplicate(static_cast<int>(handle));
  if (fd < 0) return system_failure(errno, "fcntl(F_DUPFD_CLOEXEC)", "the descriptor given");
  const bool writable = (::fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR;
  return adopt(object, fd, writable, "the descriptor given");
}

Status share(Object &object, std::intptr_t &handle) noexcept {
  if (object.share < 0) {
    const int fd = duplicate(descriptor(object));
    if (fd < 0) return system_failure(errno, "fcntl(F_DUPFD_CLOEXEC)", "the ring's descriptor");
    object.share = fd;
  }
  handle = object.share;
  return Status::ok;
}

// Locks have descriptors of their own, which are noted before they get one.
Status renew(Object & /*object*/) noexcept { return Status::ok; }

void close(Object &object) noexcept {
  if (Extra *extra = object.extra; extra != nullptr) {
    unlock_all(object);
    if (extra->made_as[0] != '\0') {
      ::unlink(WorkPath(extra->made_as).text);
      posix::lock_now(descriptor(object), LOCK_UN);
    }
    if (!extra->forked && posix::is_removed(descriptor(object))) {
      RINGBUF_STEP();
      posix::remove_ring_directory(WorkPath(*extra));
    }
    delete extra;
  }
  if (object.handle >= 0) ::close(descriptor(object));
  if (object.share >= 0) ::close(static_cast<int>(object.share));
  object = {};
}

Status map(Object &object, Region &region) noexcept {
  if (object.bytes == 0 || object.bytes > SIZE_MAX / 2) {
    return fail(Status::no_memory, "{} bytes of memory cannot be mapped", object.bytes);
  }
  const int protection = object.writable ? PROT_READ | PROT_WRITE : PROT_READ;
  const auto bytes = static_cast<std::size_t>(object.bytes);
  void *at = ::mmap(nullptr, bytes, protection, map_flags, descriptor(object), 0);
  if (at == MAP_FAILED) return system_failure(errno, "mmap", "the ring");
  region = {static_cast<std::byte *>(at), bytes};
  return Status::ok;
}

void populate(const Region &region, bool /*for_writing*/) noexcept {
  (void)::posix_madvise(region.begin, region.bytes, POSIX_MADV_WILLNEED);
}

// The child's descriptors of lock files are the parent's open files: they are closed, not unlocked.
void detach(Object &object) noexcept {
  if (object.extra == nullptr) return;
  Extra &extra = *object.extra;
  for (int i = 0; i < extra.held_count; ++i) {
    if (extra.held[i].fd != descriptor(object)) ::close(extra.held[i].fd);
  }
  extra.held_count = 0;
  extra.made_as[0] = '\0';
  extra.forked = true;
}

}  // namespace ringbuf::os
