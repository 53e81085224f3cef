// Every atomic access to a ring in shared memory, with its partner and the reason why its order is enough.
//
// Thread safety: the functions under "the writer" are called by one thread of the one process that holds the writer
// lock; those under "a reader" by anybody, on slots of the reader table only by the slot's owner.
//
// Invariants
//   I1  written <= intent <= written + capacity, but for the moment in which a put of more than the capacity skips what
//       it does not store (a resume after a crash right there ends the skip); neither ever goes back.
//   I2  The bytes of sample i are whole, in the data and where they belong into the pocket too, as soon as written > i.
//   I3  They are not touched again before intent > i + capacity has been stored, nor before limit > i + capacity has. The
//       intent says which samples are there, on an overwriting ring exactly; the limit is never less and moves far less
//       often, so that whoever looks at it does not disturb the writer, and says which ones are there for certain.
//   I4  Lossless: the writer stores no intent > p + capacity, where p is the position of an active reader.
//   I5  Whoever sleeps has announced it before it looked for the last time, and whoever changes what is waited for looks
//       for announcements after the change. Between the two there is a fence on either side; the one of the side that
//       changes things, which does so all the time and is hardly ever waited for, is made for it by the sleeper where the
//       system can do that.
//
// Pairs (each is named at both ends)
//   WRITTEN   publish -> observe: I2
//   INTENT    announce -> observe_again: I3, with fences, since the accesses between them are the copies of bytes
//   LIMIT     publish_limit, allow -> observe_limit: the same for the limit
//   POSITION  set_position -> slowest_reader: what a reader has done with is done with before it is overwritten (I4)
//   DEKKER      enter / move_back <-> allow: who joins and who allows itself more see each other, or one of them (I4)
//   EVENTCOUNT     prepare_wait, os::barrier <-> must_wake: I5 for readers
//   SPACE     prepare_space_wait, os::barrier <-> must_wake_writer: I5 for a lossless writer
//   READERS   prepare_space_wait <-> enter, leave: who waits for readers and who becomes one see each other (I5)
//   ASYMMETRIC  take_over <-> writer_fence_is_asymmetric, enter <-> some_reader_fence_is_asymmetric: who leaves its fence to the sleeper
//   SEQLOCK       prepare / complete -> Seqlock: the two-copy protocol of metadata and time anchor
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "ringbuf/detail/copy.hpp"
#include "ringbuf/detail/index.hpp"
#include "ringbuf/detail/layout.hpp"

