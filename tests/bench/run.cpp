#include "run.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include "fail.hpp"
#include "probe.hpp"
#include "process.hpp"

namespace bench {

namespace {

constexpr int most_slices = 128;
constexpr std::size_t arena_bytes = std::size_t{256} << 20;

// Both processes meet here; between two meetings one of them works.
class Meeting {
 public:
  void arrive() noexcept {
    const std::uint32_t round = round_.load(std::memory_order_acquire);
    if (here_.fetch_add(1, std::memory_order_acq_rel) == 1) {
      here_.store(0, std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
      return;
    }
    while (round_.load(std::memory_order_acquire) == round) relax();
  }

 private:
  alignas(128) std::atomic<std::uint32_t> here_{0};
  alignas(128) std::atomic<std::uint32_t> round_{0};
};

double value_of(const Slice &slice, const Row &row) noexcept {
  if (slice.direct >= 0) return slice.direct;
  const std::int64_t end = row.until_reader ? std::max(slice.writer_end_ns, slice.reader_end_ns) : slice.writer_end_ns;
  const auto ns = static_cast<double>(end - slice.begin_ns);
  const auto count = static_cast<double>(slice.count);
  switch (row.unit) {
    case Unit::gigabytes_per_s:
      return count * row.bytes / ns;
    case Unit::million_per_s:
      return count / ns * 1e3;
    case Unit::us:
      return ns / count / 1e3;
    case Unit::ns:
    case Unit::bytes:
      break;
  }
  return ns / count;
}

}  // namespace

struct Runner::Shared {
  Meeting meeting;
  ProbeLine probe;
  Slice slice;
  Sample samples[most_slices];
};

Runner::Runner(const Options &options, const Registry &registry)
    : options_(options), registry_(registry), arena_(arena_bytes), processors_(allowed_processors()) {
  shared_ = arena_.make<Shared>();
}

int Runner::slices() const { return std::min(options_.slices, most_slices); }

void Runner::writer(Duel &duel, const Row &row) noexcept {
  arena_.populate();
  duel.open_writer();
  shared_->meeting.arrive();
  shared_->meeting.arrive();  // the reader has opened
  duel.open_back();
  Slice &slice = shared_->slice;
  double before = 0;
  for (int i = -1; i < slices(); ++i) {  // the first one warms up
    shared_->meeting.arrive();
    duel.write(slice);
    shared_->meeting.arrive();
    const double after = probe_serve(shared_->probe);
    if (i >= 0) {
      const auto sent = static_cast<double>(std::max<std::uint64_t>(slice.count, 1));
      shared_->samples[i] = {before, after, value_of(slice, row), static_cast<double>(slice.lost) / sent};
    }
    before = after;
    const std::int64_t length_ns = slice.length_ns;
    slice.~Slice();
    new (&slice) Slice;
    slice.length_ns = length_ns;
    shared_->meeting.arrive();
  }
}

void Runner::reader(Duel &duel) noexcept {
  arena_.populate();
  shared_->meeting.arrive();
  duel.open_reader();
  shared_->meeting.arrive();
  for (int i = -1; i < slices(); ++i) {
    shared_->meeting.arrive();
    duel.read(shared_->slice);
    shared_->slice.reader_end_ns = now_ns();
    shared_->meeting.arrive();
    probe_return(shared_->probe);
    shared_->meeting.arrive();
  }
}

void Runner::alone(Solo &solo, const Row &row) noexcept {
  arena_.populate();
  solo.open();
  for (int i = -1; i < slices(); ++i) {
    Slice slice;
    slice.length_ns = shared_->slice.length_ns;
    solo.measure(slice);
    if (i >= 0) shared_->samples[i] = {0, 0, value_of(slice, row), 0};
  }
}

std::vector<Sample> Runner::run(const Contender &contender, std::mt19937_64 &random) {
  const Row &row = registry_.row(contender.row);
  const std::size_t mark = arena_.mark();
  shared_->~Shared();
  new (shared_) Shared;
  shared_->slice.length_ns = static_cast<std::int64_t>(options_.slice_ms * 1e6);
  std::shuffle(processors_.begin(), processors_.end(), random);

  // What a process has opened it closes by destroying its copy of the object.
  if (contender.duel) {
    if (processors_.size() < 2) throw std::runtime_error("two processors are needed");
    std::unique_ptr<Duel> duel = contender.duel(arena_);
    const pid_t first = fork_on(processors_[0], [&] { writer(*duel, row), duel.reset(); });
    const pid_t second = fork_on(processors_[1], [&] { reader(*duel), duel.reset(); });
    wait_for({first, second});
  } else {
    std::unique_ptr<Solo> solo = contender.solo(arena_);
    wait_for({fork_on(processors_[0], [&] { alone(*solo, row), solo.reset(); })});
  }
  arena_.release(mark);
  return {shared_->samples, shared_->samples + slices()};
}

}  // namespace bench
