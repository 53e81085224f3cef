// Rings as files: made under a hidden name of their own, published by a link.
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "error.hpp"
#include "os/posix/posix.hpp"

namespace ringbuf::os {

namespace {

constexpr char locks_name[] = ".ringbuf-locks";
constexpr char new_prefix[] = ".ringbuf-made.";  // none that the Linux backend would remove from the same directory

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

// Rings whose makers died before these had a name.
void remove_new_of_the_dead() noexcept {
  DIR *entries = ::opendir(directory());
  if (entries == nullptr) return;
  while (const dirent *entry = ::readdir(entries)) {
    constexpr std::size_t length = sizeof new_prefix - 1;
    if (std::strncmp(entry->d_name, new_prefix, length) != 0) continue;
    RINGBUF_FAILPOINT();
    if (!process_alive(std::strtoull(entry->d_name + length, nullptr, 16))) ::unlink(Path(entry->d_name).text);
  }
  ::closedir(entries);
}

// An empty file under a hidden name; -1: errno.
int make_file(char (&name)[sizeof Object::made_as]) noexcept {
  static std::atomic<std::uint32_t> counter{0};
  const auto token = static_cast<unsigned long long>(process_token());
  for (;;) {
    std::snprintf(name, sizeof name, "%s%llx.%x", new_prefix, token, counter.fetch_add(1, std::memory_order_relaxed));
    const int fd = open_retrying(Path(name).text, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
}

// A descriptor of the same open file.
int duplicate(int fd) noexcept { return ::fcntl(fd, F_DUPFD_CLOEXEC, 0); }

// By the file, whatever its name. Files of one file system have ranges of their own for sure, those of two in all likelihood.
off_t first_lock_of(const struct stat &st) noexcept {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
  const std::uint64_t file = static_cast<std::uint64_t>(st.st_dev) * odd + static_cast<std::uint64_t>(st.st_ino);
  return static_cast<off_t>(file % (std::uint64_t{1} << 50)) * lock_count;
}

}  // namespace

LockPlace lock_place(const Object &object) noexcept { return {object.locks, object.first_lock}; }

Status complete(Object &object, const struct stat &st) noexcept {
  object.first_lock = first_lock_of(st);
  return posix::open_lock_file(locks_name, object.locks);
}

Status create(Object &object, const char *name, std::uint64_t bytes, std::uint32_t mode) noexcept {
  const char *on = name != nullptr ? name : "anonymous ring";
  if (const Status status = directory_ready(); status != Status::ok) return status;
  remove_new_of_the_dead();
  if (const Status room = check_room(bytes, 0, true, on); room != Status::ok) return room;
  char made_as[sizeof Object::made_as];
  RINGBUF_FAILPOINT();
  const int fd = make_file(made_as);
  if (fd < 0) return system_failure(errno, "open", on);
  RINGBUF_FAILPOINT();
  if (name == nullptr) ::unlink(Path(made_as).text);
  Object made;
  if (const Status status = adopt(made, fd, true, on); status != Status::ok) {
    if (name != nullptr) ::unlink(Path(made_as).text);
    return status;
  }
  if (name != nullptr) std::memcpy(made.made_as, made_as, sizeof made_as);
  RINGBUF_FAILPOINT();
  Status status = Status::ok;
  if (::fchmod(fd, static_cast<mode_t>(mode)) != 0) {
    status = system_failure(errno, "fchmod", on);
  } else if (const int error = write_zeros(fd, bytes); error != 0) {
    status = error == ENOSPC ? no_room(bytes, true, on) : system_failure(error, "write", on);
  }
  if (status != Status::ok) {
    close(made);
    return status;
  }
  made.bytes = bytes;
  object = made;
  return Status::ok;
}

Status publish(const Object &object, const char *name) noexcept {
  const Path made(object.made_as);
  RINGBUF_FAILPOINT();
  if (::link(made.text, Path(name).text) != 0) return system_failure(errno, "link", name);
  RINGBUF_FAILPOINT();
  ::unlink(made.text);
  object.made_as[0] = '\0';
  return Status::ok;
}

Status hide(const Object &object, const char * /*name*/, HiddenPath &path) noexcept {
  std::snprintf(path.text, sizeof path.text, "%s", Path(object.made_as).text);
  return Status::ok;
}

void unhide(const Object &object, const HiddenPath & /*path*/, bool renamed) noexcept {
  if (renamed) object.made_as[0] = '\0';
}

// Of the limits of the machine's memory POSIX says nothing.
MemoryRoom memory_room(std::uint64_t /*wanted*/) noexcept { return {}; }

Status check_lasting(const Object &object) noexcept {
  struct stat st {};
  if (::fstat(object.fd, &st) != 0) return system_failure(errno, "fstat", "the ring");
  if (st.st_uid == ::geteuid()) return Status::ok;
  return fail(Status::permission, "the ring is user {}'s, who could take its memory away from a writer of user {}",
              st.st_uid, ::geteuid());
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
  if (object.shared < 0) {
    const int fd = duplicate(object.fd);
    if (fd < 0) return system_failure(errno, "fcntl(F_DUPFD_CLOEXEC)", "the ring's descriptor");
    object.shared = fd;
  }
  handle = object.shared;
  return Status::ok;
}

Status renew(Object &object) noexcept {
  int locks = -1;
  if (const Status status = posix::open_lock_file(locks_name, locks); status != Status::ok) return status;
  ::close(object.locks);
  object.locks = locks;
  return Status::ok;
}

// The child's descriptor is the parent's open file, with the parent's locks: it is closed, nothing is unlocked. Without
// another one all locks are taken for another's.
void detach(Object &object) noexcept {
  if (!object.is_open()) return;
  ::close(object.locks);
  object.locks = -1;
  (void)posix::open_lock_file(locks_name, object.locks);
  object.made_as[0] = '\0';
}

void close(Object &object) noexcept {
  if (object.made_as[0] != '\0') ::unlink(Path(object.made_as).text);
  for (const int fd : {object.fd, object.shared, object.locks}) {
    if (fd >= 0) ::close(fd);
  }
  object = Object();
}

Status map(Object &object, Region &region) noexcept {
  if (object.bytes == 0 || object.bytes > SIZE_MAX / 2) {
    return fail(Status::no_memory, "{} bytes of memory cannot be mapped", object.bytes);
  }
  const int protection = object.writable ? PROT_READ | PROT_WRITE : PROT_READ;
  const auto bytes = static_cast<std::size_t>(object.bytes);
  void *at = ::mmap(nullptr, bytes, protection, map_flags, object.fd, 0);
  if (at == MAP_FAILED) return system_failure(errno, "mmap", "the ring");
  region = {static_cast<std::byte *>(at), bytes};
  return Status::ok;
}

void populate(const Region &region, bool /*for_writing*/) noexcept {
  (void)::posix_madvise(region.begin, region.bytes, POSIX_MADV_WILLNEED);
}

}  // namespace ringbuf::os
