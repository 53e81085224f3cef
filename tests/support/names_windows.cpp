// A name is there if its directory, a section, has the number of a ring's section that exists.
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

#include "names.hpp"

namespace test {

namespace {

// The directory's page, mapped; null if there is none.
class Page {
 public:
  explicit Page(const std::string &name)
      : section_(::OpenFileMappingA(FILE_MAP_READ | FILE_MAP_WRITE, FALSE, ("Local\\ringbuf." + name).c_str())) {
    if (section_ != nullptr) at_ = ::MapViewOfFile(section_, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, 0);
  }
  Page(const Page &) = delete;
  Page &operator=(const Page &) = delete;
  ~Page() {
    if (at_ != nullptr) ::UnmapViewOfFile(at_);
    if (section_ != nullptr) ::CloseHandle(section_);
  }

  std::uint64_t ring() const {
    std::uint64_t id = 0;
    if (at_ != nullptr) std::memcpy(&id, at_, sizeof id);
    return id;
  }
  void clear() {
    if (at_ != nullptr) std::memset(at_, 0, sizeof(std::uint64_t));
  }

 private:
  HANDLE section_;
  void *at_ = nullptr;
};

}  // namespace

bool name_is_there(const std::string &name) {
  const std::uint64_t id = Page(name).ring();
  if (id == 0) return false;
  char memory[64];
  std::snprintf(memory, sizeof memory, "Local\\ringbuf..m%llx", static_cast<unsigned long long>(id));
  HANDLE section = ::OpenFileMappingA(FILE_MAP_READ, FALSE, memory);
  if (section == nullptr) return false;
  ::CloseHandle(section);
  return true;
}

// It goes by itself when nobody has the ring open any more; until then nobody finds it.
void remove_name(const std::string &name) { Page(name).clear(); }

void remove_names_of_the_dead(const std::string &) {}

}  // namespace test
