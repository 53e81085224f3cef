// Another process, as far as a backend has others: it has a ring open, takes locks, sleeps, and dies without a word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "os/os.hpp"

namespace test {

class Peer {
 public:
  // Opens the ring of that name.
  explicit Peer(const char *name);
  Peer(const Peer &) = delete;
  Peer &operator=(const Peer &) = delete;
  ~Peer();  // kills it

  ringbuf::Status opened();
  ringbuf::Status try_lock(ringbuf::os::Lock lock);
  ringbuf::Status lock_shared(ringbuf::os::Lock lock);
  bool is_locked(ringbuf::os::Lock lock);
  std::uint64_t process_token();

  // Sleeps on the word so many bytes into the memory until it is not `expected` any more.
  void sleep(std::size_t offset, std::uint32_t expected);
  // Returns what the word was when it woke up.
  std::uint32_t woke();

  void kill();

 private:
  struct Process;
  std::unique_ptr<Process> process_;
};

}  // namespace test
