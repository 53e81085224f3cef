// The common part of the Windows backend: handles, names of kernel objects, access rights, and the contents of an
// Object.
//
// A ring consists of four kinds of kernel objects. Each vanishes with the last process that has it open:
//   ringbuf.NAME             a section of one page, the directory: the id of the ring that has the name now, or 0
//   ringbuf..m<id>           the section with the ring's memory, and a page of ours after it (struct Trailer)
//   ringbuf..m<id>.<lock>    exists while a process holds that lock
//   ringbuf..m<id>.<word>... exists while a process sleeps on that word
// Names of rings do not begin with a dot, so the last three are never mistaken for the first. Ids are never used twice,
// so the existence of an object is all the state there is. No process needs a guard, and a process that is stopped at
// any point cannot block others.
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

// A handle that closes itself. Null if there is none.
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

// A view of a section that unmaps itself. Null if it could not be mapped.
class MappedView {
 public:
  MappedView() = default;
  // `offset` is a multiple of 64 KiB. A size of 0 bytes maps the rest of the section.
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

// The scope of names. True: the machine, if the environment has RINGBUF_NAMESPACE=Global. False: the session.
bool global_namespace() noexcept;

// The name of a kernel object.
struct ObjectName {
  wchar_t text[MAX_PATH];

  // The directory section of a ring's name.
  static ObjectName directory(bool global, const char *name) noexcept;
  static ObjectName memory(bool global, std::uint64_t id) noexcept;
  static ObjectName lock(bool global, std::uint64_t id, std::uint32_t number) noexcept;
  // The event of sleepers while a word of the ring is `value`. `raw`: a ring in the caller's memory.
  static ObjectName sleep(bool global, bool raw, std::uint64_t id, unsigned word, std::uint32_t value) noexcept;
};

// Tells whether there is an object of that name. The object must not be a semaphore: this function asks for a
// semaphore, so that it never opens a handle that would keep the object alive.
bool exists(const ObjectName &name) noexcept;

// Security attributes of an object. `own` has the access rights of this process's user, `everyone` those of all users.
class Access {
 public:
  Access(DWORD own, DWORD everyone) noexcept;
  Access(const Access &) = delete;
  Access &operator=(const Access &) = delete;

  SECURITY_ATTRIBUTES *attributes() noexcept { return &attributes_; }
  SECURITY_DESCRIPTOR *descriptor() noexcept { return &descriptor_; }

 private:
  // Without a description only the user and the administrators may use the object, which is the default of the system.
  bool describe(DWORD own, DWORD everyone) noexcept;

  SECURITY_ATTRIBUTES attributes_{};
  SECURITY_DESCRIPTOR descriptor_{};
  alignas(8) std::byte list_[sizeof(ACL) + 2 * (sizeof(ACCESS_ALLOWED_ACE) + SECURITY_MAX_SID_SIZE)];
};

inline constexpr std::uint32_t others_may_read = 04;
inline constexpr std::uint32_t others_may_write = 02;

// `what` is the call that failed, `on` the name or thing that it was for. status_of maps the result of GetLastError().
Status status_of(DWORD error) noexcept;
Status system_failure(DWORD error, const char *what, const char *on) noexcept;

// The open directory section of a name.
struct Directory {
  Handle section;
  MappedView view;
  bool writable = false;

  // The id of the ring that has the name. Accessed with acquire and release, though later the memory of a ring is
  // reached only through calls of the kernel.
  Atomic64 &id() const noexcept { return *reinterpret_cast<Atomic64 *>(view.begin()); }
};

// Opens the directory of a name. With `make` it is made if there is none, so that only this user may change its
// contents.
Status open_directory(Directory &directory, const char *name, bool make) noexcept;

// The target of Object::memory.
struct Memory {
  Handle section;
  Handle shared;                   // the handle that share() has given
  char name[max_name_length + 1];  // empty: none
  Directory directory;             // the directory of that name
  std::uint64_t id = 0;
  std::uint32_t mode = 0;
  bool global = false;  // its names are those of the machine

  // The locks that the Object holds: that of a role, that of a reader slot, shared ones, and one held for a moment.
  struct Held {
    std::uint32_t number = 0;
    Handle object;
  } held[8];
};

}  // namespace ringbuf::os
