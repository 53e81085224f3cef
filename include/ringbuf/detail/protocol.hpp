// Every atomic access to a ring in shared memory, with its partner and the reason why its order is enough.
// docs/design.md introduces the protocol and its terms.
//
// Thread safety: one thread calls the functions under "the writer": a thread of the process that holds the writer
// lock. Any thread may call the functions under "a reader"; those that take a reader slot, only the owner of that
// slot.
//
// Invariants
//   I1  written <= intent <= written + capacity. Neither counter ever decreases. One moment is excepted: a put of
//       more than the capacity first announces all its samples, then publishes those that it skips. If the writer
//       crashes between the two, the resume publishes them.
//   I2  If written > i, the bytes of sample i are complete in the data. If sample i also lies in the pocket, they are
//       complete there, too.
//   I3  The writer modifies the bytes of sample i again only after it has stored an intent > i + capacity and a
//       limit > i + capacity. On an overwriting ring the intent tells exactly which samples are intact. The limit is
//       never less than the intent and moves far less often. A reader that loads the limit therefore does not disturb
//       the writer, but learns only of samples that are certainly intact.
//   I4  On a lossless ring the writer stores no intent > p + capacity, where p is the position of an active reader.
//   I5  A sleeper announces its wait, then checks its condition a last time, then sleeps. The other side changes the
//       condition, then checks for announcements. On both sides a fence stands between the two accesses. The side
//       that makes the changes makes them all the time, and rarely for a sleeper. Where the system can do it, the
//       sleeper imposes that side's fence on it (os::barrier).
//   I6  Every index below `written` is that of a sample or lies in a gap. All gaps end at or before `gap_end`. The gap table
//       has every gap that begins at or after its floor. The counters of a skip are stored after its gap, `written` last.
//       So the table may have one gap that ends after `written`, and `gap_end` may be its end. If the writer crashes then,
//       the resume ends the skip.
//   I7  If written == latest == i + 1, `latest_bytes` has sample i. The writer stores `latest` before it changes a byte there,
//       and only a put of that sample stores this value: a writer that takes over stores 0 first, because the one before it
//       may have died in between. Other puts leave `latest` as it is, and then `written` moves away from it.
//
// Pairs: the tag stands at both ends. "->" is release to acquire, "<->" is store buffering with a fence on both
// sides.
//   WRITTEN     publish -> observe: I2.
//   INTENT      announce -> observe_again: I3. Fences, because the accesses that they order are the copies of bytes.
//   LIMIT       publish_limit, publish_credit -> observe_limit: I3 for the limit.
//   LATEST      announce_latest -> load_latest: I7.
//   POSITION    set_position, leave -> slowest_reader: a reader has finished with a sample before it is overwritten
//               (I4).
//   DEKKER      enter, move_back <-> publish_credit: a reader that joins sees the writer's new credit, or the writer
//               sees the reader, or both (I4).
//   EVENTCOUNT  prepare_wait <-> must_wake: I5 for readers.
//   SPACE       prepare_space_wait <-> must_wake_writer: I5 for the writer of a lossless ring.
//   GAPS        add_gap, publish_skip -> observe, load_gaps: a reader that knows an index to be written knows whether a
//               gap covers it (I6).
//   READERS     prepare_space_wait <-> enter, leave: I5 for a writer that waits for readers to register.
//   ASYMMETRIC  take_over <-> writer_fence_is_asymmetric, enter <-> some_reader_fence_is_asymmetric: tells a sleeper
//               on which side it has to impose a fence.
//   TRACK       write_mark -> load_mark: a reader takes a time mark only as a whole.
//   SEQLOCK     seqlock_begin_write, seqlock_end_write -> seqlock_read: metadata and time anchor, in two copies.
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

// The counters of the writer: see I1 and I6.
struct Counters {
  std::uint64_t written;
  std::uint64_t intent;
  std::uint64_t gap_end = 0;
};

// ================================================ the writer ====================================================

// The writer's own counters. Relaxed is enough: only the writer stores them. A writer that takes over holds the
// kernel's lock, which the writer before it released, or it runs in the same thread.
inline Counters own_counters(const WriterLines &w) noexcept {
  return {w.written.load(memory_order_relaxed), w.intent.load(memory_order_relaxed),
          w.gap_end.load(memory_order_relaxed)};
}

