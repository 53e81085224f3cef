// Eight processes create, resume, open, close, unlink and list one name; some of them are killed at random.
//
// Whether there is at most one writer is checked from outside: who believes to be the writer of a ring takes a POSIX
// record lock, which is no part of the library, on the byte of a witness file that has the number of the ring's inode.
// When a process is killed, the kernel releases POSIX locks while it closes the descriptors, and the library's locks of
// open file descriptions only when the last of them is closed: the witness is always released first.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "races.hpp"
#include "ringbuf/detail/layout.hpp"

namespace {

using races::Arguments;
using races::Handle;
using races::Process;
using races::Random;

enum Operation { op_create, op_resume, op_open, op_unlink, op_list, operations };
constexpr std::array<const char*, operations> operation_names{"create", "resume", "open", "unlink", "list"};
constexpr int codes = 27;
constexpr std::size_t contender_count = 8;
constexpr std::size_t commit_count = 65536;  // more than rings can be made while one of them is still in use

struct Contender {
  std::atomic<std::uint64_t> unlinks_begun, unlinks_ended;
  std::array<std::array<std::atomic<std::uint64_t>, codes>, operations> counts;
};

// What has been committed to a ring, by its inode.
struct Commit {
  std::atomic<std::uint64_t> inode, written;
};

// Shared by all, apart from the rings.
struct Board {
  std::atomic<std::uint32_t> stop;
  std::atomic<std::uint32_t> violations;
  char violation[1024];  // the first one
  std::array<Contender, contender_count> contenders;
  std::array<Commit, commit_count> commits;
};

constexpr std::array<std::uint64_t, 3> capacities{5, 16, 48};

std::int32_t value_of(std::int64_t index, std::uint32_t channel) {
  return static_cast<std::int32_t>((index * 31 + channel) & 0x7fffffff);
}

class Contention {
 public:
  Contention(Board& board, std::size_t number, int witness, const char* name, bool unlinks, std::uint64_t seed)
      : board_(board),
        me_(board.contenders[number]),
        witness_(witness),
        name_(name),
        unlinks_(unlinks),
        random_(seed) {}

  int run() {
    while (board_.stop == 0 && board_.violations == 0) {
      const std::uint64_t which = random_.below(100);
      if (which < 35) {
        create();
      } else if (which < 55) {
        resume();
      } else if (which < 90) {
        open();
      } else if (which < 98) {
        if (unlinks_) unlink();
      } else {
        list();
      }
      if (random_.once_in(4)) look();
    }
    return 0;
  }

 private:
  __attribute__((format(printf, 2, 3))) void violation(const char* format, ...) {
    if (board_.violations.fetch_add(1) != 0) return;
    std::va_list arguments;
    va_start(arguments, format);
    (void)std::vsnprintf(board_.violation, sizeof board_.violation, format, arguments);
    va_end(arguments);
  }

  // Counts the code; only those that can come are allowed.
  int count(Operation operation, int code, std::initializer_list<int> allowed) {
    me_.counts[operation][static_cast<std::size_t>(code)]++;
    for (const int a : allowed) {
      if (code == a) return code;
    }
    violation("%s says %s: %s", operation_names[operation], ringbuf_error_name(code), ringbuf_last_error());
    return code;
  }

  // --- the witness ---
  bool witness(std::uint64_t byte, short type) const {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = static_cast<off_t>(byte & ((std::uint64_t{1} << 61) - 1));
    lock.l_len = 1;
    return ::fcntl(witness_, F_SETLK, &lock) == 0;
  }

  static constexpr std::uint64_t name_byte = std::uint64_t{1} << 60;

  struct Unlinks {
    std::uint64_t begun = 0;
    bool running = false;
  };
  // Unlinks that a process was killed in count as ended: the test says so.
  Unlinks unlinks() const {
    Unlinks u;
    for (const Contender& c : board_.contenders) {
      const std::uint64_t ended = c.unlinks_ended;
      const std::uint64_t begun = c.unlinks_begun;
      u.begun += begun;
      u.running = u.running || begun != ended;
    }
    return u;
  }

  std::uint64_t inode_of(ringbuf_t* ring) {
    std::intptr_t fd = -1;
    struct stat st {};
    if (ringbuf_fd(ring, &fd) != RINGBUF_OK || ::fstat(static_cast<int>(fd), &st) != 0) {
      violation("no descriptor: %s", ringbuf_last_error());
    }
    return st.st_ino;
  }

  std::uint64_t inode_of_name() const {
    struct stat st {};
    return ::lstat((std::string("/dev/shm/") + name_).c_str(), &st) == 0 ? st.st_ino : 0;
  }

  std::uint32_t maybe(std::uint32_t flag, std::uint64_t n) { return random_.once_in(n) ? flag : 0; }

