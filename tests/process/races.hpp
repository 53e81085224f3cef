// What the race tests share: processes that execute this program again in another role, names and mounts that clean up
// behind themselves, seeds, and how long to run.
//
// A test starts processes by the name of a role (RACES_ROLE), talks to them over their standard input and output, and
// kills those that are left when it ends. Nothing here sleeps to synchronise.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "ringbuf.h"

namespace races {

inline constexpr std::int64_t millisecond = 1'000'000;
inline constexpr std::int64_t forever = -1;

// --- one handle -----------------------------------------------------------------------------------------------------

class Handle {
 public:
  Handle() = default;
  Handle(Handle&& other) noexcept : ring_(std::exchange(other.ring_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(ring_, other.ring_);
    return *this;
  }
  ~Handle() { close(); }

  operator ringbuf_t*() const { return ring_; }
  ringbuf_t** out() {
    close();
    return &ring_;
  }
  void close() { (void)ringbuf_close(std::exchange(ring_, nullptr)); }

 private:
  ringbuf_t* ring_ = nullptr;
};

// A ring of int64 whose samples are their own indices.
ringbuf_options_t options(std::uint64_t capacity, std::uint32_t flags = 0);
// Puts the next `count` of them.
int put(ringbuf_t* writer, std::uint64_t count);
ringbuf_info_t info(ringbuf_t* ring);
// Pops `count` samples and expects them to be first, first + 1 ...
void expect_pops(ringbuf_t* reader, std::int64_t first, std::uint64_t count);

// --- names ----------------------------------------------------------------------------------------------------------

// A name that no other test has, removed at the end, whatever happened.
class Name {
 public:
  Name();
  Name(const Name&) = delete;
  Name& operator=(const Name&) = delete;
  ~Name();

  const char* c() const { return text_.c_str(); }
  const std::string& text() const { return text_; }
  std::string path() const { return "/dev/shm/" + text_; }
  bool is_there() const;

 private:
  pid_t owner_;
  std::string text_;
};

// Names in /dev/shm that begin with `prefix`.
std::vector<std::string> names_with(const std::string& prefix);

// --- how long, and by which chance ------------------------------------------------------------------------------------

// RINGBUF_RACE_SECONDS, 5 if that is not set.
std::chrono::nanoseconds race_time();
// RINGBUF_RACE_SEED, drawn if that is not set; printed.
std::uint64_t race_seed();

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t limit) {
    return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(engine_);
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  std::uint64_t draw() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

// --- processes --------------------------------------------------------------------------------------------------------

bool write_all(int fd, const void* bytes, std::size_t size);
bool read_all(int fd, void* bytes, std::size_t size);

// How a process in a role talks to the test. Ends the process if the test is gone.
class Line {
 public:
  template <class T>
  void say(const T& value) const {
    static_assert(std::is_trivially_copyable_v<T>);
    say_bytes(&value, sizeof value);
  }
  template <class T>
  T hear() const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    hear_bytes(&value, sizeof value);
    return value;
  }

 private:
  static void say_bytes(const void* bytes, std::size_t size);
  static void hear_bytes(void* bytes, std::size_t size);
};

using Arguments = std::vector<std::string>;
using Role = int (*)(const Line& line, const Arguments& arguments);

struct RegisterRole {
  RegisterRole(const char* name, Role role);
};

// RACES_ROLE(name) { ... return exit_code; } with `line` and `arguments`.
#define RACES_ROLE(name)                                                      \
  static int name##_role([[maybe_unused]] const races::Line& line,            \
                         [[maybe_unused]] const races::Arguments& arguments); \
  static const races::RegisterRole name##_registered(#name, name##_role);     \
  static int name##_role([[maybe_unused]] const races::Line& line, [[maybe_unused]] const races::Arguments& arguments)

// Runs the role that the command line names; the exit code, or -1 if it names none.
int run_role(int argc, char** argv);

// A process in a role; killed if the test leaves it behind.
class Process {
 public:
  Process() = default;
  explicit Process(const char* role, const Arguments& arguments = {});
  Process(Process&& other) noexcept { swap(other); }
  Process& operator=(Process&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Process();

  pid_t pid() const { return pid_; }

  template <class T>
  void say(const T& value) const {
    EXPECT_TRUE(try_to_say(value)) << "the process is gone";
  }
  template <class T>
  bool try_to_say(const T& value) const {
    static_assert(std::is_trivially_copyable_v<T>);
    return write_all(to_, &value, sizeof value);
  }
  template <class T>
  T hear() const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    EXPECT_TRUE(read_all(from_, &value, sizeof value)) << "the process ended without a word";
    return value;
  }
  // Whether it has said something that was not heard yet.
  bool has_spoken() const;

  void signal(int number) const;
  void kill();
  // Stops it, and returns when it stands still.
  void stop() const;
  // Its exit code, or 1000 + the signal that ended it.
  int wait();

 private:
  void swap(Process& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(to_, other.to_);
    std::swap(from_, other.from_);
  }

  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
};

// Returns when the process sleeps in the kernel (or has ended).
void await_sleep(pid_t process);

// --- what takes root ----------------------------------------------------------------------------------------------------

// A tmpfs of its own on /dev/shm, for this process and those it starts, until the object goes.
class PrivateShm {
 public:
  // size: as the option of tmpfs. is_there() tells whether it worked.
  explicit PrivateShm(const char* size);
  PrivateShm(const PrivateShm&) = delete;
  PrivateShm& operator=(const PrivateShm&) = delete;
  ~PrivateShm();

  bool is_there() const { return mounted_; }
  const std::string& why_not() const { return why_not_; }
  std::uint64_t bytes_used() const;
  std::uint64_t bytes_free() const;

 private:
  bool mounted_ = false;
  // The mount namespace that we came from, and where in it we were: its root is another one than that of a chroot.
  int before_ = -1, root_ = -1, directory_ = -1;
  std::string why_not_;
};

}  // namespace races
