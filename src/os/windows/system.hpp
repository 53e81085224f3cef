// What the files of the Windows backend share: handles, names of kernel objects, who may use them, and what an Object is.
//
// A ring is four kinds of kernel objects. All of them vanish with the last process that has them open:
//   ringbuf.NAME             a section of one page, the directory: the id of the ring that has the name now, or 0
//   ringbuf..m<id>           the section with the ring's memory, and a page of ours behind it (struct Trailer)
//   ringbuf..m<id>.<lock>    exists while somebody holds that lock
//   ringbuf..m<id>.<word>... exists while somebody sleeps on that word
// Names of rings do not begin with a dot, so the last three are never taken for the first. Ids are never used twice, so
// an object's existence says all: nobody needs a guard, and nobody who is stopped at any point can hold others up.
#pragma once

#ifndef NOMINMAX
#define NOMINMAX
#endif
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <cstddef>
#include <cstdint>

#include "error.hpp"
#include "os/os.hpp"

namespace ringbuf::os {

// A handle that closes itself; null if there is none.
class Handle {
 public:
  Handle() = default;
  explicit Handle(HANDLE handle) noexcept : handle_(handle) {}
  Handle(Handle &&other) noexcept : handle_(other.release()) {}
  Handle &operator=(Handle &&other) noexcept {
    reset(other.release());
    return *this;
  }
  ~Handle() { reset(nullptr); }

  HANDLE get() const noexcept { return handle_; }
  explicit operator bool() const noexcept { return handle_ != nullptr; }
  HANDLE release() noexcept {
    HANDLE handle = handle_;
    handle_ = nullptr;
    return handle;
  }
  void reset(HANDLE handle) noexcept {
    if (handle_ != nullptr) ::CloseHandle(handle_);
    handle_ = handle;
  }

 private:
  HANDLE handle_ = nullptr;
};

// A view of a section that unmaps itself; null if it could not be mapped.
class MappedView {
 public:
  MappedView() = default;
  // `offset` is a multiple of 64 KiB; 0 bytes map the rest of the section.
  MappedView(HANDLE section, DWORD access, std::uint64_t offset, std::size_t bytes) noexcept
      : begin_(static_cast<std::byte *>(
            ::MapViewOfFile(section, access, static_cast<DWORD>(offset >> 32), static_cast<DWORD>(offset), bytes))) {}
  MappedView(MappedView &&other) noexcept : begin_(other.begin_) { other.begin_ = nullptr; }
  MappedView &operator=(MappedView &&other) noexcept {
    std::byte *begin = other.begin_;
    other.begin_ = nullptr;
    if (begin_ != nullptr) ::UnmapViewOfFile(begin_);
    begin_ = begin;
    return *this;
  }
  ~MappedView() {
    if (begin_ != nullptr) ::UnmapViewOfFile(begin_);
  }

  std::byte *begin() const noexcept { return begin_; }
  explicit operator bool() const noexcept { return begin_ != nullptr; }

 private:
  std::byte *begin_ = nullptr;
};

// Where names live: those of the session, or, with RINGBUF_NAMESPACE=Global in the environment, those of the machine.
bool global_namespace() noexcept;

// The name of a kernel object.
struct ObjectName {
  wchar_t text[MAX_PATH];

  // The directory of a ring's name.
  static ObjectName directory(bool global, const char *name) noexcept;
  static ObjectName memory(bool global, std::uint64_t id) noexcept;
  static ObjectName lock(bool global, std::uint64_t id, std::uint32_t number) noexcept;
  // Where one sleeps while a word of the ring is `value`; `raw`: a ring in the caller's memory.
  static ObjectName sleep(bool global, bool raw, std::uint64_t id, unsigned word, std::uint32_t value) noexcept;
};

// Whether there is an object of that name that is no semaphore: asks for a semaphore, so that no handle is opened that
// would keep the object there.
bool exists(const ObjectName &name) noexcept;

// Security attributes for an object that this process's user may use as `own` says, and everybody as `everyone` says.
class Access {
 public:
  Access(DWORD own, DWORD everyone) noexcept;
  Access(const Access &) = delete;
  Access &operator=(const Access &) = delete;

  SECURITY_ATTRIBUTES *attributes() noexcept { return &attributes_; }
  SECURITY_DESCRIPTOR *descriptor() noexcept { return &descriptor_; }

 private:
  // Without a description nobody but the system's default, the user and the administrators, may use it.
  bool describe(DWORD own, DWORD everyone) noexcept;

  SECURITY_ATTRIBUTES attributes_{};
  SECURITY_DESCRIPTOR descriptor_{};
  alignas(8) std::byte list_[sizeof(ACL) + 2 * (sizeof(ACCESS_ALLOWED_ACE) + SECURITY_MAX_SID_SIZE)];
};

inline constexpr std::uint32_t others_may_read = 04;
inline constexpr std::uint32_t others_may_write = 02;

// `what` is the call that failed, `on` the name or thing it was for; status_of maps what GetLastError() said.
Status status_of(DWORD error) noexcept;
Status system_failure(DWORD error, const char *what, const char *on) noexcept;

// The directory of a name, open.
struct Directory {
  Handle section;
  MappedView view;
  bool writable = false;

  // The id of the ring that has the name; acquire and release, though the memory of a ring is only reached through calls
  // of the kernel after this.
  Atomic64 &id() const noexcept { return *reinterpret_cast<Atomic64 *>(view.begin()); }
};

// Opens the directory of a name; with `make`, so that this user alone may change what is in it.
Status open_directory(Directory &directory, const char *name, bool make) noexcept;

// What Object::handle points to.
struct Memory {
  Handle section;
  Handle shared;                   // what share() has handed out
  char name[max_name_length + 1];  // empty: none
  Directory directory;             // of that name
  std::uint64_t id = 0;
  std::uint32_t mode = 0;
  bool global = false;  // the namespace of its names

  // The locks that the Object holds: a role, a place, those shared, and one for a moment.
  struct Held {
    std::uint32_t number = 0;
    Handle object;
  } held[8];
};

inline Memory &memory_of(const Object &object) noexcept { return *reinterpret_cast<Memory *>(object.handle); }

}  // namespace ringbuf::os
