// Where rings are: in RINGBUF_DIRECTORY, which has to be there, or else in /tmp/ringbuf-UID, which is made for the user alone.
// Both mean the same to all processes of the user, wherever they were started: TMPDIR would not.
//
// Who may write in a directory that several users share may take the locks of all rings there.
#include <fcntl.h>
#include <unistd.h>

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
    if (errno != ENOENT) return system_failure(errno, "lstat", directory());
    RINGBUF_FAILPOINT();
    if (::mkdir(directory(), 0700) == 0) (void)::chmod(directory(), 0700);  // the umask may have taken rights of ours
    if (::lstat(directory(), &st) != 0) return system_failure(errno, "mkdir", directory());
  }
  if (S_ISDIR(st.st_mode) && st.st_uid == ::geteuid() && (st.st_mode & 077) == 0) return Status::ok;
  return fail(Status::permission, "{} is no directory of this user alone", directory());
}

namespace posix {

// Whoever may use the directory may use the file. Its maker says so after it has made it, since the umask keeps open() from
// it; should it have died before, the next process of its user does.
Status open_lock_file(const char *name, int &fd) noexcept {
  const Path path(name);
  struct stat parent {};
  if (::stat(directory(), &parent) != 0) return system_failure(errno, "stat", directory());
  do {
    fd = open_retrying(path.text, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0 || errno != ENOENT) break;
    RINGBUF_FAILPOINT();
    fd = open_retrying(path.text, O_RDWR | O_CREAT | O_EXCL, 0600);
  } while (fd < 0 && errno == EEXIST);
  if (fd < 0) return system_failure(errno, "open", path.text);
  RINGBUF_FAILPOINT();
  struct stat st {};
  if (::fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
      (st.st_uid == ::geteuid() || st.st_uid == 0 || st.st_uid == parent.st_uid)) {
    const mode_t missing = parent.st_mode & 0666 & ~st.st_mode;
    if (st.st_uid == ::geteuid() && missing != 0) (void)::fchmod(fd, (st.st_mode & 0777) | missing);
    return Status::ok;
  }
  ::close(fd);
  fd = -1;
  return fail(Status::permission, "{} is another user's; for several users root has to make it", path.text);
}

}  // namespace posix

}  // namespace ringbuf::os
