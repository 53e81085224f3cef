// How much memory Linux lets a process take. The machine has a limit, and so has each memory control group of the
// process. If a process takes more, the kernel kills it, or another process in its place.
#include <fcntl.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "os/unix/unix.hpp"

namespace ringbuf::os {

namespace {

// A small file of the kernel, read as a whole. Empty if it cannot be read.
struct Text {
  char text[8192] = "";

  bool read(const char *path) noexcept {
    const int fd = open_retrying(path, O_RDONLY);
    if (fd < 0) return false;
    std::size_t length = 0;
    while (length < sizeof text - 1) {
      const ssize_t n = retrying([&] { return ::read(fd, text + length, sizeof text - 1 - length); });
      if (n <= 0) break;
      length += static_cast<std::size_t>(n);
      // The kernel returns such a file in whole lines, at most a page at a time.
      if (n < 2048) break;
    }
    ::close(fd);
    text[length] = '\0';
    return length != 0;
  }

  // The number after `key` at the beginning of a line; 0 if there is none.
  std::uint64_t number(const char *key) const noexcept {
    const std::size_t length = std::strlen(key);
    for (const char *line = text; line != nullptr && *line != '\0';) {
      if (std::strncmp(line, key, length) == 0) return std::strtoull(line + length, nullptr, 10);
      line = std::strchr(line, '\n');
      if (line != nullptr) ++line;
    }
    return 0;
  }
};

constexpr std::uint64_t unlimited = UINT64_MAX;

// Saturating arithmetic.
std::uint64_t add(std::uint64_t a, std::uint64_t b) noexcept { return a > unlimited - b ? unlimited : a + b; }
std::uint64_t minus(std::uint64_t a, std::uint64_t b) noexcept { return a > b ? a - b : 0; }

// The directory of a control group. up() goes to the parent group.
struct Group {
  char path[4096 + 64];
  std::size_t root = 0;  // the length of the path of the root

  Group(const char *mounted, const char *below) noexcept {
    root = std::strlen(mounted);
    std::memcpy(path, mounted, root + 1);
    const std::size_t length = std::strcspn(below, "\n");
    // The group lies outside of the mounted tree, or it is the root.
    if (length <= 1 || root + length >= sizeof path || std::strstr(below, "/..") != nullptr) return;
    std::memcpy(path + root, below, length);
    path[root + length] = '\0';
  }

  bool up() noexcept {
    if (path[root] == '\0') return false;
    char *slash = std::strrchr(path, '/');
    *std::max(slash, path + root) = '\0';
    return true;
  }

  bool read(const char *file, Text &text) const noexcept {
    char whole[sizeof path + 64];
    std::snprintf(whole, sizeof whole, "%s/%s", path, file);
    return text.read(whole);
  }

  // Returns `otherwise` if there is no such file.
  std::uint64_t number(const char *file, std::uint64_t otherwise) const noexcept {
    Text text;
    if (!read(file, text)) return otherwise;
    return std::strncmp(text.text, "max", 3) == 0 ? unlimited : std::strtoull(text.text, nullptr, 10);
  }
};

// The kernel reclaims memory before it kills: pages of files that are also on a disk, and pages that can go to the swap
// space.
std::uint64_t room_of_second_version(const Group &group, std::uint64_t wanted, std::uint64_t free_swap) noexcept {
  const std::uint64_t max = group.number("memory.max", unlimited);
  if (max == unlimited) return unlimited;
  const std::uint64_t left = minus(max, group.number("memory.current", 0));
  if (left >= wanted) return left;
  Text stat;
  (void)group.read("memory.stat", stat);
  const std::uint64_t reclaimable =
      stat.number("inactive_file ") + stat.number("active_file ") + stat.number("slab_reclaimable ");
  const std::uint64_t swap =
      std::min(free_swap, minus(group.number("memory.swap.max", unlimited), group.number("memory.swap.current", 0)));
  return add(add(left, reclaimable), swap);
}

std::uint64_t room_of_first_version(const Group &group, std::uint64_t wanted, std::uint64_t free_swap) noexcept {
  const std::uint64_t left =
      minus(group.number("memory.limit_in_bytes", unlimited), group.number("memory.usage_in_bytes", 0));
  if (left >= wanted) return left;
  Text stat;
  (void)group.read("memory.stat", stat);
  const std::uint64_t reclaimable = stat.number("total_inactive_file ") + stat.number("total_active_file ");
  const std::uint64_t both =
      minus(group.number("memory.memsw.limit_in_bytes", unlimited), group.number("memory.memsw.usage_in_bytes", 0));
  return std::min(add(add(left, reclaimable), free_swap), add(both, reclaimable));
}

std::uint64_t room_of_groups(std::uint64_t wanted, std::uint64_t free_swap) noexcept {
  Text groups;
  if (!groups.read("/proc/self/cgroup")) return unlimited;
  std::uint64_t room = unlimited;
  for (const char *line = groups.text; line != nullptr && *line != '\0';) {
    // "number:controllers:path". In the second version there are no controllers.
    const char *controllers = std::strchr(line, ':');
    const char *path = controllers != nullptr ? std::strchr(controllers + 1, ':') : nullptr;
    if (path == nullptr) break;
    const bool second = path == controllers + 1;
    if (second || (path - controllers == 7 && std::strncmp(controllers, ":memory", 7) == 0)) {
      Group group(second ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory", path + 1);
      do {
        room = std::min(room, second ? room_of_second_version(group, wanted, free_swap)
                                     : room_of_first_version(group, wanted, free_swap));
      } while (group.up());
    }
    line = std::strchr(path, '\n');
    if (line != nullptr) ++line;
  }
  return room;
}

}  // namespace

MemoryRoom memory_room(std::uint64_t wanted) noexcept {
  struct sysinfo machine {};
  if (::sysinfo(&machine) != 0) return {};
  const std::uint64_t free_swap = std::uint64_t{machine.freeswap} * machine.mem_unit;
  MemoryRoom room{(std::uint64_t{machine.totalram} + machine.totalswap) * machine.mem_unit, "the machine's memory"};
  Text info;
  if (info.read("/proc/meminfo")) {
    if (const std::uint64_t available = info.number("MemAvailable:"); available != 0) {
      room.bytes = available * 1024 + free_swap;
    }
  }
  if (const std::uint64_t groups = room_of_groups(wanted, free_swap); groups < room.bytes) {
    room = {groups, "the limit of the memory control group"};
  }
  return room;
}

}  // namespace ringbuf::os
