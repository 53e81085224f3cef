// Every code of enum ringbuf_code comes from somewhere: each is provoked here once, and none is left out.
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <set>

#include "../support/mounts.hpp"
#include "process.hpp"

namespace {

using namespace capi;

constexpr int kSkipped = -1;  // this machine does not allow the test to provoke it

ringbuf_t* nowhere = nullptr;

int create(const char* name, const ringbuf_options_t& o) {
  ringbuf_t* ring = nullptr;
  const int code = ringbuf_create(&ring, name, &o);
  ringbuf_close(ring);
  return code;
}

int open_code(const char* name) {
  ringbuf_t* ring = nullptr;
  const int code = ringbuf_open(&ring, name, 0);
  ringbuf_close(ring);
  return code;
}

bool limit(int resource, rlim_t value) {
  rlimit r{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &r) != 0) {
    return false;
  }
  r.rlim_cur = value;
  return ::setrlimit(static_cast<__rlimit_resource_t>(resource), &r) == 0;
}

// Runs `body` in a child that has a /dev/shm of its own, of `size`; kSkipped if the machine does not allow that.
template <class Body>
int with_small_shm(const char* size, Body body) {
  constexpr int kNotAllowed = 99;
  const int result = in_child([&] {
    if (!test::unshare_mounts().empty() ||
        ::mount("tmpfs", "/dev/shm", "tmpfs", 0, (std::string("mode=1777,size=") + size).c_str()) != 0) {
      return kNotAllowed;
    }
    return body();
  });
  return result == kNotAllowed ? kSkipped : result;
}

// --- one function for each code --------------------------------------------------------------------------------------

int ok() { return create(nullptr, options(4)); }
int not_initialized() { return ringbuf_check(nullptr, 0, 0); }

int overwritten() {
  Handle writer = make(nullptr, options(4));
  EXPECT_EQ(put(writer, 5), RINGBUF_OK);
  return ringbuf_check(writer, 0, 4);
}

int not_yet() {
  Handle writer = make(nullptr, options(4));
  return ringbuf_check(writer, 0, 1);
}

int incompatible() {
  std::uint32_t code = 0;
  return ringbuf_type_code("float31", &code);
}

int bad_index() {
  Handle writer = make(nullptr, options(4));
  return ringbuf_check(writer, -1, 1);
}

int invalid_argument() { return create(nullptr, options(0)); }

int exists() {
  Name name;
  Handle writer = make(name.c(), options(4));
  return create(name.c(), options(4));
}

int not_found() {
  Name name;
  return open_code(name.c());
}

int write_forbidden() {
  Pair ring(options(4));
  return put(ring.reader, 1);
}

int read_forbidden() {
  Pair ring(options(4));
  return pop_code(ring.writer);
}

int busy() {
  Name name;
  Handle writer = make(name.c(), options(4));
  return ringbuf_resume(&nowhere, name.c());
}

int full() {
  Pair ring(options(4, 1, RINGBUF_LOSSLESS));
  return put(ring.writer, 5);
}

int empty() {
  Pair ring(options(4));
  return pop_code(ring.reader);
}

int timeout() {
  Pair ring(options(4));
  return ringbuf_wait(ring.reader, 1, 0);
}

int closed() {
  Pair ring(options(4));
  ring.writer.close();
  return pop_code(ring.reader);
}

int stale() {
  Name name;
  Child writer([&](Line line) {
    ringbuf_t* ring = nullptr;
    const ringbuf_options_t o = options(4);
    line.say(ringbuf_create(&ring, name.c(), &o));
    line.hold();
    return 0;
  });
  EXPECT_EQ(writer.hear<int>(), RINGBUF_OK);
  Handle reader = capi::open(name);
  writer.kill();
  return ringbuf_wait(reader, 1, kForever);
}

int not_contiguous() {
  Handle writer = make(nullptr, options(4));
  EXPECT_EQ(put(writer, 4), RINGBUF_OK);
  EXPECT_EQ(put(writer, 2), RINGBUF_OK);
  const void* samples = nullptr;
  return ringbuf_view(writer, 2, 6, &samples);
}

int corrupt() {
  Name name;
  write_file(path(name), std::string(8192, 'x'));
  return open_code(name.c());
}

int version_mismatch() {
  Name name;
  make(name.c(), options(4, 1, RINGBUF_KEEP)).close();
  const int fd = ::open(path(name).c_str(), O_RDWR | O_CLOEXEC);
  const std::uint32_t version = 0xFFFFU;
  EXPECT_EQ(::pwrite(fd, &version, 4, 8), 4);
  ::close(fd);
  return open_code(name.c());
}

