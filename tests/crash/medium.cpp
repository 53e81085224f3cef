#include "medium.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace crash {

using ringbuf::Status;

Medium::Medium(Kind kind, std::string name, const ringbuf::Options& options)
    : kind_(kind), name_(std::move(name)), options_(options) {
  if (kind_ != Kind::raw) return;
  if (ringbuf::Writer::size(options_, bytes_) != Status::ok) std::abort();
  raw_ = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (raw_ == MAP_FAILED) std::abort();
}

Medium::~Medium() {
  forget();
  if (raw_ != nullptr) ::munmap(raw_, bytes_);
}

void Medium::forget() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Status Medium::create(ringbuf::Writer& writer) const noexcept {
  switch (kind_) {
    case Kind::named:
      return ringbuf::Writer::create(writer, name(), options_);
    case Kind::anonymous:
      return ringbuf::Writer::create(writer, nullptr, options_);
    case Kind::raw:
      break;
  }
  return ringbuf::Writer::create_raw(writer, raw_, bytes_, options_);
}

Status Medium::resume(ringbuf::Writer& writer) const noexcept {
  switch (kind_) {
    case Kind::named:
      return ringbuf::Writer::resume(writer, name());
    case Kind::anonymous:
      return ringbuf::Writer::resume_fd(writer, fd_);
    case Kind::raw:
      break;
  }
  return ringbuf::Writer::resume_raw(writer, raw_, bytes_);
}

Status Medium::open(ringbuf::Reader& reader, const ringbuf::OpenOptions& how) const noexcept {
  switch (kind_) {
    case Kind::named:
      return ringbuf::Reader::open(reader, name(), how);
    case Kind::anonymous:
      return ringbuf::Reader::open_fd(reader, fd_, how);
    case Kind::raw:
      break;
  }
  return ringbuf::Reader::open_raw(reader, raw_, bytes_, how);
}

bool Medium::exists() const noexcept {
  switch (kind_) {
    case Kind::named:
      return ::access(("/dev/shm/" + name_).c_str(), F_OK) == 0;
    case Kind::anonymous:
      return fd_ >= 0;
    case Kind::raw:
      break;
  }
  ringbuf::Reader reader;
  ringbuf::OpenOptions observer;
  observer.observer = true;
  return open(reader, observer) != Status::not_initialized;
}

void Medium::adopt(int pid, int number) noexcept {
  forget();
  const std::string path = "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(number);
  fd_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
}

std::vector<std::string> names_there(const std::string& prefix) {
  std::vector<std::string> names;
  DIR* const entries = ::opendir("/dev/shm");
  if (entries == nullptr) return names;
  while (const dirent* entry = ::readdir(entries)) {
    const std::string name = entry->d_name;
    if (name.compare(0, prefix.size(), prefix) == 0) names.push_back(name);
  }
  ::closedir(entries);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> names_listed(const std::string& prefix) {
  struct Found {
    const std::string& prefix;
    std::vector<std::string> names;
  } found{prefix, {}};
  const auto visit = [](const char* name, const ringbuf::Info&, void* user) {
    Found& f = *static_cast<Found*>(user);
    if (std::string(name).compare(0, f.prefix.size(), f.prefix) == 0) f.names.emplace_back(name);
    return true;
  };
  (void)ringbuf::list(visit, &found);
  std::sort(found.names.begin(), found.names.end());
  return found.names;
}

}  // namespace crash
