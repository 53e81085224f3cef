#include "run.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include "fail.hpp"
#include "pace.hpp"
#include "probe.hpp"
#include "process.hpp"

namespace bench {

namespace {

constexpr int most_slices = 300;
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

// Whether the calling thread ran all the time that f took, but for an interrupt or two.
template <class F>
bool ran_through(F &&f) noexcept {
  const std::int64_t begin = now_ns(), processor_begin = processor_time_ns();
  f();
  const std::int64_t elapsed = now_ns() - begin;
  return elapsed - (processor_time_ns() - processor_begin) <= std::max<std::int64_t>(elapsed / 50, 20'000);
}

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

// Disturbed slices are repeated, but not for ever.
class Progress {
 public:
  explicit Progress(int wanted) noexcept : good_left_(wanted), left_(std::min(3 * wanted, most_slices)) {}
  void count(bool disturbed) noexcept {
    --left_;
    if (!disturbed) --good_left_;
  }
  bool more() const noexcept { return good_left_ > 0 && left_ > 0; }

 private:
  int good_left_, left_;
};

}  // namespace

struct Runner::Shared {
  Meeting meeting;
  ProbeLine probe;
  Slice slice;
  bool more;        // by the writer: there will be another slice
  bool reader_ran;  // by the reader
  double reader_pace_ns;
  int count = 0;  // of samples
  Sample samples[most_slices];
};

Runner::Runner(const Options &options, const Registry &registry)
    : options_(options), registry_(registry), arena_(arena_bytes), processors_(allowed_processors()) {
  shared_ = arena_.make<Shared>();
}

void Runner::writer(Duel &duel, const Row &row) noexcept {
  arena_.populate();
  duel.open_writer();
  shared_->meeting.arrive();
  shared_->meeting.arrive();  // the reader has opened
  duel.open_back();
  Slice &slice = shared_->slice;
  const std::int64_t length_ns = slice.length_ns;
  double before = 0, pace_before = 0;
  Progress progress(options_.slices);
  do {
    shared_->meeting.arrive();
    const bool ran = ran_through([&] { duel.write(slice); });
    const double own_pace = pace_ns();
    shared_->meeting.arrive();
    const double pace = std::max(own_pace, shared_->reader_pace_ns);
    const double after = probe_serve(shared_->probe);
    const bool disturbed = !duel.sleeps() && !(ran && shared_->reader_ran);
    if (before != 0) {  // the first slice warms up
      const auto sent = static_cast<double>(std::max<std::uint64_t>(slice.count, 1));
      shared_->samples[shared_->count++] = {
          before,    after, std::max(pace_before, pace), value_of(slice, row), static_cast<double>(slice.lost) / sent,
          disturbed, 0};
      progress.count(disturbed);
    }
    before = after;
    pace_before = pace;
    slice.~Slice();
    new (&slice) Slice;
    slice.length_ns = length_ns;
    shared_->more = progress.more();
    shared_->meeting.arrive();
  } while (shared_->more);
}

void Runner::reader(Duel &duel) noexcept {
  arena_.populate();
  shared_->meeting.arrive();
  duel.open_reader();
  shared_->meeting.arrive();
  do {
    shared_->meeting.arrive();
    shared_->reader_ran = ran_through([&] { duel.read(shared_->slice); });
    shared_->slice.reader_end_ns = now_ns();
    shared_->reader_pace_ns = pace_ns();
    shared_->meeting.arrive();
    probe_return(shared_->probe);
    shared_->meeting.arrive();
  } while (shared_->more);
}

void Runner::alone(Solo &solo, const Row &row, const Contender &contender) noexcept {
  const std::size_t variants = contender.rows.size();
  // Fewer forks, more slices of each.
  const int repetitions = std::clamp(options_.forks / contender.most_forks, 1, 4);
  arena_.populate();
  solo.open();
  std::size_t warm = 0;
  double pace_before = 0;
  Progress progress(options_.slices * static_cast<int>(variants) * repetitions);
  do {
    Slice slice;
    slice.length_ns = shared_->slice.length_ns;
    const bool ran = ran_through([&] { solo.measure(slice); });
    const double pace = pace_ns();
    if (warm++ >= variants) {
      const double slower = std::max(pace_before, pace);
      shared_->samples[shared_->count++] = {0, 0, slower, value_of(slice, row), 0, !ran, slice.variant};
      progress.count(!ran);
    }
    pace_before = pace;
  } while (progress.more());
}

std::vector<Sample> Runner::run(const Contender &contender, std::mt19937_64 &random) {
  const Row &row = registry_.row(contender.rows.front());
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
    wait_for({fork_on(processors_[0], [&] { alone(*solo, row, contender), solo.reset(); })});
  }
  arena_.release(mark);
  return {shared_->samples, shared_->samples + shared_->count};
}

}  // namespace bench
