#include "sound.hpp"

#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "../text_format.hpp"
#include "file.hpp"
#include "flac_output.hpp"
#include "raw.hpp"
#include "ringbuf.h"
#include "sidecar.hpp"
#include "sound_repair.hpp"

namespace tool::formats {
namespace {

enum class Kind { wav, rf64, w64, flac };

// libFLAC writes blocks of that many samples; only whole blocks are in the file.
constexpr std::uint64_t flac_block = 1152;  // libFLAC's own without linear prediction, which level 0 does without

int container(Kind kind) {
  switch (kind) {
    case Kind::wav:
    case Kind::rf64:
      return SF_FORMAT_RF64;
    case Kind::w64:
      return SF_FORMAT_W64;
    case Kind::flac:
      return SF_FORMAT_FLAC;
  }
  return 0;
}

const char* label(Kind kind) {
  constexpr std::array names{"WAV", "RF64", "W64", "FLAC"};
  return names[static_cast<std::size_t>(kind)];
}

// 0: the container has no such samples.
int encoding(Kind kind, std::uint32_t data_type) {
  if (kind == Kind::flac) {
    return data_type == RINGBUF_INT8 ? SF_FORMAT_PCM_S8 : data_type == RINGBUF_INT16 ? SF_FORMAT_PCM_16 : 0;
  }
  switch (data_type) {
    case RINGBUF_UINT8:
      return SF_FORMAT_PCM_U8;
    case RINGBUF_INT16:
      return SF_FORMAT_PCM_16;
    case RINGBUF_INT32:
      return SF_FORMAT_PCM_32;
    case RINGBUF_FLOAT32:
      return SF_FORMAT_FLOAT;
    case RINGBUF_FLOAT64:
      return SF_FORMAT_DOUBLE;
    default:
      return 0;
  }
}

std::uint32_t data_type_of(int encoded) {
  switch (encoded & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_PCM_S8:
      return RINGBUF_INT8;
    case SF_FORMAT_PCM_U8:
      return RINGBUF_UINT8;
    case SF_FORMAT_PCM_16:
      return RINGBUF_INT16;
    case SF_FORMAT_PCM_24:
    case SF_FORMAT_PCM_32:
      return RINGBUF_INT32;
    case SF_FORMAT_FLOAT:
      return RINGBUF_FLOAT32;
    case SF_FORMAT_DOUBLE:
      return RINGBUF_FLOAT64;
    default:
      return RINGBUF_BYTES;
  }
}

template <Kind kind>
std::string refusal(const Stream& stream) {
  if (std::string messages = messages_refusal(stream); !messages.empty()) return messages;
  if (encoding(kind, stream.data_type) == 0) {
    const char* name = ringbuf_type_name(stream.data_type);
    return tool::format("{} has no samples of type {}: {}", label(kind), name != nullptr ? name : "bytes",
                        kind == Kind::flac && encoding(Kind::wav, stream.data_type) != 0
                            ? "use --format wav; FLAC takes int8 and int16"
                            : "use --format sigmf, npy or raw");
  }
  const std::uint32_t most = kind == Kind::flac ? 8 : 1024;
  if (stream.channels > most) {
    return tool::format("{} takes {} channels, not {}: use --format {}", label(kind), most, stream.channels,
                        kind == Kind::flac && stream.channels <= 1024 ? "wav" : "sigmf, npy or raw");
  }
  const double rate = stream.sample_rate;
  if (rate != std::floor(rate) || rate < 1) {
    return tool::format("{} takes whole sample rates from 1 Hz on, not {}: use --format sigmf, npy or raw", label(kind),
                        rate == 0 ? "an unknown one" : tool::format("{} Hz", rate));
  }
  if (kind == Kind::flac && (rate < static_cast<double>(flac_block) || rate > 655350)) {
    return tool::format(
        "FLAC is recorded at 1152 Hz to 655350 Hz, not {} Hz, for its blocks of 1152 samples are to be written each "
        "second: use --format wav",
        rate);
  }
  if (rate > 2147483647)
    return tool::format("{} takes sample rates to 2147483647 Hz: use --format sigmf, npy or raw", label(kind));
  return "";
}

bool is_container(Kind kind, int format) {
  const int found = format & SF_FORMAT_TYPEMASK;
  if (kind == Kind::wav || kind == Kind::rf64) {
    return found == SF_FORMAT_RF64 || found == SF_FORMAT_WAV || found == SF_FORMAT_WAVEX;
  }
  return found == container(kind);
}

class Sound {
 public:
  Sound(const std::string& path, int descriptor, int mode, SF_INFO& info)
      : Sound(path, sf_open_fd(descriptor, mode, &info, SF_FALSE)) {}
  Sound(const std::string& path, SNDFILE* opened) : file_(opened), path_(path) {
    if (file_ == nullptr) throw Error(tool::format("'{}': {}", path, sf_strerror(nullptr)));
  }
  Sound(const Sound&) = delete;
  Sound& operator=(const Sound&) = delete;
  ~Sound() { close(); }
  void close() {
    if (file_ != nullptr) sf_close(file_);
    file_ = nullptr;
  }
  SNDFILE* get() const { return file_; }
  [[noreturn]] void fail(const char* did) const {
    throw Error(tool::format("cannot {} '{}': {}; is the disk full, or a limit for files reached (ulimit -f)?", did,
                             path_, sf_strerror(file_)));
  }

