#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "../text_format.hpp"
#include "edf.hpp"
#include "edf_annotations.hpp"
#include "edf_header.hpp"
#include "ringbuf.h"
#include "sidecar.hpp"

namespace tool::formats::edf {
namespace {

class EdfReader final : public Reader {
 public:
  EdfReader(const std::string& path, bool bdf) : file_(File::open(path)), header_(read_header(file_)) {
    if (header_.bdf != bdf) {
      throw Error(tool::format("'{0}' is a file of {1}, not of {2}: --format {3} reads it", path, bdf ? "EDF" : "BDF",
                               bdf ? "BDF" : "EDF", bdf ? "edf" : "bdf"));
    }
    if (header_.kind == "EDF+D" || header_.kind == "BDF+D") {
      throw Error(tool::format("'{}' has gaps within the file ({}), which are not read", path, header_.kind));
    }
    find_channels(path);
    described_ = file_exists(path + ".json");
    if (described_) {
      apply_sidecar(*this, path + ".json");
      if (stream.channels != channels_) {
        throw Error(
            tool::format("'{}' has {} channels, not the {} of '{}.json'", path, channels_, stream.channels, path));
      }
    } else {
      describe();
    }
    record_.resize(header_.record_bytes());
    samples = (file_.size() - header_.bytes()) / record_.size() * in_record_;
    if (told) {
      if (*told > samples || *told + in_record_ <= samples) {
        throw Error(tool::format("'{}' has {} records of {} samples, not the {} samples of '{}.json'", path,
                                 samples / in_record_, in_record_, *told, path));
      }
      samples = *told;  // the rest fills the last record up
    }
  }

  std::uint64_t samples_in_record() const override { return in_record_; }

  // Each record begins with its own time, which is that of its first sample.
  std::vector<Annotation> annotations() override {
    std::vector<Annotation> found;
    if (annotation_bytes_ == 0) return found;
    std::string bytes(annotation_bytes_, '\0');
    std::int64_t begin = 0;
    for (std::uint64_t at = header_.bytes(); at + record_.size() <= file_.size(); at += record_.size()) {
      file_.read_exactly(at + annotations_at_, bytes.data(), bytes.size());
      const std::vector<TimeStamped> lists = parse_lists(bytes);
      if (lists.empty()) continue;
      if (at == header_.bytes()) begin = lists.front().tick;
      for (std::size_t i = 1; i < lists.size(); ++i) {
        const double seconds = static_cast<double>(lists[i].tick - begin) / ticks;
        const std::int64_t index = begin_index() + std::llround(seconds * stream.sample_rate);
        found.push_back(described_ ? annotation_of(index, lists[i].text) : Annotation{index, 0, lists[i].text});
      }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Annotation& a, const Annotation& b) { return a.index < b.index; });
    return found;
  }

  std::vector<std::string> check() override {
    std::vector<std::string> problems;
    const std::uint64_t rest = (file_.size() - header_.bytes()) % record_.size();
    const std::uint64_t records = (file_.size() - header_.bytes()) / record_.size();
    if (rest != 0) problems.push_back(tool::format("its last {} bytes are a part of a record", rest));
    if (header_.records != static_cast<std::int64_t>(records)) {
      problems.push_back(tool::format("it has {} records, and its header says {}", records, header_.records));
    }
    return problems;
  }

  void read(std::uint64_t first, std::uint64_t count, void* to) override {
    auto* bytes = static_cast<char*>(to);
    while (count > 0) {
      load(first / in_record_);
      const auto begin = static_cast<std::size_t>(first % in_record_);
      const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(count, in_record_ - begin));
      for (std::size_t i = begin; i < begin + part; ++i) {
        for (const std::size_t offset : offsets_) {
          const std::int32_t value = value_at(offset + i * header_.item());
          std::memcpy(bytes, &value, stream.item_size);  // little endian: the low bytes are the first ones
          bytes += stream.item_size;
        }
      }
      first += part;
      count -= part;
    }
  }

 private:
  void find_channels(const std::string& path) {
    std::size_t offset = 0;
    for (const Signal& signal : header_.signals) {
      if (signal.label != annotations_label(header_.bdf)) {
        if (in_record_ != 0 && signal.samples != in_record_) {
          throw Error(tool::format("'{}' has channels of different sample rates, which no ring has", path));
        }
        in_record_ = signal.samples;
        offsets_.push_back(offset);
      }
      if (signal.label == annotations_label(header_.bdf) && annotation_bytes_ == 0) {
        annotations_at_ = offset;
        annotation_bytes_ = signal.samples * header_.item();
      }
      offset += signal.samples * header_.item();
    }
    channels_ = static_cast<std::uint32_t>(offsets_.size());
    if (channels_ == 0) throw Error(tool::format("'{}' has annotations only, no samples", path));
  }

  // A file that ringbuf has not recorded: what its header says.
  void describe() {
    stream.data_type = header_.bdf ? RINGBUF_INT32 : RINGBUF_INT16;
    stream.item_size = header_.bdf ? 4 : 2;
    stream.channels = channels_;
    const double duration = std::strtod(header_.duration.c_str(), nullptr);
    stream.sample_rate = duration > 0 ? in_record_ / duration : 0;
    auto channels = nlohmann::ordered_json::array();
    for (const Signal& signal : header_.signals) {
      if (signal.label == annotations_label(header_.bdf)) continue;
      const double low = std::strtod(signal.physical_min.c_str(), nullptr);
      const double high = std::strtod(signal.physical_max.c_str(), nullptr);
      const double steps = static_cast<double>(signal.digital_max) - signal.digital_min;
      nlohmann::ordered_json channel = {{"name", signal.label}, {"unit", signal.unit.empty() ? "1" : signal.unit}};
      if (steps != 0 && high != low) {
        const double scale = (high - low) / steps;
        channel["scale"] = scale;
        channel["offset"] = low - signal.digital_min * scale;
      }
      channels.push_back(std::move(channel));
    }
    stream.metadata = nlohmann::ordered_json{{"channels", channels}}.dump(
        -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    if (header_.start_s) marks.push_back({0, *header_.start_s * 1'000'000'000, *header_.start_s * 1'000'000'000});
    finished = header_.records >= 0;
  }

  // A gap of the recording comes before the samples of this file.
  std::int64_t begin_index() const {
    std::int64_t index = stream.first_index;
    for (const Gap& gap : gaps) {
      if (gap.start == index) index = gap.end;
    }
    return index;
  }

  void load(std::uint64_t record) {
    if (loaded_ && *loaded_ == record) return;
    file_.read_exactly(header_.bytes() + record * record_.size(), record_.data(), record_.size());
    loaded_ = record;
  }

  std::int32_t value_at(std::size_t at) const {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < header_.item(); ++i) {
      bits |= static_cast<std::uint32_t>(static_cast<unsigned char>(record_[at + i])) << (8 * i);
    }
    const unsigned unused = 32 - 8 * static_cast<unsigned>(header_.item());
    return static_cast<std::int32_t>(bits << unused) >> unused;
  }

  File file_;
  Header header_;
  std::vector<std::size_t> offsets_;  // of each channel, in a record
  std::uint32_t channels_ = 0, in_record_ = 0;
  std::size_t annotations_at_ = 0, annotation_bytes_ = 0;  // in a record
  bool described_ = false;
  std::string record_;
  std::optional<std::uint64_t> loaded_;
};

}  // namespace

std::unique_ptr<Reader> open(const std::string& path, bool bdf) { return std::make_unique<EdfReader>(path, bdf); }

}  // namespace tool::formats::edf
