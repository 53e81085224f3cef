// Lists the names: those of the directory sections among the named objects of the kernel.
#include <winternl.h>

#include <cstdlib>
#include <cwchar>
#include <new>
#include <set>
#include <string>

#include "os/windows/system.hpp"

// ntdll exports them, but only the headers of the driver kit declare them.
extern "C" {
NTSTATUS NTAPI NtOpenDirectoryObject(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes);
NTSTATUS NTAPI NtQueryDirectoryObject(HANDLE handle, PVOID buffer, ULONG bytes, BOOLEAN single, BOOLEAN restart,
                                      PULONG context, PULONG needed);
}

namespace ringbuf::os {

namespace {

using Visit = bool (*)(const char *name, void *user);

// The directory of kernel objects that contains our names.
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

Status cannot_query(NTSTATUS result) noexcept {
  return fail(Status::system, "NtQueryDirectoryObject for the kernel's names: {:#x}",
              static_cast<std::uint32_t>(result));
}

struct FreeMemory {
  void *begin;
  explicit FreeMemory(void *memory) noexcept : begin(memory) {}
  FreeMemory(const FreeMemory &) = delete;
  FreeMemory &operator=(const FreeMemory &) = delete;
  ~FreeMemory() { std::free(begin); }
};

// Tells whether the name of a kernel object is that of a directory section, and which ring's name it stands for.
struct NameOf {
  char text[max_name_length + 1];
  bool is_directory = false;

  NameOf(const wchar_t *object, std::size_t length) noexcept {
    constexpr wchar_t prefix[] = L"ringbuf.";
    constexpr std::size_t prefix_length = sizeof prefix / sizeof prefix[0] - 1;
    if (length <= prefix_length || length > prefix_length + max_name_length ||
        std::wmemcmp(object, prefix, prefix_length) != 0 || object[prefix_length] == L'.') {
      return;
    }
    for (std::size_t i = prefix_length; i < length; ++i) {
      if (object[i] > 0x7f) return;
      text[i - prefix_length] = static_cast<char>(object[i]);
    }
    text[length - prefix_length] = '\0';
    is_directory = true;
  }
};

// Visits all in one call, so that none is missed or visited twice because others come and go. `implemented` tells
// whether the system has that call.
Status visit_all_at_once(HANDLE names, Visit visit, void *user, bool &implemented) noexcept {
  implemented = true;
  for (ULONG bytes = 1U << 16; bytes <= 1U << 28; bytes *= 4) {
    const FreeMemory entries(std::calloc(1, bytes));
    if (entries.begin == nullptr) return fail(Status::no_memory, "no memory for {} bytes of names", bytes);
    ULONG context = 0;
    ULONG used = 0;
    const NTSTATUS result = ::NtQueryDirectoryObject(names, entries.begin, bytes, FALSE, TRUE, &context, &used);
    if (result == status_more_entries) continue;
    implemented = result != status_not_implemented;
    if (!implemented) return Status::ok;
    if (result != 0 && result != status_no_more_entries) return cannot_query(result);
    for (const Entry *entry = static_cast<const Entry *>(entries.begin); entry->name.Buffer != nullptr; ++entry) {
      const NameOf name(entry->name.Buffer, entry->name.Length / sizeof(wchar_t));
      if (name.is_directory && !visit(name.text, user)) break;
    }
    return Status::ok;
  }
  return fail(Status::system, "too many kernel objects have names");
}

// The name of the object at that place of the list; empty beyond its end.
NTSTATUS read_entry(HANDLE names, ULONG place, std::wstring &object) {
  alignas(Entry) std::byte room[sizeof(Entry) + 4 * MAX_PATH * sizeof(wchar_t)];
  ULONG used = 0;
  object.clear();
  const NTSTATUS result = ::NtQueryDirectoryObject(names, room, sizeof room, TRUE, FALSE, &place, &used);
  if (result == status_no_more_entries) return 0;
  if (result != 0) return result;
  const UNICODE_STRING &name = reinterpret_cast<const Entry *>(room)->name;
  object.assign(name.Buffer, name.Length / sizeof(wchar_t));
  return 0;
}

// For systems that return one entry a call (Wine). An entry is found by its place in a list that others lengthen and
// shorten meanwhile. A change that moves an entry moves all entries after it. So the entry read at a place is the next
// one only if the entry before it is still the one that was read last. If it is not, the last one is searched for, at
// worst from the beginning. If one entry goes just before the read and another comes just after it, the two changes
// cancel out and an entry is missed.
Status collect_one_by_one(HANDLE names, std::set<std::string> &found) {
  constexpr int most_reads = 1 << 20;
  std::wstring last;  // the entry that was at place - 1
  std::wstring before;
  std::wstring next;
  ULONG place = 0;
  for (int reads = 0; reads < most_reads; ++reads) {
    if (const NTSTATUS result = read_entry(names, place, next); result != 0) return cannot_query(result);
    if (place > 0) {
      if (const NTSTATUS result = read_entry(names, place - 1, before); result != 0) return cannot_query(result);
      if (before != last) {
        place = next == last ? place + 1 : place - 1;
        continue;
      }
    }
    if (next.empty()) return Status::ok;
    const NameOf name(next.data(), next.size());
    if (name.is_directory) found.insert(name.text);
    last.swap(next);
    ++place;
  }
  return fail(Status::system, "the kernel's names change too fast to be listed");
}

Status visit_one_by_one(HANDLE names, Visit visit, void *user) noexcept {
  try {
    std::set<std::string> found;
    constexpr int passes = 3;  // an entry is missing only if all passes miss it
    for (int pass = 0; pass < passes; ++pass) {
      if (const Status status = collect_one_by_one(names, found); status != Status::ok) return status;
    }
    for (const std::string &name : found) {
      if (!visit(name.c_str(), user)) break;
    }
    return Status::ok;
  } catch (const std::bad_alloc &) {
    return fail(Status::no_memory, "no memory for the kernel's names");
  }
}

}  // namespace

Status enumerate(Visit visit, void *user) noexcept {
  const Handle names = open_namespace();
  if (!names) return fail(Status::system, "NtOpenDirectoryObject for the kernel's names failed");
  bool implemented = false;
  const Status status = visit_all_at_once(names.get(), visit, user, implemented);
  return implemented ? status : visit_one_by_one(names.get(), visit, user);
}

}  // namespace ringbuf::os
