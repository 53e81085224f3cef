// A process that scribbles random words over a ring's memory while this one makes all calls of a writer and of readers on
// it: any code may come, and any data, but no crash and no call without end.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "../support/support.hpp"
#include "live.hpp"

namespace {

constexpr int rounds = 150;
constexpr int steps_a_round = 100;

struct Target {
  std::byte* memory;
  std::size_t begin, end;  // what is scribbled on
  ringbuf::Geometry geometry;
};

// Scribbles until it is killed.
[[noreturn]] void scribble(const Target& target, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const ringbuf::Geometry& g = target.geometry;
  for (;;) {
    const std::uint64_t draw = random();
    std::size_t offset = target.begin + draw % (target.end - target.begin);
    if (draw >> 62 == 0 && target.begin == 0) {
      offset = offsetof(ringbuf::Header, writer) + draw % (sizeof(ringbuf::Header) - offsetof(ringbuf::Header, writer));
    } else if (draw >> 62 == 1) {
      offset = g.table_offset + draw % (sizeof(ringbuf::ReaderTable) + 4 * sizeof(ringbuf::ReaderSlot));
    }
    offset = offset / 8 * 8;
    auto& word = *reinterpret_cast<std::atomic<std::uint64_t>*>(target.memory + offset);
    const std::uint64_t value = random();
    switch (draw >> 58 & 7) {
      case 0:
        word = value;
        break;
      case 1:
        word = 0;
        break;
      case 2:
        word = UINT64_MAX - value % 16;
        break;
      case 3:
        word = static_cast<std::uint64_t>(INT64_MAX) - 8 + value % 16;
        break;
      case 4:
        word = value % 4;
        break;
      case 5:
        word = value % (4 * g.capacity);
        break;
      default:
        word += value % 16 - 8;
        break;
    }
  }
}

class Child {
 public:
  Child(const Target& target, std::uint64_t seed) : pid_(::fork()) {
    if (pid_ != 0) return;
    (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
    scribble(target, seed);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the scribbler has crashed";
  }
  bool is_there() const { return pid_ > 0; }

 private:
  pid_t pid_;
};

// What the scribbler may write: the pages that a reader maps writable, or all.
enum class Pages { readers, all };

class Scribbler : public testing::TestWithParam<std::tuple<bool, bool, Pages>> {};

TEST_P(Scribbler, NeitherCrashesNorHangsAnybody) {
  const auto [raw, lossless, pages] = GetParam();
  std::mt19937_64 random(test::seed_of("RINGBUF_FUZZ_SEED"));
  ringbuf_options_t o{};
  ASSERT_EQ(ringbuf_options_init(&o, sizeof o), RINGBUF_OK);
  o.data_type = RINGBUF_INT32;
  o.capacity = 48;
  o.window = 20;
  o.channels = 3;
  o.max_readers = 4;
  o.metadata_bytes = 100;
  o.flags = lossless ? std::uint32_t{RINGBUF_LOSSLESS} : 0U;
  const ringbuf::Geometry geometry = fuzz::geometry_of(o);
  std::size_t total = 0;
  ASSERT_EQ(ringbuf_size(&o, &total), RINGBUF_OK);

  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    // With a page on each side that nobody may touch.
    constexpr std::size_t guard = 65536;
    void* reserved = ::mmap(nullptr, total + 2 * guard, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(reserved, MAP_FAILED);
    std::byte* memory = static_cast<std::byte*>(reserved) + guard;
    int fd = -1;
    {
      std::optional<fuzz::Live> live;
      if (raw) {
        ASSERT_NE(::mmap(memory, total, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
                  MAP_FAILED);
        live.emplace(o, memory, total);
      } else {
        live.emplace(o, nullptr, 0);
        fd = ::fcntl(static_cast<int>(live->fd()), F_DUPFD_CLOEXEC, 3);
        live->set_fd(fd);
        ASSERT_NE(::mmap(memory, total, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0), MAP_FAILED);
      }
      const Target target{memory, pages == Pages::all ? 0 : std::size_t{geometry.table_offset},
                          pages == Pages::all ? total : std::size_t{geometry.metadata_offset}, geometry};
      std::vector<std::uint8_t> program(static_cast<std::size_t>(steps_a_round) * 16);
      for (std::uint8_t& byte : program) byte = static_cast<std::uint8_t>(random());
      fuzz::Input input(program.data(), program.size());
      const Child child(target, random());
      ASSERT_TRUE(child.is_there());
      for (int step = 0; step < steps_a_round; ++step) live->step(input);
    }
    ::munmap(reserved, total + 2 * guard);
    if (fd >= 0) ::close(fd);
  }
}

std::string name_of(const testing::TestParamInfo<Scribbler::ParamType>& parameter) {
  const auto [raw, lossless, pages] = parameter.param;
  return std::string(raw ? "Raw" : "Shared") + (lossless ? "Lossless" : "Overwriting") +
         (pages == Pages::all ? "AllPages" : "ReadersPages");
}

INSTANTIATE_TEST_SUITE_P(All, Scribbler,
                         testing::Combine(testing::Bool(), testing::Bool(),
                                          testing::Values(Pages::readers, Pages::all)),
                         name_of);

}  // namespace
