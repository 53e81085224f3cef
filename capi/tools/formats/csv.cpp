#include "csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <iterator>
#include <string_view>
#include <type_traits>

#include "../text_format.hpp"
#include "channels.hpp"
#include "decimal.hpp"
#include "elements.hpp"
#include "file.hpp"
#include "raw.hpp"
#include "repair.hpp"
#include "ringbuf.h"
#include "sidecar.hpp"

namespace tool::formats {
namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t most_lines = 1 << 16;  // in bytes: written at once

std::string refusal(const Stream& stream) {
  if (std::string messages = messages_refusal(stream); !messages.empty()) return messages;
  return stream.data_type == RINGBUF_BYTES ? "CSV holds numbers, not opaque items: use --format raw or npy" : "";
}

std::string quoted(const std::string& name) {
  if (name.find_first_of(",\"\r\n") == std::string::npos) return name;
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"') text += '"';
    text += c == '\n' || c == '\r' ? ' ' : c;
  }
  return text + '"';
}

std::string header(const Stream& stream) {
  std::string text = "index,time";
  const bool complex = stream.data_type == RINGBUF_COMPLEX64 || stream.data_type == RINGBUF_COMPLEX128;
  for (const Channel& channel : channels_of(stream)) {
    for (const char* part : {".re", ".im"}) {
      text += ',';
      text += quoted(complex ? tool::format("{}{}", channel.name, part) : channel.name);
      if (!complex) break;
    }
  }
  return text + "\n";
}

// No line crosses the end of a page, unless it is longer than one: a write ends between pages if the process dies meanwhile.
// The last line before the end of a page is filled up with blanks. So a recorder that is killed leaves whole lines.
class CsvWriter final : public SidecarWriter {
 public:
  CsvWriter(const Stream& described, const std::string& path, bool replace)
      : SidecarWriter(described, path + ".json", "", replace), file_(File::create(path, replace)) {
    const std::string text = header(described);
    file_.append(text.data(), text.size());
    begin();
  }

  std::uint64_t bytes() const override { return file_.size() + lines_.size(); }

 protected:
  void store(const void* samples, std::uint64_t count) override {
    const auto* from = static_cast<const char*>(samples);
    find_period();
    switch (stream().data_type) {
      case RINGBUF_INT8:
        return store_integers<std::int8_t>(from, count);
      case RINGBUF_UINT8:
        return store_integers<std::uint8_t>(from, count);
      case RINGBUF_INT16:
        return store_integers<std::int16_t>(from, count);
      case RINGBUF_UINT16:
        return store_integers<std::uint16_t>(from, count);
      case RINGBUF_INT32:
        return store_integers<std::int32_t>(from, count);
      case RINGBUF_UINT32:
        return store_integers<std::uint32_t>(from, count);
      case RINGBUF_INT64:
        return store_integers<std::int64_t>(from, count);
      case RINGBUF_UINT64:
        return store_integers<std::uint64_t>(from, count);
      default:
        return store_elements(from, count);
    }
  }

  void flush() override {
    if (lines_.empty()) return;
    if (room() < longest_) fill_page();
    const std::uint64_t begin = file_.size();
    try {
      file_.append(lines_.data(), lines_.size());
    } catch (const Error&) {
      const auto part = static_cast<std::size_t>(file_.size() - begin);
      const std::size_t whole = part == 0 ? 0 : lines_.rfind('\n', part - 1) + 1;  // 0 if there is none
      file_.truncate(begin + whole);
      lines_.erase(0, whole);
      throw;
    }
    lines_.clear();
  }

  std::uint64_t end() override {
    try {
      flush();
    } catch (const Error&) {
    }
    return made_ - static_cast<std::uint64_t>(std::count(lines_.begin(), lines_.end(), '\n'));
  }
  std::string data_path() const override { return file_.path(); }

 private:
  template <typename T>
  void store_integers(const char* element, std::uint64_t count) {
    line_.resize(2 * most_digits + most_digits + stream().channels * (most_digits + 1));
    for (std::uint64_t i = 0; i < count; ++i) {
      char* to = begin_line(next_index() + static_cast<std::int64_t>(i), line_.data());
      for (std::uint32_t channel = 0; channel < stream().channels; ++channel, element += sizeof(T)) {
        *to++ = ',';
        T value;
        std::memcpy(&value, element, sizeof value);
        if constexpr (std::is_signed_v<T>) {
          to = put_signed(to, value);
        } else {
          to = put_unsigned(to, value);
        }
      }
      *to++ = '\n';
      add_line({line_.data(), static_cast<std::size_t>(to - line_.data())});
    }
  }

