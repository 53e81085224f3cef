// A message of a ring of messages as one of ROS 2, in CDR. The schema says the fields:
//   0  sec, nanosec: when it was sent, since 1970
//   8  index: of its first byte in the ring
//  16  tag
//  24  monotonic_ns: when it was sent, on the machine's monotonic clock
//  32  kind
//  36  data: the number of bytes, then the bytes
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "recording.hpp"

namespace tool::formats::mcap {

inline constexpr std::size_t content_head = 4 + 40;  // the encapsulation and the fields, before the bytes
inline constexpr const char* messages_schema_name = "ringbuf_msgs/msg/Message";

std::string messages_schema_text();
// What a record of MCAP has of a message, without its bytes.
std::string content_start(const Message& message);
// The message without its bytes, and how many these are. Throws Error if the head is shorter.
Message parse_content(std::string_view head, std::uint64_t& size);

}  // namespace tool::formats::mcap