// INTENT, first end; partner: observe_again. A reader that has read a byte stored after this call also sees the
// intent. The store can be relaxed: the release fence orders it before all later stores, and the reader's acquire
// fence pairs with this one. Streaming stores ignore a release fence; copy.hpp puts a fence of its own before them.
inline void announce(WriterLines &w, std::uint64_t intent) noexcept {
  w.intent.store(intent, memory_order_relaxed);
  std::atomic_thread_fence(memory_order_release);
}

// LATEST, first end; partner: load_latest. The caller copies the sample with index end - 1 to `latest_bytes` after this call
// and then publishes `end`. The release fence orders `latest` before the bytes: a reader that has read one of them finds this
// `latest`, or a later one, after its acquire fence. The release of the publication orders the bytes before `written`: a
// reader that knows `end` to be written finds all of them, or later ones.
inline void announce_latest(WriterLines &w, std::uint64_t end) noexcept {
  w.latest.store(end, memory_order_relaxed);
  std::atomic_thread_fence(memory_order_release);
}

// WRITTEN, first end; partner: observe. Release is enough: a reader that acquires the new value sees the bytes of all
// samples before it (I2).
inline void publish(WriterLines &w, std::uint64_t written) noexcept { w.written.store(written, memory_order_release); }

// The fence between a change and the check for sleepers, if `fences`; a sequentially consistent one.
//
// Otherwise each sleeper imposes it with os::barrier(), after its announcement and before its last check. That fence
// takes effect in this thread at some point. If that is before our load, the load sees the announcement. If it is
// after our load, it is also after our change, and the sleeper's last check sees the change. The signal fence keeps
// the compiler from reordering the two accesses.
inline void fence_before_poll(bool fences) noexcept {
  if (fences) [[unlikely]] {
    std::atomic_thread_fence(memory_order_seq_cst);
  } else {
    std::atomic_signal_fence(memory_order_seq_cst);
  }
}

// EVENTCOUNT, second end; partner: prepare_wait. Our fence stands between the change (publish or set_state) and this
// load. The reader's fence stands between its announcement and its last check. Sequentially consistent fences have
// one order. If the reader's fence is first, we see the announcement; if ours is first, the reader sees the change.
inline bool must_wake(const ReaderTable &table, std::uint64_t written, bool fences) noexcept {
  fence_before_poll(fences);
  return written >= table.wake_at.load(memory_order_relaxed);
}

// Removes the announcements and advances the word that readers sleep on. The caller then wakes all sleepers; those
// that still have to wait announce it again. Returns the word's old value.
//
// No reader that announced its wait before the exchange can fall asleep after the store. It loaded the word
// (wake_word) before its announcement, and acquire and release on both exchanges keep that order, so the kernel finds
// the word changed.
inline std::uint32_t take_waiters(WriterLines &w, ReaderTable &table) noexcept {
  (void)table.wake_at.exchange(none_waiting, memory_order_acq_rel);
  // Relaxed load: only the writer stores the word. Release store; partner: wake_word. A reader that sees the new word
  // must also see the change that it announces.
  const std::uint32_t before = w.wake_sequence.load(memory_order_relaxed);
  w.wake_sequence.store(before + 1, memory_order_release);
  return before;
}

// Release; partner: load_state. A reader that learns from the state that the stream has ended also sees the final
// `written`.
inline void set_state(WriterLines &w, State state) noexcept {
  w.state.store(static_cast<std::uint32_t>(state), memory_order_release);
}

// LIMIT, first end, on an overwriting ring; partner: observe_limit. The same as announce, for all puts up to this
// limit at once.
inline void publish_limit(WriterLines &w, std::uint64_t limit) noexcept {
  w.limit.store(limit, memory_order_relaxed);
  std::atomic_thread_fence(memory_order_release);
}

