// A block of samples as a message of ROS 2, in CDR. The schema says the fields:
//   0  sec, nanosec: when the first sample was taken, since 1970
//   8  index: of the first sample
//  16  channels
//  20  data: the number of elements, then the elements
#pragma once

#include <cstdint>
#include <string>

#include "recording.hpp"

namespace tool::formats::mcap {

inline constexpr std::size_t cdr_head = 4;                       // the encapsulation
inline constexpr std::size_t block_head = cdr_head + 24;         // before the elements
inline constexpr std::size_t message_head = 9 + 2 + 4 + 8 + 8;   // of the record, before the block
inline constexpr std::size_t element_count_at = block_head - 4;  // in the block
inline constexpr const char* schema_name = "ringbuf_msgs/msg/Samples";

// Empty if ROS has no such type.
std::string ros_type(std::uint32_t data_type);
std::string schema_text(std::uint32_t data_type);
// Elements of ROS in a sample: a complex number is two, an opaque item as many as it has bytes.
std::uint64_t elements_in_sample(const Stream& stream);
// The head of a block without elements.
std::string block_start(const Stream& stream, std::uint64_t time_ns, std::int64_t index);

}  // namespace tool::formats::mcap
