// Writers and readers at full speed, killed at random and started again.
//
// Two rings, an overwriting and a lossless one, have a writer and some readers each, in processes of their own. The
// supervisor kills a random one every few milliseconds and starts another in its place. Whatever a reader accepts must
// be right, a reader of the lossless ring misses nothing for as long as it lives, and a writer that resumes finds
// everything that was committed.
#include <sys/mman.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "process.hpp"
#include "ringbuf/list.hpp"
#include "soak_roles.hpp"

namespace soak {

namespace {

using crash::Child;
using crash::clock_ns;

struct Settings {
  double seconds = 10;
  std::uint64_t seed = 0;
  std::uint32_t processes = 3;  // of a ring
};

volatile std::sig_atomic_t interrupted = 0;

class Supervisor {
 public:
  Supervisor(Shared& shared, const Settings& settings) : shared_(shared), settings_(settings), random_(settings.seed) {
    for (Ring& ring : shared_.rings) {
      ring.lossless = &ring == &shared_.rings[1];
      std::snprintf(ring.name, sizeof ring.name, "ringbuf-soak-%d-%s", static_cast<int>(::getpid()),
                    ring.lossless ? "lossless" : "overwriting");
      for (std::uint32_t i = 0; i < settings_.processes; ++i) workers_.push_back({&ring, i, {}, 0});
    }
  }
  ~Supervisor() {
    workers_.clear();
    for (const Ring& ring : shared_.rings) (void)::unlink((std::string("/dev/shm/") + ring.name).c_str());
  }

  int run() {
    for (Worker& worker : workers_) start(worker);
    const std::int64_t end = clock_ns() + static_cast<std::int64_t>(settings_.seconds * 1e9);
    while (clock_ns() < end && violations_ == 0 && interrupted == 0) {
      watch(std::min(clock_ns() + static_cast<std::int64_t>(1'000'000 * between(2, 60)), end));
      note_recoveries();
      if (clock_ns() < end) kill_one();
    }
    finish();
    std::printf(
        "soak: seed %ju, %.0f s, %ju samples written, %ju checked, %ju overwritten before they were read, "
        "%ju kills (%ju of writers), %ju rings made anew, %ju recoveries, longest recovery %.1f ms, "
        "%ju violations\n",
        std::uintmax_t{settings_.seed}, settings_.seconds, std::uintmax_t{written_}, std::uintmax_t{checked_},
        std::uintmax_t{lost_}, std::uintmax_t{kills_}, std::uintmax_t{writer_kills_}, std::uintmax_t{anew_},
        std::uintmax_t{recoveries_}, static_cast<double>(longest_ns_) / 1e6, std::uintmax_t{violations_});
    return violations_ == 0 ? 0 : 1;
  }

 private:
  struct Worker {
    Ring* ring;
    std::uint32_t number;  // 0 writes
    Child child;
    std::int64_t killed_ns;  // its predecessor, and it has not been successful yet; 0: it has

    Process& process() const { return ring->processes[number]; }
  };

  std::int64_t between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }

  void start(Worker& worker) {
    Process& process = worker.process();
    // Nobody else has it now.
    std::memset(static_cast<void*>(&process), 0, sizeof process);
    const std::uint64_t seed = random_();
    const std::uint32_t serial = ++serial_;
    bool anew = false;
    if (worker.number == 0) {
      anew = serial <= workers_.size() || between(1, 8) == 1;
      anew_ += anew ? 1 : 0;
    }
    std::fflush(nullptr);
    worker.child = Child::spawn([&] {
      if (worker.number == 0) {
        write(shared_, *worker.ring, seed, serial, anew);
      } else {
        read(shared_, *worker.ring, process, seed);
      }
    });
  }

