// The open segments of this process: those left open at exit are finished, and a forked child disowns its copies.
#include <mutex>

#include "segment.hpp"

namespace ringbuf::detail {

namespace {

// Both outlive all static objects of the program, since they are never destroyed in any way that matters.
constinit std::mutex registry_mutex;
constinit Segment *first_segment = nullptr;

void before_fork() { registry_mutex.lock(); }
void after_fork_in_parent() { registry_mutex.unlock(); }
void after_fork_in_child() {
  for (Segment *s = first_segment; s != nullptr; s = s->next) {
    s->refusal.store(Status::forked, std::memory_order_relaxed);
    os::detach(s->object);
  }
  registry_mutex.unlock();
}

// Other threads may still use their handles, so the memory stays.
struct AtExit {
  ~AtExit() {
    const std::lock_guard lock(registry_mutex);
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
  return registry_mutex;
}

void register_segment(Segment &segment) noexcept {
  segment.next = first_segment;
  if (first_segment != nullptr) first_segment->previous = &segment;
  first_segment = &segment;
}

void unregister_segment(Segment &segment) noexcept {
  const std::lock_guard lock(registry_mutex);
  if (segment.previous != nullptr) segment.previous->next = segment.next;
  if (segment.next != nullptr) segment.next->previous = segment.previous;
  if (first_segment == &segment) first_segment = segment.next;
  segment.previous = segment.next = nullptr;
}

}  // namespace ringbuf::detail
