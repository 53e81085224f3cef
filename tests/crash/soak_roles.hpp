// The processes of the soak, and the memory in which they tell the supervisor what they do.
#pragma once

#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <cstdio>

#include "sample.hpp"

namespace soak {

inline constexpr std::uint64_t capacity = 4096;
inline constexpr std::uint64_t window = 64;
inline constexpr std::uint32_t max_processes = 9;  // of a ring

// The truth about a ring: who wrote which samples. Its writers fill it in, one after the other.
struct Ledger {
  struct Entry {
    std::atomic<std::uint64_t> from;
    std::atomic<std::uint64_t> epoch;
  };
  static constexpr std::uint64_t size = 4096;  // the newest are kept

  std::atomic<std::uint64_t> count;
  Entry entries[size];
  std::atomic<std::uint32_t> making;       // rings of this name so far, the one being made included
  std::atomic<std::uint32_t> making_done;  // the one that `committed` belongs to
  std::atomic<std::uint64_t> committed;    // samples whose put had returned

  void add(std::uint64_t from, std::uint64_t epoch) noexcept;
  // Who wrote sample `index` of the ring that was made as number `ring`; 0 if that is not known any more.
  std::uint64_t epoch_of(std::uint32_t ring, std::uint64_t index) const noexcept;
};

// An epoch names the ring and the writer.
constexpr std::uint64_t make_epoch(std::uint32_t ring, std::uint32_t writer) noexcept {
  return std::uint64_t{ring} << 32 | writer;
}
constexpr std::uint32_t ring_of(std::uint64_t epoch) noexcept { return static_cast<std::uint32_t>(epoch >> 32); }

// What one process tells.
struct Process {
  std::atomic<std::int64_t> first_success_ns;  // of its first put or sample; 0: none yet
  std::atomic<std::uint64_t> samples;          // written, or checked
  std::atomic<std::uint64_t> lost;             // overwritten before they were read, as the reader was told
  std::atomic<std::uint32_t> violations;
  char text[2000];
  std::uint32_t length;

  [[gnu::format(printf, 2, 3)]] void violation(const char* format, ...) noexcept {
    ++violations;
    std::va_list arguments;
    va_start(arguments, format);
    const int n = length + 1 < sizeof text ? std::vsnprintf(text + length, sizeof text - length, format, arguments) : 0;
    va_end(arguments);
    length += static_cast<std::uint32_t>(n > 0 ? n : 0);
  }
};

struct Ring {
  char name[64];
  bool lossless;
  Ledger ledger;
  Process processes[max_processes];  // the first one writes
};

struct Shared {
  std::atomic<bool> stop;
  Ring rings[2];
};

// Write and read at full speed until `stop`. A writer goes on where the one before died, or makes the ring `anew`.
void write(Shared& shared, Ring& ring, std::uint64_t seed, std::uint32_t serial, bool anew);
void read(Shared& shared, Ring& ring, Process& own, std::uint64_t seed);

// All places of the reader table can be had.
void check_places(Ring& ring, Process& own);

}  // namespace soak