// LIMIT, first end, on a lossless ring; partner: observe_limit. DEKKER, first end; partners: enter, move_back.
//
// Publishes the credit that the writer is about to use, before it checks the readers' positions again with
// slowest_reader. DEKKER needs a sequentially consistent fence on both ends: either the reader that enters sees this
// limit, or slowest_reader sees the reader. `limit` is never less than the intent. So a reader that joins trusts no
// sample that is being overwritten.
inline void publish_credit(WriterLines &w, std::uint64_t limit) noexcept {
  w.limit.store(limit, memory_order_relaxed);
  std::atomic_thread_fence(memory_order_seq_cst);
}

// The smallest position of all active readers, and its reader slot.
struct Slowest {
  std::uint64_t position = UINT64_MAX;  // UINT64_MAX: no reader
  std::uint32_t slot = 0;
};

// POSITION, second end; partners: set_position, leave. Acquire is enough: all uses of the samples before the
// positions happen before the writer overwrites them. `state` is acquired, too: enter stores the position before the
// state.
inline Slowest slowest_reader(const ReaderSlot *slots, std::uint32_t count) noexcept {
  Slowest slowest;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (slots[i].state.load(memory_order_acquire) != static_cast<std::uint32_t>(SlotState::active)) continue;
    const std::uint64_t position = slots[i].position.load(memory_order_acquire);
    if (position <= slowest.position) slowest = {position, i};
  }
  return slowest;
}

// SPACE, first end; partner: must_wake_writer. READERS, first end; partner: must_wake_for_reader. Announces that the
// writer waits until the slowest reader has reached `position`; cancel_space_wait withdraws that. Returns the value
// of the word to sleep on. The load is acquire and the announcement release, so the word is loaded first, as readers
// do before prepare_wait. The fence stands between the announcement and the writer's last check, as I5 demands.
inline std::uint32_t prepare_space_wait(WriterLines &w, const ReaderTable &table, std::uint64_t position) noexcept {
  const std::uint32_t sequence = table.space_sequence.load(memory_order_acquire);
  w.space_at.store(position, memory_order_release);
  std::atomic_thread_fence(memory_order_seq_cst);
  return sequence;
}

// ASYMMETRIC, second end, called after prepare_space_wait; partner: enter. Relaxed is enough for `asymmetric`: the
// acquired state covers it. A reader that is not seen here enters after the fence in prepare_space_wait. Its own
// fence in enter then makes it see the announcement.
inline bool some_reader_fence_is_asymmetric(const ReaderSlot *slots, std::uint32_t count) noexcept {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (slots[i].state.load(memory_order_acquire) == static_cast<std::uint32_t>(SlotState::active) &&
        slots[i].asymmetric.load(memory_order_relaxed) != 0) {
      return true;
    }
  }
  return false;
}

// READERS, first end, called after prepare_space_wait; partner: enter. Acquire: a reader that is seen here has stored
// its position and its owner.
inline bool is_entered(const ReaderSlot &slot) noexcept {
  return slot.state.load(memory_order_acquire) == static_cast<std::uint32_t>(SlotState::active);
}

inline void cancel_space_wait(WriterLines &w) noexcept {
  // Relaxed is enough: a reader that misses this store makes one system call too many.
  w.space_at.store(none_waiting, memory_order_relaxed);
}

// Frees the slot of a dead reader. The caller has proved its death by taking the lock, or the ownership, of the slot.
// Release, as in leave.
inline void free_slot(ReaderSlot &slot) noexcept {
  slot.state.store(static_cast<std::uint32_t>(SlotState::free), memory_order_release);
}

// ================================================= a reader =====================================================

// WRITTEN, second end; partner: publish. Acquire makes the bytes of all samples before `written` visible. The intent and the
// end of the last gap (GAPS; partner: publish_skip) are loaded later, so they are at least as new. It proves nothing about
// bytes that are read after this call; call observe_again() after using them.
inline Counters observe(const WriterLines &w) noexcept {
  const std::uint64_t written = w.written.load(memory_order_acquire);
  return {written, w.intent.load(memory_order_relaxed), w.gap_end.load(memory_order_relaxed)};
}

// INTENT, second end; partner: announce. The acquire fence orders all earlier reads of sample bytes before the load
// of the intent. If one of those reads returned a byte stored after announce(), the two fences synchronise through
// that byte, and the load sees that intent or a later one.
inline Counters observe_again(const WriterLines &w) noexcept {
  std::atomic_thread_fence(memory_order_acquire);
  return observe(w);
}

