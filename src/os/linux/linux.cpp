// Linux: tmpfs files and memfds, open-file-description locks, futexes.
#include <dirent.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "error.hpp"
#include "failpoint.hpp"
#include "os/unix/unix.hpp"

namespace ringbuf::os {

namespace {

// Open-file-description locks use bytes of the file far beyond the end of any ring.
constexpr off_t lock_base = off_t{1} << 62;

struct DescriptorPath {
  char text[40];
  explicit DescriptorPath(std::intptr_t fd) noexcept {
    std::snprintf(text, sizeof text, "/proc/self/fd/%ld", static_cast<long>(fd));
  }
};

// A descriptor is opened again through /proc. There is no other way.
Status descriptor_failure(int error, const char *what, const char *on) noexcept {
  if (error == ENOENT && ::access("/proc/self/fd", F_OK) != 0) {
    return fail(Status::system, "{} for {}: there is no /proc/self/fd, expected /proc to be mounted", what, on);
  }
  return system_failure(error, what, on);
}

// Allocates the pages of the first bytes of a file, piece by piece. A signal undoes the piece that it interrupts. If
// signals keep coming, the pieces become so small that one completes between two signals. Returns an error, or 0.
int reserve(int fd, std::uint64_t bytes) noexcept {
  constexpr std::uint64_t largest = std::uint64_t{16} << 20;
  constexpr std::uint64_t smallest = 4096;
  std::uint64_t piece = largest;
  for (std::uint64_t done = 0; done < bytes;) {
    const std::uint64_t size = std::min(piece, bytes - done);
    RINGBUF_FAILPOINT();
    const int error = ::posix_fallocate(fd, static_cast<off_t>(done), static_cast<off_t>(size));
    if (error == EINTR) {
      piece = std::max(piece / 2, smallest);
    } else if (error != 0) {
      return error;
    } else {
      done += size;
      piece = std::min(piece * 2, largest);
    }
  }
  return 0;
}

// Counts the first `bytes` bytes of a file that have no pages. The count may be inexact, but it is not 0 if there are
// any.
std::uint64_t missing(int fd, std::uint64_t bytes) noexcept {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return 0;
  const std::uint64_t there = static_cast<std::uint64_t>(st.st_blocks) * 512;
  if (there < bytes) return bytes - there;
  if (static_cast<std::uint64_t>(st.st_size) == bytes) return 0;
  // Blocks beyond the first `bytes` may be among those counted. A page that was allocated but never touched is a hole,
  // too; here that does no harm. The position of the open file description moves, but no code uses it.
  const off_t hole = ::lseek(fd, 0, SEEK_HOLE);
  return hole >= 0 && static_cast<std::uint64_t>(hole) < bytes ? bytes - static_cast<std::uint64_t>(hole) : 0;
}

// The facts known about a process. ended: it has ended. start: when it was started, in clock ticks since boot. program:
// which program it runs. Both are folded into the bits that a token has for them; 0 means unknown.
struct Life {
  bool ended;
  std::uint64_t start;
  std::uint64_t program;
};

constexpr int pid_bits = 22;
constexpr int start_bits = 28;
constexpr int program_bits = 13;
static_assert(pid_bits + start_bits + program_bits == 63);

constexpr std::uint64_t low_bits(std::uint64_t value, int bits) noexcept {
  return value & ((std::uint64_t{1} << bits) - 1);
}
// The result is 0 only if the value is 0.
constexpr std::uint64_t fold(std::uint64_t value, int bits) noexcept {
  return value == 0 ? 0 : value % ((std::uint64_t{1} << bits) - 1) + 1;
}

// A process keeps its number and its start when it calls exec. The addresses of its stack, which is random, and of its
// code change. The kernel may hide them from other users; the program is then unknown.
Life look_up(long pid) noexcept {
  char path[40];
  std::snprintf(path, sizeof path, "/proc/%ld/stat", pid);
  const int fd = open_retrying(path, O_RDONLY);
  if (fd < 0) return {errno == ENOENT && ::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH, 0, 0};
  char text[1024];
  const ssize_t length = retrying([&] { return ::read(fd, text, sizeof text - 1); });
  const int error = errno;
  ::close(fd);
  if (length <= 0) return {length < 0 && error == ESRCH, 0, 0};
  text[length] = '\0';
  // "pid (any text) S ppid ...". Field 3 is the state, 20 the number of threads, 22 the start, 26 the code, 28 the
  // stack.
  const char *field = std::strrchr(text, ')');
  if (field == nullptr || field[1] == '\0') return {false, 0, 0};
  const char state = field[2];
  constexpr int last_field = 28;
  std::uint64_t fields[last_field + 1] = {};
  for (int number = 3; number <= last_field; ++number) {
    field = std::strchr(field + 1, ' ');
    if (field == nullptr) break;
    fields[number] = std::strtoull(field + 1, nullptr, 10);
  }
  // If only the main thread has ended, the process is still there.
  if (state == 'X' || (state == 'Z' && fields[20] <= 1)) return {true, 0, 0};
  const std::uint64_t stack = fields[28];
  return {false, fold(fields[22], start_bits), stack != 0 ? fold(stack / 16 ^ fields[26], program_bits) : 0};
}

}  // namespace

// --- Memory and names -------------------------------------------------------------------------------------------

const char *directory() noexcept { return "/dev/shm"; }
Status directory_ready() noexcept { return Status::ok; }
Status complete(Object & /*object*/, const struct stat & /*st*/) noexcept { return Status::ok; }

Status create(Object &object, const char *name, std::uint64_t bytes, std::uint32_t mode) noexcept {
  const bool named = name != nullptr;
  const char *on = named ? name : "anonymous ring";
  if (const Status status = check_room(bytes, 0, named, on); status != Status::ok) return status;
  // A file without a name yet. If this process dies, the kernel frees it.
  const int fd = named ? open_retrying(directory(), O_TMPFILE | O_RDWR, 0600)
                       : ::memfd_create("ringbuf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return system_failure(errno, named ? "open(O_TMPFILE)" : "memfd_create", named ? directory() : on);
  int error = 0;
  const char *what = "ftruncate";
  RINGBUF_FAILPOINT();
  if (retrying([&] { return ::ftruncate(fd, static_cast<off_t>(bytes)); }) != 0) error = errno;
  if (error == 0) {
    what = "posix_fallocate";
    RINGBUF_FAILPOINT();
    error = reserve(fd, bytes);
  }
  // One descriptor is for the mapping, the other one holds the locks. The latter is opened now, since the mode may not
  // allow it later.
  int lockable = -1;
  if (error == 0) {
    what = "open";
    const DescriptorPath made(fd);
    lockable = open_retrying(made.text, O_RDWR);
    // The umask may have removed this user's own rights.
    if (lockable < 0 && errno == EACCES && ::fchmod(fd, 0600) == 0) lockable = open_retrying(made.text, O_RDWR);
    if (lockable < 0) error = errno;
  }
  if (error == 0) {
    what = "fchmod";
    RINGBUF_FAILPOINT();
    if (::fchmod(fd, static_cast<mode_t>(mode)) != 0) error = errno;
  }
  // The seals ensure that no process can shrink the memory of an anonymous ring while others use it.
  RINGBUF_FAILPOINT();
  if (error == 0 && !named && ::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    what = "fcntl(F_ADD_SEALS)";
    error = errno;
  }
  if (error != 0) {
    ::close(fd);
    if (lockable >= 0) ::close(lockable);
    return error == ENOSPC ? no_room(bytes, named, on) : descriptor_failure(error, what, on);
  }
  const Status status = adopt(object, lockable, true, on);
  if (status == Status::ok) {
    object.shared = fd;
  } else {
    ::close(fd);
  }
  return status;
}

namespace {

// Gives a file another name. False: errno tells why not.
bool give_name(int fd, const char *path) noexcept {
  RINGBUF_FAILPOINT();
  // The quicker way takes a privilege, or Linux 6.10.
  if (::linkat(fd, "", AT_FDCWD, path, AT_EMPTY_PATH) == 0) return true;
  return errno != EEXIST && ::linkat(AT_FDCWD, DescriptorPath(fd).text, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

constexpr char hidden_prefix[] = ".ringbuf-new.";

// Removes hidden names whose makers were killed before they could rename or remove them. The maker of a hidden name
// holds the writer lock of its memory all the while.
void sweep_hidden() noexcept {
  DIR *entries = ::opendir(directory());
  if (entries == nullptr) return;
  while (const dirent *entry = ::readdir(entries)) {
    if (std::strncmp(entry->d_name, hidden_prefix, sizeof hidden_prefix - 1) != 0) continue;
    if (std::strlen(entry->d_name) > max_name_length + 64) continue;
    HiddenPath path;
    std::snprintf(path.text, sizeof path.text, "%s/%s", directory(), entry->d_name);
    Object object;
    bool writable = false;
    const int fd = open_best(path.text, O_NOFOLLOW | O_NONBLOCK, writable);
    if (fd < 0 || adopt(object, fd, writable, path.text) != Status::ok) continue;
    RINGBUF_FAILPOINT();
    if (!is_locked(object, writer_lock)) ::unlink(path.text);
    close(object);
  }
  ::closedir(entries);
}

}  // namespace

Status publish(const Object &object, const char *name) noexcept {
  return give_name(object.fd, Path(name).text) ? Status::ok : descriptor_failure(errno, "linkat", name);
}

// The name contains the process number and the time, so that no other process makes the same name. Containers may share
// both, so the next number is tried.
Status hide(const Object &object, const char *name, HiddenPath &path) noexcept {
  sweep_hidden();
  const auto start = static_cast<std::uint64_t>(monotonic_ns());
  for (std::uint64_t number = start; number < start + 1000; ++number) {
    std::snprintf(path.text, sizeof path.text, "%s/%s%s.%lx.%llx", directory(), hidden_prefix, name,
                  static_cast<unsigned long>(::getpid()), static_cast<unsigned long long>(number));
    if (give_name(object.fd, path.text)) return Status::ok;
    if (errno != EEXIST) return descriptor_failure(errno, "linkat", name);
  }
  return fail(Status::system, "linkat for {}: all hidden names are taken", name);
}

void unhide(const Object & /*object*/, const HiddenPath &path, bool renamed) noexcept {
  RINGBUF_FAILPOINT();
  if (!renamed) ::unlink(path.text);
}

Status open_handle(Object &object, std::intptr_t handle) noexcept {
  if (handle < 0 || handle > INT32_MAX || ::fcntl(static_cast<int>(handle), F_GETFD) < 0) {
    return fail(Status::invalid_argument, "fd is {}, expected an open descriptor", handle);
  }
  bool writable = false;
  // A new open file description. A description shared with the giver would share its locks.
  const int fd = open_best(DescriptorPath(handle).text, O_NONBLOCK, writable);
  if (fd < 0) return descriptor_failure(errno, "open", "the descriptor given");
  return adopt(object, fd, writable, "the descriptor given");
}

// A ring of this user can be shrunk by this user, or by users whom it has allowed to write. A sealed ring cannot be
// shrunk at all.
Status check_lasting(const Object &object) noexcept {
  struct stat st {};
  if (::fstat(object.fd, &st) != 0) return system_failure(errno, "fstat", "the ring");
  if (st.st_uid == ::geteuid()) return Status::ok;
  const int seals = ::fcntl(object.fd, F_GET_SEALS);
  if (seals >= 0 && (seals & F_SEAL_SHRINK) != 0) return Status::ok;
  return fail(Status::permission, "the ring is user {}'s, who could take its memory away from a writer of user {}",
              st.st_uid, ::geteuid());
}

Status fill_holes(const Object &object) noexcept {
  const std::uint64_t bytes = missing(object.fd, object.bytes);
  if (bytes == 0) return Status::ok;
  if (const Status status = check_room(bytes, 0, true, "the ring"); status != Status::ok) return status;
  const int error = reserve(object.fd, object.bytes);
  if (error == 0) return Status::ok;
  return error == ENOSPC ? no_room(bytes, true, "the ring") : system_failure(error, "posix_fallocate", "the ring");
}

Status share(Object &object, std::intptr_t &handle) noexcept {
  if (object.shared < 0) {
    bool writable = false;
    const int fd = open_best(DescriptorPath(object.fd).text, O_NONBLOCK, writable);
    if (fd < 0) return descriptor_failure(errno, "open", "the ring's descriptor");
    object.shared = fd;
  }
  handle = object.shared;
  return Status::ok;
}

// The mode of a new ring may not allow it. In that case the ring is ours, and we can change the mode.
Status renew(Object &object) noexcept {
  const DescriptorPath path(object.fd);
  const int flags = object.writable ? O_RDWR : O_RDONLY;
  int fd = open_retrying(path.text, flags);
  struct stat st {};
  if (fd < 0 && errno == EACCES && ::fstat(object.fd, &st) == 0 && ::fchmod(object.fd, 0600) == 0) {
    fd = open_retrying(path.text, flags);
    (void)::fchmod(object.fd, st.st_mode & 07777);
  }
  if (fd < 0) return system_failure(errno, "open", "the ring's descriptor");
  ::close(object.fd);
  object.fd = fd;
  return Status::ok;
}

void close(Object &object) noexcept {
  if (object.fd >= 0) ::close(object.fd);
  if (object.shared >= 0) ::close(object.shared);
  object = {};
}

namespace {

Status mmap_failure(int error, std::uint64_t bytes) noexcept {
  struct rlimit limit {};
  if (error == EAGAIN && ::getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
    return fail(Status::no_memory,
                "mmap of {} bytes: this process locks its memory (mlockall), of which RLIMIT_MEMLOCK allows {} bytes",
                bytes, limit.rlim_cur);
  }
  if (error == ENOMEM && ::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    return fail(Status::no_memory, "mmap of {} bytes: RLIMIT_AS allows this process an address space of {} bytes",
                bytes, limit.rlim_cur);
  }
  return system_failure(error, "mmap", "the ring");
}

}  // namespace

// A mapping keeps the open file description that it was made from, in forked children as well. So it must not be made
// from the description that holds the locks.
Status map(Object &object, Region &region) noexcept {
  if (object.bytes == 0 || object.bytes > SIZE_MAX / 2) {
    return fail(Status::no_memory, "{} bytes of memory cannot be mapped", object.bytes);
  }
  std::intptr_t fd = -1;
  if (const Status status = share(object, fd); status != Status::ok) return status;
  const int protection = object.writable ? PROT_READ | PROT_WRITE : PROT_READ;
  const auto bytes = static_cast<std::size_t>(object.bytes);
  const bool sparse = missing(object.shared, object.bytes) != 0;
  void *at = ::mmap(nullptr, bytes, protection, MAP_SHARED, object.shared, 0);
  const int error = errno;
  ::close(object.shared);
  object.shared = -1;
  if (at == MAP_FAILED) return mmap_failure(error, object.bytes);
  region = {static_cast<std::byte *>(at), bytes, sparse};
  return Status::ok;
}

void populate(const Region &region, bool for_writing) noexcept {
  if (region.sparse) return;
  // Linux 5.14. Older kernels return EINVAL, and each page is then mapped at its first use.
  constexpr int populate_read = 22;
  constexpr int populate_write = 23;
  (void)::madvise(region.begin, region.bytes, for_writing ? populate_write : populate_read);
}

// --- Life and death ---------------------------------------------------------------------------------------------

LockPlace lock_place(const Object &object) noexcept { return {object.fd, lock_base}; }

// Since Linux 4.14.
void *forgetful_memory(std::size_t bytes) noexcept {
  constexpr int wipe_on_fork = 18;
  void *at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return nullptr;
  if (::madvise(at, bytes, wipe_on_fork) == 0) return at;
  ::munmap(at, bytes);
  return nullptr;
}

namespace {

// What this process is, by its token and its domain.
struct Self {
  std::uint64_t token;
  std::uint64_t domain;
};

// Process numbers belong to a PID namespace. If there are time namespaces, each shows other start times of the same
// process.
Self look_up_self() noexcept {
  const long pid = ::getpid();
  const Life life = look_up(pid);
  Self self{(life.program << start_bits | life.start) << pid_bits | static_cast<std::uint64_t>(pid), 0};
  struct stat pids {};
  struct stat times {};
  if (::stat("/proc/self/ns/pid", &pids) != 0) return self;
  self.domain = static_cast<std::uint64_t>(pids.st_ino);
  if (::stat("/proc/self/ns/time", &times) == 0) self.domain ^= static_cast<std::uint64_t>(times.st_ino) << 32;
  return self;
}

// It stays the same while a process runs a program, and looking it up takes longer than making a small ring. So it is kept,
// in memory that a forked child finds empty. A child that shares the memory (vfork) has another number. `token` is stored
// last (release) and loaded first (acquire): who sees it sees `domain`.
struct KeptSelf {
  std::atomic<std::uint64_t> token;
  std::atomic<std::uint64_t> domain;
};
constinit std::atomic<KeptSelf *> kept_self{nullptr};

Self self() noexcept {
  KeptSelf *kept = kept_self.load(std::memory_order_acquire);
  if (kept == nullptr) {
    kept = static_cast<KeptSelf *>(forgetful_memory(sizeof(KeptSelf)));
    if (kept == nullptr) return look_up_self();
    KeptSelf *other = nullptr;
    if (!kept_self.compare_exchange_strong(other, kept, std::memory_order_acq_rel)) {
      ::munmap(kept, sizeof(KeptSelf));
      kept = other;
    }
  }
  const std::uint64_t token = kept->token.load(std::memory_order_acquire);
  if (low_bits(token, pid_bits) == static_cast<std::uint64_t>(::getpid())) {
    return {token, kept->domain.load(std::memory_order_relaxed)};
  }
  const Self found = look_up_self();
  const bool whole = low_bits(found.token >> pid_bits, start_bits) != 0 && found.domain != 0;
  if (token == 0 && whole) {
    kept->domain.store(found.domain, std::memory_order_relaxed);
    kept->token.store(found.token, std::memory_order_release);
  }
  return found;
}

}  // namespace

std::uint64_t process_token() noexcept { return self().token; }
std::uint64_t process_domain() noexcept { return self().domain; }

// The process counts as dead only if that is certain. A value that is unknown on either side is not compared.
bool process_alive(std::uint64_t token) noexcept {
  const std::uint64_t pid = low_bits(token, pid_bits);
  if (pid == 0) return false;
  const Life life = look_up(static_cast<long>(pid));
  const auto agree = [](std::uint64_t a, std::uint64_t b) { return a == 0 || b == 0 || a == b; };
  return !life.ended && agree(low_bits(token >> pid_bits, start_bits), life.start) &&
         agree(token >> (pid_bits + start_bits), life.program);
}

std::uint32_t process_number_of(std::uint64_t token) noexcept {
  return process_alive(token) ? static_cast<std::uint32_t>(low_bits(token, pid_bits)) : 0;
}

void on_fork(void (*before)(), void (*parent)(), void (*child)()) noexcept {
  (void)::pthread_atfork(before, parent, child);
}

void detach(Object &object) noexcept {
  if (object.fd < 0) return;
  const int fd = open_retrying(DescriptorPath(object.fd).text, object.writable ? O_RDWR : O_RDONLY);
  ::close(object.fd);
  object.fd = fd;
}

// --- Sleeping ---------------------------------------------------------------------------------------------------

void wait(const Object &, const Atomic32 *word, std::uint32_t expected, std::int64_t timeout_ns) noexcept {
  // The timespec of the kernel for this call. That of the C library may be wider.
  struct {
    long seconds;
    long nanoseconds;
  } const timeout{static_cast<long>(timeout_ns / 1'000'000'000), static_cast<long>(timeout_ns % 1'000'000'000)};
  // Not FUTEX_PRIVATE, because the word is shared. Whether the sleep was interrupted, woken, timed out or never began,
  // the caller checks again.
  (void)::syscall(SYS_futex, word, FUTEX_WAIT, expected, &timeout, nullptr, 0);
}

// Since Linux 5.16; refused in some sandboxes. The timeout is a moment of the monotonic clock, in 64 bits everywhere.
bool wait_any(const Sleep *sleeps, std::size_t count, std::int64_t timeout_ns) noexcept {
  constexpr long futex_waitv = 449;
  constexpr std::uint32_t shared_of_32_bits = 2;
  struct {
    std::uint64_t value;
    std::uint64_t address;
    std::uint32_t flags;
    std::uint32_t reserved;
  } words[max_sleeps];
  for (std::size_t i = 0; i < count; ++i) {
    words[i] = {sleeps[i].expected, reinterpret_cast<std::uintptr_t>(sleeps[i].word), shared_of_32_bits, 0};
  }
  const std::int64_t now = monotonic_ns();
  const std::int64_t end = timeout_ns > INT64_MAX - now ? INT64_MAX : now + timeout_ns;
  const struct {
    std::int64_t seconds;
    std::int64_t nanoseconds;
  } until{end / 1'000'000'000, end % 1'000'000'000};
  if (::syscall(futex_waitv, words, count, 0, &until, CLOCK_MONOTONIC) >= 0) return true;
  // EFAULT: another thread has unmapped a word.
  return errno == EAGAIN || errno == ETIMEDOUT || errno == EINTR || errno == EFAULT;
}

void wake_all(const Object &, Atomic32 *word, std::uint32_t) noexcept {
  RINGBUF_FAILPOINT();
  (void)::syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, nullptr, nullptr, 0);
}

// A name comes into being by linkat or by rename.
Status watch_names(Object &watch) noexcept {
  const int fd = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (fd < 0) return system_failure(errno, "inotify_init1", "names");
  if (::inotify_add_watch(fd, directory(), IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) < 0) {
    const int error = errno;
    ::close(fd);
    return system_failure(error, "inotify_add_watch", directory());
  }
  watch = {};
  watch.fd = fd;
  return Status::ok;
}

namespace {

// Takes the noted names. True: the name is among them, or the kernel has dropped some.
bool has_come(int watch, const char *name) noexcept {
  alignas(inotify_event) char events[4096];
  bool found = false;
  for (;;) {
    const ssize_t bytes = ::read(watch, events, sizeof events);
    if (bytes <= 0) return found;
    for (ssize_t at = 0; at < bytes;) {
      const auto *event = reinterpret_cast<const inotify_event *>(events + at);
      const bool lost_some = (event->mask & (IN_Q_OVERFLOW | IN_IGNORED)) != 0;
      found = found || lost_some || (event->len != 0 && std::strcmp(event->name, name) == 0);
      at += static_cast<ssize_t>(sizeof *event + event->len);
    }
  }
}

}  // namespace

// A signal ends poll() early. So does a name that is not the one waited for, of which there may be many.
void wait_for_name(const Object &watch, const char *name, std::int64_t timeout_ns) noexcept {
  const std::int64_t end_ns = monotonic_ns() + timeout_ns;
  for (std::int64_t left = timeout_ns; left > 0; left = end_ns - monotonic_ns()) {
    const timespec time{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
    pollfd ready{watch.fd, POLLIN, 0};
    if (::ppoll(&ready, 1, &time, nullptr) <= 0 || has_come(watch.fd, name)) return;
  }
}

void wake_address(const Atomic32 *word) noexcept {
  const int error = errno;
  (void)::syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, nullptr, nullptr, 0);
  errno = error;
}

// Since Linux 4.16. Older kernels and some sandboxes refuse it.
bool accept_barriers() noexcept {
  return ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0) == 0;
}

bool barrier() noexcept { return ::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0) == 0; }

std::int64_t tick_ns() noexcept { return clock_ns(CLOCK_MONOTONIC_COARSE); }

}  // namespace ringbuf::os