int no_space() {
  struct statvfs shm {};
  if (::statvfs(kDirectory, &shm) != 0 || shm.f_blocks == 0 ||
      shm.f_blocks > (std::uint64_t{1} << 50) / (shm.f_frsize == 0 ? 1 : shm.f_frsize)) {
    return kSkipped;  // a file system without a limit
  }
  constexpr std::uint64_t kLarge = std::min(std::uint64_t{1} << 50, std::uint64_t{SIZE_MAX / 4});
  if (std::uint64_t{shm.f_bfree} * shm.f_frsize >= kLarge) {  // with 32 bits there is no ring that is too large for it
    return with_small_shm("1m", [] { return create("large", options(2 << 20, 1, 0, RINGBUF_BYTES)); });
  }
  Name name;
  ringbuf_options_t o = options(kLarge, 1, 0, RINGBUF_BYTES);
  const int code = create(name.c(), o);
  EXPECT_FALSE(name.is_there());
  EXPECT_FALSE(is_listed(name.text()));
  return code;
}

// The size of this process's address space now.
rlim_t address_space() {
  const std::string statm = read_file("/proc/self/statm");
  return static_cast<rlim_t>(std::strtoull(statm.c_str(), nullptr, 10)) * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

int no_memory() {
  Name name;
  Name refused("refused");
  constexpr std::size_t kBytes = std::size_t{64} << 20;
  const ringbuf_options_t o = options(kBytes, 1, 0, RINGBUF_UINT8);
  Handle writer = make(name.c(), o);
  constexpr int kNoLimit = 99;  // the system takes the limit and does not keep it: qemu-user
  const auto limited = [&](auto body) {
    return in_child([&] {
      if (!limit(RLIMIT_AS, address_space() + (rlim_t{16} << 20))) {
        return 100;
      }
      void* probe = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      return probe != MAP_FAILED ? kNoLimit : body();
    });
  };
  const int opening = limited([&] { return open_code(name.c()); });
  if (opening == kNoLimit) {
    return kSkipped;
  }
  EXPECT_EQ(opening, RINGBUF_NO_MEMORY);
  EXPECT_EQ(info(writer).readers, 0U) << "a refused open kept its place";
  const int making = limited([&] { return create(refused.c(), o); });
  EXPECT_FALSE(refused.is_there());
  return making;
}

int permission() {
  Name name;
  ringbuf_options_t o = options(4);
  if (::geteuid() == 0) {
    o.mode = 0600;
    Handle writer = make(name.c(), o);
    return in_child([&] { return ::setuid(kNobody) == 0 ? open_code(name.c()) : 100; });
  }
  o.mode = 0200;
  Handle writer = make(name.c(), o);
  return open_code(name.c());
}

int too_many_readers() {
  Name name;
  ringbuf_options_t o = options(4, 1, RINGBUF_LOSSLESS);
  o.max_readers = 1;
  Handle writer = make(name.c(), o);
  Handle reader = capi::open(name);
  return open_code(name.c());
}

int unsupported() {
  alignas(4096) static unsigned char memory[65536];
  const ringbuf_options_t o = options(4);
  Handle writer;
  EXPECT_EQ(ringbuf_create_raw(writer.out(), memory, sizeof memory, &o), RINGBUF_OK);
  intptr_t fd = 0;
  return ringbuf_fd(writer, &fd);
}

int forked() {
  Handle writer = make(nullptr, options(4));
  const std::int32_t item = 0;
  return in_child([&] { return ringbuf_push(writer, &item); });
}

int system_error() {
  Name name;
  Handle writer = make(name.c(), options(4));
  const int code = in_child([&] {
    const int next = ::dup(0);  // the lowest that is free
    if (next < 0 || ::close(next) != 0 || !limit(RLIMIT_NOFILE, static_cast<rlim_t>(next))) {
      return 100;
    }
    return open_code(name.c());
  });
  EXPECT_EQ(info(writer).readers, 0U);
  return code;
}

int interrupted() {
  Pair ring(options(4));
  EXPECT_EQ(ringbuf_interrupt(ring.reader), RINGBUF_OK);
  return ringbuf_wait(ring.reader, 1, kForever);
}

const std::pair<int, int (*)()> kProvoked[] = {
    {RINGBUF_OK, ok},
    {RINGBUF_NOT_INITIALIZED, not_initialized},
    {RINGBUF_OVERWRITTEN, overwritten},
    {RINGBUF_NOT_YET, not_yet},
    {RINGBUF_INCOMPATIBLE, incompatible},
    {RINGBUF_BAD_INDEX, bad_index},
    {RINGBUF_INVALID_ARGUMENT, invalid_argument},
    {RINGBUF_EXISTS, exists},
    {RINGBUF_NOT_FOUND, not_found},
    {RINGBUF_WRITE_FORBIDDEN, write_forbidden},
    {RINGBUF_READ_FORBIDDEN, read_forbidden},
    {RINGBUF_BUSY, busy},
    {RINGBUF_FULL, full},
    {RINGBUF_EMPTY, empty},
    {RINGBUF_TIMEOUT, timeout},
    {RINGBUF_CLOSED, closed},
    {RINGBUF_STALE, stale},
    {RINGBUF_NOT_CONTIGUOUS, not_contiguous},
    {RINGBUF_CORRUPT, corrupt},
    {RINGBUF_VERSION_MISMATCH, version_mismatch},
    {RINGBUF_NO_SPACE, no_space},
    {RINGBUF_NO_MEMORY, no_memory},
    {RINGBUF_PERMISSION, permission},
    {RINGBUF_TOO_MANY_READERS, too_many_readers},
    {RINGBUF_UNSUPPORTED, unsupported},
    {RINGBUF_FORKED, forked},
    {RINGBUF_SYSTEM, system_error},
    {RINGBUF_INTERRUPTED, interrupted},
};

TEST(CapiCodes, EachIsProvokedOnce) {
  std::set<int> provoked, skipped, expected;
  for (int code = 0; code <= 27; ++code) {
    expected.insert(code);
  }
  for (const auto& [code, provoke] : kProvoked) {
    const int got = provoke();
    if (got == kSkipped) {
      skipped.insert(code);
      continue;
    }
    EXPECT_EQ(got, code) << ringbuf_error_name(code) << " was to come, " << ringbuf_error_name(got) << " came";
    provoked.insert(got);
  }
  for (const int code : skipped) {
    std::printf("SKIPPED: not to be had on this machine: %s\n", ringbuf_error_name(code));
    provoked.insert(code);
  }
  EXPECT_EQ(provoked, expected);
}

// --- a shared memory file system that is full ------------------------------------------------------------------------

TEST(CapiNoSpace, AFullFileSystemIsAnErrorAndNoSignal) {
  const int result = with_small_shm("1m", [] {
    ringbuf_t* ring = nullptr;
    const ringbuf_options_t large = options(std::uint64_t{2} << 20, 1, 0, RINGBUF_UINT8);
    if (ringbuf_create(&ring, "large", &large) != RINGBUF_NO_SPACE) {
      return 1;
    }
    if (::access("/dev/shm/large", F_OK) == 0) {
      return 2;
    }
    struct statvfs shm {};
    if (::statvfs("/dev/shm", &shm) != 0 || shm.f_bfree != shm.f_blocks) {
      return 3;  // something is left of it
    }
    const ringbuf_options_t half = options(600 * 1024, 1, 0, RINGBUF_UINT8);
    if (ringbuf_create(&ring, "first", &half) != RINGBUF_OK) {
      return 4;
    }
    ringbuf_t* second = nullptr;
    if (ringbuf_create(&second, "second", &half) != RINGBUF_NO_SPACE || second != nullptr) {
      return 5;
    }
    // The first ring has all its memory: every byte of it can be written.
    const std::string bytes(600 * 1024, 'x');
    if (ringbuf_put(ring, bytes.data(), bytes.size()) != RINGBUF_OK) {
      return 6;
    }
    if (ringbuf_close(ring) != RINGBUF_OK || ringbuf_create(&second, "second", &half) != RINGBUF_OK) {
      return 7;
    }
    return ringbuf_close(second) == RINGBUF_OK ? 0 : 8;
  });
  if (result == kSkipped) {
    GTEST_SKIP() << "needs the right to mount";
  }
  EXPECT_EQ(result, 0);
}

TEST(CapiNoSpace, AReplacementThatDoesNotFitLeavesTheOldRing) {
  const int result = with_small_shm("1m", [] {
    ringbuf_t *ring = nullptr, *reader = nullptr;
    const ringbuf_options_t kept = options(8, 1, RINGBUF_KEEP);
    if (ringbuf_create(&ring, "kept", &kept) != RINGBUF_OK || put(ring, 3) != RINGBUF_OK ||
        ringbuf_close(ring) != RINGBUF_OK) {
      return 1;
    }
    const ringbuf_options_t large = options(std::uint64_t{2} << 20, 1, 0, RINGBUF_UINT8);
    if (ringbuf_create(&ring, "kept", &large) != RINGBUF_NO_SPACE) {
      return 2;
    }
    std::int32_t item = -1;
    if (ringbuf_open(&reader, "kept", 0) != RINGBUF_OK || ringbuf_pop(reader, &item) != RINGBUF_OK || item != 0) {
      return 3;
    }
    return ringbuf_close(reader) == RINGBUF_OK ? 0 : 4;
  });
  if (result == kSkipped) {
    GTEST_SKIP() << "needs the right to mount";
  }
  EXPECT_EQ(result, 0);
}

}  // namespace
