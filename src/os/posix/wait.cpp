// Waiting without a futex: polling with a growing pause. Each call of wait() is one pause, after which the caller looks at
// all that may end its wait: the word, an interruption, the other side's death.
//
// This costs up to 1,000 looks a second for each waiter, and up to 1 ms from the move of the word to its being seen. It
// takes no wake-up, so none can be lost, and a waiter that dies leaves nothing behind.
#include <time.h>

#include <algorithm>

#include "error.hpp"
#include "os/posix/posix.hpp"

namespace ringbuf::os {

namespace {

constexpr std::int64_t first_pause_ns = 20'000;
constexpr std::int64_t longest_pause_ns = 1'000'000;

// What this thread has waited for last: while it waits for the same again, the pause grows.
struct LastWait {
  const Atomic32 *word = nullptr;
  std::uint32_t expected = 0;
  std::int64_t pause_ns = first_pause_ns;
};
thread_local LastWait last;

}  // namespace

void wait(const Object & /*object*/, const Atomic32 *word, std::uint32_t expected, std::int64_t timeout_ns) noexcept {
  // Acquire: pairs with the release or stronger by which the word was moved, as after a wake-up.
  if (timeout_ns <= 0 || word->load(std::memory_order_acquire) != expected) return;
  if (last.word != word || last.expected != expected) last = {word, expected, first_pause_ns};
  const timespec pause{0, static_cast<long>(std::min(last.pause_ns, timeout_ns))};
  last.pause_ns = std::min(2 * last.pause_ns, longest_pause_ns);
  ::nanosleep(&pause, nullptr);
}

bool wait_any(const Sleep * /*sleeps*/, std::size_t /*count*/, std::int64_t /*timeout_ns*/) noexcept { return false; }

void wake_all(const Object & /*object*/, Atomic32 * /*word*/, std::uint32_t /*before*/) noexcept {
  RINGBUF_FAILPOINT();
}

void wake_address(const Atomic32 * /*word*/) noexcept {}

Status watch_names(Object & /*watch*/) noexcept { return fail(Status::unsupported, "names cannot be watched"); }

void wait_for_name(const Object & /*watch*/, const char * /*name*/, std::int64_t timeout_ns) noexcept {
  const timespec pause{static_cast<time_t>(timeout_ns / 1'000'000'000), static_cast<long>(timeout_ns % 1'000'000'000)};
  if (timeout_ns > 0) ::nanosleep(&pause, nullptr);
}

// To fence other processes' threads takes a kernel that does it.
bool accept_barriers() noexcept { return false; }
bool barrier() noexcept { return false; }

// The clock of the kernel's ticks is not to be had everywhere; ours ticks as fast as Linux's does.
std::int64_t tick_ns() noexcept {
  constexpr std::int64_t tick = 4'000'000;
  return monotonic_ns() / tick * tick;
}

}  // namespace ringbuf::os