  void store_elements(const char* element, std::uint64_t count) {
    std::array<char, 3 * most_digits> head;
    for (std::uint64_t i = 0; i < count; ++i) {
      line_.clear();
      line_.append(head.data(), begin_line(next_index() + static_cast<std::int64_t>(i), head.data()));
      for (std::uint32_t channel = 0; channel < stream().channels; ++channel, element += stream().item_size) {
        line_.push_back(',');
        element_text(stream().data_type, element, line_);
      }
      line_.push_back('\n');
      add_line({line_.data(), line_.size()});
    }
  }

  // Bytes that are left in the page after all lines.
  std::size_t room() const { return page - static_cast<std::size_t>((file_.size() + lines_.size()) % page); }

  // Blanks before the end of the last line, so that the next one begins with a page.
  void fill_page() {
    const std::size_t blanks = room();
    if (blanks < page) lines_.insert(lines_.size() - 1, blanks, ' ');
  }

  void add_line(std::string_view line) {
    longest_ = std::max(longest_, std::min(line.size(), page));
    if (line.size() > room() && !lines_.empty()) fill_page();
    lines_.append(line);
    ++made_;
    if (lines_.size() >= most_lines) flush();
  }

  // Of the time between samples after the last mark.
  void find_period() {
    period_ns_ = 0;
    if (stream().sample_rate > 0) {
      period_ns_ = 1e9 / stream().sample_rate;
    } else if (marks().size() > 1) {
      const TimeMark& mark = marks().back();
      const TimeMark& before = marks()[marks().size() - 2];
      period_ns_ =
          static_cast<double>(mark.realtime_ns - before.realtime_ns) / static_cast<double>(mark.index - before.index);
    }
  }

  // Index and time, as text from `to` on. Returns where it ends.
  char* begin_line(std::int64_t index, char* to) const {
    to = put_signed(to, index);
    *to++ = ',';
    if (marks().empty()) {
      constexpr std::string_view unknown = "nan";
      return std::copy(unknown.begin(), unknown.end(), to);
    }
    const TimeMark& mark = marks().back();
    const std::int64_t time = mark.realtime_ns + std::llround(static_cast<double>(index - mark.index) * period_ns_);
    constexpr std::int64_t second = 1'000'000'000;
    to = put_signed(to, time / second);
    *to++ = '.';
    const auto fraction = static_cast<std::uint32_t>(time % second);
    *to++ = static_cast<char>('0' + fraction / ten_to_8);
    return put_eight(to, fraction % ten_to_8);
  }

  File file_;
  std::string lines_;        // not yet written
  fmt::memory_buffer line_;  // being made
  double period_ns_ = 0;
  std::uint64_t made_ = 0;    // lines, also those that are not yet written
  std::size_t longest_ = 64;  // line so far
};

class CsvReader final : public Reader {
 public:
  explicit CsvReader(const std::string& path) : file_(File::open(path)) {
    if (!next_line()) throw Error(tool::format("'{}' is empty: a CSV file has a line of names first", path));
    const std::string names(line_, line_end_);
    if (names.compare(0, 10, "index,time") != 0) {
      throw Error(
          tool::format("'{}' does not begin with 'index,time', as recordings in CSV do; 'ringbuf put' takes samples "
                       "without them",
                       path));
    }
    body_ = position_;
    const bool described = file_exists(path + ".json");
    if (described) {
      apply_sidecar(*this, path + ".json");
    } else {
      stream.data_type = RINGBUF_FLOAT64;
      stream.item_size = 8;
      stream.channels = static_cast<std::uint32_t>(std::count(names.begin() + 10, names.end(), ','));
      finished = true;
    }
    // The lines are whole, or the last one is left out.
    std::int64_t expected = 0;
    while (next_line()) {
      std::int64_t index = 0;
      const char* text = line_;
      if (!element_parse(RINGBUF_INT64, &text, line_end_, &index)) {
        throw Error(tool::format("'{}' has no index in the line of sample {}", path, samples));
      }
      if (samples > 0 && index < expected) {
        throw Error(tool::format("'{}' has an index that goes back: {} after {}", path, index, expected - 1));
      }
      if (samples == 0) first_line_ = index;
      if (samples > 0 && index > expected) seen_.push_back({expected, index, 0});
      expected = index + 1;
      ++samples;
    }
    lines_end_ = position_;
    if (!described) {
      stream.first_index = first_line_;
      gaps = seen_;
    }
    rewind();
  }

