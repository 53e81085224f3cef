// Descriptors for event loops (poll_fd, poll_arm).
//
// A descriptor is one end of a pair of sockets; it is readable while there is a byte in it. A thread of the library, the
// poller, waits for the rings on behalf of the event loops: it sleeps on the wake words of up to 127 rings at once and on a
// word of its own, the kick. It is one more reader that waits (EVENTCOUNT in protocol.hpp). Writers know nothing of it.
//
// An entry is what the poller knows of one handle. It is armed from poll_arm until it is given its byte. All entries are
// guarded by one mutex, under which no slow system call is made. The barrier and the sleep happen outside.
//
// No readiness is lost. For an armed entry one of these holds at every moment:
//   P1  poll_arm or the poller is yet to look at the ring: after this moment it locks the mutex, finds the entry armed, and
//       looks.
//   P2  The announcement of the entry stands, made before a fence of the writer's (imposed by a barrier, or its own) and
//       before a look that found nothing. The next put that it asks for sees it (EVENTCOUNT), takes it and moves the word.
//       The poller sleeps, or is about to sleep, on a value of the word that it loaded before the announcement was made. So
//       that put ends the sleep, or the sleep does not begin; then P1 holds.
//   P3  A put has taken the announcement and moved the word, for this entry or for another reader. The poller sleeps on the
//       value before, as in P2, so P1 follows: in its next round it loads the word, announces again and looks.
//
// Who stores, who loads:
//   written, then wake_at          the writer stores the first and loads the second, with a fence between (must_wake)
//   wake_at, then written          poll_arm and the poller, with prepare_wait's fence and the barrier between
//   wake_sequence                  the writer moves it after it has taken wake_at (take_waiters); the poller loads it before
//                                  its own announcements (acquire), and on behalf of poll_arm: an entry is announced by
//                                  poll_arm only while the poller has its word in the list that it sleeps on, or has still to
//                                  make that list
//   the list                       an entry that joins or leaves kicks the poller, which makes it anew: the kick is loaded
//                                  under the mutex when the list is made, and moved under the mutex when it changes
//   armed, end, the byte           under the mutex. poll_arm takes the byte out before it arms, and an armed entry is given one
//                                  byte, under the mutex. So no byte of an earlier arm follows.
//
// What wakes nobody (the writer's death, a failed barrier, a hostile process that removes announcements) is found by the
// slices: while an entry is armed, the poller looks at all rings every 50 ms. It goes on for one slice after the last entry
// was given its byte, so that a stream that is armed again and again needs no kick; then it rests until the next arm.
//
// Memory of the pollers is never freed, because their threads may be anywhere when a process exits. An entry points to a
// segment. What it uses of it changes only at close, exit and reopen, which take the entry away under the mutex first. The
// poller may sleep on a word of a ring that is unmapped meanwhile; the kernel allows that. Its kick then ends the sleep.
#include "poll.hpp"

#include <condition_variable>
#include <mutex>
#include <new>

#include "error.hpp"
#include "failpoint.hpp"
#include "registry.hpp"
#include "waiting.hpp"

