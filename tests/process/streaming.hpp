// Readers that check every sample of a stream of test::Checked, each in its own way, and what they tell their parent.
#pragma once

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>

#include "../support/support.hpp"

namespace process {

struct Tally {
  std::uint64_t received = 0;  // samples handed out as whole
  std::uint64_t lost = 0;      // samples that the ring said were missed
  std::uint64_t torn = 0;      // handed out as whole, but they were not
  std::uint64_t disorder = 0;  // not the sample after the one before
  std::uint64_t sum = 0;       // of the indices received
  std::int64_t position = 0;   // where it ended
  int status = 0;              // why

  std::string text() const {
    std::ostringstream out;
    out << received << ' ' << lost << ' ' << torn << ' ' << disorder << ' ' << sum << ' ' << position << ' ' << status;
    return out.str();
  }
  static Tally parse(const std::string &text) {
    Tally t;
    std::istringstream in(text);
    in >> t.received >> t.lost >> t.torn >> t.disorder >> t.sum >> t.position >> t.status;
    EXPECT_FALSE(in.fail()) << "\"" << text << "\"";
    return t;
  }
};

inline constexpr std::uint64_t stream_window = 48;

// A reader that goes on from call to call; each call returns ok while there may be more.
class StreamReader {
 public:
  explicit StreamReader(ringbuf::Reader &reader) : reader_(reader), expected_(reader.tell()) {}

  const Tally &tally() const { return tally_; }

  // Until nothing more will come; then tally().status says why. Stops early after `limit` samples, with status ok.
  void run(const std::string &way, std::uint64_t limit = UINT64_MAX) {
    ringbuf::Status status = ringbuf::Status::ok;
    while (status == ringbuf::Status::ok && tally_.received < limit) {
      status = way == "index" ? by_index() : way == "next" ? by_window() : by_copy();
    }
    tally_.lost = way == "index" ? tally_.lost : reader_.lost();
    tally_.position = expected_;
    tally_.status = static_cast<int>(status);
  }

 private:
  void count(std::int64_t first, const test::Checked *samples, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
      const auto index = static_cast<std::uint64_t>(first) + i;
      if (!samples[i].is(index)) ++tally_.torn;
      tally_.sum += index;
    }
    tally_.received += n;
  }

  // Windows one behind the other, in place, asked again after use; the position follows, so that a lossless writer can
  // go on.
  ringbuf::Status by_index() {
    using ringbuf::Status;
    const auto size = static_cast<std::int64_t>(stream_window);
    if (const Status waited = reader_.wait(expected_ + size, test::forever); waited != Status::ok) return waited;
    ringbuf::Window<test::Checked> window;
    const Status viewed = reader_.view(expected_, expected_ + size, window);
    if (viewed == Status::overwritten) return skip_to_newest();
    if (viewed != Status::ok) return viewed;
    copy(window);
    if (!window.valid()) return skip_to_newest();
    count(expected_, copy_, stream_window);
    expected_ += size;
    const Status sought = reader_.seek(expected_);
    return sought == Status::overwritten ? Status::ok : sought;
  }
  // What is being written may destroy a window that is the newest one still.
  ringbuf::Status skip_to_newest() {
    const auto size = static_cast<std::int64_t>(stream_window);
    const std::int64_t to = std::max(static_cast<std::int64_t>(reader_.written()) - size, expected_ + size);
    tally_.lost += static_cast<std::uint64_t>(to - expected_);
    expected_ = to;
    return ringbuf::Status::ok;
  }

  // Windows without a gap between them, in place.
  ringbuf::Status by_window() {
    using ringbuf::Status;
    ringbuf::Window<test::Checked> window;
    const Status status = reader_.next(stream_window, stream_window, test::forever, window);
    if (status == Status::overwritten) return follow();
    if (status != Status::ok) return status;
    if (window.start() != expected_) ++tally_.disorder;
    copy(window);
    expected_ = window.end();
    if (window.valid()) {
      count(window.start(), copy_, stream_window);
    } else {
      missed_ += stream_window;  // it went away under our eyes; the position is past it
    }
    return Status::ok;
  }

  ringbuf::Status by_copy() {
    using ringbuf::Status;
    std::uint64_t n = 0;
    const Status status = reader_.pop_many(copy_, batch, n);
    if (status == Status::empty) return reader_.wait(reader_.tell() + 1, test::forever);
    if (status == Status::overwritten) return follow();
    if (status != Status::ok) return status;
    if (reader_.tell() != expected_ + static_cast<std::int64_t>(n)) ++tally_.disorder;
    count(expected_, copy_, n);
    expected_ += static_cast<std::int64_t>(n);
    return Status::ok;
  }

  // After an overrun the position has moved by what is lost.
  ringbuf::Status follow() {
    const auto lost = static_cast<std::int64_t>(reader_.lost() - told_lost_);
    if (lost <= 0 || reader_.tell() != expected_ + lost) ++tally_.disorder;
    told_lost_ = reader_.lost();
    expected_ = reader_.tell();
    return ringbuf::Status::ok;
  }

  void copy(const ringbuf::Window<test::Checked> &window) {
    ringbuf::copy_out(reinterpret_cast<std::byte *>(copy_),
                      reinterpret_cast<const std::byte *>(window.elements().data()), window.elements().size_bytes());
  }

 public:
  // Windows of next() that turned out to be overwritten while they were looked at, in samples.
  std::uint64_t missed() const { return missed_; }

 private:
  static constexpr std::uint64_t batch = 200;
  ringbuf::Reader &reader_;
  Tally tally_;
  std::int64_t expected_;
  std::uint64_t told_lost_ = 0;
  std::uint64_t missed_ = 0;
  test::Checked copy_[batch];
};

}  // namespace process
