// The records of MCAP (https://mcap.dev/spec), as bytes and back. All numbers are little endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tool::formats::mcap {

inline constexpr std::string_view magic("\x89MCAP0\r\n", 8);
inline constexpr std::size_t record_head = 9;  // the kind, and the length of what follows
inline constexpr std::size_t footer_bytes = record_head + 20;

enum class Kind : std::uint8_t {
  header = 1,
  footer,
  schema,
  channel,
  message,
  chunk,
  message_index,
  chunk_index,
  attachment,
  attachment_index,
  statistics,
  metadata,
  metadata_index,
  summary_offset,
  data_end
};

using Map = std::vector<std::pair<std::string, std::string>>;

// Appends records to a string.
class Builder {
 public:
  explicit Builder(std::string& bytes) : bytes_(bytes) {}
  // Between begin() and end() is one record.
  void begin(Kind kind);
  void end();
  void u8(unsigned value);
  void u16(unsigned value);
  void u32(std::uint64_t value);  // throws Error if it does not fit
  void u64(std::uint64_t value);
  void text(std::string_view text);
  void map(const Map& map);

 private:
  void number(std::uint64_t value, int bytes);
  std::string& bytes_;
  std::size_t begin_ = 0;
};

// CRC-32, as in zip. `before`: the CRC of the bytes before these; 0 if there are none.
std::uint32_t crc_of(const void* bytes, std::size_t count, std::uint32_t before = 0);

void patch(char* at, std::uint64_t value, int bytes);

// Takes the fields of a record. Throws Error where they end too early.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::string text() { return std::string(take(u32())); }
  Map map();
  std::string_view take(std::uint64_t count);
  std::string_view rest() const { return bytes_; }

 private:
  std::uint64_t number(std::size_t bytes);
  std::string_view bytes_;
};

// A record in a string of them.
struct Record {
  Kind kind;
  std::string_view content;
};
// Takes the first record from the bytes. Throws Error if it is not whole.
Record next_record(std::string_view& bytes);

}  // namespace tool::formats::mcap
