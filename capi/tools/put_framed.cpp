#include "put_framed.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "describe.hpp"
#include "frame.hpp"
#include "input.hpp"
#include "output.hpp"
#include "stop.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

class FrameReader {
 public:
  // False at the end of stdin, or if a signal has come.
  bool next() {
    const std::size_t got = read_in(&head_, sizeof head_, false);
    if (got == 0 || stop_requested()) return false;
    if (got < sizeof head_ || head_.magic != frame_magic || head_.bytes > most_frame_bytes) {
      throw Failure(exit_error, frames_ == 0 ? "stdin has no frames; `ringbuf cat --framed` writes them"
                                             : tool::format("stdin is damaged or ends after {} frames", frames_));
    }
    payload_.resize(static_cast<std::size_t>(head_.bytes));
    if (read_in(payload_.data(), payload_.size(), false) < payload_.size()) {
      if (stop_requested()) return false;
      throw Failure(exit_error, tool::format("stdin ends within a frame, after {} whole ones", frames_));
    }
    ++frames_;
    return true;
  }
  const FrameHeader &head() const noexcept { return head_; }
  const std::vector<std::byte> &payload() const noexcept { return payload_; }
  std::string text() const { return {reinterpret_cast<const char *>(payload_.data()), payload_.size()}; }

 private:
  FrameHeader head_{};
  std::vector<std::byte> payload_;
  std::uint64_t frames_ = 0;
};

ringbuf_options_t options_of(const Json &ring, std::int64_t first_index) {
  ringbuf_options_t options = default_options();
  const bool messages = ring.at("type") == "messages";
  const std::string type = messages ? "bytes" : ring.at("type").get<std::string>();
  if (ringbuf_type_code(type.c_str(), &options.data_type) != RINGBUF_OK) {
    throw Failure(exit_error, tool::format("the frames have a type that this version does not know: {}", type));
  }
  options.channels = ring.at("channels").get<std::uint32_t>();
  options.item_size = options.data_type == RINGBUF_BYTES ? ring.at("item_size").get<std::uint32_t>() : 0;
  options.capacity = ring.at("capacity").get<std::uint64_t>();
  options.window = ring.at("window").get<std::uint64_t>() - (messages ? 24 : 0);
  options.sample_rate = ring.at("sample_rate").get<double>();
  options.max_readers = ring.at("max_readers").get<std::uint32_t>();
  options.flags = messages ? static_cast<std::uint32_t>(RINGBUF_MESSAGES) : 0U;
  if (ring.at("lossless").get<bool>()) options.flags |= RINGBUF_LOSSLESS;
  options.first_index = first_index;
  return options;
}

class Copy {
 public:
  Copy(Ring ring, bool realtime)
      : ring_(std::move(ring)),
        info_(ring_.info()),
        realtime_(realtime),
        next_(info_.first_index),
        pacer_(info_.sample_rate) {}

  // False if a signal has come.
  bool take(const FrameReader &frame) {
    const FrameHeader &head = frame.head();
    switch (head.kind) {
      case FrameKind::samples:
        return samples(head, frame.payload());
      case FrameKind::message:
        return message(head, frame.payload());
      case FrameKind::time:
        // One that goes back tells nothing.
        if (head.index < next_ && head.index > stamped_ && head.a >= stamped_ns_) {
          ring_.check(ringbuf_stamp(ring_.get(), head.index, head.a, head.b));
          stamped_ = head.index;
          stamped_ns_ = head.a;
        }
        return true;
      case FrameKind::lost:
        lost_ += static_cast<std::uint64_t>(std::max<std::int64_t>(0, head.count));
        return true;
      default:
        return true;  // of a later version
    }
  }
  std::uint64_t lost() const noexcept { return lost_; }

 private:
  bool go_to(std::int64_t index) {
    if (index < next_) {
      throw Failure(exit_error, tool::format("the frames go back from index {} to {}", next_, index));
    }
    if (index > next_ && !skip_all(ring_, static_cast<std::uint64_t>(index - next_))) return false;
    next_ = index;
    return true;
  }

  bool samples(const FrameHeader &head, const std::vector<std::byte> &payload) {
    const auto count = static_cast<std::uint64_t>(head.count);
    if (head.count < 0 || payload.size() / info_.sample_bytes != count || payload.size() % info_.sample_bytes != 0) {
      throw Failure(exit_error, tool::format("a frame of {} samples has {} bytes; a sample has {}", head.count,
                                             payload.size(), info_.sample_bytes));
    }
    if (!go_to(head.index)) return false;
    if (realtime_ && !pacer_.wait_until(static_cast<std::uint64_t>(head.index + head.count - info_.first_index)))
      return false;
    if (!put_all(ring_, payload.data(), count, static_cast<std::size_t>(info_.sample_bytes))) return false;
    next_ += head.count;
    return true;
  }

  bool message(const FrameHeader &head, const std::vector<std::byte> &payload) {
    if (!go_to(head.index - message_head_bytes)) return false;
    if (!send_all(ring_, static_cast<std::uint32_t>(head.count), head.a, payload.data(), payload.size())) return false;
    next_ = ring_.info().written;
    return true;
  }

  Ring ring_;
  Info info_;
  bool realtime_;
  std::int64_t next_;
  std::int64_t stamped_ = -1;
  std::int64_t stamped_ns_ = 0;
  std::uint64_t lost_ = 0;
  Pacer pacer_;
};

}  // namespace

int put_framed(const std::string &name, const FeedOptions &options, bool realtime) {
  FrameReader frame;
  if (!frame.next()) {
    if (stop_requested()) return exit_ok;
    throw Failure(exit_error, "stdin is empty: nothing was copied");
  }
  if (frame.head().kind != FrameKind::ring) throw Failure(exit_error, "the first frame does not say what the ring is");
  const Json shape = Json::parse(frame.text(), nullptr, false);
  ringbuf_options_t base = default_options();
  try {
    base = options_of(shape, frame.head().index);
  } catch (const Json::exception &) {
    throw Failure(exit_error, "the first frame is damaged: it does not say what the ring is");
  }
  if (realtime && !(feed_options(options, base).sample_rate > 0)) {
    throw Failure(exit_usage, "--realtime takes a rate, which the frames do not have; --rate gives one");
  }
  std::string metadata;
  bool more = frame.next();
  if (more && frame.head().kind == FrameKind::metadata) {
    metadata = frame.text();
    more = frame.next();
  }
  Copy copy(create_feed(name, options, base, metadata), realtime);
  bool whole = false;
  while (more && !whole) {
    whole = frame.head().kind == FrameKind::end;
    if (!whole) more = copy.take(frame) && frame.next();
  }
  if (!whole && !stop_requested()) {
    throw Failure(exit_error, "stdin ends before its last frame: the program that wrote it was stopped");
  }
  if (copy.lost() > 0) {
    say(tool::format("ringbuf put: {}: {} samples were lost before they came here; their indices are a gap", name,
                     copy.lost()));
    return exit_lost;
  }
  return exit_ok;
}

}  // namespace tool
