// Sleeping between processes, and clocks.
//
// A process that sleeps while a word is v waits for an event with v in its name. The event exists only while a process
// waits for it. A process that has moved the word from v sets the event of v, if there is one. The sleeper opens the
// event and then checks the word a last time. The waker moves the word and then looks for the event. So at least one
// sees the other. An event is set once and never reset: the value v is past for all later sleepers.
#include <algorithm>

#include "failpoint.hpp"
#include "os/windows/system.hpp"

namespace ringbuf::os {

namespace {

ObjectName name_of(const Object &object, const void *word, std::uint32_t value) noexcept {
  const auto which = static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(word) % 8);
  if (!object.is_open()) return ObjectName::sleep(global_namespace(), true, object.ring, which, value);
  const Memory &m = *object.memory;
  return ObjectName::sleep(m.global, false, m.id, which, value);
}

// Rounded up, so that a wait is never too short.
DWORD milliseconds(std::int64_t ns) noexcept {
  return static_cast<DWORD>(std::clamp<std::int64_t>(ns / 1'000'000 + (ns % 1'000'000 > 0 ? 1 : 0), 0, 86'400'000));
}

std::int64_t performance_counter(std::int64_t &per_second) noexcept {
  LARGE_INTEGER value{};
  static const std::int64_t frequency = [] {
    LARGE_INTEGER hertz{};
    ::QueryPerformanceFrequency(&hertz);
    return static_cast<std::int64_t>(hertz.QuadPart);
  }();
  ::QueryPerformanceCounter(&value);
  per_second = frequency;
  return value.QuadPart;
}

}  // namespace

void wait(const Object &object, const Atomic32 *word, std::uint32_t expected, std::int64_t timeout_ns) noexcept {
  constexpr DWORD look_again_ms = 10;
  // All users who may read the ring may sleep. All processes that have the ring may wake.
  const bool for_all = !object.is_open() || (object.memory->mode & others_may_read) != 0;
  constexpr DWORD rights = SYNCHRONIZE | EVENT_MODIFY_STATE;
  Access access(rights, for_all ? rights : 0);
  const Handle event(::CreateEventExW(access.attributes(), name_of(object, word, expected).text,
                                      CREATE_EVENT_MANUAL_RESET, SYNCHRONIZE));
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (word->load(std::memory_order_acquire) != expected) return;
  if (event) {
    (void)::WaitForSingleObject(event.get(), milliseconds(timeout_ns));
  } else {
    ::Sleep(std::min(look_again_ms, milliseconds(timeout_ns)));
  }
}

// One thread may wait for 64 events at most, and each would have to be made for each sleep.
bool wait_any(const Sleep *, std::size_t, std::int64_t) noexcept { return false; }

void wake_all(const Object &object, Atomic32 *word, std::uint32_t before) noexcept {
  RINGBUF_FAILPOINT();
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const Handle event(::OpenEventW(EVENT_MODIFY_STATE, FALSE, name_of(object, word, before).text));
  if (event) ::SetEvent(event.get());
}

// The name of the event needs the old value of the word, which must not be loaded here.
void wake_address(const Atomic32 *) noexcept {}

Status watch_names(Object &) noexcept { return fail(Status::unsupported, "names cannot be watched"); }

void wait_for_name(const Object &, const char *, std::int64_t timeout_ns) noexcept {
  ::Sleep(milliseconds(timeout_ns));
}

// FlushProcessWriteBuffers reaches only the threads of its own process.
bool accept_barriers() noexcept { return false; }
bool barrier() noexcept { return false; }

std::int64_t monotonic_ns() noexcept {
  constexpr std::int64_t second_ns = 1'000'000'000;
  std::int64_t hertz = 1;
  const std::int64_t count = performance_counter(hertz);
  return count / hertz * second_ns + count % hertz * second_ns / hertz;
}

std::int64_t realtime_ns() noexcept {
  constexpr std::int64_t from_1601_to_1970 = 116'444'736'000'000'000;  // in units of 100 ns
  FILETIME now{};
  ::GetSystemTimePreciseAsFileTime(&now);
  const auto ticks = static_cast<std::int64_t>((std::uint64_t{now.dwHighDateTime} << 32) | now.dwLowDateTime);
  return (ticks - from_1601_to_1970) * 100;
}

// The tick of the kernel has another origin than the clock above. So ticks are computed from that clock.
std::int64_t tick_ns() noexcept {
  constexpr std::int64_t tick = 4'000'000;
  return monotonic_ns() / tick * tick;
}

}  // namespace ringbuf::os
