#include "sound_repair.hpp"

#include <array>
#include <cstring>

#include "../text_format.hpp"
#include "recording.hpp"

namespace tool::formats {
namespace {

std::uint64_t number_at(const File& file, std::uint64_t at, std::size_t bytes) {
  std::array<unsigned char, 8> raw{};
  file.read_exactly(at, raw.data(), bytes);
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | raw[i];
  return value;
}

void write_number(File& file, std::uint64_t at, std::uint64_t value, std::size_t bytes = 8) {
  std::array<char, 8> raw{};
  for (std::size_t i = 0; i < bytes; ++i) raw[i] = static_cast<char>((value >> (8 * i)) & 0xFF);
  file.write_at(at, raw.data(), bytes);
}

std::string id_at(const File& file, std::uint64_t at) {
  std::string id(4, '\0');
  file.read_exactly(at, id.data(), id.size());
  return id;
}

void tell(const File& file, std::uint64_t before, std::uint64_t samples, Changes& changes) {
  changes.push_back(tool::format("{}: {} samples in the header, not {}", file.path(), samples, before));
}

void repair_rf64(File& file, std::uint64_t sample_bytes, Changes& changes) {
  constexpr std::uint64_t sizes = 20;  // in the chunk ds64: of the file, of the samples, their number
  std::uint64_t at = 12;
  while (id_at(file, at) != "data") at += 8 + (number_at(file, at + 4, 4) + 1) / 2 * 2;
  const std::uint64_t samples = cut_to_samples(file, at + 8, sample_bytes, changes);
  const std::uint64_t before = number_at(file, sizes + 8, 8) / sample_bytes;
  if (before == samples) return;
  write_number(file, sizes, file.size() - 8);
  write_number(file, sizes + 8, samples * sample_bytes);
  write_number(file, sizes + 16, samples);
  tell(file, before, samples, changes);
}

// libsndfile writes RF64 as WAV while the file is small.
void repair_wav(File& file, std::uint64_t sample_bytes, Changes& changes) {
  std::uint64_t at = 12, fact = 0;
  for (std::string id = id_at(file, at); id != "data"; id = id_at(file, at)) {
    if (id == "fact") fact = at + 8;
    at += 8 + (number_at(file, at + 4, 4) + 1) / 2 * 2;
  }
  const std::uint64_t samples = cut_to_samples(file, at + 8, sample_bytes, changes);
  const std::uint64_t before = number_at(file, at + 4, 4) / sample_bytes;
  if (before == samples) return;
  if (file.size() - 8 > UINT32_MAX) {
    throw Error(tool::format("'{}' has more than 4 GiB, and a header of WAV: 'ringbuf replay' reads {} samples of it",
                             file.path(), before));
  }
  write_number(file, at + 4, samples * sample_bytes, 4);
  if (fact != 0) write_number(file, fact, samples, 4);
  write_number(file, 4, file.size() - 8, 4);
  tell(file, before, samples, changes);
}

void repair_w64(File& file, std::uint64_t sample_bytes, Changes& changes) {
  constexpr std::uint64_t head = 24;  // an id of 16 bytes and the size, which includes both
  std::uint64_t at = 40;
  while (id_at(file, at) != "data") {
    const std::uint64_t size = number_at(file, at + 16, 8);
    if (size < head) throw Error(tool::format("'{}' has a chunk of {} bytes", file.path(), size));
    at += (size + 7) / 8 * 8;
  }
  const std::uint64_t samples = cut_to_samples(file, at + head, sample_bytes, changes);
  const std::uint64_t before = (number_at(file, at + 16, 8) - head) / sample_bytes;
  if (before == samples) return;
  write_number(file, 16, file.size());
  write_number(file, at + 16, head + samples * sample_bytes);
  tell(file, before, samples, changes);
}

}  // namespace

void repair_lengths(File& file, std::uint64_t sample_bytes, Changes& changes) {
  const std::string id = id_at(file, 0);
  if (id == "RIFF") repair_wav(file, sample_bytes, changes);
  if (id == "RF64") repair_rf64(file, sample_bytes, changes);
  if (id == "riff") repair_w64(file, sample_bytes, changes);
}

}  // namespace tool::formats
