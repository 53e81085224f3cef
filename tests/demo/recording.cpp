#include "recording.hpp"

#include <fmt/format.h>
#include <sndfile.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>

#include "ringbuf.h"

namespace demo {
namespace {

struct CloseFile {
  void operator()(SNDFILE* file) const noexcept { sf_close(file); }
};

struct SoundFile {
  std::string path;
  SF_INFO info{};
  std::unique_ptr<SNDFILE, CloseFile> file;

  explicit SoundFile(const std::string& path_) : path(path_), file(sf_open(path_.c_str(), SFM_READ, &info)) {
    if (!file) throw UsageError{fmt::format("{}: {}", path, sf_strerror(nullptr))};
    if (info.frames <= 0) throw UsageError{fmt::format("{}: has no samples", path)};
    // Without these, floating point files read as integers would be all zeroes and ones, or wrap around.
    sf_command(file.get(), SFC_SET_SCALE_FLOAT_INT_READ, nullptr, SF_TRUE);
    sf_command(file.get(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
  }

  std::size_t channels() const { return static_cast<std::size_t>(info.channels); }
  bool is_pcm16() const { return (info.format & SF_FORMAT_SUBMASK) == SF_FORMAT_PCM_16; }
  sf_count_t read(std::int16_t* to) { return sf_readf_short(file.get(), to, info.frames); }
  sf_count_t read(float* to) { return sf_readf_float(file.get(), to, info.frames); }
};

std::uint32_t data_type(SampleType type, const std::vector<SoundFile>& files) {
  if (type == SampleType::int16) return RINGBUF_INT16;
  if (type == SampleType::float32) return RINGBUF_FLOAT32;
  const bool all_pcm16 = std::all_of(files.begin(), files.end(), [](const SoundFile& f) { return f.is_pcm16(); });
  return all_pcm16 ? RINGBUF_INT16 : RINGBUF_FLOAT32;
}

// The file's channels become the channels from `first` on of `to`, which has `channels` of them.
template <class Element>
void interleave(SoundFile& file, std::size_t first, std::size_t channels, Element* to) {
  const std::size_t own = file.channels();
  std::vector<Element> elements(static_cast<std::size_t>(file.info.frames) * own);
  if (file.read(elements.data()) != file.info.frames) {
    throw UsageError{fmt::format("{}: ends too early: {}", file.path, sf_strerror(file.file.get()))};
  }
  for (std::size_t i = 0; i < elements.size(); ++i) to[i / own * channels + first + i % own] = elements[i];
}

}  // namespace

Recording::Recording(const Options& options) : repeat_(options.repeat) {
  std::vector<SoundFile> files(options.files.begin(), options.files.end());
  sample_rate_ = files.front().info.samplerate;
  for (const SoundFile& file : files) {
    if (file.info.samplerate != files.front().info.samplerate) {
      throw UsageError{fmt::format("{} has {} Hz, but {} has {} Hz; one ring has one sample rate", file.path,
                                   file.info.samplerate, files.front().path, files.front().info.samplerate)};
    }
    length_ = std::max<std::int64_t>(length_, file.info.frames);
    const std::string name = std::filesystem::path(file.path).stem().string();
    for (std::size_t c = 1; c <= file.channels(); ++c) {
      names_.push_back(file.channels() == 1 ? name : fmt::format("{}:{}", name, c));
    }
  }
  format_ = {data_type(options.type, files), names_.size()};

  bytes_.resize(static_cast<std::size_t>(length_) * format_.sample_bytes());  // zeroes: silence
  std::size_t first = 0;
  for (SoundFile& file : files) {
    if (format_.data_type == RINGBUF_INT16) {
      interleave(file, first, format_.channels, reinterpret_cast<std::int16_t*>(bytes_.data()));
    } else {
      interleave(file, first, format_.channels, reinterpret_cast<float*>(bytes_.data()));
    }
    first += file.channels();
  }
}

void Recording::copy(std::int64_t start, std::int64_t count, std::byte* to) const {
  while (count > 0) {
    const std::int64_t at = start % length_;
    const std::int64_t n = std::min(count, length_ - at);
    const std::size_t bytes = static_cast<std::size_t>(n) * format_.sample_bytes();
    std::memcpy(to, bytes_.data() + static_cast<std::size_t>(at) * format_.sample_bytes(), bytes);
    to += bytes;
    start += n;
    count -= n;
  }
}

bool Recording::equals(std::int64_t start, std::int64_t count, const void* samples) const {
  auto* other = static_cast<const std::byte*>(samples);
  while (count > 0) {
    const std::int64_t at = start % length_;
    const std::int64_t n = std::min(count, length_ - at);
    const std::size_t bytes = static_cast<std::size_t>(n) * format_.sample_bytes();
    if (std::memcmp(other, bytes_.data() + static_cast<std::size_t>(at) * format_.sample_bytes(), bytes) != 0) {
      return false;
    }
    other += bytes;
    start += n;
    count -= n;
  }
  return true;
}

std::uint32_t Recording::crc() const {
  std::uint32_t crc = 0;
  for (std::int64_t i = 0; i < repeat_; ++i) crc = extend_crc(crc, bytes_.data(), bytes_.size());
  return crc;
}

std::uint32_t extend_crc(std::uint32_t crc, const void* bytes, std::size_t size) {
  return static_cast<std::uint32_t>(crc32_z(crc, static_cast<const Bytef*>(bytes), size));
}

}  // namespace demo
