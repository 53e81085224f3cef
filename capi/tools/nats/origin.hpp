// The origin of a stream: which ring of which machine its samples come from, as the entries of kind `ring` describe it in JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "describe.hpp"
#include "entry.hpp"
#include "ring.hpp"

namespace tool::nats {

struct Origin {
  std::string ring;  // its name
  std::string host;
  std::string boot;  // which life of the machine: its monotonic clock
  std::string ring_id;
  std::uint64_t generation = 1;  // of its writer
  ringbuf_options_t options{};   // of a ring of the same shape
  std::string metadata;

  bool lossless() const noexcept { return (options.flags & RINGBUF_LOSSLESS) != 0; }
};

std::string host_name();
std::string boot_id();

Origin origin_of(const Ring &ring, const Info &info);
std::string describe_origin(const Origin &origin);
// Throws Failure, whose text begins with `where`, if that is no description of a ring that can be made here.
Origin parse_origin(const Entry &entry, const std::string &where);

// 16 hexadecimal digits: the same for the same text.
std::string digest(const std::string &text);

}  // namespace tool::nats