  // --- the operations ---
  void create() {
    ringbuf_options_t o{};
    (void)ringbuf_options_init(&o, sizeof o);
    o.data_type = RINGBUF_INT32;
    o.capacity = capacities[random_.below(capacities.size())];
    o.channels = static_cast<std::uint32_t>(o.capacity % 7 + 1);
    o.window = o.capacity / 2;
    o.max_readers = 3;
    o.metadata_bytes = 64;
    o.flags = maybe(RINGBUF_LOSSLESS, 3) | maybe(RINGBUF_KEEP, 3);
    const Unlinks before = unlinks();
    Handle ring;
    if (count(op_create, ringbuf_create(ring.out(), name_, &o), {RINGBUF_OK, RINGBUF_EXISTS}) != RINGBUF_OK) return;
    write(ring, before, true);
  }

  void resume() {
    Handle ring;
    // EXISTS, CLOSED and the like are no codes of resume; half-made rings would give CORRUPT or NOT_INITIALIZED.
    const int code = ringbuf_resume(ring.out(), name_);
    if (count(op_resume, code, {RINGBUF_OK, RINGBUF_NOT_FOUND, RINGBUF_BUSY}) != RINGBUF_OK) return;
    write(ring, {0, true}, false);
  }

  void write(Handle& ring, const Unlinks& before, bool is_new) {
    const std::uint64_t inode = inode_of(ring);
    if (!witness(inode, F_WRLCK)) {
      violation("two writers of inode %llu", static_cast<unsigned long long>(inode));
      return;
    }
    // Where nobody unlinks, the name stands for the ring of a writer that lives as long as that does.
    if (!unlinks_ && !witness(name_byte, F_WRLCK)) {
      violation("two writers under one name");
      return;
    }
    ringbuf_info_t info = check_info(ring);
    Commit& commit = board_.commits[inode % commit_count];
    if (is_new) {
      if (info.written != 0 || info.generation != 1) {
        violation("a new ring has %lld samples and generation %llu", static_cast<long long>(info.written),
                  static_cast<unsigned long long>(info.generation));
      }
      commit.written = 0;
      commit.inode = inode;
    } else {
      const std::uint64_t committed = commit.inode == inode ? commit.written.load() : 0;
      if (static_cast<std::uint64_t>(info.written) < committed) {
        violation("%lld samples after a resume, %llu were committed", static_cast<long long>(info.written),
                  static_cast<unsigned long long>(committed));
      }
      check_samples(ring, info);
    }

    std::array<std::int32_t, 48 * 8> samples;
    for (std::uint64_t puts = random_.below(40); puts > 0 && board_.stop == 0; --puts) {
      const std::uint64_t n = 1 + random_.below(info.capacity);
      for (std::uint64_t i = 0; i < n; ++i) {
        for (std::uint32_t c = 0; c < info.channels; ++c) {
          samples[i * info.channels + c] = value_of(info.written + static_cast<std::int64_t>(i), c);
        }
      }
      const int code = ringbuf_put(ring, samples.data(), n);
      if (code == RINGBUF_FULL && (info.flags & RINGBUF_LOSSLESS) != 0) continue;
      if (code != RINGBUF_OK) {
        violation("put says %s", ringbuf_error_name(code));
        return;
      }
      info.written += static_cast<std::int64_t>(n);
      if (commit.inode == inode) commit.written = static_cast<std::uint64_t>(info.written);
      if (random_.once_in(8)) {
        const std::size_t size = 1 + random_.below(64);
        std::array<char, 64> text;
        text.fill(static_cast<char>(size));
        if (ringbuf_set_metadata(ring, text.data(), size) != RINGBUF_OK) violation("set_metadata fails");
      }
    }

    // A name leaves a ring whose writer lives only if somebody unlinks it.
    const bool was_ours = inode_of_name() == inode;
    const Unlinks after = unlinks();
    if (!was_ours && !before.running && before.begun == after.begun) {
      violation("inode %llu has lost its name while its writer lives and nobody unlinks it",
                static_cast<unsigned long long>(inode));
    }
    if (!unlinks_ && !was_ours) violation("a ring whose writer lives has lost its name");
    if (!unlinks_) (void)witness(name_byte, F_UNLCK);
    (void)witness(inode, F_UNLCK);
    ring.close();
  }

