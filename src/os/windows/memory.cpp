// Memory of rings: sections of the paging file.
#include <atomic>
#include <cstring>
#include <new>

#include "failpoint.hpp"
#include "os/windows/system.hpp"
#include "ringbuf/detail/copy.hpp"

namespace ringbuf::os {

namespace {

// A page of its own after the memory of the ring. It has the facts that each process with the section needs.
struct Trailer {
  std::uint64_t magic;
  std::uint64_t id;
  std::uint32_t mode;
  std::uint32_t global;
};
constexpr std::uint64_t trailer_magic = 0x3173776f646e6957;  // "Windows1"

// The offset of a view is a multiple of this.
constexpr std::uint64_t granularity = 65536;

constexpr DWORD read_access = FILE_MAP_READ | SECTION_QUERY | READ_CONTROL;

DWORD section_access(std::uint32_t mode) noexcept {
  return ((mode & others_may_read) != 0 ? read_access : 0U) |
         ((mode & others_may_write) != 0 ? static_cast<DWORD>(FILE_MAP_WRITE) : 0U);
}

Handle make_section(const wchar_t *name, std::uint64_t bytes, std::uint32_t mode) noexcept {
  Access access(section_access(mode >> 6) | READ_CONTROL | WRITE_DAC, section_access(mode));
  ::SetLastError(ERROR_SUCCESS);
  return Handle(::CreateFileMappingW(INVALID_HANDLE_VALUE, access.attributes(), PAGE_READWRITE,
                                     static_cast<DWORD>(bytes >> 32), static_cast<DWORD>(bytes), name));
}

// An id that no ring has had since the machine was started.
std::uint64_t fresh_id() noexcept {
  LUID id{};
  (void)::AllocateLocallyUniqueId(&id);
  return (static_cast<std::uint64_t>(static_cast<DWORD>(id.HighPart)) << 32) | id.LowPart;
}

// Copies between a section and our memory, through a temporary view.
enum class Copy { out, in };
bool copy(HANDLE section, Copy way, std::uint64_t offset, void *bytes, std::size_t size) noexcept {
  const std::uint64_t begin = offset / granularity * granularity;
  const auto skip = static_cast<std::size_t>(offset - begin);
  const MappedView view(section, way == Copy::out ? FILE_MAP_READ : FILE_MAP_WRITE, begin, skip + size);
  if (!view) return false;
  if (way == Copy::out) {
    copy_out(static_cast<std::byte *>(bytes), view.begin() + skip, size);
  } else {
    copy_in(view.begin() + skip, static_cast<const std::byte *>(bytes), size);
  }
  return true;
}

Status adopt(Object &object, Memory *memory, std::uint64_t bytes, bool writable) noexcept {
  object = {};
  object.memory = memory;
  object.bytes = bytes;
  object.writable = writable;
  return Status::ok;
}

// Examines a section that another process has made: its size and its trailer.
Status look_at(Memory &memory, std::uint64_t &bytes, const char *on) noexcept {
  std::uint64_t whole = 0;
  {
    const MappedView view(memory.section.get(), FILE_MAP_READ, 0, 0);
    if (!view) {
      const DWORD error = ::GetLastError();
      if (error == ERROR_INVALID_HANDLE) return fail(Status::corrupt, "{} is no shared memory", on);
      return system_failure(error, "MapViewOfFile", on);
    }
    MEMORY_BASIC_INFORMATION pages{};
    ::VirtualQuery(view.begin(), &pages, sizeof pages);
    whole = pages.RegionSize;
  }
  Trailer trailer{};
  if (whole <= page_bytes() ||
      !copy(memory.section.get(), Copy::out, whole - page_bytes(), static_cast<void *>(&trailer), sizeof trailer) ||
      trailer.magic != trailer_magic) {
    return fail(Status::corrupt, "{} is no memory of a ring", on);
  }
  memory.id = trailer.id;
  memory.mode = trailer.mode;
  memory.global = trailer.global != 0;
  bytes = whole - page_bytes();
  return Status::ok;
}

struct NewMemory {
  Memory *get = new (std::nothrow) Memory;
  NewMemory() = default;
  NewMemory(const NewMemory &) = delete;
  NewMemory &operator=(const NewMemory &) = delete;
  ~NewMemory() { delete get; }
  Memory *release() noexcept {
    Memory *memory = get;
    get = nullptr;
    return memory;
  }
  static Status none() noexcept {
    return fail(Status::no_memory, "no memory for a handle of {} bytes", sizeof(Memory));
  }
};

// Opens with write access if that is allowed, else with read access.
template <class Open>
Handle open_best(bool &writable, Open open) noexcept {
  Handle section(open(FILE_MAP_READ | FILE_MAP_WRITE));
  writable = static_cast<bool>(section);
  if (!section && ::GetLastError() == ERROR_ACCESS_DENIED) section.reset(open(FILE_MAP_READ));
  return section;
}

}  // namespace

std::uint32_t page_bytes() noexcept {
  SYSTEM_INFO system{};
  ::GetSystemInfo(&system);
  return system.dwPageSize < 4096 ? 4096 : static_cast<std::uint32_t>(system.dwPageSize);
}

// Windows reserves the whole section in memory and paging file when it is made, so touching it cannot fail.
Status create(Object &object, const char *name, std::uint64_t bytes, std::uint32_t mode) noexcept {
  const char *on = name != nullptr ? name : "anonymous ring";
  NewMemory memory;
  if (memory.get == nullptr) return NewMemory::none();
  Memory &m = *memory.get;
  m.mode = mode;
  m.global = global_namespace();
  m.name[0] = '\0';
  if (name != nullptr) {
    std::memcpy(m.name, name, std::strlen(name) + 1);
    if (const Status status = open_directory(m.directory, name, true); status != Status::ok) return status;
  }
  do {
    m.id = fresh_id();
    RINGBUF_FAILPOINT();
    m.section =
        make_section(name != nullptr ? ObjectName::memory(m.global, m.id).text : nullptr, bytes + page_bytes(), mode);
  } while (m.section && ::GetLastError() == ERROR_ALREADY_EXISTS);  // another program made that name on purpose
  if (!m.section) {
    const DWORD error = ::GetLastError();
    const bool full =
        error == ERROR_NOT_ENOUGH_MEMORY || error == ERROR_OUTOFMEMORY || error == ERROR_INVALID_PARAMETER;
    MEMORYSTATUSEX machine{};
    machine.dwLength = sizeof machine;
    if (full && ::GlobalMemoryStatusEx(&machine) != 0) {
      return fail(Status::no_space, "{} takes {} bytes of shared memory, {} are free (memory and paging file)", on,
                  bytes, machine.ullAvailPageFile);
    }
    return system_failure(full ? ERROR_COMMITMENT_LIMIT : error, "CreateFileMapping", on);
  }
  Trailer trailer{trailer_magic, m.id, mode, m.global};
  RINGBUF_FAILPOINT();
  if (!copy(m.section.get(), Copy::in, bytes, static_cast<void *>(&trailer), sizeof trailer)) {
    return system_failure(::GetLastError(), "MapViewOfFile", on);
  }
  return adopt(object, memory.release(), bytes, true);
}

Status open(Object &object, const char *name) noexcept {
  NewMemory memory;
  if (memory.get == nullptr) return NewMemory::none();
  Memory &m = *memory.get;
  m.global = global_namespace();
  std::memcpy(m.name, name, std::strlen(name) + 1);
  if (const Status status = open_directory(m.directory, name, false); status != Status::ok) return status;
  const auto none = [&] { return fail(Status::not_found, "name is \"{}\": no ring has it", name); };
  bool writable = false;
  std::uint64_t id = m.directory.id().load(std::memory_order_acquire);
  for (;;) {
    if (id == 0) return none();
    const ObjectName found = ObjectName::memory(m.global, id);
    m.section = open_best(writable, [&](DWORD access) { return ::OpenFileMappingW(access, FALSE, found.text); });
    if (m.section) break;
    const DWORD error = ::GetLastError();
    if (error != ERROR_FILE_NOT_FOUND) return system_failure(error, "OpenFileMapping", name);
    // The ring is gone, together with the last process that had it open, unless the name stands for another ring by
    // now.
    const std::uint64_t now = m.directory.id().load(std::memory_order_acquire);
    if (now == id) return none();
    id = now;
  }
  std::uint64_t bytes = 0;
  if (const Status status = look_at(m, bytes, name); status != Status::ok) return status;
  if (m.id != id) return fail(Status::corrupt, "name is \"{}\": that is no memory of a ring", name);
  return adopt(object, memory.release(), bytes, writable);
}

Status open_handle(Object &object, std::intptr_t handle) noexcept {
  NewMemory memory;
  if (memory.get == nullptr) return NewMemory::none();
  Memory &m = *memory.get;
  m.name[0] = '\0';
  bool writable = false;
  // Small negative numbers mean this process and this thread.
  if (handle > 0) {
    m.section = open_best(writable, [&](DWORD access) {
      HANDLE copy = nullptr;
      HANDLE self = ::GetCurrentProcess();
      return ::DuplicateHandle(self, reinterpret_cast<HANDLE>(handle), self, &copy, access, FALSE, 0) != 0 ? copy
                                                                                                           : nullptr;
    });
    if (!m.section && ::GetLastError() != ERROR_INVALID_HANDLE) {
      return system_failure(::GetLastError(), "DuplicateHandle", "the handle given");
    }
  }
  if (!m.section) return fail(Status::invalid_argument, "fd is {}, expected an open handle of a section", handle);
  std::uint64_t bytes = 0;
  if (const Status status = look_at(m, bytes, "the handle given"); status != Status::ok) return status;
  return adopt(object, memory.release(), bytes, writable);
}

Status share(Object &object, std::intptr_t &handle) noexcept {
  Memory &m = *object.memory;
  if (!m.shared) {
    HANDLE copy = nullptr;
    HANDLE self = ::GetCurrentProcess();
    if (::DuplicateHandle(self, m.section.get(), self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS) == 0) {
      return system_failure(::GetLastError(), "DuplicateHandle", "the ring");
    }
    m.shared.reset(copy);
  }
  handle = reinterpret_cast<std::intptr_t>(m.shared.get());
  return Status::ok;
}

void close(Object &object) noexcept {
  delete object.memory;
  object = {};
}

Status read(const Object &object, std::uint64_t offset, void *bytes, std::size_t size) noexcept {
  if (offset > object.bytes || size > object.bytes - offset) {
    return fail(Status::corrupt, "the memory ends at byte {}", object.bytes);
  }
  if (size == 0 || copy(object.memory->section.get(), Copy::out, offset, bytes, size)) return Status::ok;
  return system_failure(::GetLastError(), "MapViewOfFile", "the ring");
}

Status write(const Object &object, std::uint64_t offset, const void *bytes, std::size_t size) noexcept {
  if (offset > object.bytes || size > object.bytes - offset) {
    return fail(Status::corrupt, "the memory ends at byte {}", object.bytes);
  }
  // copy() only reads the bytes here, so the const_cast is safe.
  if (size == 0 || copy(object.memory->section.get(), Copy::in, offset, const_cast<void *>(bytes), size)) {
    return Status::ok;
  }
  return system_failure(::GetLastError(), "MapViewOfFile", "the ring");
}

// A section never shrinks, and all of it is reserved when it is made.
Status check_lasting(const Object & /*object*/) noexcept { return Status::ok; }
Status fill_holes(const Object & /*object*/) noexcept { return Status::ok; }

Status map(Object &object, Region &region) noexcept {
  if (object.bytes == 0 || object.bytes > SIZE_MAX / 2) {
    return fail(Status::no_memory, "{} bytes of memory cannot be mapped", object.bytes);
  }
  const auto bytes = static_cast<std::size_t>(object.bytes);
  const DWORD access = object.writable ? FILE_MAP_READ | FILE_MAP_WRITE : FILE_MAP_READ;
  void *at = ::MapViewOfFile(object.memory->section.get(), access, 0, 0, bytes);
  if (at == nullptr) return system_failure(::GetLastError(), "MapViewOfFile", "the ring");
  region = {static_cast<std::byte *>(at), bytes};
  return Status::ok;
}

Status protect(const Region &region, std::size_t offset, std::size_t bytes) noexcept {
  DWORD before = 0;
  if (::VirtualProtect(region.begin + offset, bytes, PAGE_READONLY, &before) != 0) return Status::ok;
  return system_failure(::GetLastError(), "VirtualProtect", "the ring");
}

// Windows has no call for this. Its prefetch brings pages into memory, but does not map them into the process.
void populate(const Region &region, bool for_writing) noexcept {
  const std::size_t page = page_bytes();
  for (std::size_t at = 0; at < region.bytes; at += page) {
    auto &word = *reinterpret_cast<Atomic32 *>(region.begin + at);
    if (for_writing) {
      (void)word.fetch_or(0, std::memory_order_relaxed);  // other processes may be storing there
    } else {
      (void)word.load(std::memory_order_relaxed);
    }
  }
}

void unmap(Region &region) noexcept {
  if (region.begin != nullptr) ::UnmapViewOfFile(region.begin);
  region = {};
}

bool room_without(const Object &object, std::uint64_t bytes) noexcept {
  MEMORYSTATUSEX machine{};
  machine.dwLength = sizeof machine;
  return ::GlobalMemoryStatusEx(&machine) != 0 && machine.ullAvailPageFile + object.bytes >= bytes;
}

}  // namespace ringbuf::os
