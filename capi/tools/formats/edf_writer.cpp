// A record goes to the file when it is whole, then the number of records in the header. Each record has room for annotations,
// and what has no room is written to earlier records at the end.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>

#include "../text_format.hpp"
#include "channels.hpp"
#include "edf.hpp"
#include "edf_annotations.hpp"
#include "edf_plan.hpp"
#include "ringbuf.h"
#include "sidecar.hpp"

namespace tool::formats::edf {
namespace {

class EdfWriter final : public SidecarWriter {
 public:
  EdfWriter(const Stream& described, const std::string& path, bool replace, bool bdf)
      : SidecarWriter(described, path + ".json", "", replace),
        plan_(plan(described, bdf)),
        file_(File::create(path, replace)),
        record_(plan_.header.record_bytes(), '\0'),
        samples_bytes_(plan_.header.item() * plan_.samples * described.channels) {
    // One record from the start: so the first one needs no second write until it counts. Without it the file has no samples
    // and is refused by EDFlib anyway.
    plan_.header.records = 1;
    const std::string text = header_text(plan_.header);
    file_.append(text.data(), text.size());
    begin();
  }

  std::uint64_t bytes() const override { return file_.size(); }

  void annotate(const Annotation& annotation) override {
    const double after = static_cast<double>(annotation.index - first_index()) / stream().sample_rate;
    std::string list = time_stamped(start_tick_ + std::llround(after * ticks), annotation);
    if (list.size() > annotation_bytes() - time_bytes) {
      throw Error(
          tool::format("a message of {} bytes is longer than the longest one of its ring", annotation.text.size()));
    }
    annotations_.push_back(std::move(list));
  }

 protected:
  void marked(const TimeMark& mark) override {
    if (stored() > 0 || plan_.header.start_s) return;
    plan_.header.start_s = mark.realtime_ns / 1'000'000'000;
    start_tick_ = mark.realtime_ns % 1'000'000'000 / 100;
    const std::string text = start_text(plan_.header);
    file_.write_at(start_at, text.data(), text.size());
  }

  void store(const void* samples, std::uint64_t count) override {
    if (stream().data_type == RINGBUF_INT32) {
      const std::uint64_t whole = in_range(static_cast<const std::int32_t*>(samples), count);
      put(static_cast<const char*>(samples), whole);
      if (whole < count) refuse_value(static_cast<const std::int32_t*>(samples) + whole * stream().channels, whole);
    } else {
      put(static_cast<const char*>(samples), count);
    }
  }

  void flush() override {}

  std::uint64_t end() override {
    std::uint64_t padding = 0;
    if (filled_ > 0) padding = pad();
    if (filled_ == plan_.samples) {
      try {
        write_record();
      } catch (const Error&) {
        filled_ = 0;
        padding = 0;
      }
    }
    file_.truncate(plan_.header.bytes() + records_ * record_.size());
    write_count();
    place_annotations();
    return records_ * plan_.samples - padding;
  }
  std::string data_path() const override { return file_.path(); }

 private:
  static constexpr std::size_t time_bytes = 60;
  std::size_t annotation_bytes() const { return record_.size() - samples_bytes_; }
  std::int64_t first_index() const { return next_index() - static_cast<std::int64_t>(stored()); }

  std::uint64_t in_range(const std::int32_t* values, std::uint64_t count) const {
    const auto* const end = values + count * stream().channels;
    const auto* const bad =
        std::find_if(values, end, [](std::int32_t value) { return value < -8388608 || value > 8388607; });
    return static_cast<std::uint64_t>(bad - values) / stream().channels;
  }

  [[noreturn]] void refuse_value(const std::int32_t* sample, std::uint64_t after) const {
    std::uint32_t channel = 0;
    while (sample[channel] >= -8388608 && sample[channel] <= 8388607) ++channel;
    throw Error(tool::format(
        "sample {} has {} in channel \"{}\", and BDF holds 24 bits: use --format sigmf, wav or npy",
        next_index() + static_cast<std::int64_t>(after), sample[channel], channels_of(stream())[channel].name));
  }

  void put(const char* samples, std::uint64_t count) {
    while (count > 0) {
      const auto part = static_cast<std::uint32_t>(std::min<std::uint64_t>(count, plan_.samples - filled_));
      spread(samples, part);
      filled_ += part;
      samples += part * stream().sample_bytes();
      count -= part;
      if (filled_ == plan_.samples) write_record();
    }
  }

