#include "stop.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

namespace tool {

namespace {

// Lock-free, so that a signal handler may use them. More rings than places are not woken: each wait of a command has a limit
// besides, after which it looks at the flag.
std::array<std::atomic<ringbuf_t *>, 64> rings{};
std::atomic<bool> stop{false};
std::array<int, 2> stop_pipe{-1, -1};
static_assert(std::atomic<ringbuf_t *>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

extern "C" void on_stop(int signal_number) {
  if (stop.exchange(true)) {
    static_cast<void>(std::signal(signal_number, SIG_DFL));
    static_cast<void>(std::raise(signal_number));
    return;
  }
  const int before = errno;
  for (auto &each : rings) {
    ringbuf_t *ring = each.load();
    if (ring != nullptr) static_cast<void>(ringbuf_interrupt(ring));
  }
  if (stop_pipe[1] >= 0 && ::write(stop_pipe[1], "", 1) < 0) stop_pipe[1] = -1;
  errno = before;
}

}  // namespace

void catch_stop_signals() {
  if (stop_pipe[0] < 0 && ::pipe2(stop_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) stop_pipe = {-1, -1};
  struct sigaction action = {};
  action.sa_handler = on_stop;
  static_cast<void>(sigemptyset(&action.sa_mask));
  for (const int number : {SIGINT, SIGTERM}) static_cast<void>(sigaction(number, &action, nullptr));
}

bool stop_requested() noexcept { return stop.load(); }

int stop_fd() noexcept { return stop_pipe[0]; }

void wake_on_stop(ringbuf_t *ring) noexcept {
  for (auto &each : rings) {
    ringbuf_t *none = nullptr;
    if (each.compare_exchange_strong(none, ring)) return;
  }
}

void forget_on_stop(ringbuf_t *ring) noexcept {
  for (auto &each : rings) {
    ringbuf_t *same = ring;
    if (each.compare_exchange_strong(same, nullptr)) return;
  }
}

}  // namespace tool
