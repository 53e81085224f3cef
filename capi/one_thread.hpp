// A handle belongs to one thread at a time. A debug build of the library (RINGBUF_CHECK_THREADS) says so where calls of two
// threads overlap; otherwise all of this is nothing. The choice is the library's: programs call functions either way.
#pragma once

#ifdef RINGBUF_CHECK_THREADS
#include <atomic>
#include <cstdio>
#include <cstdlib>
#endif

namespace ringbuf::capi {

#ifdef RINGBUF_CHECK_THREADS

// Part of a handle: which call is being made, and by which thread.
class Owner {
 public:
  // Acquire and release, as a lock's. Whether this call is the outermost one of its thread.
  template <class Forked>
  bool enter(const char *function, Forked &&forked) noexcept {
    const void *const me = this_thread();
    const char *other = nullptr;
    if (!function_.compare_exchange_strong(other, function, std::memory_order_acq_rel, std::memory_order_acquire)) {
      // Called by a callback of ours, or in a signal handler: nobody else stores this thread's mark.
      if (thread_.load(std::memory_order_relaxed) == me) return false;
      // In a forked child the other thread does not exist.
      if (!forked()) report(function, other);
    }
    thread_.store(me, std::memory_order_relaxed);
    return true;
  }
  void leave() noexcept {
    thread_.store(nullptr, std::memory_order_relaxed);
    function_.store(nullptr, std::memory_order_release);
  }

 private:
  static const void *this_thread() noexcept {
    static thread_local char mark;
    return &mark;
  }
  [[noreturn]] static void report(const char *function, const char *other) noexcept {
    std::fprintf(stderr,
                 "ringbuf: %s was called while another thread was in %s on the same handle; a handle belongs to one "
                 "thread at a time, and each thread can open its own\n",
                 function, other);
    std::abort();
  }

  std::atomic<const char *> function_{nullptr};
  std::atomic<const void *> thread_{nullptr};
};

// From here to the end of the scope, or until the handle is gone, a call is being made.
template <class Handle>
class InCall {
 public:
  InCall(const Handle *handle, const char *function) noexcept
      : owner_(handle->owner.enter(function, [handle] { return handle->is_forked(); }) ? &handle->owner : nullptr) {}
  InCall(const InCall &) = delete;
  InCall &operator=(const InCall &) = delete;
  ~InCall() {
    if (owner_ != nullptr) owner_->leave();
  }
  void gone() noexcept { owner_ = nullptr; }

 private:
  Owner *owner_;
};

#else

class Owner {};
template <class Handle>
class InCall {
 public:
  InCall(const Handle *, const char *) noexcept {}
  void gone() noexcept {}
};

#endif

}  // namespace ringbuf::capi
