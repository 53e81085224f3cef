#include "recording.hpp"

#include <fmt/format.h>
#include <sndfile.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <memory>
#include <numbers>
#include <system_error>

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

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    // Noise.wav is the one that nobody speaks in.
    if (entry.path().extension() == ".wav" && entry.path().stem() != "Noise") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Each channel beeps at its own pitch, the channels one after another, so that the meters have levels to show, and the
// events begin and end.
constexpr std::size_t generated_channels = 8;
constexpr double generated_rate = 48000;
constexpr double generated_seconds = 1.5;

double beep_hertz(std::size_t channel) { return 220 + 110 * static_cast<double>(channel); }

double beep(std::size_t channel, double seconds) {
  constexpr double length = 0.4, volume = 0.5;
  const double at = (seconds - 0.15 * static_cast<double>(channel)) / length;
  if (at < 0 || at > 1) return 0;
  const double envelope = std::sin(std::numbers::pi * at);
  return volume * envelope * envelope * std::sin(2 * std::numbers::pi * beep_hertz(channel) * seconds);
}

}  // namespace

Recording::Recording(const Options& options) : repeat_(options.repeat) {
  if (!options.files.empty()) {
    load(options.files, options.type);
    return;
  }
  const std::vector<std::string> found = files_in(options.recordings);
  if (found.empty()) {
    why_generated_ = fmt::format("no recording in {} (Debian's package alsa-utils has some)", options.recordings);
  } else {
    try {
      load(found, options.type);
      return;
    } catch (const UsageError& error) {  // nobody has asked for this file
      why_generated_ = error.message;
    }
  }
  generate(options.type);
}

void Recording::load(const std::vector<std::string>& paths, SampleType type) {
  std::vector<SoundFile> files(paths.begin(), paths.end());
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
  format_ = {data_type(type, files), names_.size()};

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

void Recording::generate(SampleType type) {
  names_.clear();
  for (std::size_t c = 0; c < generated_channels; ++c) names_.push_back(fmt::format("{:.0f} Hz", beep_hertz(c)));
  sample_rate_ = generated_rate;
  length_ = static_cast<std::int64_t>(generated_seconds * generated_rate);
  format_ = {type == SampleType::float32 ? std::uint32_t{RINGBUF_FLOAT32} : std::uint32_t{RINGBUF_INT16},
             generated_channels};
  bytes_.resize(static_cast<std::size_t>(length_) * format_.sample_bytes());
  for (std::size_t i = 0; i < static_cast<std::size_t>(length_) * generated_channels; ++i) {
    const double seconds = static_cast<double>(i / generated_channels) / generated_rate;
    const double value = beep(i % generated_channels, seconds);
    if (format_.data_type == RINGBUF_FLOAT32) {
      reinterpret_cast<float*>(bytes_.data())[i] = static_cast<float>(value);
    } else {
      reinterpret_cast<std::int16_t*>(bytes_.data())[i] = static_cast<std::int16_t>(std::lrint(value * 32767));
    }
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

// By doubling what is repeated: the stream may be of days.
std::uint32_t Recording::crc() const {
  std::uint32_t all = 0;
  std::uint32_t part = extend_crc(0, bytes_.data(), bytes_.size());
  auto part_bytes = static_cast<z_off_t>(bytes_.size());
  for (std::int64_t times = repeat_; times != 0; times /= 2) {
    if (times % 2 != 0) all = static_cast<std::uint32_t>(crc32_combine(all, part, part_bytes));
    part = static_cast<std::uint32_t>(crc32_combine(part, part, part_bytes));
    part_bytes *= 2;
  }
  return all;
}

std::uint32_t extend_crc(std::uint32_t crc, const void* bytes, std::size_t size) {
  return static_cast<std::uint32_t>(crc32_z(crc, static_cast<const Bytef*>(bytes), size));
}

}  // namespace demo
