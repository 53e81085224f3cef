#include <sys/mman.h>

#include "memory.hpp"

namespace test {

namespace {

void *map(std::size_t bytes, int flags) {
  void *at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags, -1, 0);
  return at == MAP_FAILED ? nullptr : at;
}

}  // namespace

Pages::Pages(std::size_t bytes) : begin_(map(bytes, MAP_SHARED)), bytes_(bytes) {}

Pages::~Pages() {
  if (begin_ != nullptr) ::munmap(begin_, bytes_);
}

bool Pages::make_read_only() const { return ::mprotect(begin_, bytes_, PROT_READ) == 0; }

MostlyNothing::MostlyNothing(std::size_t bytes) : begin_(map(bytes, MAP_PRIVATE | MAP_NORESERVE)), bytes_(bytes) {}

MostlyNothing::~MostlyNothing() {
  if (begin_ != nullptr) ::munmap(begin_, bytes_);
}

}  // namespace test
