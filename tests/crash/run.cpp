#include "run.hpp"

#include <sched.h>

#include <algorithm>
#include <cstring>

#include "checks.hpp"
#include "steps.hpp"

namespace crash {

namespace {

using ringbuf::Info;
using ringbuf::OpenOptions;
using ringbuf::Reader;
using ringbuf::Ring;
using ringbuf::Status;
using ringbuf::Writer;

constexpr OpenOptions as_observer{false, true, ringbuf::Resync::oldest};
// What a watcher waits for: more than any run writes.
constexpr std::int64_t never = 1'000'000;

std::uintmax_t big(std::uint64_t n) { return n; }

// Of the reader that announced the nearest end; behind the interface, so that a run begins only when its waiters wait.
std::uint64_t announced_end(const Ring& ring) {
  void* begin = nullptr;
  std::size_t bytes = 0;
  Info info{};
  if (ring.raw(begin, bytes) != Status::ok || ring.info(info) != Status::ok) return 0;
  const auto* table =
      reinterpret_cast<const ringbuf::ReaderTable*>(static_cast<std::byte*>(begin) + info.geometry.table_offset);
  return table->wake_at.load();
}
bool writer_sleeps(const Ring& ring) {
  void* begin = nullptr;
  std::size_t bytes = 0;
  if (ring.raw(begin, bytes) != Status::ok) return false;
  return static_cast<const ringbuf::Header*>(begin)->writer.space_at.load() != ringbuf::none_waiting;
}

// False if it does not become true.
template <class Condition>
bool reach(Condition&& condition) {
  for (const std::int64_t end = clock_ns() + stuck_ns; clock_ns() < end; ::sched_yield()) {
    if (condition()) return true;
  }
  return false;
}

class Run : private Checks {
 public:
  Run(const Operation& operation, const Plan& plan, Shared& shared)
      : Checks(plan, shared), op_(operation), medium_(plan.kind, plan.name, options()) {}

  void go() {
    switch (op_.dies) {
      case Dies::creator:
      case Dies::writer:
      case Dies::heir:
        writer_dies();
        break;
      case Dies::reader:
        reader_dies();
        break;
      case Dies::bystander:
        bystander_dies();
        break;
    }
  }

 private:
  ringbuf::Options options() const {
    ringbuf::Options o;
    o.data_type = ringbuf::DataType::bytes;
    o.item_size = sizeof(Sample);
    o.capacity = capacity;
    o.window = window;
    o.lossless = plan_.lossless;
    o.keep = op_.keep;
    o.max_readers = places;
    o.metadata_bytes = metadata_bytes;
    return o;
  }

  // --- processes -----------------------------------------------------------------------------------------------------

  // The process that dies in the operation, once it has prepared itself.
  bool start_victim() {
    victim_ = Child::spawn([&] {
      Actor actor{s_, medium_};
      if (op_.dies == Dies::writer) {
        actor.create();
        actor.set_metadata(1);
        actor.fill(op_.before);
      }
      if (op_.prepare) op_.prepare(actor);
      ready_.open();
      if (!go_.wait()) ::_exit(1);
      if (waits_for_room() && !reach([&] { return writer_sleeps(actor.reader); })) {
        s_.complain(who_victim, "the writer does not sleep");
      }
      arm(s_, plan_.kill_at);
      op_.act(actor);
      disarm();
      s_.points = s_.passed.load();
      die(s_);
    });
    if (!expect(ready_.wait(&victim_), "the victim died before its time")) return false;
    if (plan_.kind == Kind::anonymous && op_.dies == Dies::writer) medium_.adopt(victim_.pid(), s_.descriptor);
    return true;
  }
  bool waits_for_room() const { return op_.full && plan_.lossless; }

  void let_victim_die() {
    go_.open();
    reap_victim();
  }
  void reap_victim() {
    expect(victim_.wait(), "the victim is stuck");
    expect(victim_.was_killed(), "the victim ended in another way");
  }

