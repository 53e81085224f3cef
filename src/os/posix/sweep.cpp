// Removes what processes have left in the working directory that did not live to do it themselves. Nothing is removed
// that somebody has locked, and no ring's directory as long as the ring has a name.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "os/posix/posix.hpp"

namespace ringbuf::os::posix {

namespace {

// Calls visit(name) for each entry of a directory but for . and .., as long as it returns true.
template <class Visit>
void each_entry(const char *path, Visit &&visit) {
  DIR *entries = ::opendir(path);
  if (entries == nullptr) return;
  while (const dirent *entry = ::readdir(entries)) {
    if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0 && !visit(entry->d_name)) break;
  }
  ::closedir(entries);
}

bool begins_with(const char *name, const char *prefix) noexcept {
  return std::strncmp(name, prefix, std::strlen(prefix)) == 0;
}

// False if somebody has it locked.
bool is_free(const WorkPath &path, bool remove) noexcept {
  const int fd = open_lock_file(path);
  if (fd < 0) return errno == ENOENT;
  const bool free = lock_now(fd, LOCK_EX);
  if (free) {
    RINGBUF_STEP();
    if (remove) ::unlink(path.text);
    lock_now(fd, LOCK_UN);
  }
  ::close(fd);
  return free;
}

// Gates at which nobody sleeps, and those that a waker took away and died. Somebody who comes to sleep right now is woken
// for no reason, rather than left at a gate that nobody finds.
void remove_gates(const WorkPath &directory) {
  each_entry(directory.text, [&](const char *name) {
    const WorkPath path = directory.below(name);
    const int fd = open_retrying(path.text, O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0) ::close(fd);
    if (fd >= 0 || errno != ENXIO) return true;
    if (name[0] == 'g') {
      take_gate_away(directory, name);
    } else {
      ::unlink(path.text);
    }
    return true;
  });
}

void remove_if_deserted(const WorkPath &directory) {
  // As long as one lock is held, the others stay, too.
  for (const bool remove : {false, true}) {
    bool deserted = true;
    each_entry(directory.text, [&](const char *name) {
      if (name[0] != 'w' && std::strcmp(name, Look::name) != 0) deserted = is_free(directory.below(name), remove);
      return deserted;
    });
    if (!deserted) return;
  }
  each_entry(directory.text, [&](const char *name) {
    const WorkPath entry = directory.below(name);
    if (name[0] != 'w') return true;
    remove_gates(entry);
    ::rmdir(entry.text);
    return true;
  });
  RINGBUF_STEP();
  ::unlink(directory.below(Look::name).text);
  RINGBUF_STEP();
  ::rmdir(directory.text);
}

using File = std::pair<dev_t, ino_t>;

// The file that the name of a ring's directory names.
bool parse(const char *name, File &file) noexcept {
  char *end = nullptr;
  file.first = static_cast<dev_t>(std::strtoull(name, &end, 16));
  if (end == name || *end != '-') return false;
  const char *second = end + 1;
  file.second = static_cast<ino_t>(std::strtoull(second, &end, 16));
  return end != second && *end == '\0';
}

void add_file(std::vector<File> &files, const char *path) {
  struct stat st {};
  if (::lstat(path, &st) == 0) files.emplace_back(st.st_dev, st.st_ino);
}

// The directories are listed first, then the rings without a name yet, then those with one: so a ring that is made or
// published meanwhile is seen as one or the other, or its directory is not seen.
void sweep_ring_directories(const WorkPath &work) {
  std::vector<std::string> directories;
  each_entry(work.text, [&](const char *name) {
    File file;
    if (parse(name, file)) directories.emplace_back(name);
    return true;
  });
  if (directories.empty()) return;
  std::vector<File> rings;
  each_entry(work.text, [&](const char *name) {
    if (begins_with(name, "new-")) add_file(rings, work.below(name).text);
    return true;
  });
  each_entry(directory(), [&](const char *name) {
    if (name[0] != '.' && std::strlen(name) <= max_name_length) add_file(rings, Path(name).text);
    return true;
  });
  std::sort(rings.begin(), rings.end());
  for (const std::string &name : directories) {
    File file;
    if (!parse(name.c_str(), file) || std::binary_search(rings.begin(), rings.end(), file)) continue;
    remove_ring_directory(work.below(name.c_str()));
  }
}

void sweep_files(const WorkPath &work) {
  if (!make_lock_file(work.below(Look::name), ::geteuid())) return;
  const Look look(work, LOCK_EX, 0);
  if (!look.is_ours()) return;
  each_entry(work.text, [&](const char *name) {
    const WorkPath path = work.below(name);
    if (begins_with(name, "new-") || begins_with(name, "process-") || name[0] == 't') (void)is_free(path, true);
    // Directories that never got their name; they are empty.
    if (std::strchr(name, '.') != nullptr) ::rmdir(path.text);
    return true;
  });
}

void sweep_now() {
  const WorkPath work;
  sweep_files(work);
  remove_gates(work.below("w"));
  sweep_ring_directories(work);
}

}  // namespace

void remove_ring_directory(const WorkPath &path) noexcept {
  const Look look(path, LOCK_EX, 0);
  if (look.is_ours() || !look.is_there()) remove_if_deserted(path);
}

// Now and then is enough, and costs little.
void sweep() noexcept {
  static std::atomic<unsigned> calls{0};
  if (calls.fetch_add(1, std::memory_order_relaxed) % 64 != 0) return;
  try {
    sweep_now();
  } catch (...) {  // no memory: another time
  }
}

}  // namespace ringbuf::os::posix
