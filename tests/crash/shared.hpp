// What all processes of one run share: the numbered points, and the truth about the ring that the ring is held to.
#pragma once

#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <cstdio>

#include "process.hpp"
#include "ringbuf/status.hpp"

namespace crash {

// One ring: what was written to it, by whom and when. Its writers fill this in, one after the other.
struct History {
  struct Epoch {
    std::uint64_t from;
    std::uint64_t epoch;
  };
  struct Put {
    std::uint64_t newest;  // index of its last sample
    std::int64_t monotonic_before, realtime_before;
    std::int64_t monotonic_after, realtime_after;
  };
  struct Gap {
    std::uint64_t start, end;
    std::uint64_t announced_before;
  };
  static constexpr std::uint32_t max_epochs = 8;
  static constexpr std::uint32_t max_puts = 256;
  static constexpr std::uint32_t max_gaps = 128;

  std::atomic<std::uint64_t> committed;  // samples whose put or skip had returned
  std::atomic<std::uint64_t> announced;  // where the puts and skips ended, or would have ended
  std::atomic<std::uint32_t> epoch_count;
  std::atomic<std::uint32_t> put_count;
  std::atomic<std::uint32_t> gap_count;
  Epoch epochs[max_epochs];
  Put puts[max_puts];
  Gap gaps[max_gaps];                        // the newest may be of a skip that has not happened; see settle()
  std::atomic<std::uint32_t> metadata_said;  // metadata that a writer was about to set ...
  std::atomic<std::uint32_t> metadata_set;   // ... and has set; see metadata.hpp
  std::atomic<bool> closed;                  // the writer was about to close

  void begin_epoch(std::uint64_t from, std::uint64_t epoch) noexcept {
    const std::uint32_t n = epoch_count.load(std::memory_order_relaxed);
    if (n == max_epochs) std::abort();
    epochs[n] = {from, epoch};
    epoch_count.store(n + 1, std::memory_order_release);
  }

  // Who wrote sample `index`; 0 if nobody has, as in a gap.
  std::uint64_t epoch_of(std::uint64_t index) const noexcept {
    if (gap_end(index) != index) return 0;
    std::uint64_t found = 0;
    const std::uint32_t n = epoch_count.load(std::memory_order_acquire);
    for (std::uint32_t i = 0; i < n; ++i) {
      if (epochs[i].from <= index) found = epochs[i].epoch;
    }
    return found;
  }

  void announce(std::uint64_t end) noexcept {
    if (end > announced.load(std::memory_order_relaxed)) announced.store(end, std::memory_order_relaxed);
  }
  // A put that will end with sample `end - 1`.
  void begin_put(std::uint64_t end) noexcept {
    announce(end);
    const std::uint32_t n = put_count.load(std::memory_order_relaxed);
    if (n == max_puts) std::abort();
    puts[n] = {end - 1, clock_ns(), clock_ns(CLOCK_REALTIME), INT64_MAX, INT64_MAX};
    put_count.store(n + 1, std::memory_order_release);
  }
  // A skip of the indices from `start` to before `end`. The time anchor may be set by it, so it counts as a put, too.
  void begin_skip(std::uint64_t start, std::uint64_t end) noexcept {
    const std::uint32_t n = gap_count.load(std::memory_order_relaxed);
    if (n == max_gaps) std::abort();
    gaps[n] = {start, end, announced.load(std::memory_order_relaxed)};
    gap_count.store(n + 1, std::memory_order_release);
    begin_put(end);
  }
  // The end of the gap that an index is in, or would be in if the skip happens; else the index.
  std::uint64_t gap_end(std::uint64_t index) const noexcept {
    const std::uint32_t n = gap_count.load(std::memory_order_acquire);
    for (std::uint32_t i = 0; i < n; ++i) {  // from the oldest on
      if (gaps[i].start <= index && index < gaps[i].end) index = gaps[i].end;
    }
    return index;
  }
  bool touches_gap(std::uint64_t start, std::uint64_t end) const noexcept {
    while (start < end && gap_end(start) == start) ++start;
    return start < end;
  }
  // The next writer finds so many written: the last skip has happened, or it has not, and then nothing is lost by it. False:
  // it has happened in part.
  bool settle(std::uint64_t written) noexcept {
    const std::uint32_t n = gap_count.load(std::memory_order_relaxed);
    if (n == 0 || written >= gaps[n - 1].end) return true;
    announced.store(gaps[n - 1].announced_before, std::memory_order_relaxed);
    gap_count.store(n - 1, std::memory_order_release);
    return written == gaps[n - 1].start;
  }

  void end_put(std::uint64_t end) noexcept {
    Put& put = puts[put_count.load(std::memory_order_relaxed) - 1];
    put.monotonic_after = clock_ns();
    put.realtime_after = clock_ns(CLOCK_REALTIME);
    committed.store(end, std::memory_order_release);
  }
};

// A process that waits for samples.
struct Waiter {
  std::atomic<std::uint64_t> start;     // its position at first
  std::atomic<std::uint64_t> position;  // behind the last sample it got
  std::atomic<std::int64_t> returned_ns;
  std::atomic<int> status;  // with which its wait ended
};

// Complaints of one process.
struct Complaints {
  char text[1500];
  std::atomic<std::uint32_t> length;
};

enum Who : std::uint32_t { who_case, who_victim, who_consumer, who_watcher, who_count };

struct Shared {
  // The numbered points.
  std::atomic<std::uint64_t> passed;
  std::atomic<std::uint64_t> kill_at;  // 0: at none of them
  std::atomic<std::int64_t> died_ns;

  std::atomic<std::uint64_t> last_epoch;
  std::atomic<std::uint32_t> current;  // history of the ring that is being written
  History histories[3];
  std::atomic<int> descriptor;  // an anonymous ring's, in the process that made it
  Waiter waiters[2];

  // For the driver.
  std::atomic<std::uint64_t> points;              // of the operation
  std::atomic<std::uint64_t> predecessor_points;  // of what the first writer of the ring did
  // From the death until those were back who slept; -1: none did.
  std::atomic<std::int64_t> reader_notice_ns;
  std::atomic<std::int64_t> writer_notice_ns;
  Complaints complaints[who_count];

  History& history() noexcept { return histories[current.load(std::memory_order_relaxed)]; }
  std::uint64_t next_epoch() noexcept { return last_epoch.fetch_add(1, std::memory_order_relaxed) + 1; }

  [[gnu::format(printf, 3, 4)]] void complain(Who who, const char* format, ...) noexcept {
    Complaints& own = complaints[who];
    const std::uint32_t length = own.length.load(std::memory_order_relaxed);
    std::va_list arguments;
    va_start(arguments, format);
    const int n = std::vsnprintf(own.text + length, sizeof own.text - length, format, arguments);
    va_end(arguments);
    const auto now = static_cast<std::uint32_t>(n > 0 ? n : 0) + length;
    if (now + 1 >= sizeof own.text) return;  // enough has been said
    own.text[now] = '\n';
    own.text[now + 1] = '\0';
    own.length.store(now + 1, std::memory_order_relaxed);
  }
  bool has_complaints() const noexcept {
    for (const Complaints& c : complaints) {
      if (c.text[0] != '\0') return true;
    }
    return false;
  }
};

inline const char* text_of(ringbuf::Status status) noexcept { return ringbuf::status_name(static_cast<int>(status)); }

}  // namespace crash
