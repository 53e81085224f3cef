#include "arena.hpp"

#include <sys/mman.h>

#include <cstring>

#include "fail.hpp"

namespace bench {

namespace {
constexpr std::size_t page = 4096;
std::size_t round_up(std::size_t value, std::size_t to) { return (value + to - 1) / to * to; }
}  // namespace

Arena::Arena(std::size_t bytes) : bytes_(round_up(bytes, page)) {
  void *at = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  require(at != MAP_FAILED, "no shared memory");
  begin_ = static_cast<std::byte *>(at);
}

Arena::~Arena() { munmap(begin_, bytes_); }

void *Arena::allocate(std::size_t bytes) {
  const std::size_t at = round_up(used_, bytes >= page ? page : 128);
  require(at + bytes <= bytes_, "the shared memory is too small");
  used_ = at + bytes;
  std::memset(begin_ + at, 0, bytes);
  return begin_ + at;
}

void Arena::populate() const {
  const std::size_t bytes = round_up(used_, page);
  if (bytes != 0 && madvise(begin_, bytes, MADV_POPULATE_WRITE) == 0) return;
  for (std::size_t i = 0; i < bytes; i += page) {  // before Linux 5.14
    auto &byte = reinterpret_cast<volatile unsigned char &>(begin_[i]);
    byte = byte;
  }
}

}  // namespace bench