  // A record has the samples of one channel after those of the other.
  void spread(const char* samples, std::uint32_t count) {
    switch (stream().data_type) {
      case RINGBUF_INT8:
        return spread_as<std::int8_t>(samples, count);
      case RINGBUF_UINT8:
        return spread_as<std::uint8_t>(samples, count);
      case RINGBUF_INT16:
        return spread_as<std::int16_t>(samples, count);
      case RINGBUF_UINT16:
        return spread_as<std::uint16_t>(samples, count);
      default:
        return spread_as<std::int32_t>(samples, count);
    }
  }
  template <typename T>
  void spread_as(const char* samples, std::uint32_t count) {
    if (plan_.header.bdf) {
      spread_to<T, 3>(samples, count);
    } else {
      spread_to<T, 2>(samples, count);
    }
  }
  template <typename T, std::size_t item>
  void spread_to(const char* samples, std::uint32_t count) {
    const std::size_t channels = stream().channels;
    for (std::size_t channel = 0; channel < channels; ++channel) {
      char* to = record_.data() + (channel * plan_.samples + filled_) * item;
      const char* from = samples + channel * sizeof(T);
      for (std::uint32_t i = 0; i < count; ++i, from += channels * sizeof(T), to += item) {
        T element;
        std::memcpy(&element, from, sizeof element);
        const std::int32_t value{element};
        for (std::size_t byte = 0; byte < item; ++byte) to[byte] = static_cast<char>((value >> (8 * byte)) & 0xFF);
      }
    }
  }

  // Fills the record up with its last sample. Says how many samples that took.
  std::uint64_t pad() {
    const std::size_t item = plan_.header.item();
    for (std::size_t channel = 0; channel < stream().channels; ++channel) {
      char* const begin = record_.data() + channel * plan_.samples * item;
      for (std::size_t i = filled_; i < plan_.samples; ++i)
        std::memcpy(begin + i * item, begin + (filled_ - 1) * item, item);
    }
    const std::uint64_t padding = plan_.samples - filled_;
    filled_ = plan_.samples;
    return padding;
  }

  void write_record() {
    char* const area = record_.data() + samples_bytes_;
    std::memset(area, 0, annotation_bytes());
    const std::int64_t tick = start_tick_ + static_cast<std::int64_t>(records_) * plan_.duration_us * 10;
    std::string text = onset(tick) + "\x14\x14" + '\0';
    std::size_t placed = 0;
    while (placed < annotations_.size() && text.size() + annotations_[placed].size() <= annotation_bytes()) {
      text += annotations_[placed++];
    }
    std::copy(text.begin(), text.end(), area);
    file_.truncate(plan_.header.bytes() + records_ * record_.size());
    file_.append(record_.data(), record_.size());
    annotations_.erase(annotations_.begin(), annotations_.begin() + static_cast<std::ptrdiff_t>(placed));
    if (stream().longest_annotation > 0) used_.push_back(static_cast<std::uint32_t>(text.size()));
    ++records_;
    filled_ = 0;
    write_count();
  }

  void write_count() {
    const std::string text = count_text(static_cast<std::int64_t>(records_));
    file_.write_at(count_at, text.data(), text.size());
  }

  // Those that came after the last record, or had no room in it.
  void place_annotations() {
    for (std::size_t record = used_.size(); record-- > 0 && !annotations_.empty();) {
      while (!annotations_.empty() && used_[record] + annotations_.front().size() <= annotation_bytes()) {
        const std::string& text = annotations_.front();
        file_.write_at(plan_.header.bytes() + record * record_.size() + samples_bytes_ + used_[record], text.data(),
                       text.size());
        used_[record] += static_cast<std::uint32_t>(text.size());
        annotations_.pop_front();
      }
    }
    if (!annotations_.empty()) {
      throw Error(tool::format("{} messages have no room in '{}': there are too many for its {} records",
                               annotations_.size(), file_.path(), records_));
    }
  }

  Plan plan_;
  File file_;
  std::string record_;
  std::size_t samples_bytes_;  // of a record
  std::uint32_t filled_ = 0;   // samples in the record
  std::uint64_t records_ = 0;
  std::int64_t start_tick_ = 0;          // of the first sample, after the whole second
  std::deque<std::string> annotations_;  // that no record has yet
  std::vector<std::uint32_t> used_;      // bytes for annotations in each record
};

}  // namespace

std::unique_ptr<Writer> create(const std::string& path, const Stream& stream, bool replace, bool bdf) {
  return std::make_unique<EdfWriter>(stream, path, replace, bdf);
}

}  // namespace tool::formats::edf
