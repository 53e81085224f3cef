#include "wait_list.hpp"

namespace tool {

void WaitList::clear() noexcept {
  rings_.clear();
  ends_.clear();
}

void WaitList::add(const Ring &ring, std::int64_t end) {
  rings_.push_back(ring.get());
  ends_.push_back(end);
}

void WaitList::wait() const {
  std::size_t which = 0;
  const int code = ringbuf_wait_any(rings_.data(), ends_.data(), rings_.size(), longest_ns, &which);
  switch (code) {
    case RINGBUF_OK:
    case RINGBUF_TIMEOUT:
    case RINGBUF_INTERRUPTED:
    case RINGBUF_CLOSED:
    case RINGBUF_STALE:
      return;
    default:
      throw Failure(exit_code(code), ringbuf_last_error());
  }
}

}  // namespace tool