  void open() {
    Handle ring;
    const std::uint32_t flags = maybe(RINGBUF_OBSERVER, 3) | maybe(RINGBUF_FROM_NEWEST, 2);
    const int code = ringbuf_open(ring.out(), name_, flags);
    if (count(op_open, code, {RINGBUF_OK, RINGBUF_NOT_FOUND, RINGBUF_TOO_MANY_READERS}) != RINGBUF_OK) return;
    const ringbuf_info_t info = check_info(ring);
    check_samples(ring, info);
    std::array<char, 64> text;
    std::size_t size = 0;
    if (ringbuf_metadata(ring, text.data(), text.size(), &size) != RINGBUF_OK) {
      violation("metadata: %s", ringbuf_last_error());
    }
    for (std::size_t i = 0; i < size; ++i) {
      if (text[i] != static_cast<char>(size)) violation("torn metadata: byte %zu of %zu is %d", i, size, text[i]);
    }

    const bool guarded = (info.flags & RINGBUF_LOSSLESS) != 0 && (flags & RINGBUF_OBSERVER) == 0;
    for (std::uint64_t calls = random_.below(30); calls > 0 && board_.stop == 0; --calls) {
      std::int64_t position = -1;
      (void)ringbuf_tell(ring, &position);
      std::array<std::int32_t, 48 * 8> samples;
      std::uint64_t n = 0;
      const int popped = ringbuf_pop_many(ring, samples.data(), 1 + random_.below(info.capacity), &n);
      if (popped == RINGBUF_OK) {
        check_values(samples.data(), position, n, info.channels);
      } else if (popped == RINGBUF_CLOSED || popped == RINGBUF_STALE) {
        break;
      } else if (popped == RINGBUF_EMPTY) {
        const int waited = ringbuf_wait(ring, position + 1, races::millisecond);
        if (waited != RINGBUF_OK && waited != RINGBUF_TIMEOUT && waited != RINGBUF_CLOSED && waited != RINGBUF_STALE) {
          violation("wait says %s", ringbuf_error_name(waited));
        }
      } else if (popped != RINGBUF_OVERWRITTEN || guarded) {
        violation("pop_many says %s: %s", ringbuf_error_name(popped), ringbuf_last_error());
      }
    }
  }

  void unlink() {
    me_.unlinks_begun++;
    count(op_unlink, ringbuf_unlink(name_), {RINGBUF_OK, RINGBUF_NOT_FOUND});
    me_.unlinks_ended++;
  }

  void list() {
    const auto visit = [](const char* name, const ringbuf_info_t* info, void* user) {
      auto& self = *static_cast<Contention*>(user);
      if (std::strcmp(name, self.name_) == 0) self.sound(*info);
      return 0;
    };
    count(op_list, ringbuf_list(visit, this), {RINGBUF_OK});
  }

