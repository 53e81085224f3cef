// Samples as a table for people, as CSV, and as JSON objects, one a line.
#include <cmath>
#include <utility>

#include "describe.hpp"
#include "output.hpp"
#include "sink.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

std::string time_of(const Ring &ring, std::int64_t index) {
  std::int64_t realtime = 0;
  return ringbuf_time_at(ring.get(), index, nullptr, &realtime) == RINGBUF_OK ? iso_time(realtime) : std::string();
}

namespace {

// Calls visit(index, sample) for each one.
template <class Visit>
void each_sample(const Block &block, const Shape &shape, Visit visit) {
  const std::byte *at = block.data;
  for (std::uint64_t k = 0; k < block.count; ++k, at += shape.sample_bytes()) {
    visit(block.start + static_cast<std::int64_t>(k) * block.step, at);
  }
}

class TableSink : public Sink {
 public:
  explicit TableSink(SinkSource source) : source_(std::move(source)) {
    std::string line = tool::format("{:>14}  {:<30}", "INDEX", "TIME");
    for (const auto &name : source_.names) line += tool::format("  {:>14}", name);
    out(line + "\n");
  }
  void samples(const Block &block) override {
    each_sample(block, source_.shape, [&](std::int64_t index, const std::byte *sample) {
      std::string line = tool::format("{:>14}  {:<30}", index, time_of(source_.ring, index));
      for (std::uint32_t c = 0; c < source_.shape.channels; ++c) {
        std::string value;
        append_element(value, source_.shape, sample + std::size_t{c} * source_.shape.item_size);
        line += tool::format("  {:>14}", value);
      }
      out(line + "\n");
    });
    flush();
  }
  void gap(std::int64_t start, std::int64_t end) override {
    out(tool::format("-- gap of {} samples --\n", end - start));
  }
  void lost(std::int64_t start, std::int64_t end) override {
    out(tool::format("-- {} samples lost --\n", end - start));
  }
  void end(bool) override { flush(); }

 private:
  SinkSource source_;
};

// RFC 4180: quotes where they are needed.
std::string csv_field(const std::string &text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char each : text) {
    if (each == '"') quoted += '"';
    quoted += each;
  }
  quoted += '"';
  return quoted;
}

class CsvSink : public Sink {
 public:
  explicit CsvSink(SinkSource source) : source_(std::move(source)) {
    std::string line = "index,time";
    for (const auto &name : source_.names) line.append(",").append(csv_field(name));
    out(line + "\r\n");
  }
  void samples(const Block &block) override {
    each_sample(block, source_.shape, [&](std::int64_t index, const std::byte *sample) {
      std::string line = tool::format("{},{}", index, time_of(source_.ring, index));
      for (std::uint32_t c = 0; c < source_.shape.channels; ++c) {
        line += ',';
        append_element(line, source_.shape, sample + std::size_t{c} * source_.shape.item_size);
      }
      out(line + "\r\n");
    });
    flush();
  }
  void end(bool) override { flush(); }

 private:
  SinkSource source_;
};

class JsonSink : public Sink {
 public:
  explicit JsonSink(SinkSource source) : source_(std::move(source)) {}
  void samples(const Block &block) override {
    each_sample(block, source_.shape, [&](std::int64_t index, const std::byte *sample) {
      const std::string time = time_of(source_.ring, index);
      std::string line = tool::format(R"({{"index":{},"time":{},"values":[)", index,
                                      time.empty() ? "null" : tool::format("\"{}\"", time));
      for (std::uint32_t c = 0; c < source_.shape.channels; ++c) {
        if (c > 0) line += ',';
        append_value(line, sample + std::size_t{c} * source_.shape.item_size);
      }
      out(line + "]}\n");
    });
    flush();
  }
  void gap(std::int64_t start, std::int64_t end) override { out(tool::format("{{\"gap\":[{},{}]}}\n", start, end)); }
  void lost(std::int64_t start, std::int64_t end) override { out(tool::format("{{\"lost\":[{},{}]}}\n", start, end)); }
  void end(bool) override { flush(); }

 private:
  // JSON has no NaN and no infinity: null.
  void append_value(std::string &line, const std::byte *element) const {
    const Shape &shape = source_.shape;
    const double real = element_value(shape.type, element);
    if (shape.type == RINGBUF_BYTES) {
      line += '"';
      append_element(line, shape, element);
      line += '"';
    } else if (is_complex(shape.type)) {
      const double imaginary = element_value(shape.type, element, true);
      line += tool::format("[{},{}]", number(real), number(imaginary));
    } else if (std::isfinite(real)) {
      append_element(line, shape, element);
    } else {
      line += "null";
    }
  }
  std::string number(double value) const {
    if (!std::isfinite(value)) return "null";
    return source_.shape.type == RINGBUF_COMPLEX64 ? tool::format("{}", static_cast<float>(value))
                                                   : tool::format("{}", value);
  }

  SinkSource source_;
};

}  // namespace

std::unique_ptr<Sink> make_table_sink(const SinkSource &source) { return std::make_unique<TableSink>(source); }
std::unique_ptr<Sink> make_csv_sink(const SinkSource &source) { return std::make_unique<CsvSink>(source); }
std::unique_ptr<Sink> make_json_sink(const SinkSource &source) { return std::make_unique<JsonSink>(source); }

}  // namespace tool
