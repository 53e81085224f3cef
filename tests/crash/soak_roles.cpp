#include "soak_roles.hpp"

#include <sched.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "process.hpp"
#include "ringbuf/ringbuf.hpp"

namespace soak {

using crash::clock_ns;
using crash::is_whole;
using crash::make_sample;
using crash::mix;
using crash::Sample;
using ringbuf::Reader;
using ringbuf::Status;
using ringbuf::Writer;

namespace {

constexpr std::int64_t slice_ns = 100'000'000;  // after which everybody looks whether the soak is over

const char* text_of(Status status) { return ringbuf::status_name(static_cast<int>(status)); }

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  // 1 to n.
  std::uint64_t up_to(std::uint64_t n) { return 1 + (state_ = mix(state_)) % n; }

 private:
  std::uint64_t state_;
};

void succeeded(Process& own) {
  if (own.first_success_ns.load(std::memory_order_relaxed) == 0) own.first_success_ns = clock_ns();
}

}  // namespace

void Ledger::add(std::uint64_t from, std::uint64_t epoch) noexcept {
  const std::uint64_t n = count.load(std::memory_order_relaxed);
  entries[n % size].from.store(from, std::memory_order_relaxed);
  entries[n % size].epoch.store(epoch, std::memory_order_relaxed);
  count.store(n + 1, std::memory_order_release);
}

std::uint64_t Ledger::epoch_of(std::uint32_t ring, std::uint64_t index) const noexcept {
  const std::uint64_t n = count.load(std::memory_order_acquire);
  for (std::uint64_t i = n; i > 0 && n - i < size / 2; --i) {
    const Entry& entry = entries[(i - 1) % size];
    const std::uint64_t epoch = entry.epoch.load(std::memory_order_relaxed);
    if (ring_of(epoch) == ring && entry.from.load(std::memory_order_relaxed) <= index) return epoch;
  }
  return 0;
}

// --- the writer ------------------------------------------------------------------------------------------------------

namespace {

bool become_writer(Writer& writer, Ring& ring, Process& own, bool anew) {
  Ledger& ledger = ring.ledger;
  if (!anew) {
    const Status status = Writer::resume(writer, ring.name);
    if (status == Status::ok) {
      // A writer that died while it made the ring anew may have been too early or too late.
      const bool is_known = ledger.making == ledger.making_done;
      if (is_known && writer.written() < ledger.committed) {
        own.violation("resume: %ju samples are written, %ju were committed\n", std::uintmax_t{writer.written()},
                      std::uintmax_t{ledger.committed});
      }
      if (!is_known && writer.written() == 0) {
        ledger.committed = 0;
        ledger.making_done = ledger.making.load();
      } else if (!is_known) {
        ledger.making = ledger.making_done.load();
      }
      return true;
    }
    // Its maker may have died between the old ring and the new one.
    if (status != Status::not_found) {
      own.violation("resume: %s (%s)\n", text_of(status), ringbuf::last_error());
      return false;
    }
  }
  ringbuf::Options options;
  options.data_type = ringbuf::DataType::bytes;
  options.item_size = sizeof(Sample);
  options.capacity = capacity;
  options.window = window;
  options.lossless = ring.lossless;
  ledger.making = ledger.making_done + 1;
  if (const Status status = Writer::create(writer, ring.name, options); status != Status::ok) {
    own.violation("create: %s (%s)\n", text_of(status), ringbuf::last_error());
    return false;
  }
  ledger.committed = 0;
  ledger.making_done = ledger.making.load();
  return true;
}

}  // namespace

