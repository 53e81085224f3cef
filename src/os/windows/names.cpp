// Names of rings. Each name is a directory section, in which one atomic word says which ring has the name.
#include <cstring>

#include "failpoint.hpp"
#include "os/windows/system.hpp"

namespace ringbuf::os {

namespace {

constexpr std::size_t directory_bytes = 4096;
constexpr DWORD all_of_section = SECTION_ALL_ACCESS;

Status no_such_name(const char *name) noexcept {
  return fail(Status::not_found, "name is \"{}\": no ring has it", name);
}

// The directory that the Object has open, or the same directory opened anew.
Directory *directory_of(const Object &object, const char *name, Directory &opened) noexcept {
  Memory &m = *object.memory;
  if (m.directory.view && std::strcmp(m.name, name) == 0) return &m.directory;
  return open_directory(opened, name, false) == Status::ok ? &opened : nullptr;
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

namespace {

// A user who may read the ring may read its directory, too. On failure the name goes back to `before`.
Status open_to_readers(Memory &m, std::uint64_t before, const char *name) noexcept {
  Access access(all_of_section, (m.mode & others_may_read) != 0 ? FILE_MAP_READ | SECTION_QUERY | READ_CONTROL : 0);
  Directory &directory = m.directory;
  if (::SetKernelObjectSecurity(directory.section.get(), DACL_SECURITY_INFORMATION, access.descriptor()) != 0) {
    return Status::ok;
  }
  const DWORD error = ::GetLastError();
  std::uint64_t own = m.id;
  (void)directory.id().compare_exchange_strong(own, before, std::memory_order_acq_rel);
  return system_failure(error, "SetKernelObjectSecurity", name);
}

}  // namespace

Status publish(const Object &object, const char *name) noexcept {
  Memory &m = *object.memory;
  Directory &directory = m.directory;
  std::uint64_t there = directory.id().load(std::memory_order_acquire);
  for (;;) {
    if (there != 0 && exists(ObjectName::memory(m.global, there))) {
      return fail(Status::exists, "name is \"{}\": somebody else has it", name);
    }
    // A ring that is gone with all processes that had it open leaves its id. The id then stands for nothing.
    RINGBUF_FAILPOINT();
    if (directory.id().compare_exchange_strong(there, m.id, std::memory_order_acq_rel)) break;
  }
  return open_to_readers(m, 0, name);
}

Status replace(const Object &object, const Object &old, const char *name) noexcept {
  Memory &m = *object.memory;
  std::uint64_t there = old.memory->id;
  const std::uint64_t before = there;
  RINGBUF_FAILPOINT();
  if (!m.directory.id().compare_exchange_strong(there, m.id, std::memory_order_acq_rel)) return Status::stale;
  return open_to_readers(m, before, name);
}

// Only the owner of a ring's directory may write to it. Other users are refused when they open it.
Status check_replaceable(const Object &object, const char *name) noexcept {
  const Memory &m = *object.memory;
  if (m.directory.writable) return Status::ok;
  return fail(Status::exists, "name is \"{}\": a dead ring of another user has it", name);
}

Naming naming(const Object &object, const char *name) noexcept {
  const Memory &m = *object.memory;
  Directory opened;
  const Directory *directory = directory_of(object, name, opened);
  const std::uint64_t id = directory != nullptr ? directory->id().load(std::memory_order_acquire) : 0;
  if (id == 0) return Naming::none;
  if (id == m.id) return Naming::ours;
  return exists(ObjectName::memory(global_namespace(), id)) ? Naming::other : Naming::none;
}

// The last process that has the memory open frees it.
Status unlink_own(const Object &object, const char *name) noexcept {
  Directory opened;
  const Directory *directory = directory_of(object, name, opened);
  std::uint64_t own = object.memory->id;
  if (directory == nullptr || directory->id().load(std::memory_order_acquire) != own) return Status::ok;
  if (!directory->writable) return fail(Status::permission, "name is \"{}\": it is another user's", name);
  RINGBUF_FAILPOINT();
  (void)directory->id().compare_exchange_strong(own, 0, std::memory_order_acq_rel);
  return Status::ok;
}

}  // namespace ringbuf::os