  // The heir's predecessor: makes the ring and dies in it.
  bool run_predecessor() {
    Gate seen;
    Child first = Child::spawn([&] {
      Actor actor{s_, medium_};
      actor.create();
      actor.set_metadata(1);
      actor.fill(op_.before);
      ready_.open();
      if (!seen.wait()) ::_exit(1);
      arm(s_, plan_.predecessor_kill_at);
      op_.predecessor(actor);
      disarm();
      s_.predecessor_points = s_.passed.load();
      die(s_);
    });
    if (!expect(ready_.wait(&first), "the predecessor died before its time")) return false;
    if (plan_.kind == Kind::anonymous) medium_.adopt(first.pid(), s_.descriptor);
    seen.open();
    return expect(first.wait(), "the predecessor is stuck") && expect(first.was_killed(), "the predecessor lives");
  }

  // Readers that died, each leaving its place behind.
  void make_ghosts() {
    for (std::uint32_t i = 0; i < op_.ghosts; ++i) {
      Child ghost = Child::spawn([&] {
        Actor actor{s_, medium_};
        actor.open();
        ghost_.open();
        for (;;) ::pause();
      });
      expect(ghost_.wait(&ghost), "a ghost did not open the ring");
      ghost.kill();
    }
  }

  // Consumes everything; on a lossless ring misses nothing.
  void consume(Waiter& waiter) {
    Actor actor{s_, medium_, who_consumer};
    actor.open();
    waiter.start = waiter.position = static_cast<std::uint64_t>(actor.reader.tell());
    for (;;) {
      const std::byte* at = nullptr;
      std::int64_t start = 0;
      const Status status = actor.reader.next(1, 1, -1, at, start);
      if (status == Status::ok) {
        const auto index = static_cast<std::uint64_t>(start);
        if (index != waiter.position)
          s_.complain(who_consumer, "sample %ju instead of %ju", big(index), big(waiter.position));
        Sample sample;
        std::memcpy(&sample, at, sizeof sample);
        if (actor.reader.check(start, start + 1) == Status::ok) {
          actor.check_sample(sample, index);
        } else if (plan_.lossless) {
          s_.complain(who_consumer, "sample %ju was overwritten in a lossless ring", big(index));
        }
        waiter.position = index + 1;
      } else if (status == Status::overwritten && !plan_.lossless) {
        waiter.position = static_cast<std::uint64_t>(actor.reader.tell());
      } else if (status == Status::overwritten) {  // a gap
        const auto end = static_cast<std::uint64_t>(actor.reader.tell());
        if (end <= waiter.position || end > s_.history().gap_end(waiter.position)) {
          s_.complain(who_consumer, "a gap from %ju to %ju is none", big(waiter.position), big(end));
        }
        waiter.position = end;
      } else {
        waiter.returned_ns = clock_ns();
        waiter.status = static_cast<int>(status);
        return;
      }
    }
  }

  // Waits by index for what never comes.
  void watch(Waiter& waiter) {
    Actor actor{s_, medium_, who_watcher};
    actor.open(as_observer);
    waiter.start = 1;
    const Status status = actor.reader.wait(never, -1);
    waiter.returned_ns = clock_ns();
    waiter.status = static_cast<int>(status);
  }

  // Waiters that sleep, and a reader of our own that stands where a lossless writer has room for the operation.
  void attach() {
    if (!expect(medium_.open(held_.reader), Status::ok, "open")) return;
    held_.next = static_cast<std::uint64_t>(held_.reader.tell());
    expect(held_.reader.is_registered(), "a reader found no place");
    make_ghosts();
    const std::uint64_t written = held_.reader.written();
    watcher_ = Child::spawn([&] { watch(s_.waiters[1]); });
    // Where it cannot write, as an observer in the caller's memory cannot, it does not announce that it waits.
    const bool announces = plan_.kind != Kind::raw;
    expect(reach([&] { return announces ? announced_end(held_.reader) == never : s_.waiters[1].start == 1; }),
           "the watcher does not wait");
    consumer_ = Child::spawn([&] { consume(s_.waiters[0]); });
    expect(reach([&] { return announced_end(held_.reader) == written + 1; }), "the consumer does not wait");
    leave_room();
  }

