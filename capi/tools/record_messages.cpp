#include "record_messages.hpp"

#include <cstdlib>

#include "feed.hpp"
#include "text.hpp"

namespace tool {

// How far the clocks are apart. It does not follow the jitter of their readings, so that the times grow as the messages do.
std::int64_t RecordedMessages::clock_offset() {
  constexpr std::int64_t jitter_ns = 1'000'000;
  const std::int64_t before = monotonic_now();
  const std::int64_t now = realtime_now() - before;
  const bool prompt = monotonic_now() - before < jitter_ns / 2;  // this thread did not stand still between them
  if (!offset_ns_ || (prompt && std::abs(now - *offset_ns_) > jitter_ns)) offset_ns_ = now;
  return *offset_ns_;
}

RecordedMessages::Got RecordedMessages::receive(formats::Message &message) {
  const void *bytes = nullptr;
  std::size_t size = 0;
  std::int64_t start = 0;
  const int code = ringbuf_receive(ring_.get(), 0, &bytes, &size, &start);
  if (code == RINGBUF_TIMEOUT || code == RINGBUF_INTERRUPTED) return Got::nothing;
  if (code == RINGBUF_CLOSED || code == RINGBUF_STALE) {
    ended_ = code;
    return Got::ended;
  }
  if (code == RINGBUF_OVERWRITTEN) return Got::again;  // an overrun, or a gap: the next message tells how far
  ring_.check(code);
  message.bytes.assign(static_cast<const char *>(bytes), size);
  ringbuf_message_t head{};
  head.struct_size = sizeof head;
  if (ringbuf_message(ring_.get(), start, &head) != RINGBUF_OK ||
      ringbuf_check(ring_.get(), start - message_head_bytes, start + static_cast<std::int64_t>(size)) != RINGBUF_OK) {
    return Got::again;
  }
  message.index = start;
  message.kind = head.kind;
  message.tag = head.tag;
  message.monotonic_ns = head.monotonic_ns;
  message.realtime_ns = head.monotonic_ns + clock_offset();
  return Got::message;
}

void RecordedMessages::begin(bool oldest, std::int64_t monotonic_ns) {
  begin_ns_ = monotonic_ns;
  ring_.check(ringbuf_tell(ring_.get(), &position_));
  formats::Message first;
  for (Got got = oldest ? Got::nothing : receive(first); got == Got::message || got == Got::again;
       got = receive(first)) {
    if (got == Got::message && first.monotonic_ns >= monotonic_ns) {
      // If it is gone meanwhile, that is told as of any other one.
      static_cast<void>(ringbuf_seek(ring_.get(), first.index - message_head_bytes));
      position_ = first.index - message_head_bytes;
      break;
    }
    ring_.check(ringbuf_tell(ring_.get(), &position_));
  }
  ended_ = 0;  // step() finds that again
  first_index_ = position_;
  file_begin_ns_ = begin_ns_;
  create(limits_.split_ns || limits_.split_bytes);
}

bool RecordedMessages::step(std::int64_t monotonic_ns) {
  bool any = false;
  formats::Message message;
  while (!done_) {
    if (limits_.samples && samples_ >= *limits_.samples) {
      done_ = true;
      break;
    }
    const Got got = receive(message);
    if (got == Got::nothing && limits_.duration_ns && monotonic_ns - begin_ns_ >= *limits_.duration_ns) done_ = true;
    if (got == Got::ended) {
      // The writer may have left a gap after its last message.
      const std::int64_t end = ring_.info().written;
      if (end > position_) leave_out(end);
    }
    if (got == Got::nothing || got == Got::ended) break;
    any = true;
    if (got == Got::message && !take(message)) done_ = true;
  }
  return any;
}

bool RecordedMessages::take(const formats::Message &message) {
  if (limits_.duration_ns && message.monotonic_ns - begin_ns_ >= *limits_.duration_ns) return false;
  const std::uint64_t record = message_record_bytes(message.bytes.size());
  const bool split = limits_.split_ns ? message.monotonic_ns - file_begin_ns_ >= *limits_.split_ns
                                      : limits_.split_bytes && writer_->bytes() + record > *limits_.split_bytes;
  if (split && file_samples_ > 0) rotate(message.monotonic_ns);
  if (message.index - message_head_bytes > position_) leave_out(message.index - message_head_bytes);
  writer_->message(message);
  position_ = message.index - message_head_bytes + static_cast<std::int64_t>(record);
  last_ns_ = message.monotonic_ns;
  ++samples_;
  ++file_samples_;
  return true;
}

void RecordedMessages::leave_out(std::int64_t end) {
  const bool nothing_lost = registered_ && (stream_.flags & RINGBUF_LOSSLESS) != 0;  // the writer waits for this reader
  const std::int64_t lost = nothing_lost ? 0 : unlisted(end);
  if (lost > 0) {
    say_lost(end, lost, last_ns_, std::nullopt);
    lost_ += static_cast<std::uint64_t>(lost);
  }
  writer_->gap({position_, end, lost});
  position_ = end;
}

void RecordedMessages::finish() {
  const auto correct = [this] {                      // after an error the file may have less than was given to it
    samples_ += writer_->samples() - file_samples_;  // modulo 2^64
    file_samples_ = writer_->samples();
  };
  try {
    writer_->finish();
  } catch (...) {
    correct();
    throw;
  }
  correct();
}

}  // namespace tool