  std::vector<std::string> check() override {
    std::vector<std::string> problems;
    std::int64_t first = stream.first_index;
    std::vector<Gap> between;
    for (const Gap& gap : gaps) {
      if (gap.start == first) {
        first = gap.end;
      } else {
        between.push_back({gap.start, gap.end, 0});
      }
    }
    if (!between.empty() && (seen_.empty() || between.back() != seen_.back())) between.pop_back();  // at the end
    if (samples > 0 && (first != first_line_ || between != seen_)) {
      problems.emplace_back("the indices of its lines are not those of the description");
    }
    if (file_.size() == lines_end_) return problems;
    problems.push_back(tool::format("its last {} bytes are a part of a line", file_.size() - lines_end_));
    return problems;
  }
  std::uint64_t lines_end() const { return lines_end_; }

  void read(std::uint64_t first, std::uint64_t count, void* to) override {
    if (first < next_) rewind();
    auto* element = static_cast<char*>(to);
    for (; count > 0; ++next_) {
      if (!next_line()) throw Error(tool::format("'{}' ends at sample {}", file_.path(), next_));
      if (next_ < first) continue;
      const char* text = line_;
      for (int comma = 0; comma < 2 && text < line_end_; ++text) comma += *text == ',' ? 1 : 0;
      for (std::uint32_t channel = 0; channel < stream.channels; ++channel, element += stream.item_size) {
        if (channel > 0 && (text >= line_end_ || *text++ != ',')) fail();
        if (!element_parse(stream.data_type, &text, line_end_, element)) fail();
      }
      --count;
    }
  }

 private:
  [[noreturn]] void fail() const {
    throw Error(tool::format("'{}' has no {} numbers of type {} in the line of sample {}", file_.path(),
                             stream.channels, ringbuf_type_name(stream.data_type), next_));
  }

  void rewind() {
    position_ = body_;
    begin_ = have_ = 0;
    next_ = 0;
  }

  // The next whole line is [line_, line_end_), and *line_end_ is its '\n'.
  bool next_line() {
    for (;;) {
      char* const from = buffer_.data() + begin_;
      if (auto* newline = begin_ < have_ ? static_cast<char*>(std::memchr(from, '\n', have_ - begin_)) : nullptr) {
        line_ = from;
        line_end_ = newline;
        const auto length = static_cast<std::size_t>(newline - from) + 1;
        begin_ += length;
        position_ += length;
        return true;
      }
      const std::size_t rest = have_ - begin_;
      if (rest == buffer_.size()) buffer_.resize(buffer_.size() * 2);
      std::memmove(buffer_.data(), buffer_.data() + begin_, rest);
      begin_ = 0;
      have_ = rest;
      const std::size_t got = file_.read_at(position_ + rest, buffer_.data() + rest, buffer_.size() - rest);
      if (got == 0) return false;
      have_ += got;
    }
  }

  File file_;
  std::string buffer_ = std::string(65536, '\0');
  std::size_t begin_ = 0, have_ = 0;  // in the buffer: of what has not been taken yet
  std::uint64_t position_ = 0;        // in the file: of begin_
  std::vector<Gap> seen_;             // between the lines
  std::int64_t first_line_ = 0;
  std::uint64_t body_ = 0, next_ = 0, lines_end_ = 0;
  const char* line_ = nullptr;
  const char* line_end_ = nullptr;
};

Changes repair_csv(const std::string& path) {
  Changes changes;
  const CsvReader reader(path);
  File file = File::open_to_repair(path);
  if (file.size() > reader.lines_end()) {
    changes.push_back(
        tool::format("{}: removed the last {} bytes, a part of a line", path, file.size() - reader.lines_end()));
    file.truncate(reader.lines_end());
  }
  finish_sidecar(path + ".json", "", reader.samples, changes);
  return changes;
}

}  // namespace

Format csv_format() {
  return {"csv",
          {".csv"},
          "a line of text for each sample, with FILE.json",
          refusal,
          [](const std::string& path, const Stream& stream, bool replace) -> std::unique_ptr<Writer> {
            return std::make_unique<CsvWriter>(stream, path, replace);
          },
          [](const std::string& path) -> std::unique_ptr<Reader> { return std::make_unique<CsvReader>(path); },
          repair_csv};
}

}  // namespace tool::formats
