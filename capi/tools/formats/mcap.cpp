#include "mcap.hpp"

#include "../text_format.hpp"
#include "mcap_samples.hpp"
#include "ringbuf.h"

namespace tool::formats {
namespace {

std::string refusal(const Stream& stream) {
  constexpr std::uint64_t most = std::uint64_t{1} << 30;
  if ((stream.flags & RINGBUF_MESSAGES) != 0 && stream.window > most) {
    return "a message in an MCAP file has less than 1 GiB here, and the ring takes longer ones";
  }
  if (mcap::ros_type(stream.data_type).empty()) {
    return tool::format("the messages of ROS 2 in an MCAP file have no type {}: use --format npy or raw",
                        ringbuf_type_name(stream.data_type));
  }
  if (stream.sample_bytes() > most) {
    return "a message in an MCAP file has less than 4 GiB, and one is to hold a sample: use --format npy or raw";
  }
  return "";
}

}  // namespace

Format mcap_format() {
  Format format{"mcap",      {".mcap"},    "MCAP: messages of ROS 2, each a block of samples, or a message of the ring",
                refusal,     mcap::create, mcap::open,
                mcap::repair};
  format.annotations = false;
  return format;
}

}  // namespace tool::formats
