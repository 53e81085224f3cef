#include "mcap_samples.hpp"

#include "../text_format.hpp"
#include "mcap_records.hpp"
#include "ringbuf.h"

namespace tool::formats::mcap {

std::string ros_type(std::uint32_t data_type) {
  switch (data_type) {
    case RINGBUF_BYTES:
      return "uint8";
    case RINGBUF_FLOAT16:
      return "";
    case RINGBUF_COMPLEX64:
      return "float32";
    case RINGBUF_COMPLEX128:
      return "float64";
    default:
      return ringbuf_type_name(data_type);
  }
}

std::string schema_text(std::uint32_t data_type) {
  const bool complex = data_type == RINGBUF_COMPLEX64 || data_type == RINGBUF_COMPLEX128;
  const char* elements = data_type == RINGBUF_BYTES ? "# The bytes of the items, one item after the other."
                         : complex
                             ? "# The samples, one after the other: `channels` complex numbers each, real part first."
                             : "# The samples, one after the other: `channels` elements each.";
  return tool::format(
      "# Samples of a ring of ringbuf.\n"
      "# When the first one was taken, since 1970-01-01 UTC.\n"
      "builtin_interfaces/Time stamp\n"
      "# The index of the first one in the ring. Indices that no message has are a gap.\n"
      "int64 index\n"
      "uint32 channels\n"
      "{}\n"
      "{}[] data\n"
      "================================================================================\n"
      "MSG: builtin_interfaces/Time\n"
      "int32 sec\n"
      "uint32 nanosec\n",
      elements, ros_type(data_type));
}

std::uint64_t elements_in_sample(const Stream& stream) {
  if (stream.data_type == RINGBUF_BYTES) return stream.sample_bytes();
  const bool complex = stream.data_type == RINGBUF_COMPLEX64 || stream.data_type == RINGBUF_COMPLEX128;
  return std::uint64_t{stream.channels} * (complex ? 2 : 1);
}

std::string block_start(const Stream& stream, std::uint64_t time_ns, std::int64_t index) {
  std::string bytes("\x00\x01\x00\x00", cdr_head);  // CDR, little endian
  Builder fields(bytes);
  fields.u32(time_ns / 1'000'000'000 & 0xFFFFFFFF);
  fields.u32(time_ns % 1'000'000'000);
  fields.u64(static_cast<std::uint64_t>(index));
  fields.u32(stream.channels);
  fields.u32(0);
  return bytes;
}

}  // namespace tool::formats::mcap
