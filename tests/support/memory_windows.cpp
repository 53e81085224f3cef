#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>

#include "memory.hpp"

namespace test {

Pages::Pages(std::size_t bytes)
    : begin_(::VirtualAlloc(nullptr, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE)), bytes_(bytes) {}

Pages::~Pages() {
  if (begin_ != nullptr) ::VirtualFree(begin_, 0, MEM_RELEASE);
}

bool Pages::make_read_only() const {
  DWORD before = 0;
  return ::VirtualProtect(begin_, bytes_, PAGE_READONLY, &before) != 0;
}

MostlyNothing::MostlyNothing(std::size_t bytes)
    : begin_(::VirtualAlloc(nullptr, bytes, MEM_RESERVE, PAGE_READWRITE)), bytes_(bytes) {
  if (begin_ == nullptr) return;
  // The pages that the last 4096 bytes lie in.
  if (::VirtualAlloc(static_cast<char *>(begin_) + bytes - 4096, 4096, MEM_COMMIT, PAGE_READWRITE) == nullptr) {
    ::VirtualFree(begin_, 0, MEM_RELEASE);
    begin_ = nullptr;
  }
}

MostlyNothing::~MostlyNothing() {
  if (begin_ != nullptr) ::VirtualFree(begin_, 0, MEM_RELEASE);
}

}  // namespace test
