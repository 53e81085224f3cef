// The seam to the operating system: everything that ringbuf needs of it. A backend implements these functions;
// cmake/Backend.cmake chooses the backend. One conformance suite (tests/unit/os_*_test.cpp) tests all backends. Only
// backends include system headers.
//
// All functions are noexcept and report failures through Status and the text of last_error(). Only enumerate and the
// functions that open an Object allocate.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "object.hpp"  // the backend's
#include "ringbuf/detail/layout.hpp"
#include "ringbuf/status.hpp"

namespace ringbuf::os {

inline constexpr std::size_t max_name_length = 200;

// Shared memory that this process has open. Two Objects of the same memory are independent, even in one process.
// Locks belong to the Object. The kernel releases them when the last process that has the Object ends.
// BackendObject is what the backend has open. It can be copied, and tells whether it is_open().
struct Object : BackendObject {
  std::uint64_t bytes = 0;
  std::uint64_t ring = 0;  // for wait() in memory that is no Object: the number of the ring, which no other ring has
  bool writable = false;
};

// A mapping of an Object.
struct Region {
  std::byte *begin = nullptr;
  std::size_t bytes = 0;
  bool sparse = false;  // pages are missing, and reading must not allocate them
};

// --- Memory and names -------------------------------------------------------------------------------------------

// The alignment of mappings and of their protection, at least 4096.
std::uint32_t page_bytes() noexcept;

// Makes zeroed memory with all pages allocated: a later access cannot fail for lack of memory. `name`, if not null,
// was validated by the caller; no process finds the memory by it before publish(). On failure nothing is left over.
// Errors: no_space, no_memory, permission, system.
Status create(Object &object, const char *name, std::uint64_t bytes, std::uint32_t mode) noexcept;

// Gives the object its name atomically. exists: the name is taken, and nothing was changed.
Status publish(const Object &object, const char *name) noexcept;

// Gives the object the name of `old`, atomically: at every moment the name stands for one of the two. stale: the name
// does not stand for `old`. busy: as for unlink_own(). On failure nothing was changed.
Status replace(const Object &object, const Object &old, const char *name) noexcept;

// Whether this user may replace this ring by another one. Its owner may, and a user who may do everything. exists,
// with a text that names the owner.
Status check_replaceable(const Object &object, const char *name) noexcept;

// Whether no other user can change the size of the object. Only then may a process that has to survive other users
// rely on a mapping of it. permission, with a text that names the owner.
Status check_lasting(const Object &object) noexcept;

// Opens by name, for writing, too, if that is allowed (object.writable). Follows no links and creates nothing.
// Errors: not_found (names can be looked up, and this one does not exist), permission, corrupt (no memory object),
// system.
Status open(Object &object, const char *name) noexcept;

// Makes an independent Object of the memory that a descriptor refers to. The descriptor stays the caller's.
Status open_handle(Object &object, std::intptr_t handle) noexcept;

// A descriptor to hand to other processes; not the one that holds our locks. It is made once and closed with the
// object.
Status share(Object &object, std::intptr_t &handle) noexcept;

// Gives the object a new descriptor for its locks, of which no process has a copy; a child that was forked meanwhile
// may have one of the old descriptor. To be called before the object has any lock. On failure the object is
// unchanged.
Status renew(Object &object) noexcept;

// Releases the locks and the descriptors. Mappings stay. Safe on an object that is not open.
void close(Object &object) noexcept;

// Copies bytes out of the object without a mapping. corrupt: the object has fewer bytes. Never faults, even if
// another process changes the size.
Status read(const Object &object, std::uint64_t offset, void *bytes, std::size_t size) noexcept;
// Copies bytes into the object in the same way.
Status write(const Object &object, std::uint64_t offset, const void *bytes, std::size_t size) noexcept;

// Allocates the pages again that another process has removed from the object. no_space, system.
Status fill_holes(const Object &object) noexcept;

// Maps the first object.bytes bytes, writable if the object is. The mapping keeps no lock alive. no_memory,
// permission, system.
Status map(Object &object, Region &region) noexcept;
// Makes whole pages of a mapping read-only.
Status protect(const Region &region, std::size_t offset, std::size_t bytes) noexcept;
// Makes the pages present, so that their first use costs no page fault. A hint only; does nothing for a sparse
// mapping.
void populate(const Region &region, bool for_writing) noexcept;
void unmap(Region &region) noexcept;

// Whether a name stands for this object (ours), for another one, or for none. unknown: the system does not tell, and
// last_error() has the reason.
enum class Naming { ours, other, none, unknown };
Naming naming(const Object &object, const char *name) noexcept;

// Removes a name only if it still stands for this object. Readers and writers keep their objects. Safe against other
// processes that do the same, if the object is writable. ok: the name does not stand for the object any more. busy:
// for 100 ms another process has prevented the removal; it was stopped while removing the name, or holds a lock for
// that purpose. permission, system.
Status unlink_own(const Object &object, const char *name) noexcept;

// Whether removing the object's name would leave room for `bytes` more bytes.
bool room_without(const Object &object, std::uint64_t bytes) noexcept;

// Calls visit(name, user) for every name that may be a ring, until it returns false. It visits each name that exists
// all the while exactly once, even if others come and go.
Status enumerate(bool (*visit)(const char *name, void *user), void *user) noexcept;

// --- Liveness ---------------------------------------------------------------------------------------------

// A lock of an object. At most one Object holds it at a time. The kernel releases it with the Object.
struct Lock {
  std::uint32_t number;
};
inline constexpr Lock writer_lock{0};
inline constexpr Lock name_lock{1};
inline constexpr Lock read_only_waiter_lock{2};  // shared by read-only waiters, which cannot announce that they wait
inline constexpr Lock mapped_lock{3};            // shared by readers: memory without a name may still be in use
constexpr Lock reader_lock(std::uint32_t slot) noexcept { return {16 + slot}; }

// Takes a free lock. busy: another Object holds or shares it. permission: the object is not writable.
Status try_lock(const Object &object, Lock lock) noexcept;
// Shares the lock with other Objects. Needs no write permission.
Status lock_shared(const Object &object, Lock lock) noexcept;
// Prevents all from taking the lock until unlock(), although others may share it: a user who may only read the ring
// can. busy: another Object has taken it.
Status hold_off(const Object &object, Lock lock) noexcept;
void unlock(const Object &object, Lock lock) noexcept;
// Releases all locks of the object at once. A copy of the object in a forked child then has none either.
void unlock_all(const Object &object) noexcept;
// is_locked: whether another Object holds the lock exclusively. is_shared: whether one holds it in any way; to be
// called with an Object that does not share it itself.
bool is_locked(const Object &object, Lock lock) noexcept;
bool is_shared(const Object &object, Lock lock) noexcept;

// For memory that is no Object (the caller's own) and so has no locks. A process token identifies one life of a
// process, unlike its number. process_alive tells whether that process is alive. Tokens are valid only within one
// domain.
std::uint64_t process_token() noexcept;
std::uint64_t process_domain() noexcept;
bool process_alive(std::uint64_t token) noexcept;
// The process number of that process. 0: this system knows no such process that is alive, as in another namespace.
std::uint32_t process_number_of(std::uint64_t token) noexcept;

// The process number of this process. Costs a system call at most.
std::uint64_t process_number() noexcept;
// Memory that is zero in each child of this process with memory of its own, whichever call made the child. Null: the
// system has no such memory. It is never given back.
void *forgetful_memory(std::size_t bytes) noexcept;

// Calls these around fork(): before, and after it in the parent and in the child.
void on_fork(void (*before)(), void (*parent)(), void (*child)()) noexcept;
// In a forked child: gives up the locks that the object shares with the parent. The memory stays.
void detach(Object &object) noexcept;

// --- Sleeping ---------------------------------------------------------------------------------------------------

// Sleeps while *word is `expected`, until woken or for timeout_ns. May return early without a reason. The word is in
// the memory of the object, which may be mapped read-only. If the object is not open, it is in memory of the caller,
// and object.ring is the number of its ring. The words of one ring differ in their addresses modulo 8.
void wait(const Object &object, const Atomic32 *word, std::uint32_t expected, std::int64_t timeout_ns) noexcept;
// Wakes all that fell asleep while the word was `before`. To be called after the word was changed.
void wake_all(const Object &object, Atomic32 *word, std::uint32_t before) noexcept;

// A word to sleep on, and the value that it was seen to have.
struct Sleep {
  const Atomic32 *word;
  std::uint32_t expected;
};
inline constexpr std::size_t max_sleeps = 128;
// Sleeps while each of up to max_sleeps words has its expected value, until one is woken or for timeout_ns. May return
// early without a reason. The words are as for wait(). False: the system cannot do that, and no time has passed.
bool wait_any(const Sleep *sleeps, std::size_t count, std::int64_t timeout_ns) noexcept;

// Wakes all that sleep on the word in wait() or wait_any(), if the system finds them by its address alone. Otherwise they sleep on
// until their timeout. Neither loads nor stores the word. Safe in a signal handler; preserves errno.
void wake_address(const Atomic32 *word) noexcept;

// A descriptor that event loops take. It is readable from set_ready() to clear_ready(), or until its holder reads it.
struct Readiness {
  std::intptr_t given = -1;  // to hand out
  std::intptr_t ours = -1;   // its other end
};
// unsupported: the system has none.
Status make_readiness(Readiness &readiness) noexcept;
// False: the system has no memory for it now.
bool set_ready(const Readiness &readiness) noexcept;
void clear_ready(const Readiness &readiness) noexcept;
void close(Readiness &readiness) noexcept;

// Starts a thread of the library. It receives no signals, has a small stack, and ends by itself or with the process.
Status start_thread(void (*run)(void *), void *argument) noexcept;

// Waiting for names. A watch is an Object without memory: it notes names that come into being. system, unsupported: none
// is to be had, and wait_for_name then merely sleeps.
Status watch_names(Object &watch) noexcept;
// Sleeps until the name may have come into being since the watch was made or last slept, or for timeout_ns. May return
// early without a reason. The watch may be one that is not open.
void wait_for_name(const Object &watch, const char *name, std::int64_t timeout_ns) noexcept;

// During its lifetime this thread is not cancelled (pthread_cancel). A cancellation would unwind through noexcept
// functions, which ends the process.
class Uncancelled {
 public:
  Uncancelled() noexcept;
  Uncancelled(const Uncancelled &) = delete;
  Uncancelled &operator=(const Uncancelled &) = delete;
  ~Uncancelled();  // NOLINT(performance-trivially-destructible): not where it has something to do

 private:
  int before_ = 0;
};

// The asymmetric fence: a thread that is about to sleep imposes a fence on the threads that may have to wake it, so
// that their hot path needs none. From this call on barrier() takes effect in this process. False: the system cannot
// do that.
bool accept_barriers() noexcept;
// A sequentially consistent fence in this thread and, at some moment during this call, in every thread of every
// process that accepts barriers. False: the fence could not be imposed.
bool barrier() noexcept;

std::int64_t monotonic_ns() noexcept;
std::int64_t realtime_ns() noexcept;
// Fills up to 256 bytes with random ones. False: the system has none to give.
bool random_bytes(void *bytes, std::size_t size) noexcept;
// The monotonic clock at the kernel's last tick. Coarse, and cheaper to read.
std::int64_t tick_ns() noexcept;

}  // namespace ringbuf::os