namespace ringbuf::protocol {

using std::memory_order_acq_rel;
using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;
using std::memory_order_seq_cst;

struct Counters {
  std::uint64_t written;
  std::uint64_t intent;
};

// ================================================ the writer ====================================================

// Its own counters. Relaxed: only the writer stores them, and a writer that takes over has got the kernel's lock, which
// the one before it released, or is the same thread.
inline Counters own_counters(const WriterLines &w) noexcept {
  return {w.written.load(memory_order_relaxed), w.intent.load(memory_order_relaxed)};
}

// INTENT, first end: whoever sees a byte stored after this call also sees the intent, through its own fence in
// observe_again. The store itself can be relaxed: the fence orders it before all later stores, but for streaming ones, in
// front of which copy.hpp has a fence of its own.
inline void announce(WriterLines &w, std::uint64_t intent) noexcept {
  w.intent.store(intent, memory_order_relaxed);
  std::atomic_thread_fence(memory_order_release);
}

// WRITTEN, first end: release, so that whoever acquires the new value sees the bytes of all samples before it (I2).
inline void publish(WriterLines &w, std::uint64_t written) noexcept { w.written.store(written, memory_order_release); }

// Between a change and the look for who waits for it. Unless this side `fences` itself, each sleeper does it for us with
// os::barrier(), after its announcement and before its last look. That fence meets this thread somewhere: before our
// load, which then sees the announcement; or after it, and so after the change, which the sleeper's last look then sees.
// The signal fence keeps the compiler from exchanging the two.
inline void fence_before_poll(bool fences) noexcept {
  if (fences) {
    std::atomic_thread_fence(memory_order_seq_cst);
  } else {
    std::atomic_signal_fence(memory_order_seq_cst);
  }
}

// EVENTCOUNT, second end: the fence puts the change (publish or set_state) before this load in the one order of all
// sequentially consistent fences; the reader's fence in prepare_wait stands between its announcement and its last look.
// One of the two fences is first: either we see the announcement, or the reader sees the change.
inline bool must_wake(const ReaderTable &table, std::uint64_t written, bool fences) noexcept {
  fence_before_poll(fences);
  return written >= table.wake_at.load(memory_order_relaxed);
}

// Takes the announcements back and moves the word that readers sleep on, so that none that announced itself before the
// exchange can fall asleep any more: it read the word before it announced itself (acquire and release there, acquire and
// release here), so the kernel finds it changed. All who sleep are woken after this and announce themselves again if
// they have to. Returns what the word was before.
inline std::uint32_t take_waiters(WriterLines &w, ReaderTable &table) noexcept {
  (void)table.wake_at.exchange(none_waiting, memory_order_acq_rel);
  // Only the writer stores here; release: a reader that sees the new word must also see what it was moved for.
  const std::uint32_t before = w.wake_sequence.load(memory_order_relaxed);
  w.wake_sequence.store(before + 1, memory_order_release);
  return before;
}

// Release, for whoever learns from the state (load_state, acquire) that `written` is final.
inline void set_state(WriterLines &w, State state) noexcept {
  w.state.store(static_cast<std::uint32_t>(state), memory_order_release);
}

// LIMIT, first end, on a ring where nobody holds the writer back: as INTENT, for all puts up to this limit at once.
inline void publish_limit(WriterLines &w, std::uint64_t limit) noexcept {
  w.limit.store(limit, memory_order_relaxed);
  std::atomic_thread_fence(memory_order_release);
}

// The same on a lossless ring, whose fence is the stronger one that DEKKER takes.
// DEKKER, first end: publishes how far the writer is about to allow itself to go, before it looks (again) at the readers.
// The fences give both ends one order: either a reader that enters sees this limit, or slowest_reader, called after
// this, sees the reader. Never less than the intent, so that a reader that joins trusts no sample that is being ruined.
inline void publish_credit(WriterLines &w, std::uint64_t limit) noexcept {
  w.limit.store(limit, memory_order_relaxed);
  std::atomic_thread_fence(memory_order_seq_cst);
}

struct Slowest {
  std::uint64_t position = UINT64_MAX;  // UINT64_MAX: no reader
  std::uint32_t slot = 0;
};

// POSITION, second end: acquire, so that what the readers did with samples before their positions is done before the
// writer overwrites them. `state` is acquired too: a slot is entered with its position stored first.
inline Slowest slowest_reader(const ReaderSlot *slots, std::uint32_t count) noexcept {
  Slowest slowest;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (slots[i].state.load(memory_order_acquire) != static_cast<std::uint32_t>(SlotState::active)) continue;
    const std::uint64_t position = slots[i].position.load(memory_order_acquire);
    if (position <= slowest.position) slowest = {position, i};
  }
  return slowest;
}

// SPACE, first end. `position` is the one that the slowest reader has to reach; none_waiting takes it back. Returns the
// word to sleep on, read before the announcement (release) as the readers do in prepare_wait.
inline std::uint32_t prepare_space_wait(WriterLines &w, const ReaderTable &table, std::uint64_t position) noexcept {
  const std::uint32_t sequence = table.space_sequence.load(memory_order_acquire);
  w.space_at.store(position, memory_order_release);
  std::atomic_thread_fence(memory_order_seq_cst);
  return sequence;
}

// ASYMMETRIC, second end, after prepare_space_wait. A reader that is not seen here enters after our fence there, and its
// own in enter lets it see the announcement.
inline bool some_reader_fence_is_asymmetric(const ReaderSlot *slots, std::uint32_t count) noexcept {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (slots[i].state.load(memory_order_acquire) == static_cast<std::uint32_t>(SlotState::active) &&
        slots[i].asymmetric.load(memory_order_relaxed) != 0) {
      return true;
    }
  }
  return false;
}

// READERS, first end, after prepare_space_wait. Acquire: who is seen here has stored its position and its owner.
inline bool is_entered(const ReaderSlot &slot) noexcept {
  return slot.state.load(memory_order_acquire) == static_cast<std::uint32_t>(SlotState::active);
}

inline void cancel_space_wait(WriterLines &w) noexcept {
  w.space_at.store(none_waiting, memory_order_relaxed);  // a reader that misses this makes one system call for nothing
}

// A slot whose reader is dead, by somebody who has proved it by getting the slot's lock.
inline void free_slot(ReaderSlot &slot) noexcept {
  slot.state.store(static_cast<std::uint32_t>(SlotState::free), memory_order_release);
}

