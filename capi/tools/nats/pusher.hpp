// Publishes what a ring gets, entry by entry, until its stream ends.
//
// Everything before the index that the journal has stored is safe. After any trouble the pusher asks for the last entry and goes
// on behind it, with what the ring still holds. On a lossless ring its position is that index, so that the writer waits for the
// journal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "journal.hpp"
#include "origin.hpp"
#include "ring.hpp"

namespace tool::nats {

struct PusherOptions {
  std::size_t block_bytes = 262'144;
  std::size_t window = 64;                   // entries on their way
  std::int64_t linger_ns = 5'000'000;        // how long a block waits for more samples
  std::int64_t patience_ns = 5'000'000'000;  // without an answer for that long, the journal is asked
  std::int64_t repeat_ns = 0;                // the description is repeated after that time; 0: never
  std::uint64_t repeat_bytes = 0;            // ... or after that many bytes; 0: never
};

// What others may ask about a pusher.
struct PusherStatus {
  std::int64_t written = 0;   // of the ring
  std::int64_t stored = 0;    // everything before is in the journal
  std::uint64_t lost = 0;     // samples that the ring had overwritten
  std::uint64_t settled = 0;  // how often it had to settle
  std::string trouble;        // what it waits for now, if anything
};

class Pusher {
 public:
  Pusher(Ring ring, Journal &journal, const PusherOptions &options);
  Pusher(const Pusher &) = delete;
  Pusher &operator=(const Pusher &) = delete;
  ~Pusher();

  // Until the ring's stream ends (exit_ok), its writer dies (exit_dead), or a signal comes (exit_ok).
  int run();
  PusherStatus status();
  const Origin &origin() const noexcept { return origin_; }

 private:
  enum class Found { samples, nothing, closed, died };

  bool settle();
  void resume_after(const std::optional<Entry> &last);
  void check_origin(const Entry &last);
  void announce();
  void announce_changes();
  void keep_from(std::int64_t index);
  bool all_is_well();
  Found look();
  void publish_samples();
  void skip_to(std::int64_t index, std::int64_t lost);
  void pass_overwritten();
  bool publish_end(bool died);
  void finish();
  Entry entry_of(EntryKind kind) const;
  std::optional<Stamp> time_of(std::int64_t index) const;
  void tell(const std::string &text);
  void pause();

  Ring ring_;
  Info info_;
  Journal &journal_;
  PusherOptions options_;
  Origin origin_;
  std::string description_;
  std::string shape_;
  std::string pusher_;
  std::uint64_t block_ = 1;  // samples in a full entry
  std::vector<std::byte> room_;

  std::int64_t stored_ = 0;       // everything before is in the journal
  std::int64_t at_ = 0;           // index of the next sample to publish
  std::int64_t after_ = 0;        // where the last entry that was published ends
  std::int64_t lost_before_ = 0;  // samples lost between after_ and at_
  bool announced_ = false;
  bool took_over_ = false;      // an entry of ours is stored: whoever else publishes is a second pusher
  std::optional<bool> end_;     // an end is the last entry: whether of a writer that died
  std::size_t window_ = 1;      // grows to that of the options with each answer
  std::uint64_t identity_ = 0;  // a number in the identities, after one was taken for another
  std::int64_t progress_ns_ = 0;
  std::int64_t looked_ns_ = 0;
  std::int64_t announced_ns_ = 0;
  std::uint64_t announced_bytes_ = 0;
  std::int64_t pause_ns_ = 0;
  std::string told_;

  std::mutex mutex_;
  PusherStatus status_;
};

}  // namespace tool::nats
