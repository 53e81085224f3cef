#include "file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "../text_format.hpp"
#include "recording.hpp"

namespace tool::formats {
namespace {

[[noreturn]] void fail(const std::string& path, const char* did) {
  const int error = errno;
  const char* hint = "";
  if (error == ENOSPC || error == EDQUOT) {
    hint = "; make room, or record to another disk";
  } else if (error == EFBIG) {
    hint = "; a limit for files is in the way (ulimit -f): --split makes several";
  }
  throw Error(tool::format("cannot {} '{}': {}{}", did, path, std::strerror(error), hint));
}

}  // namespace

File File::create(const std::string& path, bool replace) {
  File file;
  file.path_ = path;
  file.descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | (replace ? O_TRUNC : O_EXCL), 0666);
  if (file.descriptor_ < 0) {
    if (errno == EEXIST) {
      throw Error(tool::format("'{}' exists; choose another name, or --overwrite", path));
    }
    fail(path, "create");
  }
  // Tells is_being_written(), until the file is closed or this process dies. Not all file systems have it.
  static_cast<void>(::flock(file.descriptor_, LOCK_EX | LOCK_NB));
  return file;
}

File File::open_to_repair(const std::string& path) {
  File file = open(path);
  ::close(std::exchange(file.descriptor_, ::open(path.c_str(), O_RDWR | O_CLOEXEC)));
  if (file.descriptor_ < 0) fail(path, "change");
  if (::flock(file.descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    throw Error(tool::format("'{}' is being written: a recorder is still at work", path));
  }
  return file;
}

bool is_being_written(const std::string& path) {
  const File file = File::open(path);
  if (::flock(file.descriptor(), LOCK_SH | LOCK_NB) == 0) return false;
  return errno == EWOULDBLOCK;
}

File File::open(const std::string& path) {
  File file;
  file.path_ = path;
  file.descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file.descriptor_ < 0) fail(path, "open");
  struct stat status = {};
  if (::fstat(file.descriptor_, &status) != 0) fail(path, "open");
  if (!S_ISREG(status.st_mode)) throw Error(tool::format("'{}' is no file of bytes", path));
  file.size_ = static_cast<std::uint64_t>(status.st_size);
  return file;
}

File::File(File&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

File& File::operator=(File&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void File::append(const void* bytes, std::size_t count) {
  const auto* from = static_cast<const char*>(bytes);
  while (count > 0) {
    const ssize_t written = ::pwrite(descriptor_, from, count, static_cast<off_t>(size_));
    if (written < 0) {
      if (errno == EINTR) continue;
      fail(path_, "write to");
    }
    from += written;
    count -= static_cast<std::size_t>(written);
    size_ += static_cast<std::uint64_t>(written);
  }
}

void File::write_at(std::uint64_t offset, const void* bytes, std::size_t count) {
  ssize_t written = 0;
  do {
    written = ::pwrite(descriptor_, bytes, count, static_cast<off_t>(offset));
  } while (written < 0 && errno == EINTR);
  if (written < 0) fail(path_, "write to");
  if (static_cast<std::size_t>(written) != count) {
    errno = ENOSPC;
    fail(path_, "write to");
  }
}

std::size_t File::read_at(std::uint64_t offset, void* bytes, std::size_t count) const {
  auto* to = static_cast<char*>(bytes);
  std::size_t have = 0;
  while (have < count) {
    const ssize_t got = ::pread(descriptor_, to + have, count - have, static_cast<off_t>(offset + have));
    if (got < 0) {
      if (errno == EINTR) continue;
      fail(path_, "read");
    }
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  return have;
}

void File::read_exactly(std::uint64_t offset, void* bytes, std::size_t count) const {
  if (read_at(offset, bytes, count) != count) {
    throw Error(tool::format("'{}' ends before its byte {}: it is not whole", path_, offset + count));
  }
}

void File::truncate(std::uint64_t size) {
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) fail(path_, "shorten");
  size_ = size;
}

void File::close() {
  if (descriptor_ >= 0 && ::close(std::exchange(descriptor_, -1)) != 0) fail(path_, "close");
}

void replace_file(const std::string& path, const std::string& text) {
  const std::string partial = path + ".partial";
  try {
    File file = File::create(partial, true);
    file.append(text.data(), text.size());
    file.close();
    if (std::rename(partial.c_str(), path.c_str()) != 0) fail(path, "replace");
  } catch (...) {
    remove_file(partial);
    throw;
  }
}

std::string read_file(const std::string& path) {
  const File file = File::open(path);
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  text.resize(file.read_at(0, text.data(), text.size()));
  return text;
}

bool file_exists(const std::string& path) {
  struct stat status = {};
  return ::lstat(path.c_str(), &status) == 0;
}

void remove_file(const std::string& path) { ::unlink(path.c_str()); }

std::uint64_t free_bytes(const std::string& path) {
  struct statvfs status = {};
  if (::statvfs(path.c_str(), &status) != 0) return 0;
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

}  // namespace tool::formats
