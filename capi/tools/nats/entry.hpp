// An entry of a stream: what one message of the broker is to us. docs/network.md has the table of its headers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace tool::nats {

enum class EntryKind {
  ring,     // the description of the origin's ring, as payload; samples begin at `index`
  samples,  // `count` samples from `index` on, as payload
  end       // the origin has closed its ring before `index`, or has died there
};

// The times of a sample, on the clocks of the origin's machine.
struct Stamp {
  std::int64_t monotonic_ns = 0;
  std::int64_t realtime_ns = 0;
};

struct Entry {
  EntryKind kind = EntryKind::samples;
  std::string ring;            // the id of the origin's ring, 32 hexadecimal digits: its incarnation
  std::string shape;           // a digest of its description
  std::string pusher;          // the process that has published it
  std::int64_t index = 0;      // of the first sample, or of the next one
  std::int64_t count = 0;      // of samples
  std::int64_t after = 0;      // where the entry before it ends: less than `index` if indices are left out in between
  std::int64_t lost = 0;       // how many of these were lost before they could be published
  bool died = false;           // of an end: the writer died
  std::optional<Stamp> first;  // of the first sample
  std::optional<Stamp> last;   // of the last one
  std::span<const std::byte> payload;

  // What the journal says of an entry that was read.
  std::uint64_t sequence = 0;
  std::int64_t stored_ns = 0;   // since 1970
  std::uint64_t pending = 0;    // entries after it, as far as the broker knew
  std::shared_ptr<void> owner;  // of the payload

  std::int64_t end() const noexcept { return index + count; }
};

using Headers = std::map<std::string, std::string>;

Headers headers_of(const Entry &entry);

// Of headers and payload. `get` finds a header, nullptr if there is none. Throws Failure, whose text begins with `where`, if that
// is no entry that this version knows, or one that cannot be.
using GetHeader = const char *(*)(void *message, const char *name);
Entry parse_entry(GetHeader get, void *message, std::span<const std::byte> payload, const std::string &where);

}  // namespace tool::nats
