#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "names.hpp"

namespace test {

std::string name_path(const std::string &name) {
  const char *directory = std::getenv("RINGBUF_DIRECTORY");
  return std::string(directory != nullptr ? directory : "/dev/shm") + "/" + name;
}

bool name_is_there(const std::string &name) { return ::access(name_path(name).c_str(), F_OK) == 0; }

void remove_name(const std::string &name) { ::unlink(name_path(name).c_str()); }

void remove_names_of_the_dead(const std::string &prefix) {
  DIR *directory = ::opendir(name_path("").c_str());
  if (directory == nullptr) return;
  while (const dirent *entry = ::readdir(directory)) {
    const std::string name = entry->d_name;
    if (name.rfind(prefix, 0) != 0) continue;
    char *end = nullptr;
    const long process = std::strtol(name.c_str() + prefix.size(), &end, 10);
    const bool dead = process > 0 && ::kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH;
    if (*end == '.' && dead) remove_name(name);
  }
  ::closedir(directory);
}

}  // namespace test
