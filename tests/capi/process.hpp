// Processes for those tests of the C interface that take fork(), and other users.
#ifndef RINGBUF_TESTS_CAPI_PROCESS_HPP
#define RINGBUF_TESTS_CAPI_PROCESS_HPP

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "../support/forked.hpp"
#include "support.hpp"

namespace capi {

inline constexpr uid_t kNobody = 65534;
inline constexpr const char* kDirectory = "/dev/shm/";

// The file that a ring's name is.
inline std::string path(const Name& name) { return name.path(); }

// --- processes -----------------------------------------------------------------------------------------------------------

using test::await_sleep;
using test::Line;

// Where a test kills its child, it has lived until then.
class Child : public test::Forked {
 public:
  using Forked::Forked;
  void kill() { EXPECT_EQ(Forked::kill(), test::killed); }
};

// Runs `body()` in a child and returns its result: a ringbuf code, or minus a signal.
template <class Body>
int in_child(Body body) {
  Child child([&](Line) { return body(); });
  return child.wait();
}

// Runs `body()` in a child and returns the value that it gives, larger than an exit code can be.
template <class T, class Body>
T from_child(Body body) {
  Child child([&](Line line) {
    line.say(body());
    return 0;
  });
  T value = child.template hear<T>();
  EXPECT_EQ(child.wait(), 0);
  return value;
}

// How many descriptors this process has open. -1: /proc does not tell.
inline int descriptors() {
  DIR* entries = ::opendir("/proc/self/fd");
  if (entries == nullptr) return -1;
  int count = 0;
  while (::readdir(entries) != nullptr) ++count;
  ::closedir(entries);
  return count;
}

}  // namespace capi

#endif