  // Our own reader does not hold the operation back in a lossless ring.
  void leave_room() {
    const std::uint64_t end = held_.reader.written() + op_.adds;
    const std::uint64_t room_from = std::min(held_.reader.written(), end - std::min(end, capacity));
    if (plan_.lossless && room_from > held_.next) drain_to(held_, room_from);
  }

  // --- the writer dies -----------------------------------------------------------------------------------------------

  void writer_dies() {
    if (op_.dies == Dies::heir && !run_predecessor()) return;
    if (op_.replaces) s_.current = 1;
    if (!start_victim()) return;
    const bool waited_for = op_.dies == Dies::writer;
    if (waited_for) {
      attach();
    } else if (op_.dies == Dies::heir) {
      if (!expect(medium_.open(held_.reader), Status::ok, "open of a dead ring")) return;
      held_.next = static_cast<std::uint64_t>(held_.reader.tell());
      leave_room();
    }
    let_victim_die();
    if (waited_for) check_waiters();

    // Which ring is there now, if any?
    const bool exists = medium_.exists();
    if (op_.replaces) {
      Reader look;
      const bool old = !exists || (expect(medium_.open(look, as_observer), Status::ok, "open") && look.written() != 0);
      s_.current = old ? 0 : 1;
    }
    // A reader of our own gets what there was, and learns of the death. Memory that was overwritten has no old ring.
    held_reads_ = held_.reader.is_open() && !(op_.replaces && plan_.kind == Kind::raw && (!exists || s_.current == 1));
    if (held_reads_) {
      const std::uint32_t now = s_.current.exchange(op_.replaces ? 0 : s_.current.load());
      check_held();
      s_.current = now;
    }
    // What it has is the old ring.
    if (op_.replaces && (s_.current == 1 || plan_.kind == Kind::raw)) held_ = {};
    check_names();
    if (exists) {
      Reader fresh;
      if (!expect(medium_.open(fresh), Status::ok, "open after the death")) return;
      check_samples(fresh, s_.history(), "a new reader after the death");
      check_metadata(fresh, s_.history());
      check_anchor(fresh, s_.history());
      fresh.close();
      check_places(medium_, held_.reader.is_open() ? 1 : 0, "after the death");
    }
    recover(exists);
  }

  void check_waiters() {
    s_.reader_notice_ns = 0;
    expect(consumer_.wait(), "the consumer did not learn of the death");
    expect(watcher_.wait(), "the watcher did not learn of the death");
    expect(consumer_.has_exited() && watcher_.has_exited(), "a waiter ended in another way");
    const std::uint64_t written = held_.reader.written();
    if (s_.waiters[0].position < written || s_.waiters[0].position > end_of(held_.reader)) {
      s_.complain(who_case, "the consumer got samples up to %ju of %ju", big(s_.waiters[0].position), big(written));
    }
    for (const Waiter& waiter : s_.waiters) {
      const auto status = static_cast<Status>(waiter.status.load());
      expect(status == Status::stale || (status == Status::closed && s_.history().closed),
             "a waiter was told something else than the end");
      if (status != Status::stale) continue;
      s_.reader_notice_ns = std::max(s_.reader_notice_ns.load(), waiter.returned_ns - s_.died_ns);
    }
  }

  void check_held() {
    const History& h = s_.history();
    check_samples(held_.reader, h, "after the death");
    check_metadata(held_.reader, h);
    check_anchor(held_.reader, h);
    const Status end = drain_to_the_end(held_);
    expect(end == Status::stale || (end == Status::closed && h.closed),
           "a reader was told something else than the end");
    if (held_.next != end_of(held_.reader)) {
      s_.complain(who_case, "a reader got samples up to %ju of %ju", big(held_.next), big(held_.reader.written()));
    }
  }

