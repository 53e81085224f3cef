// Mounts that this process and its children alone see; it takes root. Linux.
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace test {

// From now on what this process mounts, nobody else sees. Returns why not, or an empty text.
inline std::string unshare_mounts(int more_namespaces = 0) {
  const auto why = [](const std::string &call) { return call + ": " + std::strerror(errno); };
  if (::unshare(CLONE_NEWNS | more_namespaces) != 0) return why("unshare of mounts, which takes root");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0) return {};
  if (errno != EINVAL) return why("mount --make-rprivate /");
  // The "/" of a chroot is not a mount. What is private then is all that there is: the root of all mounts lies above a
  // directory that is above the process's root, and ".." leads there.
  const int root = ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  const int directory = ::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  bool done = root >= 0 && directory >= 0 && ::chdir("/") == 0 && ::chroot("/dev") == 0;
  for (int up = 0; done && up < 100; ++up) done = ::chdir("..") == 0;
  done = done && ::chroot(".") == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  const std::string text = done ? std::string() : why("mount --make-rprivate of what is above the chroot");
  done = ::fchdir(root) == 0 && ::chroot(".") == 0 && ::fchdir(directory) == 0;
  const std::string back = done ? std::string() : why("the way back into the chroot");
  ::close(root);
  ::close(directory);
  return text.empty() ? back : text;
}

}  // namespace test
