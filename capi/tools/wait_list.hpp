// Several rings, and for each the end of the samples that are worth waking up for.
#pragma once

#include <cstdint>
#include <vector>

#include "ring.hpp"

namespace tool {

class WaitList {
 public:
  // So that a command sees signals and slow rings.
  static constexpr std::int64_t longest_ns = 100'000'000;

  void clear() noexcept;
  void add(const Ring &ring, std::int64_t end);
  bool empty() const noexcept { return rings_.empty(); }
  // Until one of them has its samples, or its stream is over; at most longest_ns. There is at least one ring.
  void wait() const;

 private:
  std::vector<ringbuf_t *> rings_;
  std::vector<std::int64_t> ends_;
};

}  // namespace tool
