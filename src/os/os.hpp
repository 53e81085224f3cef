// What ringbuf needs of an operating system. A backend implements this, chosen by cmake/Backend.cmake, and one conformance
// suite (tests/unit/os_*_test.cpp) holds each of them to it. Only backends include system headers.
//
// Everything here is noexcept and reports through Status and the text of last_error(). Only what opens an Object, and
// enumerate, allocates.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "ringbuf/detail/layout.hpp"
#include "ringbuf/status.hpp"

namespace ringbuf::os {

inline constexpr std::size_t max_name_length = 200;

// Shared memory that this process has open. Two Objects of one memory are independent of each other, in one process as
// well: locks belong to the Object, and the kernel releases them when the last process that has the Object ends.
struct Object {
  std::intptr_t handle = -1;  // what it is, only the system's own file knows
  std::intptr_t share = -1;   // what share() has handed out, if anything
  std::uint64_t bytes = 0;
  std::uint64_t ring = 0;  // for wait() in memory that is no Object: a number that tells this ring from all others
  bool writable = false;
  struct Extra *extra = nullptr;  // what else a backend keeps

  bool is_open() const noexcept { return handle != -1; }
};

// A mapping of an Object.
struct Region {
  std::byte *begin = nullptr;
  std::size_t bytes = 0;
  bool sparse = false;  // pages are missing, which must not be made by looking at them
};

// --- Memory and names -------------------------------------------------------------------------------------------

// What mappings and their protection are aligned to, at least 4096.
std::uint32_t page_bytes() noexcept;

// Makes zeroed memory whose pages are all real: touching them later cannot fail for want of memory. With a name
// (validated by the caller), nobody finds it there before publish(). On failure nothing is left behind.
// Errors: no_space, no_memory, permission, system.
Status create(Object &object, const char *name, std::uint64_t bytes, std::uint32_t mode) noexcept;

// Gives the object its name, at once and whole. exists: somebody else has it, and nothing was changed.
Status publish(const Object &object, const char *name) noexcept;

// Gives the object, as publish() does, the name that stands for `old` now; at every moment the name stands for one of the
// two. stale: it does not stand for `old`; busy: as unlink_own(). On failure nothing was changed.
Status replace(const Object &object, const Object &old, const char *name) noexcept;

// Whether this user may put another ring in the place of this one: its owner, and whoever may do everything. exists, with
// a text that says whose it is.
Status check_replaceable(const Object &object, const char *name) noexcept;

// Whether the object keeps its size whatever other users do: only then may a process rely on its mapping that has to
// survive them. permission, with a text that says whose it is.
Status check_lasting(const Object &object) noexcept;

// Opens by name; for writing as well if that is allowed (object.writable tells). Follows no links, creates nothing.
// Errors: not_found (names can be looked up, and this one is not there), permission, corrupt (not a memory object), system.
Status open(Object &object, const char *name) noexcept;

// An independent Object of the memory behind a descriptor; the descriptor stays the caller's.
Status open_handle(Object &object, std::intptr_t handle) noexcept;

// A descriptor to hand to other processes, not the one that holds our locks; made once, closed with the object.
Status share(Object &object, std::intptr_t &handle) noexcept;

// Before the object has any lock: gives it a descriptor for them that nobody has a copy of, as a child that was forked
// meanwhile may have. On failure the object is as it was.
Status renew(Object &object) noexcept;

// Releases the locks and the descriptors; mappings stay. Safe on one that is not open.
void close(Object &object) noexcept;

// Copies bytes without mapping them; corrupt if the object has fewer. Never faults, whatever others do to its size.
Status read(const Object &object, std::uint64_t offset, void *bytes, std::size_t size) noexcept;
// The same the other way.
Status write(const Object &object, std::uint64_t offset, const void *bytes, std::size_t size) noexcept;

// Makes pages real that somebody has taken out of the object. no_space, system.
Status fill_holes(const Object &object) noexcept;

// Maps its first object.bytes bytes, writable if the object is; the mapping keeps no lock alive. no_memory, permission,
// system.
Status map(Object &object, Region &region) noexcept;
// Makes whole pages of a mapping read-only.
Status protect(const Region &region, std::size_t offset, std::size_t bytes) noexcept;
// Makes the pages present, so that first use costs no page fault; only a hint, and not for a mapping that is sparse.
void populate(const Region &region, bool for_writing) noexcept;
void unmap(Region &region) noexcept;

// Which memory a name stands for, compared with an object. unknown: the system does not tell; last_error() has why.
enum class Naming { ours, other, none, unknown };
Naming naming(const Object &object, const char *name) noexcept;

// Removes a name only if it still stands for this object; readers and writers keep what they have. Safe against others
// doing the same, if the object is writable. ok: it does not stand for the object any more; busy: for 100 ms somebody has
// kept us from it, who has been stopped while removing it, or holds a lock to that end; permission, system.
Status unlink_own(const Object &object, const char *name) noexcept;

// Whether removing the object's name would leave room for `bytes` more bytes.
bool room_without(const Object &object, std::uint64_t bytes) noexcept;

// Calls visit(name, user) for every name that may be a ring, until it returns false: once for each that is there all the
// while, whatever else comes and goes.
Status enumerate(bool (*visit)(const char *name, void *user), void *user) noexcept;

// --- Life and death ---------------------------------------------------------------------------------------------

// Locks of an object, each held by at most one Object at a time, released by the kernel with it.
struct Lock {
  std::uint32_t number;
};
inline constexpr Lock writer_lock{0};
inline constexpr Lock name_lock{1};
inline constexpr Lock read_only_waiter_lock{2};  // shared: readers that cannot announce that they wait
inline constexpr Lock mapped_lock{3};            // shared: readers, of whom the memory may outlive its name
constexpr Lock reader_lock(std::uint32_t slot) noexcept { return {16 + slot}; }

// Takes it if nobody has it. busy: somebody has it, or shares it; permission if the object is not writable.
Status try_lock(const Object &object, Lock lock) noexcept;
// Takes it together with others who do so; needs no write permission.
Status lock_shared(const Object &object, Lock lock) noexcept;
// Keeps everybody from taking the lock until unlock(), although others may share it: who may only read the ring can. busy if
// somebody has taken it.
Status hold_off(const Object &object, Lock lock) noexcept;
void unlock(const Object &object, Lock lock) noexcept;
// All that it has, at once; a copy of the object in a forked child then has none either.
void unlock_all(const Object &object) noexcept;
// Whether another Object holds the lock exclusively; or in any way (asked by an Object that does not share it itself).
bool is_locked(const Object &object, Lock lock) noexcept;
bool is_shared(const Object &object, Lock lock) noexcept;

// For memory that is no Object (the caller's own), where there are no locks: who this process is, not only its number,
// and whether such a process lives. Tokens mean something within one domain alone.
std::uint64_t process_token() noexcept;
std::uint64_t process_domain() noexcept;
bool process_alive(std::uint64_t token) noexcept;
// The number that this system knows such a process by; 0 if it knows none that lives, as in another namespace.
std::uint32_t process_number_of(std::uint64_t token) noexcept;

// The number of this process, as its system has it; a system call at the most.
std::uint64_t process_number() noexcept;
// Memory that is zero in each child of this process which has memory of its own, by whatever call it was made. Null if
// there is none of that kind. For good: it is never given back.
void *forgetful_memory(std::size_t bytes) noexcept;

// Calls these around fork(): before, and after it in the parent and in the child.
void on_fork(void (*before)(), void (*parent)(), void (*child)()) noexcept;
// In a forked child: gives up what the object shares with the parent (its locks), keeping the memory.
void detach(Object &object) noexcept;

// --- Sleeping ---------------------------------------------------------------------------------------------------

// Sleeps while *word is `expected`, until woken or for timeout_ns; may return early for no reason. The word is in the
// memory of the object, maybe mapped read-only, or in the caller's memory if the object is not open; then object.ring
// says in which ring. Words of one ring that are slept on differ in their addresses modulo 8.
void wait(const Object &object, const Atomic32 *word, std::uint32_t expected, std::int64_t timeout_ns) noexcept;
// Wakes all who sleep because the word was `before`; it has been moved since.
void wake_all(const Object &object, Atomic32 *word, std::uint32_t before) noexcept;

// Wakes all who sleep on the word in wait(), where the system finds them by its address alone; elsewhere they sleep on for
// their time. Neither loads nor stores the word. Safe in a signal handler; leaves errno alone.
void wake_address(const Atomic32 *word) noexcept;

// While one lives, this thread is not cancelled (pthread_cancel): that would unwind through functions that are noexcept,
// which ends the process.
class Uncancelled {
 public:
  Uncancelled() noexcept;
  Uncancelled(const Uncancelled &) = delete;
  Uncancelled &operator=(const Uncancelled &) = delete;
  ~Uncancelled();  // NOLINT(performance-trivially-destructible): not where it has something to do

 private:
  int before_ = 0;
};

// Fences on behalf of others: who is about to sleep can impose one on those who may have to wake it up, so that these
// need none on their hot path. From now on barrier() takes effect in this process; false: it cannot.
bool accept_barriers() noexcept;
// A sequentially consistent fence in this thread, and in every thread of every process that accepts barriers, somewhere
// between the beginning and the end of this call. False: it could not be imposed.
bool barrier() noexcept;

std::int64_t monotonic_ns() noexcept;
std::int64_t realtime_ns() noexcept;
// The monotonic clock of the kernel's last tick: coarse, and cheaper to read.
std::int64_t tick_ns() noexcept;

}  // namespace ringbuf::os