 private:
  SNDFILE* file_;
  std::string path_;
};

// The number of samples in STREAMINFO has 36 bits: the low half of byte 21, and bytes 22 to 25. It is 1 in a file that has no
// block yet (flac_output.hpp).
void write_flac_length(File& file, std::uint64_t samples) {
  std::array<unsigned char, 26> head{};
  file.read_exactly(0, head.data(), head.size());
  head[21] = static_cast<unsigned char>((head[21] & 0xF0) | ((samples >> 32) & 0x0F));
  for (std::size_t i = 0; i < 4; ++i) head[22 + i] = static_cast<unsigned char>((samples >> (24 - 8 * i)) & 0xFF);
  file.write_at(21, head.data() + 21, 5);
}

class SoundWriter final : public SidecarWriter {
 public:
  SoundWriter(Kind kind, const Stream& described, const std::string& path, bool replace)
      : SidecarWriter(described, path + ".json", "", replace), kind_(kind), file_(File::create(path, replace)) {
    SF_INFO info = {};
    info.samplerate = static_cast<int>(described.sample_rate);
    info.channels = static_cast<int>(described.channels);
    info.format = container(kind) | encoding(kind, described.data_type);
    sound_ = kind == Kind::flac ? std::make_unique<Sound>(path, flac_.open(info))
                                : std::make_unique<Sound>(path, file_.descriptor(), SFM_WRITE, info);
    // Until the end: RF64 may be WAV, which is written as such at the end if the samples fit.
    if (kind == Kind::wav) sf_command(sound_->get(), SFC_RF64_AUTO_DOWNGRADE, nullptr, SF_TRUE);
    if (kind != Kind::flac) sf_command(sound_->get(), SFC_UPDATE_HEADER_NOW, nullptr, 0);
    if (kind == Kind::flac) {
      double level = 0;  // two thirds of the work of the default, for a file that is larger by a twentieth
      sf_command(sound_->get(), SFC_SET_COMPRESSION_LEVEL, &level, sizeof level);
      begin_flac();
    }
    begin();
  }

  std::uint64_t bytes() const override {
    return kind_ == Kind::flac ? File::open(file_.path()).size() : stored() * stream().sample_bytes();
  }

 protected:
  void store(const void* samples, std::uint64_t count) override {
    if (kind_ == Kind::flac) {
      store_flac(samples, count);
      return;
    }
    const sf_count_t written = give(samples, static_cast<sf_count_t>(count));
    if (written != static_cast<sf_count_t>(count)) {
      kept_ = stored() + static_cast<std::uint64_t>(std::max<sf_count_t>(0, written));
      failed_ = true;
      sound_->fail("write to");
    }
  }

  void flush() override {
    if (kind_ == Kind::flac) {
      patch_length();
    } else {
      sf_command(sound_->get(), SFC_UPDATE_HEADER_NOW, nullptr, 0);
    }
  }

  std::uint64_t end() override {
    sound_->close();
    // What libsndfile says of the length after an error is not to be relied on.
    return failed_ ? kept_ : stored();
  }
  std::string data_path() const override { return file_.path(); }

