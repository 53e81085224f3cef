// What commands that write a ring have in common: its options, waiting for room, and a pace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "option.hpp"
#include "ring.hpp"
#include "text.hpp"

namespace tool {

struct FeedOptions {
  std::string type;
  std::optional<std::uint32_t> channels;
  std::optional<std::uint32_t> item_size;
  std::optional<double> rate;
  std::optional<Amount> capacity;
  std::optional<Amount> window;
  std::optional<std::int64_t> first_index;
  std::string metadata;  // JSON, or @FILE
  std::uint32_t wait_readers = 0;
  bool lossless = false;
  bool keep = false;
};

void add_feed(CLI::App &app, FeedOptions &options);

// Options of a ring: what the command line says, and `base` for the rest. Without either, capacity is 10 s, or 16 MiB if
// there is no rate.
ringbuf_options_t feed_options(const FeedOptions &options, ringbuf_options_t base);

// Creates the ring, stores the metadata (those of the command line, else `metadata`), and waits for the readers that
// --wait-readers wants. An interrupted wait is no failure: stop_requested() says so.
Ring create_feed(const std::string &name, const FeedOptions &options, ringbuf_options_t base,
                 const std::string &metadata);

// Puts all samples; on a lossless ring it waits for room. False if a signal has ended the wait before all were put.
bool put_all(Ring &ring, const std::byte *samples, std::uint64_t count, std::size_t sample_bytes);

// Sends a message likewise.
bool send_all(Ring &ring, std::uint32_t kind, std::int64_t tag, const void *bytes, std::size_t size);
// The head of a message in a ring, before its bytes; and the bytes that a message takes there: head, bytes and padding.
inline constexpr std::int64_t message_head_bytes = 24;
constexpr std::uint64_t message_record_bytes(std::uint64_t size) { return 24 + (size + 7) / 8 * 8; }

// Leaves out indices likewise.
bool skip_all(Ring &ring, std::uint64_t count);

// Keeps a rate without drift: sample i is due at the start plus i / rate.
class Pacer {
 public:
  explicit Pacer(double rate) : rate_(rate), start_(monotonic_now()) {}
  // Sleeps until `count` samples are due since the start. False if a signal has come.
  bool wait_until(std::uint64_t count) const;
  // Samples that are due now.
  std::uint64_t due() const;

 private:
  double rate_;
  std::int64_t start_;
};

// Sleeps until the monotonic clock says so. False if a signal has come.
bool sleep_until(std::int64_t monotonic_ns);

}  // namespace tool
