#include "operations.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "failpoint.hpp"

namespace crash {

using ringbuf::OpenOptions;
using ringbuf::Status;

std::string metadata_text(std::uint32_t n) {
  return n == 0 ? std::string() : std::string(11 + n * 23 % 50, static_cast<char>('a' + n));
}

bool Actor::expect(Status status, Status expected, const char* what) {
  if (status == expected) return true;
  shared.complain(who, "%s: %s instead of %s (%s)", what, text_of(status), text_of(expected), ringbuf::last_error());
  return false;
}

// --- a writer --------------------------------------------------------------------------------------------------------

void Actor::create() {
  if (!expect(medium.create(writer), Status::ok, "create")) return;
  epoch = shared.next_epoch();
  shared.history().begin_epoch(0, epoch);
  std::intptr_t handle = -1;
  if (medium.kind() == Kind::anonymous && expect(writer.share(handle), Status::ok, "share")) {
    shared.descriptor = static_cast<int>(handle);
  }
}

void Actor::resume() {
  if (!expect(medium.resume(writer), Status::ok, "resume")) return;
  History& history = shared.history();
  if (writer.written() < history.committed) {
    shared.complain(who, "resume: %ju samples are written, %ju were committed", std::uintmax_t{writer.written()},
                    std::uintmax_t{history.committed});
  }
  if (!history.settle(writer.written())) shared.complain(who, "resume: a part of a skip has happened");
  epoch = shared.next_epoch();
  history.begin_epoch(writer.written(), epoch);
}

void Actor::put(std::uint64_t count) {
  const std::uint64_t start = writer.written();
  std::vector<Sample> samples;
  for (std::uint64_t i = start; i < start + count; ++i) samples.push_back(make_sample(i, epoch));
  shared.history().begin_put(start + count);
  if (expect(writer.put(samples.data(), count), Status::ok, "put")) shared.history().end_put(start + count);
}

void Actor::skip(std::uint64_t count) {
  const std::uint64_t end = writer.written() + count;
  shared.history().begin_skip(end - count, end);
  if (expect(writer.skip(count), Status::ok, "skip")) shared.history().end_put(end);
}

void Actor::fill(std::uint64_t until) {
  while (writer.written() < until) put(std::min<std::uint64_t>(5, until - writer.written()));
}

void Actor::set_metadata(std::uint32_t n) {
  const std::string text = metadata_text(n);
  shared.history().metadata_said = n;
  if (expect(writer.set_metadata(text.data(), text.size()), Status::ok, "set_metadata")) {
    shared.history().metadata_set = n;
  }
}

void Actor::reserve_and_commit(std::uint64_t reserved, std::uint64_t count) {
  const std::uint64_t start = writer.written();
  History& history = shared.history();
  if (count != 0) history.begin_put(start + count);
  history.announce(start + reserved);
  std::byte* samples = nullptr;
  if (!expect(writer.reserve(reserved, samples), Status::ok, "reserve")) return;
  for (std::uint64_t i = 0; i < reserved; ++i) {
    const Sample sample = make_sample(start + i, epoch);
    std::byte* const to = samples + i * sizeof sample;
    constexpr std::size_t half = sizeof sample / 2;
    RINGBUF_FAILPOINT();
    std::memcpy(to, &sample, half);
    RINGBUF_FAILPOINT();
    std::memcpy(to + half, reinterpret_cast<const std::byte*>(&sample) + half, half);
  }
  if (expect(writer.commit(count), Status::ok, "commit") && count != 0) history.end_put(start + count);
}

void Actor::close() {
  shared.history().closed = true;
  writer.close();
}

// --- a reader --------------------------------------------------------------------------------------------------------

void Actor::open(const OpenOptions& how) {
  if (!expect(medium.open(reader, how), Status::ok, "open")) return;
  if (!how.observer && !reader.is_registered()) shared.complain(who, "open: no place in the reader table");
}

void Actor::check_sample(const Sample& sample, std::uint64_t index) {
  const std::uint64_t expected = shared.history().epoch_of(index);
  if (is_whole(sample) && sample.index == index && sample.epoch == expected) return;
  shared.complain(who, "wrong sample %ju of writer %ju: it is %ju of writer %ju%s", std::uintmax_t{index},
                  std::uintmax_t{expected}, std::uintmax_t{sample.index}, std::uintmax_t{sample.epoch},
                  is_whole(sample) ? "" : ", torn");
}

void Actor::pop(std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto index = static_cast<std::uint64_t>(reader.tell());
    Sample sample;
    if (!expect(reader.pop(&sample), Status::ok, "pop")) return;
    check_sample(sample, index);
  }
}