 private:
  // Samples as they are. Those of floating point not as raw bytes, since libsndfile writes their peak to the header.
  sf_count_t give(const void* samples, sf_count_t count) {
    if (stream().data_type == RINGBUF_FLOAT32) {
      return sf_writef_float(sound_->get(), static_cast<const float*>(samples), count);
    }
    if (stream().data_type == RINGBUF_FLOAT64) {
      return sf_writef_double(sound_->get(), static_cast<const double*>(samples), count);
    }
    const auto size = static_cast<sf_count_t>(stream().sample_bytes());
    return sf_write_raw(sound_->get(), samples, count * size) / size;
  }

  void store_flac(const void* samples, std::uint64_t count) {
    const auto values = static_cast<std::size_t>(count) * stream().channels;
    const auto* from = static_cast<const short*>(samples);
    if (stream().data_type == RINGBUF_INT8) {
      shorts_.resize(values);
      const auto* bytes = static_cast<const signed char*>(samples);
      std::transform(bytes, bytes + values, shorts_.begin(),
                     [](signed char byte) { return static_cast<short>(byte * 256); });
      from = shorts_.data();
    }
    if (sf_writef_short(sound_->get(), from, static_cast<sf_count_t>(count)) != static_cast<sf_count_t>(count)) {
      failed_ = true;
      kept_ = in_blocks(stored());
      sound_->fail("write to");
    }
  }

  // libFLAC writes its header with the first samples. Until then the file has one of ours.
  void begin_flac() {
    const auto rate = static_cast<std::uint64_t>(stream().sample_rate);
    const std::uint64_t bits = std::uint64_t{stream().item_size} * 8;
    std::array<unsigned char, 42> head{
        'f', 'L', 'a', 'C', 0x80, 0, 0, 34, flac_block >> 8, flac_block & 0xFF, flac_block >> 8, flac_block & 0xFF};
    const std::uint64_t packed = (rate << 44) | (std::uint64_t{stream().channels - 1} << 41) | ((bits - 1) << 36) | 1;
    for (std::size_t i = 0; i < 8; ++i) head[18 + i] = static_cast<unsigned char>((packed >> (56 - 8 * i)) & 0xFF);
    file_.write_at(0, head.data(), head.size());
  }

  static std::uint64_t in_blocks(std::uint64_t samples) {
    return samples == 0 ? 0 : (samples - 1) / flac_block * flac_block;
  }

  void patch_length() { write_flac_length(file_, std::max<std::uint64_t>(1, in_blocks(stored()))); }

  Kind kind_;
  File file_;
  FlacOutput flac_{file_};
  std::unique_ptr<Sound> sound_;
  std::vector<short> shorts_;
  std::uint64_t kept_ = 0;
  bool failed_ = false;
};

class SoundReader final : public Reader {
 public:
  SoundReader(Kind kind, const std::string& path) : file_(File::open(path)) {
    sound_ = std::make_unique<Sound>(path, file_.descriptor(), SFM_READ, info_);
    if (!is_container(kind, info_.format)) {
      SF_FORMAT_INFO found = {};
      found.format = info_.format & SF_FORMAT_TYPEMASK;
      sf_command(nullptr, SFC_GET_FORMAT_INFO, &found, sizeof found);
      throw Error(tool::format("'{}' is no file of {}, but of {}", path, label(kind),
                               found.name != nullptr ? found.name : "another type"));
    }
    const bool described = file_exists(path + ".json");
    if (described) apply_sidecar(*this, path + ".json");
    if (!described) stream.sample_rate = info_.samplerate;
    stream.channels = static_cast<std::uint32_t>(info_.channels);
    stream.data_type = data_type_of(info_.format);
    if (stream.data_type == RINGBUF_BYTES) {
      throw Error(
          tool::format("'{}' has samples that are compressed with loss: 'sox FILE OTHER.wav' makes another", path));
    }
    stream.item_size = static_cast<std::uint32_t>(ringbuf_type_size(stream.data_type));
    samples = static_cast<std::uint64_t>(std::max<sf_count_t>(0, info_.frames));
    if (!described) finished = true;
    if (samples == 1) {  // or none: see write_flac_length()
      std::vector<char> sample(stream.sample_bytes());
      samples = take(1, sample.data()) == 1 ? 1 : 0;
      sf_seek(sound_->get(), 0, SEEK_SET);
    }
  }