// LIMIT, second end; partners: publish_limit, publish_credit. Ordered as observe_again. A conservative check: used in
// the role of the intent it may refuse a window that is intact, but never accepts one that is not. On refusal call
// observe_again().
inline std::uint64_t observe_limit(const WriterLines &w) noexcept {
  std::atomic_thread_fence(memory_order_acquire);
  return w.limit.load(memory_order_relaxed);
}

// LATEST, second end; partner: announce_latest. The caller has acquired a `written` of `end` (WRITTEN). Copies sample end - 1.
// False: it was overwritten, or never stood there; the copy is to be discarded. The acquire fence orders the copy before the
// load of `latest`. On failure the data have the sample, if the intent says so.
inline bool load_latest(const WriterLines &w, std::uint64_t end, std::byte *sample, std::size_t bytes) noexcept {
  copy_out(sample, reinterpret_cast<const std::byte *>(w.latest_bytes), bytes);
  std::atomic_thread_fence(memory_order_acquire);
  return w.latest.load(memory_order_relaxed) == end;
}

// WRITTEN, second end; partner: publish. Acquire, as observe.
inline std::uint64_t observe_written(const WriterLines &w) noexcept { return w.written.load(memory_order_acquire); }

// Acquire; partner: set_state, after which this writer changes `written` no more.
inline State load_state(const WriterLines &w) noexcept {
  return static_cast<State>(w.state.load(memory_order_acquire));
}

// POSITION, first end; partner: slowest_reader. Release is enough: all uses of the samples before `position` happen
// before the writer's stores there.
inline void set_position(ReaderSlot &slot, std::uint64_t position) noexcept {
  slot.position.store(position, memory_order_release);
}

// DEKKER, second end; partner: publish_credit. Activates the reader slot at `position` and returns the limit that the
// writer may already rely on. Published credit cannot be revoked. So if the limit is more than position + capacity,
// the reader must move on to limit - capacity. Until it has, the writer sees the lower position and at worst waits.
// The writer computes every later limit with this reader in sight.
//
// Release on the state; partners: slowest_reader, is_entered. They see the position and the owner of an active slot.
// ASYMMETRIC, first end; partner: some_reader_fence_is_asymmetric, which sees `asymmetric` in the same way.
// READERS, second end, with must_wake_for_reader: the fence stands between the state and that load.
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

// DEKKER, second end, for a reader that moves back; partner: publish_credit. The argument of enter holds with the
// slot already active.
inline std::uint64_t move_back(ReaderSlot &slot, const WriterLines &w, std::uint64_t position) noexcept {
  slot.position.store(position, memory_order_release);
  std::atomic_thread_fence(memory_order_seq_cst);
  return w.limit.load(memory_order_relaxed);
}

// POSITION, first end; partner: slowest_reader. Release, as set_position: from now on the writer does not spare the
// samples of this reader. The owner is cleared last, because another process may then take the slot.
inline void leave(ReaderSlot &slot) noexcept {
  slot.state.store(static_cast<std::uint32_t>(SlotState::free), memory_order_release);
  slot.owner.store(0, memory_order_release);
}

// Statistics for other processes. Relaxed: they order nothing.
inline void tell_losses(ReaderSlot &slot, std::uint64_t overruns, std::uint64_t lost) noexcept {
  slot.overruns.store(overruns, memory_order_relaxed);
  slot.lost.store(lost, memory_order_relaxed);
}

// Loads the word to sleep on; to be called before prepare_wait. Acquire; partner: take_waiters.
inline std::uint32_t wake_word(const WriterLines &w) noexcept { return w.wake_sequence.load(memory_order_acquire); }

// EVENTCOUNT, first end: prepare-wait; partner: must_wake. Announces that a reader waits for `end` samples. The
// caller then checks once more, and only then sleeps (commit-wait). The announcements of several readers merge into
// the smallest; the put that reaches it wakes all of them. The loop is bounded, because a hostile process can keep
// changing the word. A reader that gives up is woken by its time slice.
inline void prepare_wait(ReaderTable &table, std::uint64_t end) noexcept {
  std::uint64_t current = table.wake_at.load(memory_order_relaxed);
  // The exchange is made even if a smaller announcement is there already. It must come after our wake_word (release)
  // in the order that take_waiters sees.
  for (int attempt = 0; attempt < 64; ++attempt) {
    if (table.wake_at.compare_exchange_weak(current, std::min(current, end), memory_order_acq_rel,
                                            memory_order_relaxed)) {
      break;
    }
  }
  std::atomic_thread_fence(memory_order_seq_cst);
}