void write(Shared& shared, Ring& ring, std::uint64_t seed, std::uint32_t serial, bool anew) {
  Process& own = ring.processes[0];
  Writer writer;
  if (!become_writer(writer, ring, own, anew)) return;
  const std::uint64_t epoch = make_epoch(ring.ledger.making, serial);
  ring.ledger.add(writer.written(), epoch);
  Random random(seed);
  std::vector<Sample> samples;
  while (!shared.stop.load(std::memory_order_relaxed)) {
    const std::uint64_t start = writer.written();
    // Now and then more than the pocket, or than the ring has.
    const std::uint64_t most = random.up_to(1000) == 1 && !ring.lossless ? 3 * capacity : 2 * window;
    const std::uint64_t count = random.up_to(most);
    const bool in_place = random.up_to(4) == 1 && count <= window;
    std::byte* place = nullptr;
    Status status = in_place ? writer.reserve(count, place) : Status::ok;
    if (status == Status::ok) {
      samples.clear();
      for (std::uint64_t i = start; i < start + count; ++i) samples.push_back(make_sample(i, epoch));
      if (in_place) {
        std::memcpy(place, samples.data(), count * sizeof(Sample));
        status = writer.commit(count);
      } else {
        status = writer.put(samples.data(), count);
      }
    }
    if (status == Status::ok) {
      ring.ledger.committed.store(start + count, std::memory_order_release);
      own.samples.fetch_add(count, std::memory_order_relaxed);
      succeeded(own);
    } else if (status == Status::full && ring.lossless) {
      const Status waited = writer.wait_space(count, slice_ns);
      if (waited != Status::ok && waited != Status::timeout) own.violation("wait_space: %s\n", text_of(waited));
    } else {
      own.violation("put of %ju: %s (%s)\n", std::uintmax_t{count}, text_of(status), ringbuf::last_error());
      return;
    }
  }
}

// --- a reader --------------------------------------------------------------------------------------------------------

namespace {

class Checker {
 public:
  Checker(Shared& shared, Ring& ring, Process& own, std::uint64_t seed)
      : shared_(shared), ring_(ring), own_(own), random_(seed), copies_(2 * window) {}

  void run() {
    while (!stops() && open()) {
      follow();
    }
  }

 private:
  bool stops() const { return shared_.stop.load(std::memory_order_relaxed) || own_.violations != 0; }

  // False when the soak is over.
  bool open() {
    for (;;) {
      const Status status = Reader::open(reader_, ring_.name);
      if (status == Status::ok) break;
      // Between an old ring and the new one there is none.
      if (status != Status::not_found) own_.violation("open: %s (%s)\n", text_of(status), ringbuf::last_error());
      if (stops()) return false;
      ::sched_yield();
    }
    number_ = 0;
    expected_ = position();
    return true;
  }

  std::uint64_t position() const { return static_cast<std::uint64_t>(reader_.tell()); }

  // Until the soak is over or the name belongs to another ring. A writer that died may be followed by one that goes on.
  void follow() {
    while (!stops()) {
      switch (const Status status = get(); status) {
        case Status::ok:
          succeeded(own_);
          break;
        case Status::overwritten:
          if (ring_.lossless) own_.violation("a registered reader of a lossless ring was overrun\n");
          own_.lost.store(own_.lost + (position() - expected_), std::memory_order_relaxed);
          expected_ = position();
          break;
        case Status::timeout:
        case Status::empty:
          break;
        case Status::stale:
        case Status::closed:
          if (is_replaced()) return;
          ::sched_yield();
          break;
        default:
          own_.violation("reading: %s (%s)\n", text_of(status), ringbuf::last_error());
      }
    }
  }

