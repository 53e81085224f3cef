// The open segments of this process: those left open at exit are finished, and a forked child disowns its copies.
#include <mutex>
#include <thread>

#include "segment.hpp"

namespace ringbuf::detail {

namespace {

// Both outlive all static objects of the program: the one is never destroyed, the other has nothing to be destroyed.
std::mutex &registry_mutex() noexcept {
  static union Immortal {
    std::mutex mutex;
    Immortal() noexcept : mutex() {}
    ~Immortal() {}  // NOLINT(modernize-use-equals-default): a mutex may have a destructor
  } immortal;
  return immortal.mutex;
}
constinit Segment *first_segment = nullptr;

void before_fork() { registry_mutex().lock(); }
void after_fork_in_parent() { registry_mutex().unlock(); }
void after_fork_in_child() {
  for (Segment *s = first_segment; s != nullptr; s = s->next) {
    s->refusal.store(Status::forked, std::memory_order_relaxed);
    os::detach(s->object);
  }
  registry_mutex().unlock();
}

// Windows tells a DLL of the exit after it has ended all other threads, wherever they were: one of them may have had the
// registry, and then what it lists may be anything. What is not finished dies with the process, as in a crash.
bool lock_at_exit() noexcept {
  constexpr std::int64_t patience_ns = 1'000'000'000;
  const std::int64_t give_up_ns = os::monotonic_ns() + patience_ns;
  while (!registry_mutex().try_lock()) {
    if (os::monotonic_ns() > give_up_ns) return false;
    std::this_thread::yield();
  }
  return true;
}

// Other threads may still use their handles, so the memory stays.
struct AtExit {
  ~AtExit() {
    if (!lock_at_exit()) return;
    const std::lock_guard lock(registry_mutex(), std::adopt_lock);
    for (Segment *s = first_segment; s != nullptr; s = s->next) {
      if (s->refusal.load(std::memory_order_relaxed) != Status::ok) continue;
      finish(*s);
      s->refusal.store(Status::closed, std::memory_order_relaxed);
    }
  }
};
const AtExit at_exit;

}  // namespace

std::mutex &registry() noexcept {
  static const bool fork_handlers_set = [] {
    os::on_fork(before_fork, after_fork_in_parent, after_fork_in_child);
    return true;
  }();
  (void)fork_handlers_set;
  return registry_mutex();
}

void register_segment(Segment &segment) noexcept {
  segment.next = first_segment;
  if (first_segment != nullptr) first_segment->previous = &segment;
  first_segment = &segment;
}

void unregister_segment(Segment &segment) noexcept {
  const std::lock_guard lock(registry_mutex());
  if (segment.previous != nullptr) segment.previous->next = segment.next;
  if (segment.next != nullptr) segment.next->previous = segment.previous;
  if (first_segment == &segment) first_segment = segment.next;
  segment.previous = segment.next = nullptr;
}

}  // namespace ringbuf::detail
