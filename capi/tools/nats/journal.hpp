// A journal: entries of one ring after another, in a broker that keeps them. This is all that push and pull need of one, so that
// another broker can be used: entries are published, the last one is asked for, and entries are read from a place on.
//
// A journal is trusted for neither order nor uniqueness. Push and pull look at the indices.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "entry.hpp"

namespace tool::nats {

constexpr std::int64_t ms = 1'000'000;      // in ns, of which all times are
constexpr std::int64_t idle_ns = 100 * ms;  // the longest sleep, so that answers that do not come are noticed

// The broker does not answer, or cannot for now. The same call may go through later.
class Unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What has become of the entries that were published since settle().
struct Progress {
  std::int64_t stored = -1;     // everything before this index is stored; -1: nothing that was published since
  std::size_t outstanding = 0;  // entries of which nothing is known yet
  std::string trouble;          // why nothing more will be stored until settle(); empty while all is well
  bool full = false;            // ... because the journal has no room
  bool duplicate = false;       // ... because the broker took an entry for one that it had seen
};

// The sequence numbers that the journal has; last is first - 1 if it has none.
struct Bounds {
  std::uint64_t first = 1;
  std::uint64_t last = 0;
  bool empty() const noexcept { return last < first; }
};

class Journal {
 public:
  Journal() = default;
  Journal(const Journal &) = delete;
  Journal &operator=(const Journal &) = delete;
  virtual ~Journal() = default;

  virtual const std::string &name() const noexcept = 0;

  // --- for the one process that publishes
  // Reads the last entry, and lets publish() go on after it. What was published before and is not stored by now never will be.
  virtual std::optional<Entry> settle() = 0;
  // The entry is stored after the one before it, or not at all. Returns before that is known: progress() tells. `identity` tells
  // it from all others, if it is not empty.
  virtual void publish(const Entry &entry, const std::string &identity) = 0;
  virtual Progress progress() = 0;
  // Waits until progress() has something new, at most that long.
  virtual void wait_progress(std::int64_t timeout_ns) = 0;
  // Called by a thread of the journal whenever progress() has something new; until it is given another function.
  virtual void on_progress(std::function<void()> wake) = 0;
  // The bytes of samples that an entry can have.
  virtual std::size_t most_bytes() const = 0;

  // --- for those that read
  virtual Bounds bounds() = 0;
  // The entry with that number; nothing if it is gone.
  virtual std::optional<Entry> entry(std::uint64_t sequence) = 0;
  // The last description of a ring.
  virtual std::optional<Entry> description() = 0;
  // From here on next() has the entries from that number on, or of them the descriptions alone.
  virtual void read_from(std::uint64_t sequence, bool descriptions_only) = 0;
  // The next entry; nothing if the time has passed. Throws Unavailable if read_from() has to be called again.
  virtual std::optional<Entry> next(std::int64_t timeout_ns) = 0;
  // Gives up all entries before that number, to make room.
  virtual void release(std::uint64_t sequence) = 0;
};

}  // namespace tool::nats
