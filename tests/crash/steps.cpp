#include "steps.hpp"

#include "failpoint.hpp"

namespace crash {

namespace {
Shared* armed = nullptr;
bool stops = false;
}  // namespace

void arm(Shared& shared, std::uint64_t kill_at) noexcept {
  shared.passed = 0;
  shared.kill_at = kill_at;
  armed = &shared;
}

void arm_to_stop(Shared& shared, std::uint64_t stop_at) noexcept {
  stops = true;
  arm(shared, stop_at);
}

void disarm() noexcept { armed = nullptr; }

void die(Shared& shared) noexcept {
  shared.died_ns = clock_ns();
  (void)::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

}  // namespace crash

void ringbuf::detail::failpoint() noexcept {
  crash::Shared* const shared = crash::armed;
  if (shared == nullptr) return;
  if (++shared->passed != shared->kill_at) return;
  if (!crash::stops) crash::die(*shared);
  (void)::raise(SIGSTOP);
}
