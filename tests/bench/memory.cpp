#include "memory.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>

namespace bench {

namespace {

std::uint64_t available_memory() {
  std::ifstream meminfo("/proc/meminfo");
  for (std::string line; std::getline(meminfo, line);) {
    if (line.rfind("MemAvailable:", 0) == 0) return std::stoull(line.substr(13)) * 1024;
  }
  return 0;
}

std::uint64_t free_shared_memory() {
  struct statvfs s {};
  return statvfs("/dev/shm", &s) == 0 ? std::uint64_t{s.f_bavail} * s.f_frsize : 0;
}

}  // namespace

std::size_t large_ring_bytes() {
  constexpr std::size_t most = std::size_t{8} << 30, least = std::size_t{128} << 20;
  const std::uint64_t free = std::min(available_memory(), free_shared_memory());
  std::size_t bytes = most;
  // Some is left to others, and to the page tables of all these mappings.
  while (bytes >= least && bytes / 2 * 3 > free / 4 * 3) bytes /= 2;
  return bytes < least ? 0 : bytes;
}

}  // namespace bench
