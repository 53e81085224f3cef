// A backend in the memory of one process, for tests: the same each time, with calls that fail when they are to, and
// processes that are played. Rings of one process cannot be seen by another, and pages cannot be protected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "os/os.hpp"

namespace ringbuf::os::memory {

// The calls of os.hpp that may fail.
enum class Call {
  create,
  publish,
  replace,
  open,
  open_handle,
  share,
  read,
  write,
  map,
  protect,
  unlink_own,
  enumerate,
  try_lock,
  lock_shared,
};

// Runs before each of them. What it returns, unless it is ok, is what the call returns; it then does nothing.
void before_each_call(std::function<Status(Call call)> hook);

// The room for all memory together, in bytes.
void set_room(std::uint64_t bytes);

// Whose rights count: those of the owner (the default), or of everyone else.
void become_owner(bool owner);

// What there is.
struct Census {
  std::size_t names = 0;
  std::size_t memories = 0;
  std::size_t objects = 0;
  std::size_t mappings = 0;
  std::size_t locks = 0;
  std::uint64_t bytes = 0;  // what has a name or is open in a process that lives
  bool operator==(const Census &) const = default;
};
Census census();

// As long as it lives, os::tick_ns stands still until it is moved on.
class StillClock {
 public:
  StillClock();
  StillClock(const StillClock &) = delete;
  StillClock &operator=(const StillClock &) = delete;
  ~StillClock();
  void next_tick();
  std::uint64_t looks() const;  // how often it was asked
};

// A process of its own: what this thread opens while an Acting lives belongs to it. When it is killed its locks go, and a
// thread that acts as it sleeps no longer.
class Process {
 public:
  Process();
  void kill();

 private:
  friend class Acting;
  std::uint64_t number_;
};

class Acting {
 public:
  explicit Acting(const Process &process);
  Acting(const Acting &) = delete;
  Acting &operator=(const Acting &) = delete;
  ~Acting();

 private:
  std::uint64_t before_;
};

}  // namespace ringbuf::os::memory
