#include "stop.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include "text.hpp"

namespace tool {

namespace {

// Lock-free, so that a signal handler may use them. More rings than places are not woken: each wait of a command has a limit
// besides, after which it looks at the flag.
std::array<std::atomic<ringbuf_t *>, 64> rings{};
std::atomic<bool> stop{false};
std::array<int, 2> stop_pipe{-1, -1};
static_assert(std::atomic<ringbuf_t *>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

// The times of signals that nobody has taken yet. If there are more of them than places, the last one stands for the others.
std::array<std::atomic<std::int64_t>, 64> user_times{};
std::atomic<std::uint32_t> user_signals{0};
std::uint32_t user_taken = 0;
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

void wake_rings() {
  for (auto &each : rings) {
    ringbuf_t *ring = each.load();
    if (ring != nullptr) static_cast<void>(ringbuf_interrupt(ring));
  }
}

extern "C" void on_user_signal(int) {
  const int before = errno;
  const std::uint32_t count = user_signals.load();
  user_times[count % user_times.size()].store(monotonic_now());
  user_signals.store(count + 1);  // signals of one kind do not interrupt each other
  wake_rings();
  errno = before;
}

extern "C" void on_stop(int signal_number) {
  if (stop.exchange(true)) {
    static_cast<void>(std::signal(signal_number, SIG_DFL));
    static_cast<void>(std::raise(signal_number));
    return;
  }
  const int before = errno;
  wake_rings();
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

void catch_user_signal() {
  struct sigaction action = {};
  action.sa_handler = on_user_signal;
  static_cast<void>(sigemptyset(&action.sa_mask));
  static_cast<void>(sigaction(SIGUSR1, &action, nullptr));
}

std::optional<std::int64_t> take_user_signal() noexcept {
  const std::uint32_t count = user_signals.load();
  if (user_taken == count) return std::nullopt;
  if (count - user_taken > user_times.size()) user_taken = count - 1;
  return user_times[user_taken++ % user_times.size()].load();
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