void Actor::pop_many(std::uint64_t count) {
  std::vector<Sample> samples(static_cast<std::size_t>(count));
  const auto index = static_cast<std::uint64_t>(reader.tell());
  std::uint64_t got = 0;
  if (!expect(reader.pop_many(samples.data(), count, got), Status::ok, "pop_many")) return;
  if (got != count) shared.complain(who, "pop_many: %ju instead of %ju", std::uintmax_t{got}, std::uintmax_t{count});
  for (std::size_t i = 0; i < got; ++i) check_sample(samples[i], index + i);
}

void Actor::next(std::uint64_t size, std::uint64_t step) {
  const std::byte* samples = nullptr;
  std::int64_t start = 0;
  if (!expect(reader.next(size, step, 0, samples, start), Status::ok, "next")) return;
  std::vector<Sample> copies(static_cast<std::size_t>(size));
  std::memcpy(copies.data(), samples, copies.size() * sizeof(Sample));
  if (!expect(reader.check(start, start + static_cast<std::int64_t>(size)), Status::ok, "check after next")) return;
  for (std::size_t i = 0; i < copies.size(); ++i) check_sample(copies[i], static_cast<std::uint64_t>(start) + i);
}

// --- the operations --------------------------------------------------------------------------------------------------

namespace {

Operation put_of(const char* name, std::uint64_t before, std::uint64_t count) {
  Operation op{name, Dies::writer, before, count};
  op.act = [count](Actor& a) { a.put(count); };
  return op;
}

Operation commit_of(const char* name, std::uint64_t before, std::uint64_t reserved, std::uint64_t count) {
  Operation op{name, Dies::writer, before, reserved};
  op.act = [=](Actor& a) { a.reserve_and_commit(reserved, count); };
  return op;
}

Operation skip_of(const char* name, std::uint64_t count) {
  Operation op{name, Dies::writer, 20, count};
  op.act = [count](Actor& a) { a.skip(count); };
  return op;
}

Operation reader_op(const char* name, std::function<void(Actor&)> act) {
  Operation op{name, Dies::reader};
  op.before = 35;  // the samples lie over the end
  op.prepare = [](Actor& a) { a.open(); };
  op.act = std::move(act);
  return op;
}

std::vector<Operation> make_operations() {
  constexpr std::int64_t moment_ns = 1'000'000;
  std::vector<Operation> ops;
  const auto add = [&](Operation op) -> Operation& { return ops.emplace_back(std::move(op)); };

  // Making rings.
  add({"create", Dies::creator, 0}).act = [](Actor& a) { a.create(); };
  {
    Operation& op = add({"replace", Dies::heir});
    op.replaces = true;
    op.predecessor = [](Actor& a) { a.put(3); };
    op.act = [](Actor& a) { a.create(); };
    op.kinds = {Kind::named, Kind::raw};
  }

  // Appending. The slot of the first sample is `before` modulo 16, and the pocket has 4.
  add(put_of("put_small", 5, 3));
  add(put_of("put_into_the_pocket", 33, 2));
  add(put_of("put_over_the_end", 29, 7));
  add(put_of("put_up_to_the_end", 29, 3));
  add(put_of("put_the_capacity", 21, 16));
  for (const std::uint64_t count : {std::uint64_t{23}, std::uint64_t{32}, std::uint64_t{61}}) {
    static const std::array names{"put_23_of_16", "put_32_of_16", "put_61_of_16"};
    add(put_of(names[count == 23 ? 0 : count == 32 ? 1 : 2], 21, count)).lossless = false;
  }
  {
    Operation& op = add({"time_anchor", Dies::writer, 30, 3});
    op.act = [](Actor& a) {
      for (int i = 0; i < 3; ++i) a.put(1);
    };
  }
  add(commit_of("commit", 20, 3, 3));
  add(commit_of("commit_into_the_pocket", 33, 2, 2));
  add(commit_of("commit_over_the_end", 29, 6, 6));
  add(commit_of("commit_a_part", 20, 5, 2));
  add(commit_of("commit_a_part_over_the_end", 29, 7, 5));
  add(commit_of("commit_nothing", 29, 6, 0));
  {
    Operation& op = add({"commit_after_giving_up", Dies::writer, 29, 6});
    op.act = [](Actor& a) {
      a.reserve_and_commit(6, 0);
      a.reserve_and_commit(2, 2);
      a.put(2);
    };
  }
  // Skipping.
  add(skip_of("skip", 3));
  add(skip_of("skip_the_capacity", capacity));
  add(skip_of("skip_more_than_the_capacity", 40));
  {
    Operation& op = add(skip_of("skip_after_a_gap", 3));  // which becomes longer
    op.prepare = [](Actor& a) { a.skip(2); };
  }
  {
    Operation& op = add(skip_of("skip_when_the_table_is_full", 2));
    op.prepare = [](Actor& a) {
      for (int i = 0; i < 64; ++i) {
        a.skip(1);
        a.put(1);
      }
    };
  }
  {
    Operation& op = add({"skip_between_puts", Dies::writer, 29, 9});
    op.act = [](Actor& a) {
      a.put(2);
      a.skip(3);
      a.put(2);
      a.skip(1);
      a.put(1);
    };
  }
  {
    Operation& op = add({"skip_what_was_reserved", Dies::writer, 29, 6});
    op.act = [](Actor& a) {
      a.reserve_and_commit(6, 0);
      std::byte* samples = nullptr;
      a.expect(a.writer.reserve(4, samples), Status::ok, "reserve");
      a.skip(2);
      a.put(3);
    };
  }

  {
    Operation& op = add({"set_metadata", Dies::writer, 5});
    op.act = [](Actor& a) {
      a.set_metadata(2);
      a.set_metadata(3);
    };
  }

  // The writer of a lossless ring and its readers.
  {
    Operation& op = add({"put_does_not_fit", Dies::writer});
    op.act = [](Actor& a) {
      const Sample sample = make_sample(a.writer.written(), a.epoch);
      a.expect(a.writer.put(&sample, 1), Status::full, "put");
    };
    op.overwriting = false;
  }
  {
    Operation& op = add({"skip_does_not_fit", Dies::writer});
    op.act = [](Actor& a) {
      for (const std::uint64_t count : {std::uint64_t{1}, capacity, 100 * capacity}) {
        a.expect(a.writer.skip(count), Status::full, "skip");
      }
    };
    op.overwriting = false;
  }
  {
    Operation& op = add(skip_of("skip_takes_back_a_place", 5));
    op.ghosts = 1;
    op.overwriting = false;
  }
  {
    Operation& op = add({"wait_for_space", Dies::writer});
    op.act = [](Actor& a) { a.expect(a.writer.wait_space(1, moment_ns), Status::timeout, "wait_space"); };
    op.overwriting = false;
  }
  {
    Operation& op = add({"take_back_a_place", Dies::writer, 20, 5});
    op.act = [](Actor& a) { a.put(5); };
    op.ghosts = 1;
    op.overwriting = false;
  }
  {
    Operation& op = add({"wait_for_a_dead_readers_space", Dies::writer, 20, 5});
    op.act = [](Actor& a) {
      a.expect(a.writer.wait_space(5, stuck_ns), Status::ok, "wait_space");
      a.put(5);
    };
    op.ghosts = 2;
    op.overwriting = false;
  }

  // Ending.
  add({"close", Dies::writer}).act = [](Actor& a) { a.close(); };
  {
    Operation& op = add({"close_and_keep", Dies::writer});
    op.act = [](Actor& a) { a.close(); };
    op.keep = true;
  }

  // Taking over, from writers that died anywhere.
  const auto resume_and_put = [](Actor& a) {
    a.resume();
    a.put(2);
  };
  {
    Operation& op = add({"resume_after_put", Dies::heir, 29});
    op.predecessor = [](Actor& a) { a.put(7); };
    op.act = resume_and_put;
    op.adds = 2;
  }
  {
    Operation& op = add({"resume_after_a_long_put", Dies::heir, 21});
    op.predecessor = [](Actor& a) { a.put(40); };
    op.act = resume_and_put;
    op.adds = 2;
    op.lossless = false;
  }
  {
    Operation& op = add({"resume_after_commit", Dies::heir, 29});
    op.predecessor = [](Actor& a) { a.reserve_and_commit(3, 2); };
    op.act = resume_and_put;
    op.adds = 2;
    op.kinds = {Kind::named};
  }
  {
    Operation& op = add({"resume_after_skip", Dies::heir, 29});
    op.predecessor = [](Actor& a) { a.skip(5); };
    op.act = resume_and_put;
    op.adds = 7;
  }
  {
    Operation& op = add({"resume_after_a_long_skip", Dies::heir, 21});
    op.predecessor = [](Actor& a) {
      a.skip(2);
      a.skip(40);
      a.put(1);
    };
    op.act = [](Actor& a) {
      a.resume();
      a.skip(2);
      a.put(2);
    };
    op.adds = 4;
    op.kinds = {Kind::named};
    op.lossless = false;  // its readers would have to pass the gap between
  }
  {
    Operation& op = add({"resume_after_close", Dies::heir});
    op.predecessor = [](Actor& a) { a.close(); };
    op.act = resume_and_put;
    op.adds = 2;
    op.keep = true;
    op.kinds = {Kind::named, Kind::raw};
  }

  // Names.
  {
    Operation& op = add({"unlink", Dies::bystander});
    op.act = [](Actor& a) { a.expect(ringbuf::unlink(a.medium.name()), Status::ok, "unlink"); };
    op.kinds = {Kind::named};
  }
  {
    Operation& op = add({"unlink_a_dead_ring", Dies::heir});
    op.predecessor = [](Actor&) {};
    op.act = [](Actor& a) { a.expect(ringbuf::unlink(a.medium.name()), Status::ok, "unlink"); };
    op.kinds = {Kind::named};
  }

  // Readers.
  const auto nothing = [](Actor&) {};
  add(reader_op("open", [](Actor& a) { a.open(); })).prepare = nothing;
  add(reader_op("open_at_the_newest", [](Actor& a) {
    a.open({true, false, ringbuf::Resync::oldest});
  })).prepare = nothing;
  add(reader_op("open_as_observer", [](Actor& a) {
    a.open({false, true, ringbuf::Resync::oldest});
  })).prepare = nothing;
  {
    Operation& op = add(reader_op("open_in_a_dead_readers_place", [](Actor& a) { a.open(); }));
    op.prepare = nothing;
    op.ghosts = 2;
  }
  add(reader_op("pop", [](Actor& a) { a.pop(2); })).full = true;
  // All there is: where the writer overwrites, the reader starts an eighth of the ring behind the oldest sample.
  add(reader_op("pop_many", [](Actor& a) { a.pop_many(capacity - capacity / 8); })).full = true;
  {
    Operation& op = add(reader_op("next", [](Actor& a) {
      a.next(window, 6);
      a.next(window, window);
      a.next(window, 3);  // over the end
      a.next(1, 1);
    }));
    op.full = true;
  }
  {
    Operation& op = add(reader_op("pop_over_a_gap", [](Actor& a) {
      std::array<Sample, capacity> samples{};
      std::uint64_t got = 0;
      a.expect(a.reader.pop_many(samples.data(), capacity, got), Status::ok, "pop_many");
      const auto start = static_cast<std::uint64_t>(a.reader.tell());
      a.expect(a.reader.pop(samples.data()), Status::overwritten, "pop at a gap");
      const auto end = static_cast<std::uint64_t>(a.reader.tell());
      if (end != start + 4 || a.shared.history().gap_end(start) != end) {
        a.shared.complain(a.who, "a gap from %ju on ended at %ju", std::uintmax_t{start}, std::uintmax_t{end});
      }
      a.pop(2);
    }));
    op.gap = 4;
    op.full = true;
  }
  {
    Operation& op = add(reader_op("seek", [](Actor& a) {
      a.expect(a.reader.seek(a.reader.tell() + 4), Status::ok, "seek forward");
      // In a lossless ring the writer may have been promised these meanwhile.
      const Status back = a.reader.seek(a.reader.tell() - 2);
      if (back != Status::overwritten) a.expect(back, Status::ok, "seek back");
      a.pop(1);
    }));
    op.prepare = [](Actor& a) {
      a.open();
      a.pop(3);
    };
    op.full = true;
  }
  {
    Operation& op = add(reader_op("wait", [](Actor& a) {
      const auto end = a.reader.tell() + 3;
      a.expect(a.reader.wait(end, moment_ns), Status::timeout, "wait");
      const std::byte* samples = nullptr;
      std::int64_t start = 0;
      a.expect(a.reader.next(1, 1, moment_ns, samples, start), Status::timeout, "next");
    }));
    op.prepare = [](Actor& a) { a.open({true, false, ringbuf::Resync::oldest}); };
  }
  {
    Operation& op = add(reader_op("overrun", [](Actor& a) {
      Sample sample;
      a.expect(a.reader.pop(&sample), Status::overwritten, "pop");
      a.pop(2);
    }));
    op.overrun = true;
    op.lossless = false;
  }
  add(reader_op("close_reader", [](Actor& a) { a.reader.close(); })).full = true;
  return ops;
}

}  // namespace

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = make_operations();
  return all;
}

}  // namespace crash
