// All that the in-memory backend has.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "memory.hpp"

namespace ringbuf::os::memory {

// Memory as a system would share it.
class Shared {
 public:
  Shared(std::uint64_t bytes, std::uint32_t mode);  // throws std::bad_alloc
  Shared(const Shared &) = delete;
  Shared &operator=(const Shared &) = delete;
  ~Shared();

  std::byte *const begin;
  const std::uint64_t bytes;
  const std::uint32_t mode;
};
using SharedPointer = std::shared_ptr<Shared>;

// What a handle stands for: an Object of ours, or what share() has handed out.
struct Open {
  SharedPointer memory;
  bool writable = false;
  std::uint64_t process = 0;
};

struct Held {
  std::intptr_t handle;
  bool shared;
};

struct World {
  std::mutex mutex;
  std::condition_variable woken;
  std::uint64_t wakes = 0;

  std::map<std::string, SharedPointer> names;
  std::map<std::intptr_t, Open> open;
  std::intptr_t next_handle = 100;
  std::multimap<const std::byte *, SharedPointer> mappings;
  std::multimap<std::pair<const Shared *, std::uint32_t>, Held> locks;

  std::uint64_t room = std::uint64_t{16} << 30;
  std::size_t memories = 0;
  bool is_owner = true;

  std::set<std::uint64_t> processes{1};
  std::uint64_t next_process = 2;

  std::function<Status(Call)> hook;
};

// Never destroyed: rings that are open at exit are closed by then.
World &world() noexcept;
extern thread_local std::uint64_t acting_process;

// What the hook says of a call.
Status permit(Call call) noexcept;

// With the world locked: the bytes of all memory that has a name or is open in a living process, but for that of one name.
std::uint64_t used(const World &w, const Shared *without);
// With the world locked.
void release_locks(World &w, std::intptr_t handle) noexcept;

}  // namespace ringbuf::os::memory
