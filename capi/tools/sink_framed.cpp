// Samples as frames: frame.hpp.
#include <algorithm>
#include <cstdlib>

#include "describe.hpp"
#include "frame.hpp"
#include "output.hpp"
#include "sink.hpp"

namespace tool {

namespace {

void write_frame(FrameHeader header, const void *payload, std::size_t bytes) {
  header.magic = frame_magic;
  header.bytes = bytes;
  write_out(&header, sizeof header);
  if (bytes > 0) write_out(payload, bytes);
}

struct Moment {
  std::int64_t index;
  std::int64_t monotonic;
  std::int64_t realtime;
};

// Between two moments the time grows evenly, or there is a moment in between. The ring draws such a line, too, through up to
// 256 moments and pauses, so halving a range finds its corners.
class Times {
 public:
  explicit Times(const Ring &ring) : ring_(ring) {}

  void write(std::int64_t start, std::int64_t end) {
    Moment first{};
    Moment last{};
    if (!at(start, first) || !at(end - 1, last)) return;
    write_moment(first);
    write_between(first, last);
    if (end - 1 > start) write_moment(last);
  }

 private:
  bool at(std::int64_t index, Moment &moment) const {
    moment.index = index;
    return ringbuf_time_at(ring_.get(), index, &moment.monotonic, &moment.realtime) == RINGBUF_OK;
  }

  static bool on_line(const Moment &a, const Moment &b, const Moment &between) {
    constexpr double tolerance_ns = 500;
    const double part = static_cast<double>(between.index - a.index) / static_cast<double>(b.index - a.index);
    const auto far = [&](std::int64_t from, std::int64_t to, std::int64_t found) {
      return std::abs(static_cast<double>(found - from) - part * static_cast<double>(to - from));
    };
    return far(a.monotonic, b.monotonic, between.monotonic) <= tolerance_ns &&
           far(a.realtime, b.realtime, between.realtime) <= tolerance_ns;
  }

  // A moment in the middle if the line from a to b is not that of the ring.
  bool corner(const Moment &a, const Moment &b, Moment &middle) const {
    const std::int64_t way = b.index - a.index;
    Moment quarter{};
    Moment other{};
    if (way < 2 || !at(a.index + way / 2, middle) || !at(a.index + way / 4, quarter) ||
        !at(a.index + way / 4 * 3, other)) {
      return false;
    }
    return !(on_line(a, b, middle) && on_line(a, b, quarter) && on_line(a, b, other));
  }

  void write_between(const Moment &first, const Moment &last) {
    std::vector<Moment> ends{last};  // of the ranges that are left, the nearest one last
    Moment from = first;
    while (!ends.empty()) {
      Moment middle{};
      if (corner(from, ends.back(), middle)) {
        ends.push_back(middle);
        continue;
      }
      from = ends.back();
      ends.pop_back();
      if (!ends.empty()) write_moment(from);
    }
  }

  // The time of samples after the last moment that the ring has is a guess, which may change while we look.
  void write_moment(Moment moment) {
    if (moment.monotonic < last_monotonic_) return;
    last_monotonic_ = moment.monotonic;
    FrameHeader header{};
    header.kind = FrameKind::time;
    header.index = moment.index;
    header.a = moment.monotonic;
    header.b = moment.realtime;
    write_frame(header, nullptr, 0);
  }

  const Ring &ring_;
  std::int64_t last_monotonic_ = 0;
};

class FramedSink : public Sink {
 public:
  explicit FramedSink(const SinkSource &source) : times_(source.ring), sample_bytes_(source.shape.sample_bytes()) {
    write_frame_prologue(source.ring, source.info, source.start);
  }
  void samples(const Block &block) override {
    FrameHeader header{};
    header.kind = FrameKind::samples;
    header.index = block.start;
    header.count = static_cast<std::int64_t>(block.count);
    write_frame(header, block.data, static_cast<std::size_t>(block.count) * sample_bytes_);
    times_.write(block.start, block.start + header.count);
  }
  void lost(std::int64_t start, std::int64_t end) override {
    FrameHeader header{};
    header.kind = FrameKind::lost;
    header.index = start;
    header.count = end - start;
    write_frame(header, nullptr, 0);
  }
  void end(bool closed) override { write_frame_end(closed); }

 private:
  Times times_;
  std::size_t sample_bytes_;
};

}  // namespace

void write_frame_prologue(const Ring &ring, const Info &info, std::int64_t start) {
  Json json = describe_ring(ring.name(), info);
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  FrameHeader header{};
  header.kind = FrameKind::ring;
  header.index = start;
  write_frame(header, text.data(), text.size());
  const std::string metadata = ring.metadata();
  header = {};
  header.kind = FrameKind::metadata;
  write_frame(header, metadata.data(), metadata.size());
}

void write_frame_end(bool closed) {
  FrameHeader header{};
  header.kind = FrameKind::end;
  header.a = closed ? 1 : 0;
  write_frame(header, nullptr, 0);
}

std::unique_ptr<Sink> make_framed_sink(const SinkSource &source) { return std::make_unique<FramedSink>(source); }

}  // namespace tool
