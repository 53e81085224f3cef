#include "names.hpp"

#include <unistd.h>

#include <filesystem>
#include <system_error>

namespace bench {

namespace {
std::string prefix() {
  static const std::string text = "ringbuf-bench-" + std::to_string(getpid()) + "-";
  return text;
}
}  // namespace

std::string unique_name() {
  static int count = 0;
  return prefix() + std::to_string(count++);
}

void sweep_names() {
  std::error_code ignored;
  std::filesystem::directory_iterator files("/dev/shm", ignored);
  for (const auto &file : files) {
    // libqb puts something before and behind the name, some versions make it a directory.
    if (file.path().filename().string().find(prefix()) == std::string::npos) continue;
    std::filesystem::remove_all(file.path(), ignored);
  }
}

}  // namespace bench
