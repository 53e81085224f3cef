// Locks, processes and sleeping of the in-memory backend.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <random>
#include <thread>

#include "error.hpp"
#include "world.hpp"

namespace ringbuf::os {

namespace {

using memory::Call;
using memory::permit;
using memory::World;
using memory::world;

// With the world locked: the locks of that number of the object's memory.
auto locks_of(World &w, const Object &object, Lock lock) {
  return w.locks.equal_range({w.open.at(object.handle).memory.get(), lock.number});
}

// Whether another Object has the lock; and if so, exclusively.
struct Others {
  bool any = false;
  bool exclusive = false;
  bool ours = false;
};

Others look(World &w, const Object &object, Lock lock) {
  Others found;
  const auto [begin, end] = locks_of(w, object, lock);
  for (auto i = begin; i != end; ++i) {
    if (i->second.handle == object.handle) {
      found.ours = true;
    } else {
      found.any = true;
      found.exclusive = found.exclusive || !i->second.shared;
    }
  }
  return found;
}

Status take(const Object &object, Lock lock, bool shared) noexcept {
  World &w = world();
  const std::lock_guard guard(w.mutex);
  const Others others = look(w, object, lock);
  if (others.exclusive || (others.any && !shared)) {
    return fail(Status::busy, "lock {} is held by another", lock.number);
  }
  if (!others.ours) {
    w.locks.insert({{w.open.at(object.handle).memory.get(), lock.number}, {object.handle, shared}});
  }
  return Status::ok;
}

}  // namespace

Status try_lock(const Object &object, Lock lock) noexcept {
  if (const Status status = permit(Call::try_lock); status != Status::ok) {
    return fail(status, "the call was made to fail");
  }
  if (!object.writable) return fail(Status::permission, "locking takes write permission");
  return take(object, lock, false);
}

Status lock_shared(const Object &object, Lock lock) noexcept {
  if (const Status status = permit(Call::lock_shared); status != Status::ok) {
    return fail(status, "the call was made to fail");
  }
  return take(object, lock, true);
}

Status hold_off(const Object &object, Lock lock) noexcept { return lock_shared(object, lock); }

void unlock(const Object &object, Lock lock) noexcept {
  World &w = world();
  const std::lock_guard guard(w.mutex);
  const auto [begin, end] = locks_of(w, object, lock);
  const auto own = std::find_if(begin, end, [&](const auto &each) { return each.second.handle == object.handle; });
  if (own != end) w.locks.erase(own);
}

void unlock_all(const Object &object) noexcept {
  World &w = world();
  const std::lock_guard guard(w.mutex);
  memory::release_locks(w, object.handle);
}

bool is_locked(const Object &object, Lock lock) noexcept {
  if (!object.is_open()) return true;
  World &w = world();
  const std::lock_guard guard(w.mutex);
  return look(w, object, lock).exclusive;
}

bool is_shared(const Object &object, Lock lock) noexcept {
  World &w = world();
  const std::lock_guard guard(w.mutex);
  return look(w, object, lock).any;
}

std::uint64_t process_token() noexcept { return memory::acting_process; }
std::uint64_t process_domain() noexcept { return 1; }

bool process_alive(std::uint64_t token) noexcept {
  World &w = world();
  const std::lock_guard guard(w.mutex);
  return w.processes.count(token) != 0;
}

std::uint64_t process_number() noexcept { return 1; }
void *forgetful_memory(std::size_t /*bytes*/) noexcept { return nullptr; }

std::uint32_t process_number_of(std::uint64_t token) noexcept {
  return process_alive(token) ? static_cast<std::uint32_t>(token) : 0;
}

// A forked child would have a copy of everything, of which nobody else knows: there is nothing to be told.
void on_fork(void (* /*before*/)(), void (* /*parent*/)(), void (* /*child*/)()) noexcept {}

void detach(Object &object) noexcept {
  World &w = world();
  const std::lock_guard guard(w.mutex);
  memory::release_locks(w, object.handle);
}

void wait(const Object &, const Atomic32 *word, std::uint32_t expected, std::int64_t timeout_ns) noexcept {
  World &w = world();
  std::unique_lock guard(w.mutex);
  if (word->load() != expected) return;
  const std::uint64_t wakes = w.wakes;
  // Who is killed sleeps no longer; asked under the mutex that kill() takes, so that none is missed.
  (void)w.woken.wait_for(guard, std::chrono::nanoseconds(timeout_ns),
                         [&] { return w.wakes != wakes || w.processes.count(memory::acting_process) == 0; });
}

bool wait_any(const Sleep *, std::size_t, std::int64_t) noexcept { return false; }

void wake_all(const Object &, Atomic32 *, std::uint32_t) noexcept {
  World &w = world();
  {
    const std::lock_guard guard(w.mutex);
    ++w.wakes;
  }
  w.woken.notify_all();
}

void wake_address(const Atomic32 *) noexcept { wake_all({}, nullptr, 0); }

Status watch_names(Object &) noexcept { return fail(Status::unsupported, "names cannot be watched"); }

void wait_for_name(const Object &, const char *, std::int64_t timeout_ns) noexcept {
  std::this_thread::sleep_for(std::chrono::nanoseconds(timeout_ns));
}

Uncancelled::Uncancelled() noexcept = default;
Uncancelled::~Uncancelled() = default;

bool accept_barriers() noexcept { return false; }
bool barrier() noexcept { return false; }

std::int64_t monotonic_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::int64_t realtime_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

bool random_bytes(void *bytes, std::size_t size) noexcept {
  std::random_device device;
  for (auto *at = static_cast<std::byte *>(bytes); size != 0; ++at, --size) *at = static_cast<std::byte>(device());
  return true;
}

namespace {
constexpr std::int64_t tick = 4'000'000;
std::atomic<std::int64_t> still_tick{0};  // 0: the clock goes
std::atomic<std::uint64_t> tick_looks{0};
}  // namespace

std::int64_t tick_ns() noexcept {
  ++tick_looks;
  const std::int64_t still = still_tick;
  return still != 0 ? still : monotonic_ns() / tick * tick;
}

memory::StillClock::StillClock() { still_tick = tick_ns(); }
memory::StillClock::~StillClock() { still_tick = 0; }
void memory::StillClock::next_tick() { still_tick += tick; }
std::uint64_t memory::StillClock::looks() const { return tick_looks; }

}  // namespace ringbuf::os