// ================================================= a reader =====================================================

// WRITTEN, second end: acquire. The intent is loaded later and so at least as new, but it proves nothing yet: that it
// takes observe_again after the bytes were used.
inline Counters observe(const WriterLines &w) noexcept {
  const std::uint64_t written = w.written.load(memory_order_acquire);
  return {written, w.intent.load(memory_order_relaxed)};
}

// INTENT, second end: all reads of sample bytes before this call happen before the load of the intent. If one of them
// has seen a byte stored after announce(), the load sees that intent: the two fences synchronise through the byte.
inline Counters observe_again(const WriterLines &w) noexcept {
  std::atomic_thread_fence(memory_order_acquire);
  return observe(w);
}

// LIMIT, second end, as observe_again: taken for the intent, it grants nothing that is not there. What it does not grant
// may be there all the same; observe_again tells.
inline std::uint64_t observe_limit(const WriterLines &w) noexcept {
  std::atomic_thread_fence(memory_order_acquire);
  return w.limit.load(memory_order_relaxed);
}

inline std::uint64_t observe_written(const WriterLines &w) noexcept { return w.written.load(memory_order_acquire); }

// Acquire: pairs with set_state, after which `written` does not change.
inline State load_state(const WriterLines &w) noexcept {
  return static_cast<State>(w.state.load(memory_order_acquire));
}

// POSITION, first end: release, so that all uses of the samples before `position` come before the writer's stores there.
inline void set_position(ReaderSlot &slot, std::uint64_t position) noexcept {
  slot.position.store(position, memory_order_release);
}

// DEKKER, second end: enters the slot at `position` and returns the limit that the writer may already be relying on. If
// it is more than position + capacity, the reader must move on to limit - capacity: the writer, if it looks now, waits
// for that; any later limit is computed with this reader in sight. Release on the state: the position is there when the
// slot is seen to be active. ASYMMETRIC, first end: so is `asymmetric`.
inline std::uint64_t enter(ReaderSlot &slot, const WriterLines &w, std::uint64_t position, std::uint64_t owner,
                           bool fences) noexcept {
  slot.overruns.store(0, memory_order_relaxed);
  slot.lost.store(0, memory_order_relaxed);
  slot.owner.store(owner, memory_order_relaxed);
  slot.asymmetric.store(fences ? 0 : 1, memory_order_relaxed);
  slot.position.store(position, memory_order_relaxed);
  slot.state.store(static_cast<std::uint32_t>(SlotState::active), memory_order_release);
  std::atomic_thread_fence(memory_order_seq_cst);
  return w.limit.load(memory_order_relaxed);
}

// DEKKER again, for a reader that goes back: the same argument with the slot already active.
inline std::uint64_t move_back(ReaderSlot &slot, const WriterLines &w, std::uint64_t position) noexcept {
  slot.position.store(position, memory_order_release);
  std::atomic_thread_fence(memory_order_seq_cst);
  return w.limit.load(memory_order_relaxed);
}

// Release, as set_position: afterwards the writer no longer spares our samples. The owner goes last: from then on the
// slot is somebody else's.
inline void leave(ReaderSlot &slot) noexcept {
  slot.state.store(static_cast<std::uint32_t>(SlotState::free), memory_order_release);
  slot.owner.store(0, memory_order_release);
}

// Numbers for others to see; they order nothing.
inline void tell_losses(ReaderSlot &slot, std::uint64_t overruns, std::uint64_t lost) noexcept {
  slot.overruns.store(overruns, memory_order_relaxed);
  slot.lost.store(lost, memory_order_relaxed);
}

// Reads the word to sleep on, before prepare_wait: see take_waiters.
inline std::uint32_t wake_word(const WriterLines &w) noexcept { return w.wake_sequence.load(memory_order_acquire); }

// EVENTCOUNT, first end: announces that somebody waits for `end` samples. The caller looks once more after this and only then
// sleeps. Several readers leave the smallest announcement; when it fires, all of them are woken. Bounded, since the word
// can be scribbled on: whoever gives up is woken by its time slice.
inline void prepare_wait(ReaderTable &table, std::uint64_t end) noexcept {
  std::uint64_t current = table.wake_at.load(memory_order_relaxed);
  // Even if our announcement is there already, the exchange is made: it must come after our wake_word (release) in the
  // order that take_waiters sees.
  for (int attempt = 0; attempt < 64; ++attempt) {
    if (table.wake_at.compare_exchange_weak(current, std::min(current, end), memory_order_acq_rel,
                                            memory_order_relaxed)) {
      break;
    }
  }
  std::atomic_thread_fence(memory_order_seq_cst);
}

