// Where things are, and how directories and files come to be there with the rights they are to have.
//
// The rings' directory is RINGBUF_DIRECTORY, which has to be there, or else /tmp/ringbuf-UID, which is made for the user
// alone. Both mean the same to all processes of the user, wherever they were started: TMPDIR would not.
//
// In a directory that several users share, whoever may read a ring may sleep at its gates, and whoever may write it may
// take its locks. The working directory must not be a stranger's, who could take files away: it has to belong to us, to
// root, or to the owner of the directory.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "error.hpp"
#include "os/posix/posix.hpp"

namespace ringbuf::os {

namespace {

struct Place {
  char text[max_directory_length + 1] = "";
  bool is_default = false;
  bool is_good = true;

  Place() noexcept {
    // What the environment of a program with other rights than its user's says is not to be trusted.
    const bool trusted = ::getuid() == ::geteuid() && ::getgid() == ::getegid();
    const char *given = trusted ? std::getenv("RINGBUF_DIRECTORY") : nullptr;
    if (given == nullptr || *given == '\0') {
      is_default = true;
      std::snprintf(text, sizeof text, "/tmp/ringbuf-%lu", static_cast<unsigned long>(::geteuid()));
    } else {
      is_good = given[0] == '/' && std::strlen(given) <= max_directory_length;
      std::snprintf(text, sizeof text, "%s", given);
    }
  }
};

const Place &place() noexcept {
  static const Place the_place;
  return the_place;
}

}  // namespace

const char *directory() noexcept { return place().text; }

Status directory_ready() noexcept {
  if (!place().is_good) {
    return fail(Status::system, "RINGBUF_DIRECTORY is \"{}\", expected an absolute path of at most {} bytes",
                directory(), max_directory_length);
  }
  if (!place().is_default) return Status::ok;
  struct stat st {};
  if (::lstat(directory(), &st) != 0) {
    if (errno != ENOENT || !posix::make_directory(directory(), 0700, ::geteuid()) || ::lstat(directory(), &st) != 0) {
      return system_failure(errno, "mkdir", directory());
    }
  }
  if (S_ISDIR(st.st_mode) && st.st_uid == ::geteuid() && (st.st_mode & 077) == 0) return Status::ok;
  return fail(Status::permission, "{} is no directory of this user alone", directory());
}

namespace posix {

WorkPath::WorkPath() noexcept { std::snprintf(text, sizeof text, "%s/%s", directory(), work_name); }

WorkPath::WorkPath(const char *first) noexcept {
  std::snprintf(text, sizeof text, "%s/%s/%s", directory(), work_name, first);
}

WorkPath::WorkPath(const Extra &ring) noexcept {
  std::snprintf(text, sizeof text, "%s/%s/%llx-%llx", directory(), work_name,
                static_cast<unsigned long long>(ring.device), static_cast<unsigned long long>(ring.inode));
}

WorkPath::WorkPath(const Extra &ring, Lock lock) noexcept : WorkPath(ring) {
  const std::size_t length = std::strlen(text);
  std::snprintf(text + length, sizeof text - length, "/%u", lock.number);
}

WorkPath WorkPath::below(const char *name) const noexcept {
  WorkPath path = *this;
  const std::size_t length = std::strlen(path.text);
  std::snprintf(path.text + length, sizeof path.text - length, "/%s", name);
  return path;
}

// Process, time and a counter make it unique on this machine, but in containers; names are made without overwriting, and
// made anew if they are there.
UniqueName::UniqueName(const char *prefix) noexcept {
  static std::atomic<std::uint32_t> counter{0};
  std::uint64_t x = static_cast<std::uint64_t>(monotonic_ns()) ^ (static_cast<std::uint64_t>(::getpid()) << 40);
  x += counter.fetch_add(1, std::memory_order_relaxed);
  x *= 0x9e3779b97f4a7c15;  // odd, so that different numbers stay different
  x ^= x >> 32;
  std::snprintf(text, sizeof text, "%s%016llx", prefix, static_cast<unsigned long long>(x >> 1));
}

// The mode of mkdir() is subject to the umask, and nobody is to see the directory before it has the right one.
bool make_directory(const char *path, mode_t mode, uid_t owner) noexcept {
  char made[max_directory_length + 160];
  for (;;) {
    std::snprintf(made, sizeof made, "%s%s", path, UniqueName(".").text);
    if (::mkdir(made, 0700) == 0) break;
    if (errno != EEXIST) return false;
  }
  RINGBUF_STEP();
  const bool done = ::chmod(made, mode) == 0 && (owner == ::geteuid() || ::lchown(made, owner, gid_t(-1)) == 0) &&
                    ::rename(made, path) == 0;  // takes the place of an empty directory only
  const int error = errno;
  if (done) return true;
  ::rmdir(made);
  errno = error;
  return error == EEXIST || error == ENOTEMPTY;
}

Status work_ready() noexcept {
  const WorkPath path;
  struct stat st {};
  struct stat parent {};
  if (::stat(directory(), &parent) != 0) return system_failure(errno, "stat", directory());
  if (::lstat(path.text, &st) != 0) {
    if (errno != ENOENT || !make_directory(path.text, parent.st_mode & 07777, ::geteuid()) ||
        ::lstat(path.text, &st) != 0) {
      return system_failure(errno, "mkdir", path.text);
    }
  }
  if (S_ISDIR(st.st_mode) && (st.st_uid == ::geteuid() || st.st_uid == 0 || st.st_uid == parent.st_uid)) {
    return Status::ok;
  }
  return fail(Status::permission, "{} is another user's; for several users root has to make it", path.text);
}

namespace {

// Whoever may write the ring may make locks.
mode_t lock_directory_mode(mode_t ring) noexcept {
  mode_t mode = 0700;
  for (const unsigned shift : {3U, 0U}) {
    const mode_t rights = ring >> shift & 7;
    mode |= ((rights & 2) != 0 ? 7U : (rights & 4) != 0 ? 5U : 0U) << shift;
  }
  return mode;
}

// Whoever may read the ring may sleep.
mode_t gate_directory_mode(mode_t ring) noexcept {
  mode_t mode = 0700;
  for (const unsigned shift : {3U, 0U}) mode |= ((ring >> shift & 6) != 0 ? 7U : 0U) << shift;
  return mode;
}

}  // namespace

// It is made for the owner of the ring, by the owner or by root. The locks that readers share are made here: a reader
// that may not write could not make them.
Status ring_directory_ready(const Extra &ring) noexcept {
  const WorkPath path(ring);
  struct stat st {};
  if (::lstat(path.text, &st) == 0) {
    if (!S_ISDIR(st.st_mode) || (st.st_uid != ring.owner && st.st_uid != 0)) {
      return fail(Status::permission, "{} is neither the owner's of the ring nor root's", path.text);
    }
  } else if (errno != ENOENT) {
    return system_failure(errno, "lstat", path.text);
  } else if (::geteuid() != ring.owner && ::geteuid() != 0) {
    return fail(Status::permission, "the locks of the ring are gone ({}); its owner can make new ones", path.text);
  } else if (const Status status = work_ready(); status != Status::ok) {
    return status;
  }
  RINGBUF_STEP();
  const auto is_there = [](const WorkPath &what) { return ::access(what.text, F_OK) == 0; };
  const WorkPath gates = path.below("w");
  // Somebody who takes it for deserted may remove it meanwhile.
  for (int attempt = 0; attempt < 100; ++attempt) {
    if ((is_there(path) || make_directory(path.text, lock_directory_mode(ring.mode), ring.owner)) &&
        make_lock_file(path.below(Look::name), ring.owner) &&
        make_lock_file(WorkPath(ring, silent_reader_lock), ring.owner) &&
        make_lock_file(WorkPath(ring, mapped_lock), ring.owner) &&
        (is_there(gates) || make_directory(gates.text, gate_directory_mode(ring.mode), ring.owner))) {
      return Status::ok;
    }
    if (errno != ENOENT) break;
  }
  return system_failure(errno, "mkdir", path.text);
}

int make_locked_file(const char *prefix, UniqueName &name, mode_t mode) noexcept {
  for (;; name = UniqueName(prefix)) {
    const WorkPath path(name.text);
    const int fd = open_retrying(path.text, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd < 0 && errno == EEXIST) continue;
    if (fd < 0) return -1;
    RINGBUF_STEP();
    // Until it is locked it looks like one whose maker is dead, and may be removed.
    if (lock_now(fd, LOCK_EX) && !is_removed(fd)) {
      if (::fchmod(fd, mode) == 0) return fd;
      const int error = errno;
      ::unlink(path.text);
      ::close(fd);
      errno = error;
      return -1;
    }
    ::close(fd);
  }
}

}  // namespace posix

}  // namespace ringbuf::os
