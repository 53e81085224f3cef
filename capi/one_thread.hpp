// A handle belongs to one thread at a time. A debug build of the library (RINGBUF_CHECK_THREADS) reports overlapping
// calls of two threads and aborts. In other builds all of this is empty. The library alone makes the choice: programs
// call functions either way.
#pragma once

#include <cstddef>

#ifdef RINGBUF_CHECK_THREADS
#include <atomic>
#include <bitset>
#include <cstdio>
#include <cstdlib>
#endif

namespace ringbuf::capi {

#ifdef RINGBUF_CHECK_THREADS

// Part of a handle: the call in progress, and its thread.
class Owner {
 public:
  // Acquire and release, as a lock has them. Returns true if this call is the outermost one of its thread.
  template <class Forked>
  bool enter(const char *function, Forked &&forked) noexcept {
    const void *const me = this_thread();
    const char *other = nullptr;
    if (!function_.compare_exchange_strong(other, function, std::memory_order_acq_rel, std::memory_order_acquire)) {
      // The call comes from a callback of ours or from a signal handler. Only this thread stores its own mark, so
      // relaxed is enough.
      if (thread_.load(std::memory_order_relaxed) == me) return false;
      // The other thread does not exist in a forked child.
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

// Marks a call as in progress until the end of the scope, or until the handle is gone.
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

// Marks a call as in progress in several handles. A handle that occurs twice is left once.
template <class Handle, std::size_t most>
class InCalls {
 public:
  InCalls(Handle *const *handles, std::size_t count, const char *function) noexcept : handles_(handles), count_(count) {
    for (std::size_t i = 0; i < count; ++i) {
      const Handle *handle = handles[i];
      entered_[i] = handle->owner.enter(function, [handle] { return handle->is_forked(); });
    }
  }
  InCalls(const InCalls &) = delete;
  InCalls &operator=(const InCalls &) = delete;
  ~InCalls() {
    for (std::size_t i = 0; i < count_; ++i) {
      if (entered_[i]) handles_[i]->owner.leave();
    }
  }

 private:
  Handle *const *handles_;
  std::size_t count_;
  std::bitset<most> entered_;
};

#else

class Owner {};
template <class Handle>
class InCall {
 public:
  InCall(const Handle *, const char *) noexcept {}
  void gone() noexcept {}
};
template <class Handle, std::size_t most>
class InCalls {
 public:
  InCalls(Handle *const *, std::size_t, const char *) noexcept {}
};

#endif

}  // namespace ringbuf::capi