namespace ringbuf::detail {

// All of it is guarded by the mutex, except where it says otherwise.
struct PollEntry {
  Segment *segment = nullptr;  // null: the entry is free
  struct Poller *poller = nullptr;
  os::Readiness readiness;
  std::uint64_t end = 0;
  bool armed = false;
};

struct Poller {
  static constexpr std::size_t room = os::max_sleeps - 1;
  PollEntry entries[room];
  std::size_t used = 0;
  std::size_t armed = 0;
  std::uint64_t arms = 0;  // calls of poll_arm
  bool runs = false;       // it has a thread
  bool rests = false;      // the thread waits on `rested`
  std::condition_variable rested;
  Atomic32 kicks{0};
  os::Sleep sleeps[os::max_sleeps];  // the thread's own
  Poller *next = nullptr;
};

namespace {

constexpr std::int64_t poll_ns = 1'000'000;

constinit Poller *first_poller = nullptr;

std::mutex &polling_mutex() noexcept {
  static ImmortalMutex immortal;
  return immortal.mutex;
}

struct PollingLock : LibraryLock {
  PollingLock() noexcept : LibraryLock(polling_mutex()) {}
};

void kick(Poller &poller) noexcept {
  poller.kicks.fetch_add(1, std::memory_order_release);
  os::wake_address(&poller.kicks);
  poller.rested.notify_one();
}

void disarm(PollEntry &entry) noexcept {
  if (!entry.armed) return;
  entry.armed = false;
  --entry.poller->armed;
}

// If it fails, the entry stays armed, and the poller tries again after a slice.
void make_readable(PollEntry &entry) noexcept {
  if (os::set_ready(entry.readiness)) disarm(entry);
}

// Whether the samples of an entry have come, or never will. Unless `thoroughly` it makes no system call.
bool has_come(const PollEntry &entry, bool thoroughly) noexcept {
  const Segment &segment = *entry.segment;
  return protocol::observe_written(segment.lines()) >= entry.end || ended(segment) != Status::ok ||
         (thoroughly && examine_writer(segment) != Status::ok);
}

template <class Do>
void for_each_armed(Poller &poller, Do &&act) noexcept {
  for (PollEntry &entry : poller.entries) {
    if (entry.segment != nullptr && entry.armed) act(entry);
  }
}

// One round of the poller: makes the list of words, announces, looks, sleeps. The mutex is locked before and after.
// `together`: the system can sleep on several words, as far as is known.
void make_round(Poller &poller, std::unique_lock<std::mutex> &lock, bool thoroughly, bool &together) noexcept {
  std::size_t count = 0;
  std::int64_t slice = slice_ns;
  bool asymmetric = false;
  poller.sleeps[count++] = {&poller.kicks, poller.kicks.load(std::memory_order_acquire)};
  for (PollEntry &entry : poller.entries) {
    if (entry.segment == nullptr) continue;
    const WriterLines &lines = entry.segment->lines();
    poller.sleeps[count++] = {&lines.wake_sequence, protocol::wake_word(lines)};
    if (!entry.armed) continue;
    if (has_come(entry, thoroughly)) {
      make_readable(entry);
    } else if (together) {
      asymmetric = announce_wait(*entry.segment, entry.end) || asymmetric;
      if (is_unannounced(*entry.segment)) slice = unannounced_slice_ns;
    }
  }
  lock.unlock();
  if (asymmetric && !os::barrier()) slice = asymmetric_slice_ns;
  lock.lock();
  for_each_armed(poller, [](PollEntry &entry) {
    if (has_come(entry, false)) make_readable(entry);
  });
  lock.unlock();
  together = together && os::wait_any(poller.sleeps, count, slice);
  if (!together) os::wait({}, &poller.kicks, poller.sleeps[0].expected, poll_ns);
  lock.lock();
}

// The thread of a poller. It ends when there is no entry left.
void run(void *argument) noexcept {
  Poller &poller = *static_cast<Poller *>(argument);
  bool together = true;
  std::int64_t next_thorough_look_ns = 0;
  std::int64_t rest_at_ns = 0;  // if there is no arm until then
  std::uint64_t arms_seen = 0;
  std::unique_lock lock(polling_mutex());
  while (poller.used != 0) {
    const std::int64_t now = os::monotonic_ns();
    if (poller.armed != 0 || poller.arms != arms_seen) {
      arms_seen = poller.arms;
      rest_at_ns = now + slice_ns;
    }
    if (now >= rest_at_ns) {
      poller.rests = true;
      poller.rested.wait(lock);
      poller.rests = false;
      continue;
    }
    const bool thoroughly = now >= next_thorough_look_ns;
    if (thoroughly) next_thorough_look_ns = now + slice_ns;
    make_round(poller, lock, thoroughly, together);
  }
  poller.runs = false;
}

// A poller with room for one more entry; null: no memory for another one.
Poller *poller_with_room() noexcept {
  Poller **last = &first_poller;
  for (; *last != nullptr; last = &(*last)->next) {
    if ((*last)->used < Poller::room) return *last;
  }
  *last = new (std::nothrow) Poller;
  return *last;
}

PollEntry &free_entry(Poller &poller) noexcept {
  PollEntry *entry = poller.entries;
  while (entry->segment != nullptr) ++entry;
  return *entry;
}

}  // namespace

// Readiness is made under the mutex, so that no child is forked with descriptors that it does not know of.
Status poll_fd(Segment &segment, std::intptr_t &fd) noexcept {
  const os::Uncancelled uncancelled;
  const PollingLock lock;
  if (segment.access->load(std::memory_order_relaxed) != Access::open) return refused(Status::closed);
  if (segment.poll_entry == nullptr) {
    Poller *poller = poller_with_room();
    if (poller == nullptr) {
      return fail(Status::no_memory, "no memory for {} bytes, which wait for {} rings", sizeof(Poller), Poller::room);
    }
    PollEntry &entry = free_entry(*poller);
    if (const Status status = os::make_readiness(entry.readiness); status != Status::ok) return status;
    if (!poller->runs) {
      if (const Status status = os::start_thread(run, poller); status != Status::ok) {
        os::close(entry.readiness);
        return status;
      }
      poller->runs = true;
    }
    entry.poller = poller;
    entry.segment = &segment;
    segment.poll_entry = &entry;
    ++poller->used;
    kick(*poller);
  }
  fd = segment.poll_entry->readiness.given;
  return Status::ok;
}

Status poll_arm(Segment &segment, std::uint64_t end) noexcept {
  const os::Uncancelled uncancelled;
  bool asymmetric = false;
  {
    const PollingLock lock;
    if (segment.access->load(std::memory_order_relaxed) != Access::open) return refused(Status::closed);
    if (segment.poll_entry == nullptr) {
      return fail(Status::invalid_argument, "the handle has no descriptor, expected ringbuf_poll_fd() before");
    }
    PollEntry &entry = *segment.poll_entry;
    os::clear_ready(entry.readiness);
    entry.end = end;
    if (!entry.armed) ++entry.poller->armed;
    entry.armed = true;
    ++entry.poller->arms;
    asymmetric = announce_wait(segment, end);
  }
  const bool fenced = !asymmetric || os::barrier();
  const PollingLock lock;
  if (segment.poll_entry == nullptr) return refused(Status::closed);  // by the exit of the process
  PollEntry &entry = *segment.poll_entry;
  if (entry.armed && look(segment, end) != Status::not_yet) make_readable(entry);
  if (entry.armed && (entry.poller->rests || !fenced || is_unannounced(segment))) kick(*entry.poller);
  return Status::ok;
}

void stop_polling(Segment &segment) noexcept {
  const PollingLock lock;
  if (segment.poll_entry == nullptr) return;
  PollEntry &entry = *segment.poll_entry;
  disarm(entry);
  segment.poll_entry = nullptr;
  entry.segment = nullptr;
  os::close(entry.readiness);
  --entry.poller->used;
  kick(*entry.poller);
}

// The exchange of two rings takes no system call, so the mutex stays locked.
PollingPaused::PollingPaused(Segment &segment) noexcept : lock_(polling_mutex()), segment_(segment) {
  if (segment_.poll_entry != nullptr) disarm(*segment_.poll_entry);
}
PollingPaused::~PollingPaused() {
  if (segment_.poll_entry != nullptr) kick(*segment_.poll_entry->poller);
}

void lock_polling() noexcept { polling_mutex().lock(); }
void unlock_polling() noexcept { polling_mutex().unlock(); }

void forget_polling(bool locked) noexcept {
  if (!locked) new (&polling_mutex()) std::mutex;
  for (Poller *poller = first_poller; poller != nullptr; poller = poller->next) {
    for (PollEntry &entry : poller->entries) {
      if (entry.segment != nullptr) entry.segment->poll_entry = nullptr;
      os::close(entry.readiness);
      entry = {};
    }
    poller->used = poller->armed = 0;
    poller->runs = poller->rests = false;
    new (&poller->rested) std::condition_variable;
  }
}

}  // namespace ringbuf::detail
