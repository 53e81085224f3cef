// A name that is deleted under a running ring, a clock that is set back, and thousands of rings.
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <set>
#include <string>

#include "races.hpp"

namespace {

// What this program's CLOCK_REALTIME is off.
std::atomic<std::int64_t> realtime_offset_s{0};

}  // namespace

// In place of the C library's, for the library under test and all else in this program.
extern "C" int clock_gettime(clockid_t id, struct timespec* t) noexcept {
  const auto result = static_cast<int>(::syscall(SYS_clock_gettime, id, t));
  if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) t->tv_sec += realtime_offset_s;
  return result;
}

namespace {

using races::Handle;
using races::Process;

// --- the name deleted ---------------------------------------------------------------------------------------------------

TEST(NameDeleted, RingGoesOn) {
  const races::Name name;
  const auto o = races::options(8);
  Handle writer, reader, other;
  ASSERT_EQ(ringbuf_create(writer.out(), name.c(), &o), RINGBUF_OK);
  ASSERT_EQ(ringbuf_open(reader.out(), name.c(), 0), RINGBUF_OK);
  ASSERT_EQ(races::put(writer, 2), RINGBUF_OK);
  ASSERT_EQ(::unlink(name.path().c_str()), 0);
  ASSERT_EQ(races::put(writer, 2), RINGBUF_OK);
  races::expect_pops(reader, 0, 4);
  std::int64_t item = 0;
  EXPECT_EQ(ringbuf_pop(reader, &item), RINGBUF_EMPTY);
  EXPECT_EQ(ringbuf_wait(reader, 5, 120 * races::millisecond), RINGBUF_TIMEOUT);
  EXPECT_EQ(races::info(reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
  EXPECT_EQ(ringbuf_open(other.out(), name.c(), 0), RINGBUF_NOT_FOUND);
  EXPECT_EQ(ringbuf_resume(other.out(), name.c()), RINGBUF_NOT_FOUND);
  EXPECT_EQ(ringbuf_unlink(name.c()), RINGBUF_NOT_FOUND);
  ASSERT_EQ(races::put(writer, 1), RINGBUF_OK);
  races::expect_pops(reader, 4, 1);
  writer.close();
  EXPECT_EQ(ringbuf_pop(reader, &item), RINGBUF_CLOSED);
  EXPECT_FALSE(name.is_there());
}

TEST(NameDeleted, CloseLeavesTheNewRingAlone) {
  const races::Name name;
  const auto o = races::options(8);
  Handle first, second, reader, new_reader;
  ASSERT_EQ(ringbuf_create(first.out(), name.c(), &o), RINGBUF_OK);
  ASSERT_EQ(ringbuf_open(reader.out(), name.c(), 0), RINGBUF_OK);
  ASSERT_EQ(ringbuf_unlink(name.c()), RINGBUF_OK);
  ASSERT_EQ(ringbuf_create(second.out(), name.c(), &o), RINGBUF_OK);
  ASSERT_EQ(races::put(first, 3), RINGBUF_OK);
  ASSERT_EQ(races::put(second, 1), RINGBUF_OK);
  races::expect_pops(reader, 0, 3);
  // The name belongs to a newer ring.
  EXPECT_EQ(ringbuf_wait(reader, 4, races::forever), RINGBUF_STALE);
  first.close();
  EXPECT_TRUE(name.is_there());
  ASSERT_EQ(ringbuf_open(new_reader.out(), name.c(), 0), RINGBUF_OK);
  races::expect_pops(new_reader, 0, 1);
  second.close();
  EXPECT_FALSE(name.is_there());
}

// --- the clock ------------------------------------------------------------------------------------------------------------

class Clock : public testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override {
    o_ = races::options(8, RINGBUF_LOSSLESS);
    ASSERT_EQ(ringbuf_create(writer_.out(), name_.c(), &o_), RINGBUF_OK);
    ASSERT_EQ(ringbuf_open(reader_.out(), name_.c(), 0), RINGBUF_OK);
  }
  void TearDown() override { realtime_offset_s = 0; }

  // Waits by `call`, which must time out, and not before the time has passed.
  template <class Call>
  void expect_timeout(Call call) {
    constexpr std::int64_t timeout = 100 * races::millisecond;
    timespec begin{}, end{};
    (void)::clock_gettime(CLOCK_MONOTONIC, &begin);
    EXPECT_EQ(call(timeout), RINGBUF_TIMEOUT);
    (void)::clock_gettime(CLOCK_MONOTONIC, &end);
    EXPECT_GE((end.tv_sec - begin.tv_sec) * 1'000'000'000 + (end.tv_nsec - begin.tv_nsec), timeout);
  }

  races::Name name_;
  ringbuf_options_t o_{};
  Handle writer_, reader_;
};

TEST_P(Clock, MattersToNoWait) {
  const void* samples = nullptr;
  std::int64_t start = 0;
  const auto all_waits = [&] {
    expect_timeout([&](std::int64_t timeout) { return ringbuf_wait(reader_, 9, timeout); });
    expect_timeout([&](std::int64_t timeout) { return ringbuf_next(reader_, 8, 8, timeout, &samples, &start); });
    expect_timeout([&](std::int64_t timeout) { return ringbuf_wait_space(writer_, 8, timeout); });
  };
  ASSERT_EQ(races::put(writer_, 7), RINGBUF_OK);
  realtime_offset_s = 0;
  all_waits();
  realtime_offset_s = GetParam();
  all_waits();
  // Set in the middle of a wait that has no end: the put ends it.
  races::Name name;
  Process writer("late_writer", {name.text()});
  writer.hear<char>();
  Handle reader;
  ASSERT_EQ(ringbuf_open(reader.out(), name.c(), 0), RINGBUF_OK);
  writer.say(GetParam());
  EXPECT_EQ(ringbuf_wait(reader, 1, races::forever), RINGBUF_OK);
  EXPECT_EQ(writer.wait(), 0);
}

TEST_P(Clock, AnchorTellsBothTimes) {
  ASSERT_EQ(races::put(writer_, 1), RINGBUF_OK);
  const ringbuf_info_t before = races::info(reader_);
  realtime_offset_s = GetParam();
  ASSERT_EQ(races::put(writer_, 1), RINGBUF_OK);
  const ringbuf_info_t after = races::info(reader_);
  EXPECT_EQ(after.anchor_index, 1);
  EXPECT_GE(after.anchor_monotonic_ns, before.anchor_monotonic_ns);
  const std::int64_t moved_s = (after.anchor_realtime_ns - before.anchor_realtime_ns) / 1'000'000'000;
  EXPECT_GE(moved_s, GetParam());
}

constexpr std::int64_t year_s = std::int64_t{365} * 24 * 3600;
INSTANTIATE_TEST_SUITE_P(SetBackAndForth, Clock, testing::Values(-20 * year_s, -3600, 3600, 20 * year_s),
                         [](const auto& parameter) {
                           return (parameter.param < 0 ? "back" : "forward") +
                                  std::to_string(parameter.param < 0 ? -parameter.param : parameter.param);
                         });

// Creates a ring, hears how the clock is to be set, does that and puts a sample.
RACES_ROLE(late_writer) {
  const auto o = races::options(8);
  Handle writer;
  if (ringbuf_create(writer.out(), arguments.at(0).c_str(), &o) != RINGBUF_OK) return 1;
  line.say('c');
  realtime_offset_s = line.hear<std::int64_t>();
  return races::put(writer, 1) == RINGBUF_OK ? 0 : 2;
}

// --- many rings -------------------------------------------------------------------------------------------------------------

constexpr std::size_t makers = 4;
constexpr int rings_each = 500;

// Makes that many rings; the value of the only sample tells which one it is.
RACES_ROLE(maker) {
  std::vector<Handle> writers(rings_each);
  for (int i = 0; i < rings_each; ++i) {
    auto o = races::options(4);
    o.sample_rate = i + 1;
    const std::string name = arguments.at(0) + "." + std::to_string(i);
    const std::int64_t sample = i;
    if (ringbuf_create(writers[static_cast<std::size_t>(i)].out(), name.c_str(), &o) != RINGBUF_OK ||
        ringbuf_push(writers[static_cast<std::size_t>(i)], &sample) != RINGBUF_OK) {
      std::fprintf(stderr, "%s\n", ringbuf_last_error());
      line.say('f');
      return 1;
    }
  }
  line.say('m');
  line.hear<char>();
  return 0;
}

TEST(ManyRings, AreAllListedAndFound) {
  // Names that are ours, and go with these.
  const std::array<races::Name, makers> names;
  struct Cleaner {
    const std::array<races::Name, makers>& names;
    ~Cleaner() {
      for (const races::Name& name : names) {
        for (const std::string& left : races::names_with(name.text() + ".")) (void)ringbuf_unlink(left.c_str());
      }
    }
  } cleaner{names};
  std::array<Process, makers> processes;
  for (std::size_t i = 0; i < makers; ++i) processes[i] = Process("maker", {names[i].text()});
  for (const Process& process : processes) ASSERT_EQ(process.hear<char>(), 'm');

  struct Found {
    const std::array<races::Name, makers>& names;
    std::set<std::string> rings;
  } found{names, {}};
  const auto visit = [](const char* name, const ringbuf_info_t* info, void* user) {
    Found& f = *static_cast<Found*>(user);
    for (const races::Name& prefix : f.names) {
      if (std::string(name).rfind(prefix.text() + ".", 0) != 0) continue;
      EXPECT_TRUE(f.rings.insert(name).second) << name << " comes twice";
      const int number = std::atoi(name + prefix.text().size() + 1);
      EXPECT_EQ(info->sample_rate, number + 1) << name;
      EXPECT_EQ(info->written, 1) << name;
      EXPECT_EQ(info->state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE)) << name;
    }
    return 0;
  };
  EXPECT_EQ(ringbuf_list(visit, &found), RINGBUF_OK);
  EXPECT_EQ(found.rings.size(), makers * rings_each);

  races::Random random(races::race_seed());
  for (int i = 0; i < 100; ++i) {
    const int number = static_cast<int>(random.below(rings_each));
    const std::string name = names[random.below(makers)].text() + "." + std::to_string(number);
    Handle reader;
    ASSERT_EQ(ringbuf_open(reader.out(), name.c_str(), 0), RINGBUF_OK) << name;
    std::int64_t item = -1;
    EXPECT_EQ(ringbuf_pop(reader, &item), RINGBUF_OK);
    EXPECT_EQ(item, number);
  }
  for (Process& process : processes) {
    process.say('c');
    EXPECT_EQ(process.wait(), 0);
  }
  for (const races::Name& name : names) EXPECT_TRUE(races::names_with(name.text()).empty());
}

}  // namespace