// ASYMMETRIC, second end, called after prepare_wait; partner: take_over. Relaxed is enough: the fence in prepare_wait
// stands before this load. A writer that takes over later sees the announcement after its own fence in take_over.
inline bool writer_fence_is_asymmetric(const WriterLines &w) noexcept {
  return w.asymmetric.load(memory_order_relaxed) != 0;
}

// SPACE, second end; partner: prepare_space_wait. As must_wake; the change is the position (set_position, leave).
[[gnu::always_inline]] inline bool must_wake_writer(const WriterLines &w, std::uint64_t position,
                                                    bool fences) noexcept {
  fence_before_poll(fences);
  return position >= w.space_at.load(memory_order_relaxed);
}

// READERS, second end, called right after enter; partner: prepare_space_wait. The fence in enter stands between the
// state of the slot and this load. The writer checks the slots after its fence in prepare_space_wait. So either the
// writer sees the slot, or we see that it waits. A reader that leaves checks with must_wake_writer. If it misses the
// writer, no harm is done: the writer waits for more readers, not for fewer.
inline bool must_wake_for_reader(const WriterLines &w) noexcept {
  return w.space_at.load(memory_order_relaxed) == readers_waiting;
}

// Advances the word that the writer sleeps on, and returns its old value. Release; partner: prepare_space_wait. A
// writer that sees the new word also sees the position.
inline std::uint32_t take_space_waiter(ReaderTable &table) noexcept {
  return table.space_sequence.fetch_add(1, memory_order_release);
}

// ======================================= a double-buffered seqlock ================================================

// SEQLOCK: copy (version & 1) is current. The writer fills in the other copy and then increments the version. A
// reader loads the version, reads that copy, and loads the version again. If the version is the same, the copy was
// intact: the writer increments the version before it writes to that copy again. A writer that dies halfway leaves
// the current copy intact.

// SEQLOCK, first end; partner: the acquire fence of seqlock_read. Returns the copy to fill in. The release fence
// orders the version that was stored last before all stores into this copy. The load is relaxed: only the writer
// stores the version.
inline unsigned seqlock_begin_write(const Atomic64 &version) noexcept {
  std::atomic_thread_fence(memory_order_release);
  return static_cast<unsigned>((version.load(memory_order_relaxed) + 1) & 1);
}

// SEQLOCK, first end; partner: the acquire load of seqlock_read. Release: a reader that sees the version sees the
// copy.
inline void seqlock_end_write(Atomic64 &version) noexcept {
  version.store(version.load(memory_order_relaxed) + 1, memory_order_release);
}

// none: there is no copy yet. moving: the version kept changing, for longer than any writer but a hostile one changes
// it.
enum class Seqlock { none, whole, moving };

// SEQLOCK, second end; partners: seqlock_end_write for the first load, seqlock_begin_write for the fence. Calls
// read(copy) until one copy was read intact, if there is one yet. The acquire fence orders the reads before the
// second load.
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

// `copies` are the two copies, `stride` bytes apart. The size is relaxed: SEQLOCK orders it.
inline void set_metadata(MetadataControl &control, std::byte *copies, std::size_t stride, const std::byte *bytes,
                         std::size_t size) noexcept {
  const unsigned which = seqlock_begin_write(control.version);
  control.sizes[which].store(size, memory_order_relaxed);
  if (size != 0) copy_in(copies + which * stride, bytes, size);
  seqlock_end_write(control.version);
}

// Calls use(copy, size) until one copy was read intact. The size may have any value; `use` must check it.
template <class Use>
Seqlock load_metadata(const MetadataControl &control, Use &&use) noexcept {
  return seqlock_read(control.version,
                      [&](unsigned which) { use(which, control.sizes[which].load(memory_order_relaxed)); });
}