  // From outside: whatever file has the name is a whole ring.
  void look() {
    const int fd = ::open((std::string("/dev/shm/") + name_).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    ringbuf::Geometry geometry{};
    struct stat st {};
    if (::pread(fd, &geometry, sizeof geometry, 0) != ssize_t{sizeof geometry} || ::fstat(fd, &st) != 0 ||
        geometry.magic != ringbuf::layout_magic || static_cast<std::uint64_t>(st.st_size) != geometry.total_bytes) {
      violation("a half-made ring has the name");
    }
    ::close(fd);
  }

  // --- what must hold ---
  void sound(const ringbuf_info_t& i) {
    bool good = false;
    for (const std::uint64_t capacity : capacities) good = good || i.capacity == capacity;
    good = good && i.data_type == RINGBUF_INT32 && i.channels == i.capacity % 7 + 1 && i.window == i.capacity / 2 &&
           i.max_readers == 3 && i.readers <= 3 && i.written >= 0 && i.oldest >= 0 && i.generation >= 1 &&
           i.state >= RINGBUF_STATE_LIVE && i.state <= RINGBUF_STATE_DEAD;
    if (!good) {
      violation(
          "info is not sound: capacity %llu, channels %u, window %llu, readers %u of %u, written %lld, oldest %lld, "
          "generation %llu, state %u",
          static_cast<unsigned long long>(i.capacity), i.channels, static_cast<unsigned long long>(i.window), i.readers,
          i.max_readers, static_cast<long long>(i.written), static_cast<long long>(i.oldest),
          static_cast<unsigned long long>(i.generation), i.state);
    }
  }

  ringbuf_info_t check_info(ringbuf_t* ring) {
    ringbuf_info_t info{};
    info.struct_size = sizeof info;
    if (ringbuf_info(ring, &info) != RINGBUF_OK) violation("info: %s", ringbuf_last_error());
    sound(info);
    return info;
  }

  void check_values(const std::int32_t* values, std::int64_t first, std::uint64_t count, std::uint32_t channels) {
    for (std::uint64_t i = 0; i < count; ++i) {
      for (std::uint32_t c = 0; c < channels; ++c) {
        const std::int64_t index = first + static_cast<std::int64_t>(i);
        if (values[i * channels + c] == value_of(index, c)) continue;
        violation("sample %lld, channel %u is %d", static_cast<long long>(index), c, values[i * channels + c]);
        return;
      }
    }
  }

  void check_samples(ringbuf_t* ring, const ringbuf_info_t& info) {
    const auto count = static_cast<std::uint64_t>(info.written - std::min(info.oldest, info.written));
    std::array<std::int32_t, 48 * 8> samples;
    const int code = ringbuf_read(ring, info.written - static_cast<std::int64_t>(count), info.written, samples.data());
    if (code == RINGBUF_OK) {
      check_values(samples.data(), info.written - static_cast<std::int64_t>(count), count, info.channels);
    } else if (code != RINGBUF_OVERWRITTEN) {
      violation("read says %s: %s", ringbuf_error_name(code), ringbuf_last_error());
    }
  }

  Board& board_;
  Contender& me_;
  int witness_;
  const char* name_;
  bool unlinks_;
  Random random_;
};

// Maps the board behind a descriptor.
Board* map_board(int fd) {
  void* at = ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return at != MAP_FAILED ? static_cast<Board*>(at) : nullptr;
}

RACES_ROLE(contender) {
  Board* board = map_board(std::stoi(arguments.at(0)));
  if (board == nullptr) return 1;
  Contention contention(*board, std::stoul(arguments.at(2)), std::stoi(arguments.at(1)), arguments.at(3).c_str(),
                        arguments.at(4) == "unlinks", std::stoull(arguments.at(5)));
  return contention.run();
}

// A memfd that processes started from here inherit under the same number.
class Inherited {
 public:
  explicit Inherited(std::size_t bytes) : fd_(::memfd_create("races", 0)) {
    EXPECT_EQ(::ftruncate(fd_, static_cast<off_t>(bytes)), 0);
  }
  ~Inherited() { ::close(fd_); }
  Inherited(const Inherited&) = delete;
  Inherited& operator=(const Inherited&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

void contend(bool unlinks, std::chrono::nanoseconds time) {
  Random random(races::race_seed());
  const races::PrivateShm shm("64m");  // where it can be had, it shows leaks to the byte
  const races::Name name;
  const Inherited board_memory(sizeof(Board)), witness(0);
  Board* board = map_board(board_memory.fd());
  ASSERT_NE(board, nullptr);

  std::array<Process, contender_count> processes;
  const auto start = [&](std::size_t i) {
    processes[i] =
        Process("contender", {std::to_string(board_memory.fd()), std::to_string(witness.fd()), std::to_string(i),
                              name.text(), unlinks ? "unlinks" : "no unlinks", std::to_string(random.draw())});
  };
  for (std::size_t i = 0; i < contender_count; ++i) start(i);

  std::uint64_t kills = 0;
  const auto end = std::chrono::steady_clock::now() + time;
  while (board->violations == 0 && std::chrono::steady_clock::now() < end) {
    (void)::poll(nullptr, 0, static_cast<int>(1 + random.below(40)));
    const std::size_t i = random.below(contender_count);
    processes[i].kill();
    ++kills;
    // Whatever it was about to unlink, it does not any more.
    board->contenders[i].unlinks_ended = board->contenders[i].unlinks_begun.load();
    start(i);
  }
  board->stop = 1;
  for (Process& process : processes) EXPECT_EQ(process.wait(), 0);
  EXPECT_EQ(board->violations, 0U) << board->violation;

  for (std::size_t o = 0; o < operations; ++o) {
    std::printf("%s:", operation_names[o]);
    for (std::size_t c = 0; c < codes; ++c) {
      std::uint64_t sum = 0;
      for (const Contender& contender : board->contenders) sum += contender.counts[o][c];
      if (sum != 0)
        std::printf(" %s %llu", ringbuf_error_name(static_cast<int>(c)), static_cast<unsigned long long>(sum));
    }
    std::printf("\n");
  }
  std::printf("kills: %llu\n", static_cast<unsigned long long>(kills));
  ::munmap(board, sizeof *board);

  // What is left is one dead ring at most, and that can be replaced.
  const auto left = races::names_with(name.text());
  EXPECT_LE(left.size(), 1U);
  const auto o = races::options(8);
  Handle ring;
  EXPECT_EQ(ringbuf_create(ring.out(), name.c(), &o), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(races::put(ring, 20), RINGBUF_OK);
  ring.close();
  EXPECT_TRUE(races::names_with(name.text()).empty());
  if (shm.is_there()) {
    EXPECT_EQ(shm.bytes_used(), 0U);
  }
}

TEST(Names, EightProcessesAtOneName) { contend(true, races::race_time()); }
TEST(Names, NobodyUnlinks) { contend(false, races::race_time() / 2); }

}  // namespace