  Status get() {
    switch (random_.up_to(3)) {
      case 1: {
        std::uint64_t count = 0;
        const std::uint64_t at = position();
        const Status status = reader_.pop_many(copies_.data(), random_.up_to(copies_.size()), count);
        if (status == Status::ok) check(at, count);
        return status;
      }
      case 2: {
        // A copy by index, then a move to its end.
        const auto written = reader_.written();
        const std::uint64_t at = position();
        if (written <= at) return Status::empty;
        const std::uint64_t count = std::min<std::uint64_t>(random_.up_to(copies_.size()), written - at);
        const Status status =
            reader_.read(static_cast<std::int64_t>(at), static_cast<std::int64_t>(at + count), copies_.data());
        if (status != Status::ok) return status == Status::overwritten && !ring_.lossless ? Status::empty : status;
        check(at, count);
        const Status moved = reader_.seek(static_cast<std::int64_t>(at + count));
        // Meanwhile overrun: the position stayed, and the next call says so.
        if (moved == Status::ok) return Status::ok;
        expected_ = at;
        return moved == Status::overwritten && !ring_.lossless ? Status::empty : moved;
      }
      default: {
        const std::uint64_t count = random_.up_to(window);
        const std::byte* samples = nullptr;
        std::int64_t start = 0;
        const Status status = reader_.next(count, count, slice_ns, samples, start);
        if (status != Status::ok) return status;
        std::memcpy(copies_.data(), samples, count * sizeof(Sample));
        const Status still = reader_.check(start, start + static_cast<std::int64_t>(count));
        if (still == Status::ok) {
          check(static_cast<std::uint64_t>(start), count);
          return Status::ok;
        }
        if (ring_.lossless) return still;
        expected_ = position();
        return Status::empty;
      }
    }
  }

  void check(std::uint64_t start, std::uint64_t count) {
    if (start != expected_) {
      own_.violation("sample %ju instead of %ju\n", std::uintmax_t{start}, std::uintmax_t{expected_});
    }
    expected_ = start + count;
    for (std::uint64_t i = 0; i < count; ++i) {
      const Sample& sample = copies_[i];
      if (number_ == 0) number_ = ring_of(sample.epoch);
      if (i == 0 || sample.epoch != copies_[i - 1].epoch) epoch_ = ring_.ledger.epoch_of(number_, start + i);
      if (!is_whole(sample) || sample.index != start + i || (epoch_ != 0 && sample.epoch != epoch_)) {
        own_.violation("wrong sample %ju of writer %jx: it is %ju of writer %jx%s\n", std::uintmax_t{start + i},
                       std::uintmax_t{epoch_}, std::uintmax_t{sample.index}, std::uintmax_t{sample.epoch},
                       is_whole(sample) ? "" : ", torn");
        return;
      }
    }
    own_.samples.store(own_.samples.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }

  static std::uint64_t incarnation(const Reader& reader) {
    void* begin = nullptr;
    std::size_t bytes = 0;
    if (reader.raw(begin, bytes) != Status::ok) return 0;
    return static_cast<const ringbuf::Header*>(begin)->writer.incarnation.load();
  }

  // Whether the name belongs to another ring. Nothing that was written may be left then.
  bool is_replaced() {
    Reader other;
    ringbuf::OpenOptions how;
    how.observer = true;
    if (Reader::open(other, ring_.name, how) != Status::ok || incarnation(other) == incarnation(reader_)) return false;
    if (reader_.written() > position()) return false;  // nobody writes it any more: drain it first
    reader_.close();
    return true;
  }

  Shared& shared_;
  Ring& ring_;
  Process& own_;
  Random random_;
  Reader reader_;
  std::vector<Sample> copies_;
  std::uint32_t number_ = 0;  // of the ring; 0: not known yet
  std::uint64_t epoch_ = 0;
  std::uint64_t expected_ = 0;
};

}  // namespace

void read(Shared& shared, Ring& ring, Process& own, std::uint64_t seed) { Checker(shared, ring, own, seed).run(); }

void check_places(Ring& ring, Process& own) {
  std::vector<Reader> readers;
  for (;;) {
    Reader reader;
    const Status status = Reader::open(reader, ring.name);
    if (status != Status::ok || !reader.is_registered()) break;
    readers.push_back(std::move(reader));
  }
  ringbuf::Info info{};
  if (readers.empty() || readers[0].info(info) != Status::ok || readers.size() != info.geometry.max_readers) {
    own.violation("%zu of the places for readers are left\n", readers.size());
  }
}

}  // namespace soak
