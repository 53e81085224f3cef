// What the C++ tests share: names that no other test has, memory, random numbers that can be drawn again, sizes from the
// environment, and readable failures.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <new>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "names.hpp"
#include "ringbuf/ringbuf.hpp"

namespace ringbuf {

inline std::string text_of(Status status) { return status_name(static_cast<int>(status)); }
inline void PrintTo(Status status, std::ostream *out) { *out << text_of(status); }

}  // namespace ringbuf

namespace test {

inline constexpr std::int64_t forever = -1;
inline constexpr std::int64_t millisecond_ns = 1'000'000;

inline std::uint64_t from_environment(const char *variable, std::uint64_t otherwise) {
  const char *text = std::getenv(variable);
  return text != nullptr && *text != '\0' ? std::strtoull(text, nullptr, 0) : otherwise;
}

// A random number, or what that variable says. It is printed at once: a process that aborts has told it.
inline std::uint64_t seed_of(const char *variable) {
  const std::uint64_t seed = from_environment(variable, std::random_device{}());
  std::cout << variable << '=' << seed << std::endl;
  return seed;
}

// Zeroed memory of our own, aligned to a page as a mapping would be.
class Memory {
 public:
  explicit Memory(std::size_t bytes)
      : begin_(static_cast<std::byte *>(::operator new(bytes, alignment))), bytes_(bytes) {
    std::memset(begin_, 0, bytes);
  }
  Memory(const Memory &) = delete;
  Memory &operator=(const Memory &) = delete;
  ~Memory() { ::operator delete(begin_, alignment); }

  std::byte *begin() const { return begin_; }
  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::align_val_t alignment{4096};
  std::byte *begin_;
  std::size_t bytes_;
};

// Memory that holds a ring with these options.
inline Memory memory_for(const ringbuf::Options &options) {
  std::size_t bytes = 0;
  EXPECT_EQ(ringbuf::Writer::size(options, bytes), ringbuf::Status::ok) << ringbuf::last_error();
  return Memory(bytes);
}

// Random numbers whose seed is printed, and taken from RINGBUF_SEED if that is set.
class Random {
 public:
  Random() : Random(seed_of("RINGBUF_SEED")) {}
  explicit Random(std::uint64_t seed) : seed_(seed), engine_(seed) {}

  std::uint64_t seed() const { return seed_; }
  // Evenly from [0, bound).
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : engine_() % bound; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  std::uint64_t draw() { return engine_(); }
  // True once in `n` times.
  bool once_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t seed_;
  std::mt19937_64 engine_;
};

// A sample of a stream whose content tells its index: a torn one does not match.
struct Checked {
  std::uint64_t index;
  std::uint64_t hash;
  std::uint64_t more[2];

  static std::uint64_t mix(std::uint64_t x) {
    x ^= x >> 31;
    x *= 0x9e3779b97f4a7c15;
    x ^= x >> 29;
    x *= 0xbf58476d1ce4e5b9;
    return x ^ (x >> 32);
  }
  static Checked of(std::uint64_t index) { return {index, mix(index + 1), {mix(~index), index * 3}}; }
  bool is(std::uint64_t wanted) const {
    const Checked right = of(wanted);
    return index == right.index && hash == right.hash && more[0] == right.more[0] && more[1] == right.more[1];
  }
};
static_assert(sizeof(Checked) == 32);

inline ringbuf::Options checked_options(std::uint64_t capacity, std::uint64_t window = 1, bool lossless = false) {
  ringbuf::Options options;
  options.data_type = ringbuf::DataType::bytes;
  options.item_size = sizeof(Checked);
  options.capacity = capacity;
  options.window = window;
  options.lossless = lossless;
  return options;
}

inline std::vector<Checked> checked_samples(std::uint64_t first, std::uint64_t count) {
  std::vector<Checked> samples(static_cast<std::size_t>(count));
  for (Checked &sample : samples) sample = Checked::of(first++);
  return samples;
}

}  // namespace test
