// Kills a process at every point of every operation, and holds what is left to what the design promises.
//
// Each test is one operation on one kind of ring. A run without a kill counts the points; then there is a run for each
// point, some of them at the same time, since the processes of a run mostly wait. How many there were is printed after
// each test, and in total at the end of the program.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ostream>
#include <string>
#include <vector>

#include "run.hpp"

namespace crash {

namespace {

constexpr std::size_t runs_at_a_time = 8;

struct Totals {
  std::uint64_t points = 0;
  std::uint64_t runs = 0;
  std::int64_t reader_notice_ns = -1;
  std::int64_t writer_notice_ns = -1;

  void add(const Totals& other) {
    points += other.points;
    runs += other.runs;
    reader_notice_ns = std::max(reader_notice_ns, other.reader_notice_ns);
    writer_notice_ns = std::max(writer_notice_ns, other.writer_notice_ns);
  }
  void print(const char* what) const {
    std::printf("%s: %ju points, %ju runs", what, std::uintmax_t{points}, std::uintmax_t{runs});
    const auto print_notice = [](const char* who, std::int64_t ns) {
      if (ns >= 0)
        std::printf(", sleeping %s knew of the death after at most %.1f ms", who, static_cast<double>(ns) / 1e6);
    };
    print_notice("readers", reader_notice_ns);
    print_notice("writers", writer_notice_ns);
    std::printf("\n");
  }
};

Totals all_runs;

class PrintTotals : public testing::Environment {
 public:
  void TearDown() override { all_runs.print("in total"); }
};
const testing::Environment* const print_totals = testing::AddGlobalTestEnvironment(new PrintTotals);

struct Parameter {
  const Operation* operation;
  bool lossless;
};

std::vector<Parameter> parameters(bool lossless) {
  std::vector<Parameter> all;
  for (const Operation& operation : operations()) {
    if (lossless ? operation.lossless : operation.overwriting) all.push_back({&operation, lossless});
  }
  return all;
}

void PrintTo(const Parameter& parameter, std::ostream* out) { *out << parameter.operation->name; }

class Death : public testing::TestWithParam<Parameter> {
 protected:
  ~Death() override {
    for (const Slot& slot : slots_) ::munmap(static_cast<void*>(slot.shared), sizeof(Shared));
  }

  const Operation& operation() const { return *GetParam().operation; }

  Plan plan(Kind kind, Recovery recovery, std::uint64_t kill_at, std::uint64_t predecessor_kill_at = 0) const {
    return {kind, GetParam().lossless, recovery, kill_at, predecessor_kill_at, {}};
  }

  void start(Plan plan) {
    if (slots_.size() == runs_at_a_time && std::none_of(slots_.begin(), slots_.end(), is_free)) wait_for_one();
    Slot& slot = free_slot();
    static std::uint64_t serial = 0;
    plan.name = "ringbuf-crash-" + std::to_string(::getpid()) + "-" + std::to_string(++serial) +
                "-ring";  // no beginning of another
    slot.plan = plan;
    std::memset(static_cast<void*>(slot.shared), 0, sizeof(Shared));
    slot.shared->reader_notice_ns = slot.shared->writer_notice_ns = -1;
    Shared& shared = *slot.shared;
    std::fflush(nullptr);
    slot.child = Child::spawn([&] {
      (void)::setpgid(0, 0);
      run(operation(), plan, shared);
    });
    ++totals_.runs;
  }

  void wait_for_all() {
    while (!std::all_of(slots_.begin(), slots_.end(), is_free)) wait_for_one();
  }

  // A run by itself; how many points it passed.
  std::uint64_t count_points(const Plan& plan, std::uint64_t& predecessor_points) {
    wait_for_all();
    start(plan);
    Slot& slot = *std::find_if_not(slots_.begin(), slots_.end(), is_free);
    wait_for_all();
    predecessor_points = slot.shared->predecessor_points;
    return slot.shared->points;
  }

  Totals totals_;

 private:
  struct Slot {
    Shared* shared;
    Plan plan;
    Child child;
  };
  static bool is_free(const Slot& slot) { return !slot.child.is_running(); }

