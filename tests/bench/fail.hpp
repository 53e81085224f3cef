// How a run fails: in the process that saw it, which ends; the parent then ends the run and cleans up.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace bench {

// Without the handlers of exit(): the parent removes what is left.
[[noreturn]] inline void fail(const char *what) noexcept {
  std::fprintf(stderr, "ringbuf_bench: %s\n", what);
  std::fflush(stderr);
  _exit(1);
}

inline void require(bool condition, const char *what) noexcept {
  if (!condition) [[unlikely]]
    fail(what);
}

// What every receiver asks of every item.
[[noreturn]] inline void wrong_sequence(std::uint64_t expected, std::uint64_t found) noexcept {
  std::fprintf(stderr, "ringbuf_bench: item %llu arrived where %llu was due\n", static_cast<unsigned long long>(found),
               static_cast<unsigned long long>(expected));
  std::fflush(stderr);
  _exit(1);
}
inline void expect_sequence(std::uint64_t expected, std::uint64_t found) noexcept {
  if (expected != found) [[unlikely]]
    wrong_sequence(expected, found);
}

}  // namespace bench
