#include "mcap_records.hpp"

#include <zlib.h>

#include "recording.hpp"

namespace tool::formats::mcap {

std::uint32_t crc_of(const void* bytes, std::size_t count, std::uint32_t before) {
  return static_cast<std::uint32_t>(::crc32_z(before, static_cast<const unsigned char*>(bytes), count));
}

void patch(char* at, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) at[i] = static_cast<char>((value >> (8 * i)) & 0xFF);
}

void Builder::number(std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) bytes_ += static_cast<char>((value >> (8 * i)) & 0xFF);
}

void Builder::begin(Kind kind) {
  begin_ = bytes_.size();
  u8(static_cast<unsigned>(kind));
  u64(0);
}

void Builder::end() { patch(bytes_.data() + begin_ + 1, bytes_.size() - begin_ - record_head, 8); }

void Builder::u8(unsigned value) { number(value, 1); }
void Builder::u16(unsigned value) { number(value, 2); }
void Builder::u32(std::uint64_t value) {
  if (value > UINT32_MAX) throw Error("a part of a record of MCAP would exceed 4 GiB");
  number(value, 4);
}
void Builder::u64(std::uint64_t value) { number(value, 8); }

void Builder::text(std::string_view text) {
  u32(text.size());
  bytes_ += text;
}

void Builder::map(const Map& map) {
  std::uint64_t size = 0;
  for (const auto& [key, value] : map) size += 8 + key.size() + value.size();
  u32(size);
  for (const auto& [key, value] : map) {
    text(key);
    text(value);
  }
}

std::string_view Fields::take(std::uint64_t count) {
  if (count > bytes_.size()) throw Error("a record ends within a field");
  const std::string_view taken = bytes_.substr(0, static_cast<std::size_t>(count));
  bytes_.remove_prefix(static_cast<std::size_t>(count));
  return taken;
}

std::uint64_t Fields::number(std::size_t bytes) {
  const std::string_view taken = take(bytes);
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(taken[i]);
  return value;
}

Map Fields::map() {
  Fields entries(take(u32()));
  Map map;
  while (!entries.rest().empty()) {
    std::string key = entries.text();
    map.emplace_back(std::move(key), entries.text());
  }
  return map;
}

Record next_record(std::string_view& bytes) {
  Fields fields(bytes);
  const auto kind = static_cast<Kind>(fields.u8());
  const std::uint64_t length = fields.u64();
  const std::string_view content = fields.take(length);
  bytes = fields.rest();
  return {kind, content};
}

}  // namespace tool::formats::mcap