// ================================================== gaps =========================================================

// GAPS, first end; partner: load_gaps. Stores gap number `count`, of which the skip consists from then on. From the 63rd on,
// each makes one gap count no more: `floor` is the end of that one. The release fence orders the floor before the entry,
// which replaces an old one: a reader that has read any of the new entry sees the floor after its acquire fence. Release on
// the count: a reader that sees it sees the entry.
inline void add_gap(GapTable &table, std::uint64_t count, std::uint64_t start, std::uint64_t end,
                    std::uint64_t floor) noexcept {
  table.floor.store(floor, memory_order_relaxed);
  std::atomic_thread_fence(memory_order_release);
  GapTable::Entry &entry = table.entries[count % gap_entries];
  entry.start.store(start, memory_order_relaxed);
  entry.end.store(end, memory_order_relaxed);
  table.count.store(count + 1, memory_order_release);
}

// The same where the newest gap ends at the index that is written next: the skip makes that gap longer. Relaxed: the fence
// in publish_skip orders it.
inline void extend_gap(GapTable &table, std::uint64_t count, std::uint64_t end) noexcept {
  table.entries[(count - 1) % gap_entries].end.store(end, memory_order_relaxed);
}

// Ends a skip up to index `end`, which has its gap. The release fence orders the gap before the counters: after a crash in
// between, the gap is there, and without it the resume would take an intent so far ahead for that of a put. GAPS and
// WRITTEN, first end; partner: observe. Release on `written`: a reader that sees it sees the gap, gap_end and the intent.
inline void publish_skip(WriterLines &w, std::uint64_t end, std::uint64_t intent, std::uint64_t limit) noexcept {
  std::atomic_thread_fence(memory_order_release);
  w.limit.store(limit, memory_order_relaxed);
  w.intent.store(intent, memory_order_relaxed);
  w.gap_end.store(end, memory_order_relaxed);
  w.written.store(end, memory_order_release);
}

// The writer's own view of the table. Relaxed, as own_counters.
struct NewestGap {
  std::uint64_t count;
  std::uint64_t end;  // 0: there is no gap
};
inline NewestGap newest_gap(const GapTable &table) noexcept {
  const std::uint64_t count = table.count.load(memory_order_relaxed);
  return {count, count == 0 ? 0 : table.entries[(count - 1) % gap_entries].end.load(memory_order_relaxed)};
}
inline std::uint64_t own_floor(const GapTable &table) noexcept { return table.floor.load(memory_order_relaxed); }
inline std::uint64_t gap_end_of(const GapTable &table, std::uint64_t number) noexcept {
  return table.entries[number % gap_entries].end.load(memory_order_relaxed);
}

// GAPS, second end; partners: publish_skip, for the acquired `written` by which the caller knows that the gaps are there,
// and add_gap. Calls visit(start, end) for the gaps from the newest to the oldest that counts, until visit returns false.
// Returns the floor. What was visited counts only for indices from the floor on: an entry may have been replaced meanwhile,
// and then it had a gap below the floor. For the floor is stored before the entry, with a release fence in between, and the
// acquire fence orders the loads of the entries before that of the floor. A gap that is added meanwhile begins where the
// caller knows of no sample.
template <class Visit>
std::uint64_t load_gaps(const GapTable &table, Visit &&visit) noexcept {
  std::uint64_t number = table.count.load(memory_order_acquire);
  for (std::uint64_t left = std::min(number, gaps_kept); left != 0; --left) {
    const GapTable::Entry &entry = table.entries[--number % gap_entries];
    const std::uint64_t start = entry.start.load(memory_order_relaxed);
    if (!visit(start, entry.end.load(memory_order_relaxed))) break;
  }
  std::atomic_thread_fence(memory_order_acquire);
  return table.floor.load(memory_order_relaxed);
}

// ============================================ messages ============================================================

// In new memory, which is zero, there is nothing to store.
inline void clear(Atomic64 &value) noexcept {
  if (value.load(memory_order_relaxed) != 0) value.store(0, memory_order_relaxed);
}