  void read(std::uint64_t first, std::uint64_t count, void* to) override {
    if (first != next_ && sf_seek(sound_->get(), static_cast<sf_count_t>(first), SEEK_SET) < 0) fail(first);
    const auto frames = static_cast<sf_count_t>(count);
    if (take(frames, to) != frames) fail(first);
    next_ = first + count;
  }

 private:
  sf_count_t take(sf_count_t frames, void* to) {
    const auto values = static_cast<std::size_t>(frames) * stream.channels;
    switch (stream.data_type) {
      case RINGBUF_FLOAT32:
        return sf_readf_float(sound_->get(), static_cast<float*>(to), frames);
      case RINGBUF_FLOAT64:
        return sf_readf_double(sound_->get(), static_cast<double*>(to), frames);
      case RINGBUF_INT16:
        return sf_readf_short(sound_->get(), static_cast<short*>(to), frames);
      case RINGBUF_INT32:
        return sf_readf_int(sound_->get(), static_cast<int*>(to), frames);
      default:
        break;
    }
    // libsndfile has a sample of 8 bits in the upper half of one of 16.
    shorts_.resize(values);
    const sf_count_t got = sf_readf_short(sound_->get(), shorts_.data(), frames);
    auto* bytes = static_cast<unsigned char*>(to);
    const int middle = stream.data_type == RINGBUF_UINT8 ? 128 : 0;
    std::transform(shorts_.begin(), shorts_.end(), bytes,
                   [middle](short value) { return static_cast<unsigned char>((value >> 8) + middle); });
    return got;
  }

  [[noreturn]] void fail(std::uint64_t first) const {
    throw Error(
        tool::format("'{}' cannot be read from sample {} on: {}", file_.path(), first, sf_strerror(sound_->get())));
  }

  File file_;
  SF_INFO info_ = {};
  std::unique_ptr<Sound> sound_;
  std::vector<short> shorts_;
  std::uint64_t next_ = 0;
};

// The length in the header is that of the blocks that can be decoded.
void repair_flac(File& file, std::uint64_t before, Changes& changes) {
  write_flac_length(file, 0);  // unknown: all of it is decoded
  SF_INFO info = {};
  std::uint64_t samples = 0;
  {
    const File again = File::open(file.path());
    const Sound sound(file.path(), again.descriptor(), SFM_READ, info);
    std::vector<short> block(flac_block * static_cast<std::size_t>(info.channels));
    const auto wanted = static_cast<sf_count_t>(flac_block);
    while (sf_readf_short(sound.get(), block.data(), wanted) == wanted) samples += flac_block;
  }
  samples = std::max(samples, before);
  write_flac_length(file, samples == 0 ? 1 : samples);
  if (samples != before) {
    changes.push_back(tool::format("{}: {} samples in the header, not {}", file.path(), samples, before));
  }
}

template <Kind kind>
Changes repair_sound(const std::string& path) {
  Changes changes;
  const auto before = std::make_unique<SoundReader>(kind, path);
  File file = File::open_to_repair(path);
  if (before->told && *before->told == before->samples) return changes;
  if (kind == Kind::flac) {
    repair_flac(file, before->samples, changes);
  } else {
    repair_lengths(file, before->stream.sample_bytes(), changes);
  }
  const SoundReader repaired(kind, path);
  finish_sidecar(path + ".json", "", repaired.samples, changes);
  return changes;
}

template <Kind kind>
Format sound_format(const char* name, std::vector<const char*> endings, const char* what) {
  return {name,
          std::move(endings),
          what,
          refusal<kind>,
          [](const std::string& path, const Stream& stream, bool replace) -> std::unique_ptr<Writer> {
            return std::make_unique<SoundWriter>(kind, stream, path, replace);
          },
          [](const std::string& path) -> std::unique_ptr<Reader> { return std::make_unique<SoundReader>(kind, path); },
          repair_sound<kind>};
}

}  // namespace

Format wav_format() { return sound_format<Kind::wav>("wav", {".wav"}, "WAV, or RF64 above 4 GiB, with FILE.json"); }
Format rf64_format() { return sound_format<Kind::rf64>("rf64", {".rf64"}, "RF64, with FILE.json"); }
Format w64_format() { return sound_format<Kind::w64>("w64", {".w64"}, "W64, with FILE.json"); }
Format flac_format() {
  return sound_format<Kind::flac>("flac", {".flac"}, "FLAC, compressed without loss, with FILE.json");
}

}  // namespace tool::formats
