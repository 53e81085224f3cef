// Names: a directory section each, in which one atomic word says which ring has the name.
#include <winternl.h>

#include <cstdlib>
#include <cstring>
#include <cwchar>

#include "os/windows/system.hpp"
#include "ringbuf/step.hpp"

// Exported by ntdll, but declared in the driver kit's headers alone.
extern "C" {
NTSTATUS NTAPI NtOpenDirectoryObject(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes);
NTSTATUS NTAPI NtQueryDirectoryObject(HANDLE handle, PVOID buffer, ULONG bytes, BOOLEAN single, BOOLEAN restart,
                                      PULONG context, PULONG needed);
}

namespace ringbuf::os {

namespace {

constexpr std::size_t directory_bytes = 4096;
constexpr DWORD all_of_section = SECTION_ALL_ACCESS;

Status no_such_name(const char *name) noexcept {
  return fail(Status::not_found, "name is \"{}\": no ring has it", name);
}

// The directory that an Object has open, or else another look at it.
Directory *directory_of(const Object &object, const char *name, Directory &opened) noexcept {
  Memory &m = memory_of(object);
  if (m.directory.view && std::strcmp(m.name, name) == 0) return &m.directory;
  return open_directory(opened, name, false) == Status::ok ? &opened : nullptr;
}

// The directory of kernel objects that our names are in.
Handle open_namespace() noexcept {
  wchar_t path[64] = L"\\BaseNamedObjects";
  DWORD session = 0;
  if (!global_namespace() && ::ProcessIdToSessionId(::GetCurrentProcessId(), &session) != 0 && session != 0) {
    std::swprintf(path, 64, L"\\Sessions\\%lu\\BaseNamedObjects", static_cast<unsigned long>(session));
  }
  UNICODE_STRING name{};
  ::RtlInitUnicodeString(&name, path);
  OBJECT_ATTRIBUTES attributes{};
  InitializeObjectAttributes(&attributes, &name, 0, nullptr, nullptr);
  HANDLE handle = nullptr;
  constexpr ACCESS_MASK query_and_traverse = 3;
  return Handle(::NtOpenDirectoryObject(&handle, query_and_traverse, &attributes) == 0 ? handle : nullptr);
}

struct Entry {
  UNICODE_STRING name;
  UNICODE_STRING type;
};
constexpr NTSTATUS status_more_entries = 0x105;
constexpr NTSTATUS status_no_more_entries = static_cast<NTSTATUS>(0x8000001a);
constexpr NTSTATUS status_not_implemented = static_cast<NTSTATUS>(0xc0000002);

struct FreeMemory {
  void *begin;
  explicit FreeMemory(void *memory) noexcept : begin(memory) {}
  FreeMemory(const FreeMemory &) = delete;
  FreeMemory &operator=(const FreeMemory &) = delete;
  ~FreeMemory() { std::free(begin); }
};

Status cannot_query(NTSTATUS result) noexcept {
  return fail(Status::system, "NtQueryDirectoryObject for the kernel's names: {:#x}",
              static_cast<std::uint32_t>(result));
}

// Calls visit for the name that a directory section stands for, if the entry is one.
bool visit_entry(const UNICODE_STRING &entry, bool (*visit)(const char *name, void *user), void *user) noexcept {
  constexpr wchar_t prefix[] = L"ringbuf.";
  constexpr std::size_t prefix_length = sizeof prefix / sizeof prefix[0] - 1;
  const std::size_t length = entry.Length / sizeof(wchar_t);
  if (length <= prefix_length || length > prefix_length + max_name_length ||
      std::wmemcmp(entry.Buffer, prefix, prefix_length) != 0 || entry.Buffer[prefix_length] == L'.') {
    return true;
  }
  char name[max_name_length + 1];
  for (std::size_t i = prefix_length; i < length; ++i) {
    if (entry.Buffer[i] > 0x7f) return true;
    name[i - prefix_length] = static_cast<char>(entry.Buffer[i]);
  }
  name[length - prefix_length] = '\0';
  return visit(name, user);
}

// For systems that give one entry a call (Wine).
Status visit_one_by_one(HANDLE names, bool (*visit)(const char *name, void *user), void *user) noexcept {
  alignas(Entry) std::byte room[sizeof(Entry) + 4 * MAX_PATH * sizeof(wchar_t)];
  ULONG context = 0;
  ULONG used = 0;
  for (bool restart = true;; restart = false) {
    const NTSTATUS result = ::NtQueryDirectoryObject(names, room, sizeof room, TRUE, restart, &context, &used);
    if (result == status_no_more_entries) return Status::ok;
    if (result != 0) return cannot_query(result);
    if (!visit_entry(reinterpret_cast<const Entry *>(room)->name, visit, user)) return Status::ok;
  }
}

}  // namespace

Status open_directory(Directory &directory, const char *name, bool make) noexcept {
  const ObjectName object = ObjectName::directory(global_namespace(), name);
  directory.writable = true;
  if (make) {
    Access access(all_of_section, 0);
    directory.section.reset(::CreateFileMappingW(INVALID_HANDLE_VALUE, access.attributes(), PAGE_READWRITE, 0,
                                                 directory_bytes, object.text));
  } else {
    directory.section.reset(::OpenFileMappingW(FILE_MAP_READ | FILE_MAP_WRITE, FALSE, object.text));
    if (!directory.section && ::GetLastError() == ERROR_ACCESS_DENIED) {
      directory.writable = false;
      directory.section.reset(::OpenFileMappingW(FILE_MAP_READ, FALSE, object.text));
    }
  }
  if (!directory.section) {
    const DWORD error = ::GetLastError();
    if (error == ERROR_FILE_NOT_FOUND) return no_such_name(name);
    if (error == ERROR_INVALID_HANDLE) return fail(Status::corrupt, "name is \"{}\": that is no shared memory", name);
    return system_failure(error, make ? "CreateFileMapping" : "OpenFileMapping", name);
  }
  const DWORD access = directory.writable ? FILE_MAP_READ | FILE_MAP_WRITE : FILE_MAP_READ;
  directory.view = MappedView(directory.section.get(), access, 0, directory_bytes);
  if (!directory.view) return system_failure(::GetLastError(), "MapViewOfFile", name);
  return Status::ok;
}

// Who may read the ring may read its directory, too.
Status publish(const Object &object, const char *name) noexcept {
  Memory &m = memory_of(object);
  Directory &directory = m.directory;
  Access access(all_of_section, (m.mode & others_may_read) != 0 ? FILE_MAP_READ | SECTION_QUERY | READ_CONTROL : 0);
  std::uint64_t there = directory.id().load(std::memory_order_acquire);
  for (;;) {
    if (there != 0 && exists(ObjectName::memory(m.global, there))) {
      return fail(Status::exists, "name is \"{}\": somebody else has it", name);
    }
    // The id of a ring that is gone with all who had it open stands for nothing.
    RINGBUF_STEP();
    if (directory.id().compare_exchange_strong(there, m.id, std::memory_order_acq_rel)) break;
  }
  if (::SetKernelObjectSecurity(directory.section.get(), DACL_SECURITY_INFORMATION, access.descriptor()) == 0) {
    const DWORD error = ::GetLastError();
    std::uint64_t own = m.id;
    (void)directory.id().compare_exchange_strong(own, 0, std::memory_order_acq_rel);
    return system_failure(error, "SetKernelObjectSecurity", name);
  }
  return Status::ok;
}

Naming naming(const Object &object, const char *name) noexcept {
  const Memory &m = memory_of(object);
  Directory opened;
  const Directory *directory = directory_of(object, name, opened);
  const std::uint64_t id = directory != nullptr ? directory->id().load(std::memory_order_acquire) : 0;
  if (id == 0) return Naming::none;
  if (id == m.id) return Naming::ours;
  return exists(ObjectName::memory(global_namespace(), id)) ? Naming::other : Naming::none;
}

// Ends what the name stands for. The memory goes with the last process that has it open.
Status unlink(const char *name) noexcept {
  Directory directory;
  if (const Status status = open_directory(directory, name, false); status != Status::ok) return status;
  std::uint64_t id = directory.id().load(std::memory_order_acquire);
  do {
    if (id == 0 || !exists(ObjectName::memory(global_namespace(), id))) return no_such_name(name);
    if (!directory.writable) return fail(Status::permission, "name is \"{}\": it is another user's", name);
    RINGBUF_STEP();
  } while (!directory.id().compare_exchange_strong(id, 0, std::memory_order_acq_rel));
  return Status::ok;
}

Status unlink_own(const Object &object, const char *name) noexcept {
  Directory opened;
  const Directory *directory = directory_of(object, name, opened);
  std::uint64_t own = memory_of(object).id;
  if (directory == nullptr || directory->id().load(std::memory_order_acquire) != own) return Status::ok;
  if (!directory->writable) return fail(Status::permission, "name is \"{}\": it is another user's", name);
  RINGBUF_STEP();
  (void)directory->id().compare_exchange_strong(own, 0, std::memory_order_acq_rel);
  return Status::ok;
}

Status enumerate(bool (*visit)(const char *name, void *user), void *user) noexcept {
  const Handle names = open_namespace();
  if (!names) return fail(Status::system, "NtOpenDirectoryObject for the kernel's names failed");
  // All of them in one call, so that none is missed or comes twice because others come and go.
  for (ULONG bytes = 1U << 16; bytes <= 1U << 28; bytes *= 4) {
    const FreeMemory entries(std::calloc(1, bytes));
    if (entries.begin == nullptr) return fail(Status::no_memory, "no memory for {} bytes of names", bytes);
    ULONG context = 0;
    ULONG used = 0;
    const NTSTATUS result = ::NtQueryDirectoryObject(names.get(), entries.begin, bytes, FALSE, TRUE, &context, &used);
    if (result == status_more_entries) continue;
    if (result == status_not_implemented) return visit_one_by_one(names.get(), visit, user);
    if (result != 0 && result != status_no_more_entries) return cannot_query(result);
    for (const Entry *entry = static_cast<const Entry *>(entries.begin); entry->name.Buffer != nullptr; ++entry) {
      if (!visit_entry(entry->name, visit, user)) break;
    }
    return Status::ok;
  }
  return fail(Status::system, "too many kernel objects have names");
}

}  // namespace ringbuf::os