// Each value in the table of starts is sound by itself. The writer stores only the index that it writes next. A record or a
// gap begins there, even if the writer dies before it has published the record: the next writer continues at that index. So
// the accesses are relaxed. A reader that has acquired `written` sees the starts of the records before it (WRITTEN). It must
// discard a value of another cell, one that is overwritten, and one above `written`.
inline void set_start(MessageStarts &table, std::uint64_t cell, std::uint64_t index) noexcept {
  table.starts[cell].store(index, memory_order_relaxed);
}
inline std::uint64_t load_start(const MessageStarts &table, std::uint64_t cell) noexcept {
  return table.starts[cell].load(memory_order_relaxed);
}
// In a new ring, before it is published: 0 is the start of the first record, if that index is 0, and else outside the ring.
inline void clear_starts(MessageStarts &table) noexcept {
  for (Atomic64 &start : table.starts) clear(start);
}

// ============================================= the time anchor ===================================================

// When a sample was put: its index, and the time on both clocks.
struct Time {
  std::uint64_t index;
  std::int64_t monotonic_ns;
  std::int64_t realtime_ns;
};

// Relaxed: SEQLOCK orders the fields, here and in load_anchor.
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

// ============================================= the time track ====================================================

// A mark of the time track: when a sample was put, and the pause before it, if there was one.
struct Mark {
  Time at;
  std::uint64_t run_start = 0;  // the first sample after the pause; 0: no pause
  std::int64_t before_ns = 0;   // when sample run_start - 1 was put
  std::int64_t before_realtime_ns = 0;
  bool stamped = false;  // the program said so, not the writer's clock
};

// TRACK, first end; partner: load_mark. The mark has one copy, so `sequence` is odd meanwhile. The release fence orders the
// odd number before the fields: a reader that has read any new field finds another number after its acquire fence. Release
// on the even number: a reader that sees it sees the fields. If the writer dies in between, the number stays odd, and the
// next writer of the mark makes it even.
inline void write_mark(TimeMark &mark, const Mark &m) noexcept {
  const std::uint64_t odd = mark.sequence.load(memory_order_relaxed) | 1;
  mark.sequence.store(odd, memory_order_relaxed);
  std::atomic_thread_fence(memory_order_release);
  mark.index.store(m.at.index, memory_order_relaxed);
  mark.monotonic_ns.store(static_cast<std::uint64_t>(m.at.monotonic_ns), memory_order_relaxed);
  mark.realtime_ns.store(static_cast<std::uint64_t>(m.at.realtime_ns), memory_order_relaxed);
  mark.run_start.store(m.run_start, memory_order_relaxed);
  mark.before_ns.store(static_cast<std::uint64_t>(m.before_ns), memory_order_relaxed);
  mark.before_realtime_ns.store(static_cast<std::uint64_t>(m.before_realtime_ns), memory_order_relaxed);
  mark.stamped.store(m.stamped ? 1 : 0, memory_order_relaxed);
  mark.sequence.store(odd + 1, memory_order_release);
}

// TRACK, second end; partner: write_mark. False: there is no mark, or it is being written. Its neighbours do as well, so
// the caller does not wait for it. The writer may load its own marks with this, too.
inline bool load_mark(const TimeMark &mark, Mark &m) noexcept {
  const std::uint64_t before = mark.sequence.load(memory_order_acquire);
  if (before == 0 || before % 2 != 0) return false;
  const auto time = [](const Atomic64 &field) { return static_cast<std::int64_t>(field.load(memory_order_relaxed)); };
  m = {{mark.index.load(memory_order_relaxed), time(mark.monotonic_ns), time(mark.realtime_ns)},
       mark.run_start.load(memory_order_relaxed),
       time(mark.before_ns),
       time(mark.before_realtime_ns),
       mark.stamped.load(memory_order_relaxed) != 0};
  std::atomic_thread_fence(memory_order_acquire);
  return mark.sequence.load(memory_order_relaxed) == before;
}

// ============================================ making and taking over =============================================