  // Until that time; nobody is to end by itself.
  void watch(std::int64_t until_ns) {
    std::vector<pollfd> ends;
    for (const Worker& worker : workers_) ends.push_back({worker.child.pidfd(), POLLIN, 0});
    for (std::int64_t left = 0; (left = until_ns - clock_ns()) > 0;) {
      const int n = ::poll(ends.data(), ends.size(), static_cast<int>((left + 999'999) / 1'000'000));
      if (n < 0) return;  // interrupted
      for (std::size_t i = 0; n > 0 && i < ends.size(); ++i) {
        if (ends[i].revents == 0) continue;
        Worker& worker = workers_[i];
        (void)worker.child.wait(0);
        violation(worker, "ended by itself with status " + std::to_string(worker.child.status()));
      }
      if (n > 0) return;
    }
  }

  void note_recoveries() {
    for (Worker& worker : workers_) {
      if (worker.killed_ns == 0) continue;
      const std::int64_t success = worker.process().first_success_ns;
      const std::int64_t took = (success != 0 ? success : clock_ns()) - worker.killed_ns;
      if (success != 0) {
        ++recoveries_;
        longest_ns_ = std::max(longest_ns_, took);
        worker.killed_ns = 0;
      } else if (took > crash::stuck_ns) {
        violation(worker, "is stuck");
      }
    }
  }

  void kill_one() {
    // Those that have not recovered yet are spared, so that every recovery is measured.
    std::vector<Worker*> candidates;
    for (Worker& worker : workers_) {
      if (worker.killed_ns == 0 && worker.child.is_running()) candidates.push_back(&worker);
    }
    if (candidates.empty()) return;
    Worker& worker =
        *candidates[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(candidates.size()) - 1))];
    const std::int64_t now = clock_ns();
    worker.child.kill();
    ++kills_;
    writer_kills_ += worker.number == 0 ? 1 : 0;
    collect(worker);
    worker.killed_ns = now;
    start(worker);
  }

  // Everybody ends, and the rings are as they should be.
  void finish() {
    const bool failed = violations_ != 0;
    shared_.stop = true;
    for (Worker& worker : workers_) {
      if (!worker.child.is_running()) continue;
      if (!worker.child.wait(failed ? 1000 : crash::stuck_ms)) {
        violation(worker, "does not end");
      } else if (!worker.child.has_exited()) {
        violation(worker, "ended with status " + std::to_string(worker.child.status()));
      }
    }
    note_recoveries();
    for (Worker& worker : workers_) collect(worker);
    for (Worker& worker : workers_) {
      if (worker.number != 0 || violations_ != 0) continue;
      // Its writer has closed it, and with it its name.
      if (::access((std::string("/dev/shm/") + worker.ring->name).c_str(), F_OK) == 0) {
        violation(worker, "has left its name");
      }
      check_ring_anew(worker);
    }
  }

  // After all that, the last dead readers' places can be had. The writer is killed, so that there is a ring to look at.
  void check_ring_anew(Worker& worker) {
    shared_.stop = false;
    start(worker);
    while (worker.process().first_success_ns == 0 && worker.child.is_running()) {
      if (worker.child.wait(1)) return violation(worker, "ended by itself");
    }
    Process& checks = worker.ring->processes[1];
    std::memset(static_cast<void*>(&checks), 0, sizeof checks);
    Child ghost = Child::spawn([&] { read(shared_, *worker.ring, checks, 1); });
    while (checks.first_success_ns == 0 && !ghost.wait(1)) {
    }
    worker.child.kill();
    ghost.kill();
    check_places(*worker.ring, checks);
    if (checks.violations != 0) violation(worker, checks.text);
    if (ringbuf::unlink(worker.ring->name) != ringbuf::Status::ok) violation(worker, "cannot be unlinked");
  }

  void collect(const Worker& worker) {
    const Process& process = worker.process();
    (worker.number == 0 ? written_ : checked_) += process.samples;
    lost_ += process.lost;
    if (process.violations == 0) return;
    violation(worker, process.text);
  }

  void violation(const Worker& worker, const std::string& what) {
    ++violations_;
    std::fprintf(stderr, "%s, %s %u: %s\n", worker.ring->lossless ? "lossless" : "overwriting",
                 worker.number == 0 ? "writer" : "reader", worker.number, what.c_str());
  }

  Shared& shared_;
  const Settings settings_;
  std::mt19937_64 random_;
  std::vector<Worker> workers_;
  std::uint32_t serial_ = 0;
  std::uint64_t written_ = 0, checked_ = 0, lost_ = 0, kills_ = 0, writer_kills_ = 0, anew_ = 0, recoveries_ = 0;
  std::uint64_t violations_ = 0;
  std::int64_t longest_ns_ = 0;
};

[[noreturn]] void help(int code) {
  std::printf(
      "ringbuf_soak [--seconds N] [--seed S] [--processes P]\n"
      "Two rings, each with a writer and P - 1 readers (2 to %u, 3) at full speed, some of which are killed and "
      "started\n"
      "again, for N seconds (RINGBUF_SOAK_SECONDS, else 10). The seed is random if not given, and printed. Exit code "
      "0:\n"
      "everything was as it should be.\n",
      max_processes);
  std::exit(code);
}

Settings parse(int argc, char** argv) {
  Settings settings;
  settings.seed = std::random_device{}();
  if (const char* const seconds = std::getenv("RINGBUF_SOAK_SECONDS")) settings.seconds = std::atof(seconds);
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--help") help(0);
    if (i + 1 == argc) help(2);
    const char* const value = argv[++i];
    if (option == "--seconds") {
      settings.seconds = std::atof(value);
    } else if (option == "--seed") {
      settings.seed = std::strtoull(value, nullptr, 0);
    } else if (option == "--processes") {
      settings.processes = static_cast<std::uint32_t>(std::atoi(value));
    } else {
      help(2);
    }
  }
  if (settings.seconds <= 0 || settings.processes < 2 || settings.processes > max_processes) help(2);
  return settings;
}

}  // namespace

}  // namespace soak

int main(int argc, char** argv) {
  const soak::Settings settings = soak::parse(argc, argv);
  std::printf("soak: seed %ju\n", std::uintmax_t{settings.seed});
  std::fflush(stdout);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    action.sa_handler = [](int) { soak::interrupted = 1; };
    (void)::sigaction(signal, &action, nullptr);
  }
  void* const memory = ::mmap(nullptr, sizeof(soak::Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 2;
  return soak::Supervisor(*new (memory) soak::Shared{}, settings).run();
}
