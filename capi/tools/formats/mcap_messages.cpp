#include "mcap_messages.hpp"

#include "mcap_records.hpp"
#include "mcap_samples.hpp"

namespace tool::formats::mcap {
namespace {

constexpr std::int64_t second = 1'000'000'000;

}  // namespace

std::string messages_schema_text() {
  return "# A message of a ring of ringbuf.\n"
         "# When it was sent, since 1970-01-01 UTC.\n"
         "builtin_interfaces/Time stamp\n"
         "# The index of its first byte in the ring.\n"
         "int64 index\n"
         "# By convention the index of a sample in another ring.\n"
         "int64 tag\n"
         "# When it was sent, on the monotonic clock of the machine.\n"
         "int64 monotonic_ns\n"
         "uint32 kind\n"
         "uint8[] data\n"
         "================================================================================\n"
         "MSG: builtin_interfaces/Time\n"
         "int32 sec\n"
         "uint32 nanosec\n";
}

std::string content_start(const Message& message) {
  std::string bytes("\x00\x01\x00\x00", cdr_head);  // CDR, little endian
  Builder fields(bytes);
  fields.u32(static_cast<std::uint64_t>(message.realtime_ns / second) & 0xFFFFFFFF);
  fields.u32(static_cast<std::uint64_t>(message.realtime_ns % second));
  fields.u64(static_cast<std::uint64_t>(message.index));
  fields.u64(static_cast<std::uint64_t>(message.tag));
  fields.u64(static_cast<std::uint64_t>(message.monotonic_ns));
  fields.u32(message.kind);
  fields.u32(message.bytes.size());
  return bytes;
}

Message parse_content(std::string_view head, std::uint64_t& size) {
  Fields fields(head);
  fields.take(cdr_head);
  Message message;
  const std::int64_t seconds = fields.u32();
  message.realtime_ns = seconds * second + fields.u32();
  message.index = static_cast<std::int64_t>(fields.u64());
  message.tag = static_cast<std::int64_t>(fields.u64());
  message.monotonic_ns = static_cast<std::int64_t>(fields.u64());
  message.kind = fields.u32();
  size = fields.u32();
  return message;
}

}  // namespace tool::formats::mcap
