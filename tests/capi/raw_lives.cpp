// Who writes a ring in memory of the caller's, where no lock of the kernel tells: one process, as long as it lives, whichever
// way others come by the ring.
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "../support/process.hpp"
#include "process.hpp"
#include "raw.hpp"

namespace {

using namespace capi;

int open_as_writer(const Memory& memory) {
  ringbuf_t* ring = nullptr;
  const int code = ringbuf_open_raw(&ring, memory.at(), memory.bytes(), RINGBUF_AS_WRITER);
  ringbuf_close(ring);
  return code;
}

TEST(CapiRawLives, AWriterWhoseMainThreadHasEndedLives) {
  NEEDS_START_TIMES();
  const ringbuf_options_t o = options(8);
  Memory memory(size_of(o));
  Child child([&](Line line) {
    const Handle writer = make_raw(memory, o);
    std::thread([line] {
      // The main thread is a zombie when this is read, or soon.
      char state = '?';
      while (state != 'Z') {
        std::FILE* file = std::fopen(("/proc/" + std::to_string(::getpid()) + "/stat").c_str(), "r");
        if (file == nullptr || std::fscanf(file, "%*d (%*[^)]) %c", &state) != 1) ::_exit(100);
        std::fclose(file);
      }
      line.say('r');
      line.hold();
    }).detach();
    ::syscall(SYS_exit, 0);
    return 101;
  });
  ASSERT_EQ(child.hear<char>(), 'r');
  EXPECT_EQ(open_as_writer(memory), RINGBUF_BUSY);
  ringbuf_t* ring = nullptr;
  EXPECT_EQ(ringbuf_create_raw(&ring, memory.at(), memory.bytes(), &o), RINGBUF_EXISTS);
  Handle reader = open_raw(memory, RINGBUF_OBSERVER);
  EXPECT_EQ(info(reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
  child.kill();
  EXPECT_EQ(info(reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_DEAD));
  EXPECT_EQ(open_as_writer(memory), RINGBUF_OK);
}

// In memory that is zero, that is anything, and that has the ring of a dead process.
TEST(CapiRawLives, OfTwoWhoCreateAtOnceOneDoes) {
  NEEDS_START_TIMES();
  const ringbuf_options_t o = options(64);
  const std::size_t bytes = size_of(o);
  Memory memory(bytes);
  Memory shared(4096);
  struct Meeting {
    std::atomic<int> here, tried;
  };
  auto* meeting = static_cast<Meeting*>(shared.at());
  for (int round = 0; round < 150; ++round) {
    if (round % 3 != 2) {
      std::memset(memory.at(), round % 3 == 0 ? 0 : 0xA5, bytes);
    }
    new (meeting) Meeting{};
    const auto create = [&](Line line) {
      ringbuf_t* ring = nullptr;
      meeting->here.fetch_add(1);
      while (meeting->here.load() < 2) {
      }
      line.say(ringbuf_create_raw(&ring, memory.at(), memory.bytes(), &o));
      meeting->tried.fetch_add(1);
      while (meeting->tried.load() < 2) {
        ::sched_yield();
      }
      return 0;
    };
    Child one(create);
    Child other(create);
    const int first = one.hear<int>();
    const int second = other.hear<int>();
    EXPECT_EQ(one.wait(), 0);
    EXPECT_EQ(other.wait(), 0);
    ASSERT_EQ(std::min(first, second), RINGBUF_OK) << "round " << round;
    ASSERT_EQ(std::max(first, second), RINGBUF_EXISTS) << "round " << round;
  }
}

TEST(CapiRawLives, ExecEndsAWriter) {
  NEEDS_START_TIMES();
  const ringbuf_options_t o = options(8);
  Memory memory(size_of(o));
  int until_exec[2];
  ASSERT_EQ(::pipe2(until_exec, O_CLOEXEC), 0);
  Child child([&](Line line) {
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_create_raw(&ring, memory.at(), memory.bytes(), &o));
    line.hear<char>();
    ::execl("/bin/sleep", "sleep", "1000", static_cast<char*>(nullptr));
    return 100;
  });
  ::close(until_exec[1]);
  ASSERT_EQ(child.hear<int>(), RINGBUF_OK);
  EXPECT_EQ(open_as_writer(memory), RINGBUF_BUSY);
  child.say('e');
  char byte = 0;
  EXPECT_EQ(::read(until_exec[0], &byte, 1), 0) << "what exec closes is open still";
  ::close(until_exec[0]);
  Handle reader = open_raw(memory, RINGBUF_OBSERVER);
  EXPECT_EQ(info(reader).state, static_cast<std::uint32_t>(RINGBUF_STATE_DEAD));
  EXPECT_EQ(ringbuf_wait(reader, 1, kForever), RINGBUF_STALE);
  EXPECT_EQ(open_as_writer(memory), RINGBUF_OK);
  child.kill();
}

#ifdef CLONE_NEWTIME
// There the same processes have started at other times.
TEST(CapiRawLives, AWriterOfAnotherTimeNamespaceLives) {
  NEEDS_START_TIMES();
  const ringbuf_options_t o = options(8);
  Memory memory(size_of(o));
  Handle writer = make_raw(memory, o);
  Child child([&](Line) {
    if (::unshare(CLONE_NEWTIME) != 0) return 77;
    std::FILE* offsets = std::fopen("/proc/self/timens_offsets", "w");
    if (offsets == nullptr || std::fputs("boottime 100000 0\n", offsets) < 0 || std::fclose(offsets) != 0) return 77;
    return in_child([&] { return open_as_writer(memory); });
  });
  const int code = child.wait();
  if (code == 77) {
    GTEST_SKIP() << "no time namespaces here";
  }
  EXPECT_EQ(code, RINGBUF_BUSY);
}
#endif

// A file of the caller's that others find as if it were a ring made by its name.
struct SharedFile {
  explicit SharedFile(std::size_t size) : bytes(size) {
    const int fd = ::open(path(name).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || ::ftruncate(fd, static_cast<off_t>(size)) != 0) std::abort();
    at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) std::abort();
    ::close(fd);
  }
  SharedFile(const SharedFile&) = delete;
  SharedFile& operator=(const SharedFile&) = delete;
  ~SharedFile() {
    ::munmap(at, bytes);
    ::unlink(path(name).c_str());
  }
  bool is_there() const { return ::access(path(name).c_str(), F_OK) == 0; }

  Name name;
  std::size_t bytes;
  void* at;
};

struct Listed {
  std::string name;
  std::uint32_t state;
  std::uint32_t readers;
};

Listed listed(const Name& name) {
  Listed found{name.text(), 0, 0};
  EXPECT_EQ(ringbuf_list(
                [](const char* each, const ringbuf_info_t* i, void* user) {
                  auto& to = *static_cast<Listed*>(user);
                  if (to.name == each) {
                    to.state = i->state;
                    to.readers = i->readers;
                  }
                  return 0;
                },
                &found),
            RINGBUF_OK);
  return found;
}

TEST(CapiRawLives, ByItsNameItHasTheSameWriter) {
  NEEDS_START_TIMES();
  const ringbuf_options_t o = options(8, 1, RINGBUF_LOSSLESS);
  SharedFile file(size_of(o));
  const Name& name = file.name;
  Child child([&](Line line) {
    ringbuf_t* ring = nullptr;
    line.say(ringbuf_create_raw(&ring, file.at, file.bytes, &o));
    for (std::int32_t item = 0;; ++item) {
      line.hear<char>();
      line.say(ringbuf_push(ring, &item));
    }
    return 0;
  });
  ASSERT_EQ(child.hear<int>(), RINGBUF_OK);
  EXPECT_EQ(listed(name).state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
  ringbuf_t* ring = untouched();
  EXPECT_EQ(ringbuf_resume(&ring, name.c()), RINGBUF_BUSY);
  EXPECT_EQ(ringbuf_create(&ring, name.c(), &o), RINGBUF_EXISTS);
  EXPECT_EQ(ringbuf_create_or_resume(&ring, name.c(), &o), RINGBUF_BUSY);
  EXPECT_EQ(ring, untouched());
  {
    Handle reader;
    ASSERT_EQ(ringbuf_open(reader.out(), name.c(), 0), RINGBUF_OK) << ringbuf_last_error();
    EXPECT_EQ(listed(name).readers, 1U);
    EXPECT_EQ(ringbuf_wait(reader, 1, 1000000), RINGBUF_TIMEOUT);
    child.say('p');
    ASSERT_EQ(child.hear<int>(), RINGBUF_OK);
    EXPECT_EQ(ringbuf_wait(reader, 1, kForever), RINGBUF_OK);
    expect_pops(reader, 0, 1);
  }
  EXPECT_TRUE(file.is_there());

  child.kill();
  EXPECT_EQ(listed(name).state, static_cast<std::uint32_t>(RINGBUF_STATE_DEAD));
  EXPECT_EQ(ringbuf_create(&ring, name.c(), &o), RINGBUF_EXISTS) << "the memory of somebody else";
  {
    Handle next;
    ASSERT_EQ(ringbuf_resume(next.out(), name.c()), RINGBUF_OK) << ringbuf_last_error();
    EXPECT_EQ(ringbuf_open_raw(&ring, file.at, file.bytes, RINGBUF_AS_WRITER), RINGBUF_BUSY);
    EXPECT_EQ(put(next, 1), RINGBUF_OK);
  }
  EXPECT_TRUE(file.is_there());
  EXPECT_EQ(listed(name).state, static_cast<std::uint32_t>(RINGBUF_STATE_CLOSED));
}

// The other way round: where a lock tells, who has the memory alone cannot be the writer, nor hold the writer back.
TEST(CapiRawLives, InItsMemoryARingOfANameHasNoOtherWriter) {
  const ringbuf_options_t o = options(8, 1, RINGBUF_LOSSLESS);
  const Name name;
  Handle writer = make(name.c(), o);
  void* at = nullptr;
  std::size_t bytes = 0;
  ASSERT_EQ(ringbuf_raw(writer, &at, &bytes), RINGBUF_OK);
  ringbuf_t* ring = untouched();
  EXPECT_EQ(ringbuf_open_raw(&ring, at, bytes, RINGBUF_AS_WRITER), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(ringbuf_open_raw(&ring, at, bytes, 0), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(ringbuf_create_raw(&ring, at, bytes, &o), RINGBUF_EXISTS);
  EXPECT_EQ(ring, untouched());
  Handle observer;
  ASSERT_EQ(ringbuf_open_raw(observer.out(), at, bytes, RINGBUF_OBSERVER), RINGBUF_OK);
  EXPECT_EQ(put(writer, 1), RINGBUF_OK);
  expect_pops(observer, 0, 1);
}

}  // namespace