  void recover(bool exists) {
    Writer writer;
    const bool resumes = exists && plan_.recovery == Recovery::resume;
    if (resumes) {
      if (!expect(medium_.resume(writer), Status::ok, "resume after the death")) return;
      if (writer.written() < s_.history().committed) {
        s_.complain(who_case, "resumed with %ju samples, %ju were committed", big(writer.written()),
                    big(s_.history().committed));
      }
      expect(s_.history().settle(writer.written()), "a part of a skip has happened");
      check_samples(writer, s_.history(), "after resume");
      check_metadata(writer, s_.history());
      check_anchor(writer, s_.history());
    } else {
      if (!exists && plan_.kind != Kind::anonymous) {
        const Status status = medium_.resume(writer);
        expect(status == Status::not_found || status == Status::not_initialized, "resume where no ring is");
      }
      if (!expect(medium_.create(writer), Status::ok, "create after the death")) return;
      s_.current = 2;
      if (held_reads_ && held_.reader.is_open() && plan_.kind != Kind::anonymous) {
        Sample sample;
        const Status status = held_.reader.pop(&sample);
        const bool told = status == Status::stale || (status == Status::closed && s_.histories[0].closed);
        expect(told, "the old ring's reader does not learn of the new one");
      }
      held_.reader.close();
      held_ = {};
    }
    const std::uint64_t epoch = s_.next_epoch();
    s_.history().begin_epoch(writer.written(), epoch);
    if (plan_.kind == Kind::anonymous && !resumes) {
      std::intptr_t handle = -1;
      if (expect(writer.share(handle), Status::ok, "share")) medium_.adopt(::getpid(), static_cast<int>(handle));
    }
    Actor actor{s_, medium_, who_case};
    actor.writer = std::move(writer);
    actor.epoch = epoch;
    live_on(actor);
  }

  // The ring goes on as if nothing had been: two laps and more, with readers that miss nothing.
  void live_on(Actor& actor) {
    History& h = s_.history();
    Held fresh;
    if (!expect(medium_.open(fresh.reader), Status::ok, "open of a ring that lives")) return;
    fresh.next = static_cast<std::uint64_t>(fresh.reader.tell());
    if (held_.reader.is_open()) drain_to(held_, actor.writer.written());
    drain_to(fresh, actor.writer.written());
    bool in_place = false;
    for (const std::uint64_t count : {std::uint64_t{1}, std::uint64_t{4}, capacity, std::uint64_t{3}, capacity - 1,
                                      std::uint64_t{2}, std::uint64_t{5}}) {
      if (plan_.lossless) {
        expect(actor.writer.wait_space(count, stuck_ns), Status::ok, "wait_space");
      }
      const std::uint64_t slot = actor.writer.written() % capacity;
      if (in_place && ringbuf::contiguous(slot, count, capacity, window)) {
        actor.reserve_and_commit(count, count);
      } else {
        actor.put(count);
      }
      in_place = !in_place;
      if (count == 4) {
        if (plan_.lossless) expect(actor.writer.wait_space(3, stuck_ns), Status::ok, "wait_space");
        actor.skip(3);
      }
      if (held_.reader.is_open()) drain_to(held_, actor.writer.written());
      drain_to(fresh, actor.writer.written());
      check_samples(fresh.reader, h, "after going on");
    }
    actor.set_metadata(4);
    check_metadata(fresh.reader, h);
    check_anchor(fresh.reader, h);
    check_places(medium_, 1 + (consumer_.is_running() ? 1 : 0) + (held_.reader.is_open() ? 1 : 0), "after going on");
    actor.close();
    expect(drain_to_the_end(fresh), Status::closed, "end of the stream");
    if (held_.reader.is_open()) expect(drain_to_the_end(held_), Status::closed, "end of the stream");
    if (consumer_.is_running()) {
      expect(consumer_.wait() && watcher_.wait(), "a waiter did not learn of the end");
      for (const Waiter& waiter : s_.waiters) {
        expect(static_cast<Status>(waiter.status.load()), Status::closed, "a waiter's end");
      }
      expect(s_.waiters[0].position == h.committed, "the consumer missed the last samples");
    }
    clean_up();
  }

