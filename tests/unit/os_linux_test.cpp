// What src/os/linux promises beyond the seam.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "../support/support.hpp"
#include "os/os.hpp"
#include "os_support.hpp"

using namespace ringbuf;
using test::Owned;

namespace {

constexpr std::uint64_t bytes = 65536;

// From 2038 on, seconds since 1970 take more than 32 bits.
TEST(OsLinux, AFileOfALaterTimeCanBeOpened) {
#ifdef SYS_utimensat_time64
  constexpr long set_times = SYS_utimensat_time64;
#else
  constexpr long set_times = SYS_utimensat;
#endif
  const test::Name name("later");
  Owned object;
  Owned found;
  ASSERT_EQ(os::create(object, name.c(), bytes, 0600), Status::ok);
  ASSERT_EQ(os::publish(object, name.c()), Status::ok);
  constexpr std::int64_t later = std::int64_t{1} << 32;
  const std::int64_t times[] = {later, 0, later, 0};  // seconds and nanoseconds, of reading and of writing
  ASSERT_EQ(::syscall(set_times, AT_FDCWD, test::name_path(name.text()).c_str(), times, 0), 0);
  EXPECT_EQ(os::open(found, name.c()), Status::ok) << last_error();
  EXPECT_EQ(os::naming(found, name.c()), os::Naming::ours);
}

TEST(OsLinux, AnAnonymousObjectCannotBeCutShort) {
  Owned object;
  ASSERT_EQ(os::create(object, nullptr, bytes, 0600), Status::ok);
  EXPECT_NE(::ftruncate(object.fd, 4096), 0);
}

// A sleeper is found by its address alone. The word stays as it is.
TEST(OsLinux, AWakeOfAnAddressEndsASleep) {
  Owned object;
  ASSERT_EQ(os::create(object, nullptr, bytes, 0600), Status::ok);
  test::Mapped memory(object);
  const Atomic32 &word = test::word_at(memory.region, 8);
  const os::Sleep sleep{&word, 0};
  for (const bool any : {false, true}) {
    std::atomic<bool> done{false};
    std::thread sleeper([&] {
      if (!any || !os::wait_any(&sleep, 1, test::hour_ns)) os::wait(object, &word, 0, test::hour_ns);
      done = true;
    });
    while (!done) {
      errno = 4711;
      os::wake_address(&word);
      EXPECT_EQ(errno, 4711);
      std::this_thread::yield();
    }
    sleeper.join();
  }
  EXPECT_EQ(word, 0u);
}

// Another thread may unmap a ring on whose word this one sleeps, or is about to.
TEST(OsLinux, AWordThatIsUnmappedEndsTheSleep) {
  Owned object;
  ASSERT_EQ(os::create(object, nullptr, bytes, 0600), Status::ok);
  os::Region region;
  ASSERT_EQ(os::map(object, region), Status::ok);
  test::Mapped other(object);
  const os::Sleep sleeps[] = {{&test::word_at(other.region, 0), 0}, {&test::word_at(region, 4), 0}};
  const bool can = os::wait_any(sleeps, 2, 0);
  os::unmap(region);
  EXPECT_EQ(os::wait_any(sleeps, 2, test::hour_ns), can);
}

}  // namespace
