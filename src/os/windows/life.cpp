// Locks: each is a kernel object that exists as long as somebody holds it. And processes.
#include "failpoint.hpp"
#include "os/windows/system.hpp"

namespace ringbuf::os {

namespace {

// Whoever is refused every access can neither keep the object of a lock there nor get a handle of it by trying to make
// it: making it succeeds for exactly one. (Who made it has its handle, whatever is allowed.)
constexpr DWORD no_access = READ_CONTROL;

ObjectName name_of(const Memory &memory, Lock lock) noexcept {
  return ObjectName::lock(memory.global, memory.id, lock.number);
}

Memory::Held *find(Memory &memory, std::uint32_t number) noexcept {
  for (Memory::Held &held : memory.held) {
    if (held.object && held.number == number) return &held;
  }
  return nullptr;
}

Status hold(Memory &memory, Lock lock, HANDLE object) noexcept {
  Handle owned(object);
  for (Memory::Held &held : memory.held) {
    if (held.object) continue;
    held.number = lock.number;
    held.object = static_cast<Handle &&>(owned);
    return Status::ok;
  }
  return fail(Status::system, "more locks than an object can hold");
}

// Milliseconds since 1601 at which the process was started, in 32 bits; 0: not to be found out.
std::uint32_t start_of(HANDLE process) noexcept {
  FILETIME start{};
  FILETIME other[3];
  if (::GetProcessTimes(process, &start, &other[0], &other[1], &other[2]) == 0) return 0;
  const std::uint64_t ticks = (std::uint64_t{start.dwHighDateTime} << 32) | start.dwLowDateTime;
  return static_cast<std::uint32_t>(ticks / 10'000);
}

}  // namespace

Status try_lock(const Object &object, Lock lock) noexcept {
  if (!object.writable) return fail(Status::permission, "locking takes write permission");
  Memory &m = memory_of(object);
  if (find(m, lock.number) != nullptr) return Status::ok;
  const ObjectName name = name_of(m, lock);
  Access access(no_access, 0);
  constexpr int max_attempts = 100;
  DWORD error = ERROR_SUCCESS;
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    RINGBUF_FAILPOINT();
    ::SetLastError(ERROR_SUCCESS);
    Handle made(::CreateMutexExW(access.attributes(), name.text, 0, SYNCHRONIZE));
    error = ::GetLastError();
    if (made && error != ERROR_ALREADY_EXISTS) return hold(m, lock, made.release());
    if (!made && error != ERROR_ACCESS_DENIED && error != ERROR_INVALID_HANDLE) {
      return system_failure(error, "CreateMutexEx", "the ring's lock");
    }
    // A system that does not mind the access rights (Wine) has given us a handle of somebody else's lock; with that
    // closed, it can turn out that it was the last one.
    made.reset(nullptr);
    if (exists(name)) return fail(Status::busy, "lock {} is held by another", lock.number);
  }
  return system_failure(error, "CreateMutexEx", "the ring's lock");
}

// A shared lock exists as long as one of those who share it does.
Status lock_shared(const Object &object, Lock lock) noexcept {
  Memory &m = memory_of(object);
  if (find(m, lock.number) != nullptr) return Status::ok;
  const DWORD everyone = (m.mode & others_may_read) != 0 ? SYNCHRONIZE : 0;
  Access access(SYNCHRONIZE | READ_CONTROL, everyone);
  RINGBUF_FAILPOINT();
  Handle shared(::CreateMutexExW(access.attributes(), name_of(m, lock).text, 0, SYNCHRONIZE));
  if (!shared) return system_failure(::GetLastError(), "CreateMutexEx", "the ring's lock");
  return hold(m, lock, shared.release());
}

// Nobody can share a lock that is taken, and who may only read the ring cannot make one.
Status hold_off(const Object &object, Lock lock) noexcept { return try_lock(object, lock); }

void unlock(const Object &object, Lock lock) noexcept {
  RINGBUF_FAILPOINT();
  if (Memory::Held *held = find(memory_of(object), lock.number)) held->object.reset(nullptr);
}

void unlock_all(const Object &object) noexcept {
  RINGBUF_FAILPOINT();
  for (Memory::Held &held : memory_of(object).held) held.object.reset(nullptr);
}

bool is_locked(const Object &object, Lock lock) noexcept {
  if (!object.is_open()) return true;
  // Locks that are shared are asked for with is_shared.
  if (lock.number == read_only_waiter_lock.number || lock.number == mapped_lock.number) return false;
  Memory &m = memory_of(object);
  return find(m, lock.number) == nullptr && exists(name_of(m, lock));
}

bool is_shared(const Object &object, Lock lock) noexcept { return exists(name_of(memory_of(object), lock)); }

std::uint64_t process_token() noexcept {
  static const std::uint64_t token = (std::uint64_t{start_of(::GetCurrentProcess())} << 32) | ::GetCurrentProcessId();
  return token;
}

// Process numbers are the machine's.
std::uint64_t process_domain() noexcept { return 1; }

// Dead only if that is certain: a process that we may not look at lives.
bool process_alive(std::uint64_t token) noexcept {
  if (token == 0) return false;
  if (token == process_token()) return true;
  const auto number = static_cast<DWORD>(token);
  const auto start = static_cast<std::uint32_t>(token >> 32);
  const Handle process(::OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE, number));
  if (!process) return ::GetLastError() != ERROR_INVALID_PARAMETER;
  // It can have ended while somebody still has a handle of it.
  if (::WaitForSingleObject(process.get(), 0) == WAIT_OBJECT_0) return false;
  const std::uint32_t found = start_of(process.get());
  return start == 0 || found == 0 || start == found;
}

std::uint32_t process_number_of(std::uint64_t token) noexcept {
  return process_alive(token) ? static_cast<std::uint32_t>(token) : 0;
}

std::uint64_t process_number() noexcept { return ::GetCurrentProcessId(); }

// There is no fork, and no cancelling.
void *forgetful_memory(std::size_t) noexcept { return nullptr; }
Status renew(Object &) noexcept { return Status::ok; }
Uncancelled::Uncancelled() noexcept = default;
Uncancelled::~Uncancelled() = default;
void on_fork(void (*)(), void (*)(), void (*)()) noexcept {}
void detach(Object &) noexcept {}

}  // namespace ringbuf::os
