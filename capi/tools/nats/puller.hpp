// Puts what a journal has into a ring here, each sample at its index.
//
// The index decides: entries that came before are dropped, and an entry that does not follow the one before it makes the puller
// look again from the index where it stands. Only what the journal itself does not have becomes a gap.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "journal.hpp"
#include "origin.hpp"
#include "ring.hpp"

namespace tool::nats {

struct PullerOptions {
  std::string ring;  // empty: the name of the origin's
  std::string from;  // an index, a time, "oldest" or "newest"
  std::optional<std::uint64_t> capacity;
  std::optional<std::int64_t> first_index;
  std::int64_t patience_ns =
      3'000'000'000;  // with nothing for that long, although there is more, the journal is read anew
  bool keep = false;
  bool follow = false;   // go on after the end with the next ring
  bool release = false;  // give up in the journal what the ring has
};

struct PullerStatus {
  std::string ring;
  std::string origin;  // "HOST:RING"
  std::string ring_id;
  double sample_rate = 0;
  std::int64_t at = 0;           // the next index
  std::uint64_t duplicates = 0;  // entries that came again
  std::uint64_t lost = 0;        // samples that were lost before they came here
  std::uint64_t gaps = 0;        // places where indices are left out
  std::uint64_t restarts = 0;    // how often the journal was read anew
  std::int64_t delay_ns = 0;     // from the origin's time of the newest sample to its arrival here
  std::string trouble;
};

class Puller {
 public:
  Puller(Journal &journal, PullerOptions options);
  Puller(const Puller &) = delete;
  Puller &operator=(const Puller &) = delete;

  // Until the stream ends, or a signal comes; returns the exit code. After exit_dead the ring is still open: a process that then
  // ends without closing it leaves it as the origin is, with a writer that died.
  int run();
  PullerStatus status();

 private:
  void start();
  void begin(const Entry &entry);
  void open_ring(std::int64_t first_index);
  void reopen_ring(std::int64_t first_index);
  bool resume_ring();
  Origin find_origin(const Entry &entry);
  std::int64_t first_index_of(const Entry &entry) const;
  void read_on();
  void watch();
  std::optional<int> take(const Entry &entry);
  void take_ring(const Entry &entry);
  bool take_samples(const Entry &entry);
  bool follows(const Entry &entry);
  bool go_to(const Entry &entry);
  void stamp(const Entry &entry, std::int64_t from);
  void stamp_one(std::int64_t index, const Stamp &at);
  void release(const Entry &description);
  void store_metadata();
  void tell(const std::string &text);
  std::string where(const Entry &entry) const;

  Journal &journal_;
  PullerOptions options_;
  std::string name_;  // of the ring here
  std::optional<Origin> origin_;
  std::string shape_;
  std::optional<Ring> ring_;
  Info info_{};
  std::int64_t at_ = 0;
  std::uint64_t sequence_ = 0;  // of the newest entry that came
  std::int64_t heard_ns_ = 0;
  std::int64_t clock_offset_ns_ = 0;  // from the origin's monotonic clock to ours
  bool clock_known_ = false;
  std::int64_t stamped_ = -1;
  std::int64_t stamped_ns_ = 0;
  std::uint64_t discarded_checked_ = 0;  // that entry follows what the journal has discarded
  std::string told_;

  std::mutex mutex_;
  PullerStatus status_;
};

}  // namespace tool::nats