  void clean_up() {
    if (op_.keep && plan_.kind == Kind::named) expect(ringbuf::unlink(medium_.name()), Status::ok, "unlink");
    expect(names_there(plan_.name).empty(), "a name is left");
  }

  // --- a reader dies -------------------------------------------------------------------------------------------------

  // The ring of a writer in this process.
  bool make_ring(Actor& actor) {
    s_.current = 0;
    actor.create();
    if (plan_.kind == Kind::anonymous) medium_.adopt(::getpid(), s_.descriptor);
    actor.set_metadata(1);
    actor.fill(op_.before);
    if (op_.gap != 0) {
      actor.skip(op_.gap);
      actor.put(3);
    }
    return !s_.has_complaints();
  }

  void reader_dies() {
    Actor actor{s_, medium_, who_case};
    if (!make_ring(actor) || !start_victim()) return;
    attach();
    const std::uint64_t most = actor.writer.written() + capacity;
    if (op_.overrun) actor.fill(most + 5);
    if (waits_for_room()) {
      // The victim alone holds the writer back.
      drain_to(held_, actor.writer.written());
      const auto consumer_waits = [&] { return announced_end(held_.reader) == actor.writer.written() + 1; };
      while (actor.writer.written() < most) {
        expect(reach(consumer_waits), "the consumer is stuck");
        const Status status = actor.writer.wait_space(1, 0);
        if (status == Status::timeout) break;
        if (!expect(status, Status::ok, "wait_space")) return;
        actor.put(1);
        drain_to(held_, actor.writer.written());
      }
      std::uint64_t room = 1;
      expect(reach(consumer_waits), "the consumer is stuck");
      expect(actor.writer.space(room), Status::ok, "space");
      expect(room == 0, "the ring is not full");
      go_.open();
      expect(actor.writer.wait_space(1, stuck_ns), Status::ok, "wait_space beside a dying reader");
      const std::int64_t returned = clock_ns();
      reap_victim();
      s_.writer_notice_ns = std::max(std::int64_t{0}, returned - s_.died_ns);
    } else {
      let_victim_die();
    }
    check_samples(held_.reader, s_.history(), "after the reader's death");
    check_names();
    live_on(actor);
  }

  // --- somebody else dies --------------------------------------------------------------------------------------------

  void bystander_dies() {
    Actor actor{s_, medium_, who_case};
    if (!make_ring(actor) || !start_victim()) return;
    attach();
    let_victim_die();
    check_names();
    const Status again = ringbuf::unlink(medium_.name());
    expect(again == Status::ok || again == Status::not_found, "unlink after a death in unlink");
    expect(names_there(plan_.name).empty(), "the name is left");
    // Whoever has the ring keeps it.
    if (plan_.lossless) drain_to(held_, actor.writer.written());
    actor.put(3);
    drain_to(held_, actor.writer.written());
    check_samples(held_.reader, s_.history(), "after unlink");
    expect(reach([&] { return s_.waiters[0].position == actor.writer.written(); }), "the consumer is stuck");
    // Readers learn of a new ring of that name.
    Actor newer{s_, medium_, who_case};
    s_.current = 1;
    newer.create();
    newer.put(3);
    expect(consumer_.wait() && watcher_.wait(), "a waiter did not learn of the newer ring");
    for (const Waiter& waiter : s_.waiters) {
      expect(static_cast<Status>(waiter.status.load()), Status::stale, "a waiter's end");
    }
    held_.reader.close();
    held_ = {};
    actor.close();
    expect(names_there(plan_.name).size() == 1, "the old ring has removed the new one's name");
    s_.current = 1;
    live_on(newer);
  }

  const Operation& op_;
  Medium medium_;
  Gate ready_, go_, ghost_;
  Held held_;
  bool held_reads_ = false;  // what its ring has not been made anew in its own memory
  Child victim_, consumer_, watcher_;
};

}  // namespace

void run(const Operation& operation, const Plan& plan, Shared& shared) { Run(operation, plan, shared).go(); }

}  // namespace crash