// ASYMMETRIC, second end, after prepare_wait. A writer that takes over later than this sees the announcement after its own
// fence in take_over.
inline bool writer_fence_is_asymmetric(const WriterLines &w) noexcept {
  return w.asymmetric.load(memory_order_relaxed) != 0;
}

// SPACE, second end: as must_wake, with the position (set_position, leave) as the change.
inline bool must_wake_writer(const WriterLines &w, std::uint64_t position, bool fences) noexcept {
  fence_before_poll(fences);
  return position >= w.space_at.load(memory_order_relaxed);
}

// READERS, second end, right after enter, whose fence stands between the slot's state and this load: either the writer,
// which looks at the slots after its own fence in prepare_space_wait, sees the slot, or we see that it waits. A reader
// that leaves looks with must_wake_writer; if it misses the writer, that one waits for more readers all the same.
inline bool must_wake_for_reader(const WriterLines &w) noexcept {
  return w.space_at.load(memory_order_relaxed) == readers_waiting;
}

// Release: a writer that sees the new word sees the position as well. Returns what the word was before.
inline std::uint32_t take_space_waiter(ReaderTable &table) noexcept {
  return table.space_sequence.fetch_add(1, memory_order_release);
}

// ========================================= two copies and a counter ==============================================

// SEQLOCK: copy (version & 1) is current. The writer fills in the other one and then moves the version. A reader that read
// the version, then a copy, then the same version again has read that copy whole: before the copy was touched anew, the
// version had moved on. A writer that dies halfway leaves the current copy as it was.

// First end, part one. The fence orders the version stored last time before all stores into the copy.
// Returns the copy to fill in.
inline unsigned seqlock_begin_write(const Atomic64 &version) noexcept {
  std::atomic_thread_fence(memory_order_release);
  return static_cast<unsigned>((version.load(memory_order_relaxed) + 1) & 1);
}

// First end, part two: release, so that whoever sees the version sees the copy.
inline void seqlock_end_write(Atomic64 &version) noexcept {
  version.store(version.load(memory_order_relaxed) + 1, memory_order_release);
}

// `moving`: the version keeps changing, as only a hostile writer's does for so long.
enum class Seqlock { none, whole, moving };

// Second end: calls read(copy) until it has read one whole, if there is one yet.
template <class Read>
Seqlock seqlock_read(const Atomic64 &version, Read &&read) noexcept {
  for (int attempt = 0; attempt < 10000; ++attempt) {
    const std::uint64_t before = version.load(memory_order_acquire);
    if (before == 0) return Seqlock::none;
    read(static_cast<unsigned>(before & 1));
    std::atomic_thread_fence(memory_order_acquire);
    if (version.load(memory_order_relaxed) == before) return Seqlock::whole;
  }
  return Seqlock::moving;
}

// ================================================ the metadata ====================================================

// `copies` are the two copies, `stride` bytes apart. The size is relaxed: ordered by the two-copy protocol.
inline void set_metadata(MetadataControl &control, std::byte *copies, std::size_t stride, const std::byte *bytes,
                         std::size_t size) noexcept {
  const unsigned which = seqlock_begin_write(control.version);
  control.sizes[which].store(size, memory_order_relaxed);
  if (size != 0) copy_in(copies + which * stride, bytes, size);
  seqlock_end_write(control.version);
}

// Calls use(copy, size) until it has seen a whole one; the size may be anything.
template <class Use>
Seqlock load_metadata(const MetadataControl &control, Use &&use) noexcept {
  return seqlock_read(control.version,
                      [&](unsigned which) { use(which, control.sizes[which].load(memory_order_relaxed)); });
}

// ============================================= the time anchor ===================================================

struct Time {
  std::uint64_t index;
  std::int64_t monotonic_ns;
  std::int64_t realtime_ns;
};

// Relaxed: ordered by the two-copy protocol.
inline void set_anchor(Anchor &anchor, const Time &time) noexcept {
  Anchor::Time &copy = anchor.copies[seqlock_begin_write(anchor.version)];
  copy.index.store(time.index, memory_order_relaxed);
  copy.monotonic_ns.store(static_cast<std::uint64_t>(time.monotonic_ns), memory_order_relaxed);
  copy.realtime_ns.store(static_cast<std::uint64_t>(time.realtime_ns), memory_order_relaxed);
  seqlock_end_write(anchor.version);
}

