// Two processes that both want to write a ring whose writer died: one of them is stopped at each point of its attempt,
// the other one makes its own attempt meanwhile, from beginning to end. One of them gets the ring, and the name is its.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <tuple>

#include "run.hpp"
#include "steps.hpp"

namespace crash {

namespace {

using ringbuf::OpenOptions;
using ringbuf::Reader;
using ringbuf::Status;
using ringbuf::Writer;

enum class Attempt { resume, create };

Status attempt(Attempt what, const Medium& medium, Writer& writer) {
  return what == Attempt::resume ? medium.resume(writer) : medium.create(writer);
}

// Which writer's sample is the newest that one finds by name; 0 if none.
std::uint64_t newest_epoch(const Medium& medium) {
  constexpr OpenOptions as_observer{false, true, ringbuf::Resync::oldest};
  Reader reader;
  Sample sample{};
  if (medium.open(reader, as_observer) != Status::ok) return 0;
  const auto written = static_cast<std::int64_t>(reader.written());
  if (written == 0 || reader.read(written - 1, written, &sample) != Status::ok || !is_whole(sample)) return 0;
  return sample.epoch;
}

Status put_one(Writer& writer, std::uint64_t epoch) {
  const Sample sample = make_sample(writer.written(), epoch);
  return writer.put(&sample, 1);
}

class Pause : public testing::TestWithParam<std::tuple<Attempt, Attempt>> {
 protected:
  static constexpr std::uint64_t first = 1, stopped = 2, other = 3;  // the writers

  Pause()
      : memory_(::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)),
        shared_(*static_cast<Shared*>(memory_)) {}
  ~Pause() override { ::munmap(memory_, sizeof(Shared)); }

  // False if the attempt has fewer points.
  bool run(std::uint64_t stop_at) {
    std::memset(memory_, 0, sizeof(Shared));
    ringbuf::Options options;
    options.data_type = ringbuf::DataType::bytes;
    options.item_size = sizeof(Sample);
    options.capacity = capacity;
    const Medium medium(Kind::named, "ringbuf-pause-" + std::to_string(::getpid()) + "-ring", options);
    Gate ready;
    Child dead = Child::spawn([&] {
      Writer writer;
      if (medium.create(writer) != Status::ok || put_one(writer, first) != Status::ok) ::_exit(1);
      ready.open();
      for (;;) ::pause();
    });
    EXPECT_TRUE(ready.wait(&dead));
    dead.kill();

    Child rival = Child::spawn([&] {
      Writer writer;
      arm_to_stop(shared_, stop_at);
      Status status = attempt(std::get<0>(GetParam()), medium, writer);
      disarm();
      if (status == Status::ok) status = put_one(writer, stopped);
      shared_.waiters[0].status = static_cast<int>(status);
      (void)::raise(SIGSTOP);
    });
    EXPECT_TRUE(rival.wait_for_stop());
    const bool reached = shared_.passed == stop_at;
    Writer ours;
    const Status status = attempt(std::get<1>(GetParam()), medium, ours);
    if (status == Status::ok) {
      EXPECT_EQ(put_one(ours, other), Status::ok);
    }
    if (reached) {
      rival.resume();
      EXPECT_TRUE(rival.wait_for_stop());
    }
    const auto its = static_cast<Status>(shared_.waiters[0].status.load());
    const auto refused = [](Status s) { return s == Status::busy || s == Status::exists || s == Status::not_found; };
    EXPECT_TRUE((status == Status::ok && refused(its)) || (its == Status::ok && refused(status)))
        << "stopped at point " << stop_at << ": it got " << text_of(its) << ", the other one " << text_of(status);
    EXPECT_EQ(newest_epoch(medium), status == Status::ok ? other : stopped) << "stopped at point " << stop_at;
    rival.resume();
    EXPECT_TRUE(rival.wait());
    ours.close();
    EXPECT_TRUE(names_there(medium.name()).empty());
    (void)::unlink((std::string("/dev/shm/") + medium.name()).c_str());
    return reached;
  }

 private:
  void* memory_;
  Shared& shared_;
};

TEST_P(Pause, AtEveryPoint) {
  std::uint64_t points = 0;
  while (run(points + 1)) ++points;
  EXPECT_GT(points, 0u);
  std::printf("%ju points\n", std::uintmax_t{points});
}

std::string name_of(const testing::TestParamInfo<Pause::ParamType>& info) {
  const auto text = [](Attempt a) { return a == Attempt::resume ? std::string("resume") : std::string("create"); };
  return text(std::get<0>(info.param)) + "_stops_while_another_does_" + text(std::get<1>(info.param));
}
INSTANTIATE_TEST_SUITE_P(Rivals, Pause,
                         testing::Combine(testing::Values(Attempt::resume, Attempt::create),
                                          testing::Values(Attempt::resume, Attempt::create)),
                         name_of);

}  // namespace

}  // namespace crash
