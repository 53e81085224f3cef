// Pages, clocks and random numbers of POSIX.
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

#include <algorithm>

#include "os/unix/unix.hpp"

namespace ringbuf::os {

std::uint32_t page_bytes() noexcept { return static_cast<std::uint32_t>(std::max(4096L, ::sysconf(_SC_PAGESIZE))); }

Status protect(const Region &region, std::size_t offset, std::size_t bytes) noexcept {
  if (::mprotect(region.begin + offset, bytes, PROT_READ) == 0) return Status::ok;
  return system_failure(errno, "mprotect", "the ring");
}

void unmap(Region &region) noexcept {
  if (region.begin != nullptr) ::munmap(region.begin, region.bytes);
  region = {};
}

std::uint64_t process_number() noexcept { return static_cast<std::uint64_t>(::getpid()); }

Uncancelled::Uncancelled() noexcept { (void)::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
Uncancelled::~Uncancelled() {
  int disabled = 0;
  (void)::pthread_setcancelstate(before_, &disabled);
}

std::int64_t clock_ns(clockid_t id) noexcept {
  timespec t{};
  ::clock_gettime(id, &t);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

std::int64_t monotonic_ns() noexcept { return clock_ns(CLOCK_MONOTONIC); }
std::int64_t realtime_ns() noexcept { return clock_ns(CLOCK_REALTIME); }

bool random_bytes(void *bytes, std::size_t size) noexcept { return ::getentropy(bytes, size) == 0; }

}  // namespace ringbuf::os
