// The three places where a ring can be, behind one interface.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ringbuf/ringbuf.hpp"

namespace crash {

enum class Kind { named, anonymous, raw };
inline constexpr const char* kind_names[] = {"named", "anonymous", "raw"};

class Medium {
 public:
  // Raw memory is made here, and shared with the children; an anonymous ring is found by adopt().
  Medium(Kind kind, std::string name, const ringbuf::Options& options);
  Medium(const Medium&) = delete;
  Medium& operator=(const Medium&) = delete;
  ~Medium();

  Kind kind() const noexcept { return kind_; }
  const char* name() const noexcept { return name_.c_str(); }
  const ringbuf::Options& options() const noexcept { return options_; }

  ringbuf::Status create(ringbuf::Writer& writer) const noexcept;
  ringbuf::Status resume(ringbuf::Writer& writer) const noexcept;
  ringbuf::Status open(ringbuf::Reader& reader, const ringbuf::OpenOptions& how = {}) const noexcept;

  // Whether anybody can find a ring there.
  bool exists() const noexcept;
  // Finds an anonymous ring as descriptor `number` of process `pid`.
  void adopt(int pid, int number) noexcept;
  // Nothing is there any more.
  void forget() noexcept;

 private:
  Kind kind_;
  std::string name_;
  ringbuf::Options options_;
  int fd_ = -1;
  void* raw_ = nullptr;
  std::size_t bytes_ = 0;
};

// The names in /dev/shm that begin with `prefix`, and those that ringbuf::list shows.
std::vector<std::string> names_there(const std::string& prefix);
std::vector<std::string> names_listed(const std::string& prefix);

}  // namespace crash
