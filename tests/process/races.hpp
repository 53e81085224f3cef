// What the race tests share: processes that execute this program again in another role, mounts that clean up behind
// themselves, seeds, and how long to run.
//
// A test starts processes by the name of a role (RACES_ROLE), talks to them over their standard input and output, and
// kills those that are left when it ends. Nothing here sleeps to synchronise.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "../capi/support.hpp"
#include "../support/forked.hpp"
#include "../support/support.hpp"

namespace races {

inline constexpr std::int64_t millisecond = test::millisecond_ns;
using capi::Handle;
using capi::info;
using test::forever;
using test::Line;
using test::Name;
using test::Random;

// --- one handle -----------------------------------------------------------------------------------------------------

// A ring of int64 whose samples are their own indices.
ringbuf_options_t options(std::uint64_t capacity, std::uint32_t flags = 0);
// Puts the next `count` of them.
int put(ringbuf_t* writer, std::uint64_t count);
// Pops `count` samples and expects them to be first, first + 1 ...
void expect_pops(ringbuf_t* reader, std::int64_t first, std::uint64_t count);

// Names in /dev/shm that begin with `prefix`.
std::vector<std::string> names_with(const std::string& prefix);

// --- how long, and by which chance ------------------------------------------------------------------------------------

// RINGBUF_RACE_SECONDS, 5 if that is not set.
std::chrono::nanoseconds race_time();
// RINGBUF_RACE_SEED, drawn if that is not set; printed.
std::uint64_t race_seed();

// --- processes --------------------------------------------------------------------------------------------------------

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
class Process : public test::Forked {
 public:
  Process() = default;
  explicit Process(const char* role, const Arguments& arguments = {});
};

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
