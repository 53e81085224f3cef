// Linux: tmpfs files and memfds, open-file-description locks, futexes.
#define _FILE_OFFSET_BITS 64  // on 32-bit systems, too: the locks lie at 2^62

#include <dirent.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "error.hpp"
#include "os/os.hpp"
#include "ringbuf/step.hpp"

namespace ringbuf::os {

namespace {

constexpr char directory[] = "/dev/shm";

// Open-file-description locks lie on bytes far behind any ring.
constexpr off_t lock_base = off_t{1} << 62;
static_assert(sizeof(off_t) == 8);

// How long we wait for a lock that is held for moments only.
constexpr std::int64_t name_lock_patience_ns = 2'000'000'000;

struct Path {
  char text[sizeof directory + 1 + max_name_length + 1];
  explicit Path(const char *name) noexcept { std::snprintf(text, sizeof text, "%s/%s", directory, name); }
};

struct DescriptorPath {
  char text[40];
  explicit DescriptorPath(std::intptr_t fd) noexcept {
    std::snprintf(text, sizeof text, "/proc/self/fd/%ld", static_cast<long>(fd));
  }
};

int descriptor(const Object &object) noexcept { return static_cast<int>(object.handle); }

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

// `what` is the system call, `on` the name or thing it was for.
Status system_failure(int error, const char *what, const char *on) noexcept {
  char text[96];
  // The GNU variant returns the text; it may or may not be in the buffer.
  return fail(status_of(error), "{} for {}: {}", what, on, ::strerror_r(error, text, sizeof text));
}

int open_retrying(const char *path, int flags, mode_t mode = 0) noexcept {
  for (;;) {
    const int fd = ::open(path, flags | O_CLOEXEC, mode);
    if (fd >= 0 || errno != EINTR) return fd;
  }
}

// Opens for writing if that is allowed, else for reading.
int open_best(const char *path, int flags, bool &writable) noexcept {
  int fd = open_retrying(path, O_RDWR | flags);
  writable = fd >= 0;
  if (fd < 0 && (errno == EACCES || errno == EPERM || errno == EROFS)) fd = open_retrying(path, O_RDONLY | flags);
  return fd;
}

Status adopt(Object &object, int fd, bool writable, const char *on) noexcept {
  struct stat st {};
  Status status = Status::ok;
  if (::fstat(fd, &st) != 0) {
    status = system_failure(errno, "fstat", on);
  } else if (!S_ISREG(st.st_mode)) {
    status = fail(Status::corrupt, "{} is no shared memory", on);
  }
  if (status != Status::ok) {
    ::close(fd);
    return status;
  }
  object = {};
  object.handle = fd;
  object.bytes = static_cast<std::uint64_t>(st.st_size);
  object.writable = writable;
  return Status::ok;
}

bool lock_call(const Object &object, int command, short type, Lock lock, short &found) noexcept {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = lock_base + static_cast<off_t>(lock.number);
  range.l_len = 1;
  int result = 0;
  do {
    result = ::fcntl(descriptor(object), command, &range);
  } while (result != 0 && errno == EINTR);
  found = range.l_type;
  return result == 0;
}

std::int64_t clock_ns(clockid_t id) noexcept {
  timespec t{};
  ::clock_gettime(id, &t);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

// What is known of a process: that it has ended, or when it was started, in clock ticks since boot; 0: not to be found out.
struct Life {
  bool ended;
  std::uint64_t start;
};

Life look_up(long pid) noexcept {
  char path[40];
  std::snprintf(path, sizeof path, "/proc/%ld/stat", pid);
  const int fd = open_retrying(path, O_RDONLY);
  if (fd < 0) return {errno == ENOENT && ::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH, 0};
  char text[1024];
  const ssize_t length = ::read(fd, text, sizeof text - 1);
  const int error = errno;
  ::close(fd);
  if (length <= 0) return {length < 0 && error == ESRCH, 0};
  text[length] = '\0';
  // "pid (any text) S ppid ..." with the start time as field 22: state is field 3.
  const char *field = std::strrchr(text, ')');
  if (field == nullptr || field[1] == '\0') return {false, 0};
  if (field[2] == 'Z' || field[2] == 'X') return {true, 0};
  for (int number = 2; number < 22 && field != nullptr; ++number) field = std::strchr(field + 1, ' ');
  return {false, field != nullptr ? std::strtoull(field + 1, nullptr, 10) : 0};
}

constexpr int pid_bits = 22;

}  // namespace

// --- Memory and names -------------------------------------------------------------------------------------------

std::uint32_t page_bytes() noexcept { return static_cast<std::uint32_t>(std::max(4096L, ::sysconf(_SC_PAGESIZE))); }

Status create(Object &object, const char *name, std::uint64_t bytes, std::uint32_t mode) noexcept {
  const char *on = name != nullptr ? name : "anonymous ring";
  // A file without a name yet: if we die, the kernel takes it back.
  const int fd = name != nullptr ? open_retrying(directory, O_TMPFILE | O_RDWR, 0600)
                                 : ::memfd_create("ringbuf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return system_failure(errno, name != nullptr ? "open(O_TMPFILE)" : "memfd_create", on);
  int error = 0;
  const char *what = "ftruncate";
  // The file system behind memfd knows no limit but the machine's memory.
  struct sysinfo machine {};
  if (name == nullptr && ::sysinfo(&machine) == 0 &&
      bytes / machine.mem_unit > std::uint64_t{machine.totalram} + machine.totalswap) {
    error = ENOMEM;
    what = "memfd_create";
  }
  RINGBUF_STEP();
  if (error == 0 && ::ftruncate(fd, static_cast<off_t>(bytes)) != 0) error = errno;
  if (error == 0) {
    what = "posix_fallocate";
    RINGBUF_STEP();
    do {
      error = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes));
    } while (error == EINTR);
  }
  // The one to be mapped, and the one to hold our locks: now, since the mode may not allow it later.
  int lockable = -1;
  if (error == 0) {
    what = "open";
    // The umask may have taken our own rights.
    if (::fchmod(fd, 0600) == 0) lockable = open_retrying(DescriptorPath(fd).text, O_RDWR);
    if (lockable < 0) error = errno;
  }
  if (error == 0) {
    what = "fchmod";
    RINGBUF_STEP();
    if (::fchmod(fd, static_cast<mode_t>(mode)) != 0) error = errno;
  }
  // Nobody can take an anonymous ring's memory away from under its users.
  RINGBUF_STEP();
  if (error == 0 && name == nullptr) (void)::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  if (error != 0) {
    ::close(fd);
    if (lockable >= 0) ::close(lockable);
    return system_failure(error, what, on);
  }
  const Status status = adopt(object, lockable, true, on);
  if (status == Status::ok) {
    object.share = fd;
  } else {
    ::close(fd);
  }
  return status;
}

Status publish(const Object &object, const char *name) noexcept {
  const Path path(name);
  RINGBUF_STEP();
  if (::linkat(AT_FDCWD, DescriptorPath(object.handle).text, AT_FDCWD, path.text, AT_SYMLINK_FOLLOW) == 0) {
    return Status::ok;
  }
  return system_failure(errno, "linkat", name);
}

Status open(Object &object, const char *name) noexcept {
  bool writable = false;
  // O_NONBLOCK: a FIFO of that name must not block us; adopt() refuses it.
  const int fd = open_best(Path(name).text, O_NOFOLLOW | O_NONBLOCK, writable);
  if (fd < 0) {
    if (errno == ENOENT) return fail(Status::not_found, "name is \"{}\": no ring has it", name);
    if (errno == ELOOP || errno == EISDIR)
      return fail(Status::corrupt, "name is \"{}\": that is no shared memory", name);
    return system_failure(errno, "open", name);
  }
  return adopt(object, fd, writable, name);
}

Status open_handle(Object &object, std::intptr_t handle) noexcept {
  if (handle < 0 || handle > INT32_MAX || ::fcntl(static_cast<int>(handle), F_GETFD) < 0) {
    return fail(Status::invalid_argument, "fd is {}, expected an open descriptor", handle);
  }
  bool writable = false;
  // A new open file description: one that we shared with the giver would share its locks.
  const int fd = open_best(DescriptorPath(handle).text, O_NONBLOCK, writable);
  if (fd < 0) return system_failure(errno, "open", "the descriptor given");
  return adopt(object, fd, writable, "the descriptor given");
}

Status share(Object &object, std::intptr_t &handle) noexcept {
  if (object.share < 0) {
    bool writable = false;
    const int fd = open_best(DescriptorPath(object.handle).text, O_NONBLOCK, writable);
    if (fd < 0) return system_failure(errno, "open", "the ring's descriptor");
    object.share = fd;
  }
  handle = object.share;
  return Status::ok;
}

void close(Object &object) noexcept {
  if (object.handle >= 0) ::close(static_cast<int>(object.handle));
  if (object.share >= 0) ::close(static_cast<int>(object.share));
  object = {};
}

Status read(const Object &object, std::uint64_t offset, void *bytes, std::size_t size) noexcept {
  auto *to = static_cast<std::byte *>(bytes);
  while (size > 0) {
    const ssize_t n = ::pread(descriptor(object), to, size, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure(errno, "pread", "the ring");
    if (n == 0) return fail(Status::corrupt, "the memory ends at byte {}", offset);
    to += n;
    offset += static_cast<std::uint64_t>(n);
    size -= static_cast<std::size_t>(n);
  }
  return Status::ok;
}

// A mapping keeps the open file description that it was made from, in forked children as well; so that must not be the
// one that holds the locks.
Status map(Object &object, Region &region) noexcept {
  if (object.bytes == 0 || object.bytes > SIZE_MAX / 2) {
    return fail(Status::no_memory, "{} bytes of memory cannot be mapped", object.bytes);
  }
  std::intptr_t fd = -1;
  if (const Status status = share(object, fd); status != Status::ok) return status;
  const int protection = object.writable ? PROT_READ | PROT_WRITE : PROT_READ;
  const auto bytes = static_cast<std::size_t>(object.bytes);
  void *at = ::mmap(nullptr, bytes, protection, MAP_SHARED, static_cast<int>(fd), 0);
  const int error = errno;
  ::close(static_cast<int>(fd));
  object.share = -1;
  if (at == MAP_FAILED) return system_failure(error, "mmap", "the ring");
  region = {static_cast<std::byte *>(at), bytes};
  return Status::ok;
}

Status protect(const Region &region, std::size_t offset, std::size_t bytes) noexcept {
  if (::mprotect(region.begin + offset, bytes, PROT_READ) == 0) return Status::ok;
  return system_failure(errno, "mprotect", "the ring");
}

void populate(const Region &region, bool for_writing) noexcept {
  // Linux 5.14; older kernels say EINVAL, and pages are then mapped when they are first used.
  constexpr int populate_read = 22;
  constexpr int populate_write = 23;
  (void)::madvise(region.begin, region.bytes, for_writing ? populate_write : populate_read);
}

void unmap(Region &region) noexcept {
  if (region.begin != nullptr) ::munmap(region.begin, region.bytes);
  region = {};
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
  if (::statvfs(directory, &fs) != 0 || ::fstat(descriptor(object), &st) != 0) return false;
  const std::uint64_t freed = st.st_nlink > 0 ? static_cast<std::uint64_t>(st.st_blocks) * 512 : 0;
  return std::uint64_t{fs.f_bavail} * fs.f_frsize + freed >= bytes;
}

Status enumerate(bool (*visit)(const char *name, void *user), void *user) noexcept {
  DIR *entries = ::opendir(directory);
  if (entries == nullptr) return system_failure(errno, "opendir", directory);
  while (const dirent *entry = ::readdir(entries)) {
    if (std::strlen(entry->d_name) <= max_name_length && !visit(entry->d_name, user)) break;
  }
  ::closedir(entries);
  return Status::ok;
}

// --- Life and death ---------------------------------------------------------------------------------------------

Status try_lock(const Object &object, Lock lock) noexcept {
  short found = 0;
  RINGBUF_STEP();
  if (lock_call(object, F_OFD_SETLK, F_WRLCK, lock, found)) return Status::ok;
  if (errno == EAGAIN || errno == EACCES) return fail(Status::busy, "lock {} is held by another", lock.number);
  if (errno == EBADF) return fail(Status::permission, "locking takes write permission");
  return system_failure(errno, "fcntl(F_OFD_SETLK)", "the ring");
}

Status lock_shared(const Object &object, Lock lock) noexcept {
  short found = 0;
  RINGBUF_STEP();
  if (lock_call(object, F_OFD_SETLK, F_RDLCK, lock, found)) return Status::ok;
  return system_failure(errno, "fcntl(F_OFD_SETLK)", "the ring");
}

void unlock(const Object &object, Lock lock) noexcept {
  short found = 0;
  RINGBUF_STEP();
  (void)lock_call(object, F_OFD_SETLK, F_UNLCK, lock, found);
}

// A shared lock, which anybody may take who may read, does not count as an exclusive one.
bool is_locked(const Object &object, Lock lock) noexcept {
  short found = F_UNLCK;
  return !object.is_open() || !lock_call(object, F_OFD_GETLK, F_RDLCK, lock, found) || found != F_UNLCK;
}

bool is_shared(const Object &object, Lock lock) noexcept {
  short found = F_UNLCK;
  return lock_call(object, F_OFD_GETLK, F_WRLCK, lock, found) && found != F_UNLCK;
}

std::uint64_t process_token() noexcept {
  const long pid = ::getpid();
  return (look_up(pid).start << pid_bits) | static_cast<std::uint64_t>(pid);
}

std::uint64_t process_domain() noexcept {
  struct stat st {};
  return ::stat("/proc/self/ns/pid", &st) == 0 ? static_cast<std::uint64_t>(st.st_ino) : 0;
}

// Dead only if that is certain: where the start time is not known on both sides, the process number has to do.
bool process_alive(std::uint64_t token) noexcept {
  if (token == 0) return false;
  const auto pid = static_cast<long>(token & ((std::uint64_t{1} << pid_bits) - 1));
  const std::uint64_t start = token >> pid_bits;
  const Life life = look_up(pid);
  return !life.ended && (start == 0 || life.start == 0 || life.start == start);
}

void on_fork(void (*before)(), void (*parent)(), void (*child)()) noexcept {
  (void)::pthread_atfork(before, parent, child);
}

void detach(Object &object) noexcept {
  if (object.handle < 0) return;
  const int fd = open_retrying(DescriptorPath(object.handle).text, object.writable ? O_RDWR : O_RDONLY);
  ::close(static_cast<int>(object.handle));
  object.handle = fd;
}

// --- Sleeping ---------------------------------------------------------------------------------------------------

void wait(const Object &, const Atomic32 *word, std::uint32_t expected, std::int64_t timeout_ns) noexcept {
  timespec timeout{};
  timeout.tv_sec = static_cast<time_t>(timeout_ns / 1'000'000'000);
  timeout.tv_nsec = static_cast<long>(timeout_ns % 1'000'000'000);
  // Not FUTEX_PRIVATE: the word is shared. Interrupted, woken, timed out or changed before: the caller looks again.
  (void)::syscall(SYS_futex, word, FUTEX_WAIT, expected, &timeout, nullptr, 0);
}

void wake_all(const Object &, Atomic32 *word, std::uint32_t) noexcept {
  RINGBUF_STEP();
  (void)::syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, nullptr, nullptr, 0);
}

// Since Linux 4.16; older kernels refuse, and so do some sandboxes.
bool accept_barriers() noexcept {
  return ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0) == 0;
}

bool barrier() noexcept { return ::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0) == 0; }

std::int64_t monotonic_ns() noexcept { return clock_ns(CLOCK_MONOTONIC); }
std::int64_t realtime_ns() noexcept { return clock_ns(CLOCK_REALTIME); }
std::int64_t tick_ns() noexcept { return clock_ns(CLOCK_MONOTONIC_COARSE); }

}  // namespace ringbuf::os
