// ringbuf cat, for rings of messages.
#include <cstring>

#include "describe.hpp"
#include "frame.hpp"
#include "output.hpp"
#include "sink.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

struct Received {
  ringbuf_message_t head;
  std::string bytes;
};

bool is_text(const std::string &bytes) {
  for (const char each : bytes) {
    if (static_cast<unsigned char>(each) < 32 && each != '\t') return false;
  }
  return Json(bytes).dump(-1, ' ', false, Json::error_handler_t::ignore) ==
         Json(bytes).dump(-1, ' ', false, Json::error_handler_t::replace);  // valid UTF-8
}

void print(const std::string &form, const Received &message) {
  const auto &[head, bytes] = message;
  const std::string shown = is_text(bytes) ? bytes : hex(bytes.data(), bytes.size());
  if (form == "raw") {
    out(bytes);
    out("\n");
  } else if (form == "table") {
    out(tool::format("{:>14}  {}  {:>6}  {:>14}  {}\n", head.start, iso_time_of(head.monotonic_ns), head.kind, head.tag,
                     shown));
  } else if (form == "csv") {
    std::string quoted;
    for (const char each : shown) quoted += each == '"' ? std::string("\"\"") : std::string(1, each);
    out(tool::format("{},{},{},{},\"{}\"\r\n", head.start, iso_time_of(head.monotonic_ns), head.kind, head.tag,
                     quoted));
  } else if (form == "json") {
    Json json;
    json["index"] = head.start;
    json["time"] = iso_time_of(head.monotonic_ns);
    json["monotonic_ns"] = head.monotonic_ns;
    json["kind"] = head.kind;
    json["tag"] = head.tag;
    json[is_text(bytes) ? "text" : "hex"] = shown;
    out(one_line(json));
  } else {
    FrameHeader frame{};
    frame.magic = frame_magic;
    frame.kind = FrameKind::message;
    frame.index = head.start;
    frame.count = head.kind;
    frame.bytes = bytes.size();
    frame.a = head.tag;
    frame.b = head.monotonic_ns;
    write_out(&frame, sizeof frame);
    write_out(bytes.data(), bytes.size());
  }
}

// Where to begin: the position that the ring has for the oldest message, moved on to `from`.
bool before(const ringbuf_message_t &head, std::int64_t from) {
  return head.start + static_cast<std::int64_t>(head.size) <= from && head.start - 24 < from;
}

}  // namespace

int cat_messages(Ring &ring, const MessageOptions &options) {
  const Info info = ring.info();
  if (options.form == "framed") write_frame_prologue(ring, info, info.position);
  if (options.form == "table") {
    out(tool::format("{:>14}  {:<30}  {:>6}  {:>14}  {}\n", "INDEX", "TIME", "KIND", "TAG", "MESSAGE"));
  }
  if (options.form == "csv") out("index,time,kind,tag,message\r\n");
  std::uint64_t lost = 0;
  bool closed = false;
  for (;;) {
    std::int64_t position = 0;
    ring.check(ringbuf_tell(ring.get(), &position));
    if (position >= options.to) break;
    const void *bytes = nullptr;
    std::size_t size = 0;
    std::int64_t start = 0;
    int code = ringbuf_receive(ring.get(), 0, &bytes, &size, &start);
    if (code == RINGBUF_TIMEOUT && options.follow) {
      flush();
      code = ringbuf_receive(ring.get(), -1, &bytes, &size, &start);
    }
    if (code == RINGBUF_TIMEOUT || code == RINGBUF_CLOSED || code == RINGBUF_INTERRUPTED) {
      closed = code == RINGBUF_CLOSED;
      break;
    }
    if (code == RINGBUF_STALE) {
      if (options.form == "framed") write_frame_end(false);
      throw Failure(exit_dead, tool::format("{}: the writer died, or a newer ring has the name", ring.name()));
    }
    if (code == RINGBUF_OVERWRITTEN) continue;  // counted in `lost`, below
    ring.check(code);
    Received message{};
    message.head.struct_size = sizeof message.head;
    message.bytes.assign(static_cast<const char *>(bytes), size);
    const int described = ringbuf_message(ring.get(), start, &message.head);
    if (described != RINGBUF_OK ||
        ringbuf_check(ring.get(), start, start + static_cast<std::int64_t>(size)) != RINGBUF_OK) {
      lost += size;
      continue;
    }
    if (!before(message.head, options.from)) print(options.form, message);
  }
  flush();
  if (options.form == "framed") write_frame_end(closed);
  std::uint64_t skipped = 0;
  for (const Gap &gap : ring.gaps()) skipped += static_cast<std::uint64_t>(gap.end - gap.start);
  const std::uint64_t missed = ring.info().lost;
  if (missed > skipped) lost += missed - skipped;
  if (lost == 0) return exit_ok;
  say(tool::format("ringbuf cat: {}: {} bytes of messages were overwritten before they could be read", ring.name(),
                   lost));
  return exit_lost;
}

}  // namespace tool
