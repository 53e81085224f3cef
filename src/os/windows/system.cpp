// Names, access, errors and random numbers.
#include "os/windows/system.hpp"

#include <ntsecapi.h>

#include <cstdio>
#include <cstring>
#include <cwchar>

namespace ringbuf::os {

namespace {

const wchar_t *root(bool global) noexcept { return global ? L"Global" : L"Local"; }

// The user that this process runs as.
class ProcessUser {
 public:
  ProcessUser() noexcept {
    HANDLE token = nullptr;
    if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &token) == 0) return;
    const Handle owned(token);
    DWORD length = 0;
    known_ = ::GetTokenInformation(token, TokenUser, information_, sizeof information_, &length) != 0;
  }
  // Null if the user is unknown.
  PSID id() noexcept { return known_ ? reinterpret_cast<TOKEN_USER *>(information_)->User.Sid : nullptr; }

 private:
  bool known_ = false;
  alignas(8) std::byte information_[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
};

}  // namespace

bool random_bytes(void *bytes, std::size_t size) noexcept {
  return ::RtlGenRandom(bytes, static_cast<ULONG>(size)) != FALSE;
}

bool global_namespace() noexcept {
  static const bool global = [] {
    wchar_t value[8] = L"";
    const DWORD length = ::GetEnvironmentVariableW(L"RINGBUF_NAMESPACE", value, 8);
    return length > 0 && length < 8 && ::lstrcmpiW(value, L"Global") == 0;
  }();
  return global;
}

ObjectName ObjectName::directory(bool global, const char *name) noexcept {
  wchar_t wide[max_name_length + 1];
  std::size_t i = 0;
  for (; i < max_name_length && name[i] != '\0'; ++i) wide[i] = static_cast<unsigned char>(name[i]);
  wide[i] = L'\0';
  ObjectName result;
  std::swprintf(result.text, MAX_PATH, L"%ls\\ringbuf.%ls", root(global), wide);
  return result;
}

ObjectName ObjectName::memory(bool global, std::uint64_t id) noexcept {
  ObjectName result;
  std::swprintf(result.text, MAX_PATH, L"%ls\\ringbuf..m%llx", root(global), static_cast<unsigned long long>(id));
  return result;
}

ObjectName ObjectName::lock(bool global, std::uint64_t id, std::uint32_t number) noexcept {
  ObjectName result;
  std::swprintf(result.text, MAX_PATH, L"%ls\\ringbuf..m%llx.%u", root(global), static_cast<unsigned long long>(id),
                static_cast<unsigned>(number));
  return result;
}

ObjectName ObjectName::sleep(bool global, bool raw, std::uint64_t id, unsigned word, std::uint32_t value) noexcept {
  ObjectName result;
  std::swprintf(result.text, MAX_PATH, L"%ls\\ringbuf..%lc%llx.w%u.%x", root(global), raw ? L'r' : L'm',
                static_cast<unsigned long long>(id), word, static_cast<unsigned>(value));
  return result;
}

bool exists(const ObjectName &name) noexcept {
  const Handle found(::OpenSemaphoreW(SYNCHRONIZE, FALSE, name.text));
  return found || ::GetLastError() != ERROR_FILE_NOT_FOUND;
}

Access::Access(DWORD own, DWORD everyone) noexcept {
  attributes_.nLength = sizeof attributes_;
  attributes_.bInheritHandle = FALSE;
  attributes_.lpSecurityDescriptor = describe(own, everyone) ? &descriptor_ : nullptr;
}

bool Access::describe(DWORD own, DWORD everyone) noexcept {
  static ProcessUser user;
  PSID own_id = user.id();
  if (own_id == nullptr) return false;
  auto *list = reinterpret_cast<ACL *>(list_);
  if (::InitializeAcl(list, sizeof list_, ACL_REVISION) == 0 ||
      ::AddAccessAllowedAce(list, ACL_REVISION, own, own_id) == 0) {
    return false;
  }
  if (everyone != 0) {
    alignas(8) std::byte world[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof world;
    if (::CreateWellKnownSid(WinWorldSid, nullptr, world, &size) == 0 ||
        ::AddAccessAllowedAce(list, ACL_REVISION, everyone, world) == 0) {
      return false;
    }
  }
  return ::InitializeSecurityDescriptor(&descriptor_, SECURITY_DESCRIPTOR_REVISION) != 0 &&
         ::SetSecurityDescriptorDacl(&descriptor_, TRUE, list, FALSE) != 0;
}

Status status_of(DWORD error) noexcept {
  switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
      return Status::not_found;
    case ERROR_ALREADY_EXISTS:
      return Status::exists;
    case ERROR_ACCESS_DENIED:
    case ERROR_PRIVILEGE_NOT_HELD:
      return Status::permission;
    case ERROR_COMMITMENT_LIMIT:
    case ERROR_DISK_FULL:
      return Status::no_space;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
      return Status::no_memory;
    default:
      return Status::system;
  }
}

Status system_failure(DWORD error, const char *what, const char *on) noexcept {
  char text[128];
  DWORD length = ::FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr, error, 0, text,
                                  sizeof text, nullptr);
  while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r' || text[length - 1] == '.')) --length;
  text[length] = '\0';
  return fail(status_of(error), "{} for {}: error {} ({})", what, on, error, static_cast<const char *>(text));
}

}  // namespace ringbuf::os
