// Memory that the parent shares with the processes it forks, at the same address in all of them: for the harness itself
// and for the peers that have no shared memory of their own.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace bench {

class Arena {
 public:
  explicit Arena(std::size_t bytes);
  ~Arena();
  Arena(const Arena &) = delete;
  Arena &operator=(const Arena &) = delete;

  // Zeroed the first time it is handed out; aligned to 128 bytes, from a page on to a page.
  void *allocate(std::size_t bytes);

  // The same, constructed. Nobody destroys it.
  template <class T, class... Arguments>
  T *make(Arguments &&...arguments) {
    return new (allocate(sizeof(T))) T(std::forward<Arguments>(arguments)...);
  }

  // Maps what has been handed out into the calling process, so that no slice pays for page faults.
  void populate() const;

  // Everything handed out after `mark` was taken is free again.
  std::size_t mark() const { return used_; }
  void release(std::size_t mark) { used_ = mark; }

 private:
  std::byte *begin_;
  std::size_t bytes_;
  std::size_t used_ = 0;
};

}  // namespace bench
