// Mounts that this process and its children alone see; it takes root. Linux.
#pragma once

#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace test {

// From now on what this process mounts at `path`, nobody else sees. Returns why not, or an empty text.
//
// "/" of a process that lives in a chroot may be no mount of its own; what is made private then is `path`, which has to be
// one.
inline std::string unshare_mounts(const std::string &path, int more_namespaces = 0) {
  const auto why = [](const std::string &call) { return call + ": " + std::strerror(errno); };
  if (::unshare(CLONE_NEWNS | more_namespaces) != 0) return why("unshare of mounts, which takes root");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 &&
      ::mount(nullptr, path.c_str(), nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return why("mount --make-rprivate of / and of " + path);
  }
  return {};
}

}  // namespace test