  Slot& free_slot() {
    const auto found = std::find_if(slots_.begin(), slots_.end(), is_free);
    if (found != slots_.end()) return *found;
    void* const memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    return slots_.emplace_back(Slot{static_cast<Shared*>(memory), {}, {}});
  }

  void wait_for_one() {
    std::vector<pollfd> ends;
    for (const Slot& slot : slots_) ends.push_back({slot.child.pidfd(), POLLIN, 0});
    // Longer than any wait within a run.
    const bool ended = ::poll(ends.data(), ends.size(), 3 * stuck_ms) > 0;
    EXPECT_TRUE(ended) << "runs are stuck";
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (!is_free(slots_[i]) && (!ended || ends[i].revents != 0)) finish(slots_[i]);
    }
  }

  void finish(Slot& slot) {
    const pid_t group = slot.child.pid();
    (void)slot.child.wait(0);
    slot.child.kill();
    (void)::kill(-group, SIGKILL);  // whoever of a run that failed is still there
    const Plan& s = slot.plan;
    std::string found;
    if (!slot.child.has_exited())
      found += "the run itself ended with status " + std::to_string(slot.child.status()) + "\n";
    for (const Complaints& complaints : slot.shared->complaints) found += complaints.text;
    for (const std::string& name : names_there(s.name)) {
      if (found.empty()) found += "a name is left\n";
      (void)::unlink(("/dev/shm/" + name).c_str());
    }
    totals_.reader_notice_ns = std::max(totals_.reader_notice_ns, slot.shared->reader_notice_ns.load());
    totals_.writer_notice_ns = std::max(totals_.writer_notice_ns, slot.shared->writer_notice_ns.load());
    if (found.empty()) return;
    ADD_FAILURE() << operation().name << " of a " << (s.lossless ? "lossless, " : "overwriting, ")
                  << kind_names[static_cast<int>(s.kind)] << " ring, killed at point " << s.kill_at
                  << (operation().predecessor ? ", the first writer at " + std::to_string(s.predecessor_kill_at) : "")
                  << " (0: behind the last), then " << (s.recovery == Recovery::resume ? "resume" : "create") << ":\n"
                  << found;
  }

  std::vector<Slot> slots_ = [] {
    std::vector<Slot> slots;
    slots.reserve(runs_at_a_time);  // they do not move
    return slots;
  }();
};

TEST_P(Death, AtEveryPoint) {
  for (const Kind kind : operation().kinds) {
    std::uint64_t first = 0;
    const std::uint64_t points = count_points(plan(kind, Recovery::resume, 0), first);
    totals_.points += points;
    const bool writer_lives = operation().dies == Dies::reader || operation().dies == Dies::bystander;
    // A second anonymous ring has nothing to do with the first.
    const bool creates = !writer_lives && (kind != Kind::anonymous || operation().dies == Dies::creator);
    for (std::uint64_t k = 1; k <= points; ++k) start(plan(kind, Recovery::resume, k));
    for (std::uint64_t k = 0; creates && k <= points; ++k) start(plan(kind, Recovery::create, k));
    // Death of the first writer, and of the one who takes over.
    for (std::uint64_t p = 1; p <= first; ++p) {
      for (std::uint64_t k = 0; k <= (kind == Kind::named ? points : 0); ++k) start(plan(kind, Recovery::resume, k, p));
      if (creates) start(plan(kind, Recovery::create, 0, p));
    }
  }
  wait_for_all();
  const std::string what = std::string(operation().name) + (GetParam().lossless ? ", lossless" : ", overwriting");
  totals_.print(what.c_str());
  all_runs.add(totals_);
}

std::string name_of(const testing::TestParamInfo<Parameter>& info) { return info.param.operation->name; }
INSTANTIATE_TEST_SUITE_P(Overwriting, Death, testing::ValuesIn(parameters(false)), name_of);
INSTANTIATE_TEST_SUITE_P(Lossless, Death, testing::ValuesIn(parameters(true)), name_of);

}  // namespace

}  // namespace crash