// Initialises the atomics of a new ring. No process can find the ring yet, so the stores are relaxed. Memory of the
// caller may still have readers of an earlier ring there. As with INTENT, the release fence pairs with the fence in
// same_incarnation: a reader that has read anything stored after it finds the new incarnation. The ring begins at index
// `first`.
inline void start(Header &header, TimeTrack &track, ReaderTable &table, ReaderSlot *slots, std::uint32_t count,
                  std::uint64_t incarnation, Counters first) noexcept {
  WriterLines &w = header.writer;
  w.incarnation.store(incarnation, memory_order_relaxed);
  std::atomic_thread_fence(memory_order_release);
  w.written.store(first.written, memory_order_relaxed);
  w.intent.store(first.intent, memory_order_relaxed);
  w.limit.store(first.intent, memory_order_relaxed);
  for (Atomic64 *zero : {&w.generation, &w.gap_end, &w.latest, &header.anchor.version, &header.metadata.version,
                         &header.gaps.count, &header.gaps.floor}) {
    zero->store(0, memory_order_relaxed);
  }
  for (TimeMark &mark : track.marks) clear(mark.sequence);
  w.state.store(static_cast<std::uint32_t>(State::none), memory_order_relaxed);
  w.space_at.store(none_waiting, memory_order_relaxed);
  table.wake_at.store(none_waiting, memory_order_relaxed);
  for (std::uint32_t i = 0; i < count; ++i) {
    slots[i].state.store(static_cast<std::uint32_t>(SlotState::free), memory_order_relaxed);
    slots[i].owner.store(0, memory_order_relaxed);
  }
}

// Whether the memory still holds the ring of that incarnation. The acquire fence pairs with the release fence in
// start.
inline bool same_incarnation(const WriterLines &w, std::uint64_t incarnation) noexcept {
  std::atomic_thread_fence(memory_order_acquire);
  return w.incarnation.load(memory_order_relaxed) == incarnation;
}

// Makes this process the ring's writer. Release on the state: see set_state. ASYMMETRIC, first end; partner:
// writer_fence_is_asymmetric. The fence stands between `asymmetric` and this writer's first check for sleepers.
inline void take_over(WriterLines &w, bool fences) noexcept {
  w.asymmetric.store(fences ? 0 : 1, memory_order_relaxed);
  std::atomic_thread_fence(memory_order_seq_cst);
  // A writer that died may have left half a sample there, which no later `written` may vouch for.
  w.latest.store(0, memory_order_relaxed);
  w.generation.store(w.generation.load(memory_order_relaxed) + 1, memory_order_relaxed);
  w.space_at.store(none_waiting, memory_order_relaxed);
  set_state(w, State::live);
}

// The magic is stored last and makes the memory a ring. Release; partner: load_magic. A process that acquires the
// magic sees everything stored before it.
inline void publish_magic(Header &header, std::uint64_t magic) noexcept {
  header.magic.store(magic, memory_order_release);
}
inline std::uint64_t load_magic(const Header &header) noexcept { return header.magic.load(memory_order_acquire); }

// Marks memory without a ring as memory in which a ring is being made. From then on the owner field decides who makes
// it. Of all processes that saw the same magic, the exchange succeeds for one. Acquire and release, as for a lock.
inline bool begin_making(Header &header, std::uint64_t seen) noexcept {
  return header.magic.compare_exchange_strong(seen, making_magic, memory_order_acq_rel, memory_order_acquire);
}

// Ownership of the writer role or of a reader slot, where there are no kernel locks. take_ownership exchanges an
// owner that the caller has seen to be none or dead for the caller's token. Acquire and release, as for a lock:
// set_owner and leave release, load_owner and take_ownership acquire.
inline std::uint64_t load_owner(const Atomic64 &owner) noexcept { return owner.load(memory_order_acquire); }
inline bool take_ownership(Atomic64 &owner, std::uint64_t seen, std::uint64_t token) noexcept {
  return owner.compare_exchange_strong(seen, token, memory_order_acq_rel, memory_order_acquire);
}
inline void set_owner(Atomic64 &owner, std::uint64_t token) noexcept { owner.store(token, memory_order_release); }

// Relaxed loads of values to look at. They order nothing.
inline std::uint64_t peek(const Atomic64 &value) noexcept { return value.load(memory_order_relaxed); }
inline bool is_active(const ReaderSlot &slot) noexcept {
  return slot.state.load(memory_order_relaxed) == static_cast<std::uint32_t>(SlotState::active);
}

}  // namespace ringbuf::protocol
