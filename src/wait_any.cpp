// Waiting for the samples of several rings at once.
//
// This is the wait of waiting.cpp, made for all rings together: load the words, announce the wait in every ring, impose the
// writers' fences by one barrier, look at all rings, sleep on all words. The argument of EVENTCOUNT (protocol.hpp) holds for
// each ring by itself: its word is loaded before its announcement, and it is looked at after the barrier.
//
// Where the system cannot sleep on several words, or not on so many, the rings are looked at every one or two
// milliseconds. That takes no announcement, so no writer makes a system call for it.
#include "error.hpp"
#include "ringbuf/ring.hpp"
#include "waiting.hpp"

namespace ringbuf {

using detail::Segment;

namespace {

constexpr std::int64_t poll_ns = 1'000'000;
constexpr std::int64_t poll_of_many_ns = 2'000'000;

// Publishes the words that a thread is about to sleep on, as sleep() in waiting.cpp does with one.
class Interruptible {
 public:
  explicit Interruptible(const Ring::Several &several) noexcept : several_(several) {}
  Interruptible(const Interruptible &) = delete;
  Interruptible &operator=(const Interruptible &) = delete;
  ~Interruptible() {
    for (std::size_t i = 0; i < published_; ++i) several_.segment(i).sleeps_on.store(nullptr);
  }

  // True: another thread has interrupted the wait in ring `which`, and the interruption is consumed.
  bool is_interrupted(bool publish, std::size_t &which) noexcept {
    for (std::size_t i = 0; i < several_.count; ++i) {
      Segment &segment = several_.segment(i);
      if (publish) {
        segment.sleeps_on.store(&segment.lines().wake_sequence);
        published_ = i + 1;
      }
      if (segment.interrupted.load() && segment.interrupted.exchange(false)) {
        which = i;
        return true;
      }
    }
    return false;
  }

 private:
  const Ring::Several &several_;
  std::size_t published_ = 0;
};

// Looks at the rings in their order until one has an answer, whose index is `which`. not_yet: none has.
Status look_at_all(const Ring::Several &several, bool thoroughly, std::size_t &which) noexcept {
  for (std::size_t i = 0; i < several.count; ++i) {
    const Status status = detail::look(several.segment(i), several.end(i), thoroughly);
    if (status == Status::not_yet) continue;
    which = i;
    return status;
  }
  return Status::not_yet;
}

// Loads the word of each ring and announces the wait there. Returns how long the sleep may last.
std::int64_t announce_all(const Ring::Several &several, os::Sleep *sleeps, bool first) noexcept {
  bool moved = first;
  bool asymmetric = false;
  std::int64_t slice = detail::slice_ns;
  for (std::size_t i = 0; i < several.count; ++i) {
    Segment &segment = several.segment(i);
    const WriterLines &lines = segment.lines();
    const std::uint32_t word = protocol::wake_word(lines);
    moved = moved || word != sleeps[i].expected;
    sleeps[i] = {&lines.wake_sequence, word};
    asymmetric = detail::announce_wait(segment, several.end(i)) || asymmetric;
    if (detail::is_unannounced(segment)) slice = detail::unannounced_slice_ns;
  }
  const bool fenced = !asymmetric || os::barrier();
  return !fenced && moved ? std::min(slice, detail::asymmetric_slice_ns) : slice;
}

}  // namespace

Segment &Ring::Several::segment(std::size_t i) const noexcept { return *at(rings, i)->segment_; }

Status Ring::Several::check() const noexcept {
  if (rings == nullptr) return null_argument("rings");
  if (ends == nullptr) return null_argument("ends");
  if (count == 0 || count > most) {
    return fail(Status::invalid_argument, "count is {}, expected 1 to {}", count, std::size_t{most});
  }
  for (std::size_t i = 0; i < count; ++i) {
    const Ring *ring = at(rings, i);
    if (ring == nullptr) return fail(Status::not_initialized, "rings[{}] is NULL", i);
    if (!ring->is_open()) return fail(Status::not_initialized, "rings[{}] is closed", i);
    if (ends[i] < ring->hot_.first_index) {
      return fail(Status::bad_index, "ends[{}] is {}, expected at least {}", i, ends[i], ring->hot_.first_index);
    }
  }
  return Status::ok;
}

Status Ring::wait_any(const Several &several, std::int64_t timeout_ns, std::size_t &which) noexcept {
  if (const Status status = several.check(); status != Status::ok) return status;
  const os::Uncancelled uncancelled;
  const detail::Deadline deadline(timeout_ns);
  os::Sleep sleeps[os::max_sleeps];
  bool together = several.count <= os::max_sleeps;
  std::int64_t next_thorough_look_ns = 0;
  for (bool first = true;; first = false) {
    std::int64_t slice = several.count <= os::max_sleeps ? poll_ns : poll_of_many_ns;
    if (together && timeout_ns != 0) slice = announce_all(several, sleeps, first);
    const std::int64_t now = os::monotonic_ns();
    const bool thoroughly = now >= next_thorough_look_ns;
    if (thoroughly) next_thorough_look_ns = now + detail::slice_ns;
    if (const Status status = look_at_all(several, thoroughly, which); status != Status::not_yet) return status;
    const std::int64_t left = timeout_ns == 0 ? 0 : deadline.left(slice);
    if (left <= 0) {
      return fail(Status::timeout, "waited for the samples of {} rings, none of them has those before its end",
                  several.count);
    }
    Interruptible sleep(several);
    if (sleep.is_interrupted(together, which)) {
      return fail(Status::interrupted, "the wait for the samples before {} of rings[{}] was ended by another thread",
                  several.ends[which], which);
    }
    if (together) together = os::wait_any(sleeps, several.count, left);
    if (together) continue;
    const Segment &segment = several.segment(0);
    const WriterLines &lines = segment.lines();
    os::wait(segment.sleepers(), &lines.wake_sequence, protocol::wake_word(lines), std::min(left, poll_of_many_ns));
  }
}

}  // namespace ringbuf