inline bool load_anchor(const Anchor &anchor, Time &time) noexcept {
  const auto read = [&](unsigned which) {
    const Anchor::Time &copy = anchor.copies[which];
    time = {copy.index.load(memory_order_relaxed),
            static_cast<std::int64_t>(copy.monotonic_ns.load(memory_order_relaxed)),
            static_cast<std::int64_t>(copy.realtime_ns.load(memory_order_relaxed))};
  };
  return seqlock_read(anchor.version, read) == Seqlock::whole;
}

// ============================================ making and taking over =============================================

// The atomics of a new ring, before anybody can find it. In the caller's memory there may be readers of a ring that was
// there before: as with INTENT, whoever sees anything of the new ring after this call began finds the new incarnation
// with same_incarnation.
inline void start(Header &header, ReaderTable &table, ReaderSlot *slots, std::uint32_t count,
                  std::uint64_t incarnation) noexcept {
  WriterLines &w = header.writer;
  w.incarnation.store(incarnation, memory_order_relaxed);
  std::atomic_thread_fence(memory_order_release);
  for (Atomic64 *zero :
       {&w.written, &w.intent, &w.limit, &w.generation, &header.anchor.version, &header.metadata.version}) {
    zero->store(0, memory_order_relaxed);
  }
  w.state.store(static_cast<std::uint32_t>(State::none), memory_order_relaxed);
  w.space_at.store(none_waiting, memory_order_relaxed);
  table.wake_at.store(none_waiting, memory_order_relaxed);
  for (std::uint32_t i = 0; i < count; ++i) {
    slots[i].state.store(static_cast<std::uint32_t>(SlotState::free), memory_order_relaxed);
    slots[i].owner.store(0, memory_order_relaxed);
  }
}

inline bool same_incarnation(const WriterLines &w, std::uint64_t incarnation) noexcept {
  std::atomic_thread_fence(memory_order_acquire);
  return w.incarnation.load(memory_order_relaxed) == incarnation;
}

// Makes this process the writer that the ring names. Release on the state: see set_state. ASYMMETRIC, first end: the fence
// stands between `asymmetric` and our first look for sleepers.
inline void take_over(WriterLines &w, bool fences) noexcept {
  w.asymmetric.store(fences ? 0 : 1, memory_order_relaxed);
  std::atomic_thread_fence(memory_order_seq_cst);
  w.generation.store(w.generation.load(memory_order_relaxed) + 1, memory_order_relaxed);
  w.space_at.store(none_waiting, memory_order_relaxed);
  set_state(w, State::live);
}

// The magic makes a ring in the caller's memory one: release, after everything else; whoever acquires it sees the rest.
inline void publish_magic(Header &header, std::uint64_t magic) noexcept {
  header.magic.store(magic, memory_order_release);
}
inline std::uint64_t load_magic(const Header &header) noexcept { return header.magic.load(memory_order_acquire); }

// Makes memory in which there is no ring one where it is decided by the owner who makes a ring: for exactly one of those who
// saw the same there. Acquire and release, as a lock's.
inline bool begin_making(Header &header, std::uint64_t seen) noexcept {
  return header.magic.compare_exchange_strong(seen, making_magic, memory_order_acq_rel, memory_order_acquire);
}

// Who owns the writer's side or a slot, where there are no kernel locks: a compare-and-exchange from what the caller has
// seen to be nobody, or dead, to itself. Acquire and release, as a lock's.
inline std::uint64_t load_owner(const Atomic64 &owner) noexcept { return owner.load(memory_order_acquire); }
inline bool take_ownership(Atomic64 &owner, std::uint64_t seen, std::uint64_t token) noexcept {
  return owner.compare_exchange_strong(seen, token, memory_order_acq_rel, memory_order_acquire);
}
inline void set_owner(Atomic64 &owner, std::uint64_t token) noexcept { owner.store(token, memory_order_release); }

// Numbers to look at; they order nothing.
inline std::uint64_t peek(const Atomic64 &value) noexcept { return value.load(memory_order_relaxed); }
inline bool is_active(const ReaderSlot &slot) noexcept {
  return slot.state.load(memory_order_relaxed) == static_cast<std::uint32_t>(SlotState::active);
}

}  // namespace ringbuf::protocol
