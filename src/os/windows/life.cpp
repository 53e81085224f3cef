// Locks and processes. A lock is a kernel object that exists as long as a process holds it.
#include "failpoint.hpp"
#include "os/windows/system.hpp"

namespace ringbuf::os {

namespace {

// A process without any access to the object of a lock cannot keep the object alive. It cannot get a handle by trying
// to make the object either: making it succeeds for exactly one process. (The maker has its handle whatever the access
// rights.)
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

// The start of the process in milliseconds since 1601, in 32 bits; 0: unknown.
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
  Memory &m = *object.memory;
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
    // A system that ignores the access rights (Wine) has given us a handle of a lock of another process. If it turns
    // out to be the last handle, the lock is gone once it is closed.
    made.reset(nullptr);
    if (exists(name)) return fail(Status::busy, "lock {} is held by another", lock.number);
  }
  return system_failure(error, "CreateMutexEx", "the ring's lock");
}

// A shared lock exists as long as one of its holders does.
Status lock_shared(const Object &object, Lock lock) noexcept {
  Memory &m = *object.memory;
  if (find(m, lock.number) != nullptr) return Status::ok;
  const DWORD everyone = (m.mode & others_may_read) != 0 ? SYNCHRONIZE : 0;
  Access access(SYNCHRONIZE | READ_CONTROL, everyone);
  RINGBUF_FAILPOINT();
  Handle shared(::CreateMutexExW(access.attributes(), name_of(m, lock).text, 0, SYNCHRONIZE));
  if (!shared) return system_failure(::GetLastError(), "CreateMutexEx", "the ring's lock");
  return hold(m, lock, shared.release());
}

// No process can share a lock that is taken. A process that may only read the ring cannot make one.
Status hold_off(const Object &object, Lock lock) noexcept { return try_lock(object, lock); }

void unlock(const Object &object, Lock lock) noexcept {
  RINGBUF_FAILPOINT();
  if (Memory::Held *held = find(*object.memory, lock.number)) held->object.reset(nullptr);
}

void unlock_all(const Object &object) noexcept {
  RINGBUF_FAILPOINT();
  for (Memory::Held &held : object.memory->held) held.object.reset(nullptr);
}

bool is_locked(const Object &object, Lock lock) noexcept {
  if (!object.is_open()) return true;
  // Shared locks are checked with is_shared.
  if (lock.number == read_only_waiter_lock.number || lock.number == mapped_lock.number) return false;
  Memory &m = *object.memory;
  return find(m, lock.number) == nullptr && exists(name_of(m, lock));
}

bool is_shared(const Object &object, Lock lock) noexcept { return exists(name_of(*object.memory, lock)); }

std::uint64_t process_token() noexcept {
  static const std::uint64_t token = (std::uint64_t{start_of(::GetCurrentProcess())} << 32) | ::GetCurrentProcessId();
  return token;
}

// Process numbers are unique on the machine.
std::uint64_t process_domain() noexcept { return 1; }

// The process counts as dead only if that is certain. A process that we may not examine counts as alive.
bool process_alive(std::uint64_t token) noexcept {
  if (token == 0) return false;
  if (token == process_token()) return true;
  const auto number = static_cast<DWORD>(token);
  const auto start = static_cast<std::uint32_t>(token >> 32);
  const Handle process(::OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE, number));
  if (!process) return ::GetLastError() != ERROR_INVALID_PARAMETER;
  // The process can have ended while another process still has a handle of it.
  if (::WaitForSingleObject(process.get(), 0) == WAIT_OBJECT_0) return false;
  const std::uint32_t found = start_of(process.get());
  return start == 0 || found == 0 || start == found;
}

std::uint32_t process_number_of(std::uint64_t token) noexcept {
  return process_alive(token) ? static_cast<std::uint32_t>(token) : 0;
}

std::uint64_t process_number() noexcept { return ::GetCurrentProcessId(); }

// Windows has no fork and no cancellation of threads.
void *forgetful_memory(std::size_t) noexcept { return nullptr; }
Status renew(Object &) noexcept { return Status::ok; }
Uncancelled::Uncancelled() noexcept = default;
Uncancelled::~Uncancelled() = default;
void on_fork(void (*)(), void (*)(), void (*)()) noexcept {}
void detach(Object &) noexcept {}

}  // namespace ringbuf::os
