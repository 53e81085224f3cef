// ringbuf verify: whether a ring or a recording is sound, and whether its samples are those of `ringbuf gen NAME counter`.
#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "commands.hpp"
#include "describe.hpp"
#include "element.hpp"
#include "option.hpp"
#include "output.hpp"
#include "ring.hpp"
#include "stop.hpp"
#include "stream.hpp"
#include "text.hpp"
#include "text_format.hpp"
#include "verify_counter.hpp"
#include "verify_file.hpp"

namespace tool {

namespace {

struct VerifyOptions {
  std::string name;
  bool counter = false;
  bool follow = false;
  bool json = false;
  bool repair = false;
  std::string format;
};

struct Result {
  std::uint64_t samples = 0;
  std::uint64_t gaps = 0;
  std::uint64_t skipped = 0;
  std::uint64_t lost = 0;
  bool counter = false;
  std::uint64_t wrong = 0;
  std::string first_wrong;
  std::uint64_t pocket_samples = 0;
  std::uint64_t pocket_wrong = 0;
  bool dead = false;
};

// The pocket repeats the first `window` samples of the data (docs/layout.md). Both copies of a sample are compared in place; if
// the writer overwrites it meanwhile, it does not count.
void check_pocket(const Ring &ring, Result &result) {
  const Info info = ring.info();
  void *memory = nullptr;
  std::size_t bytes = 0;
  ring.check(ringbuf_raw(ring.get(), &memory, &bytes));
  if (info.data_offset + info.buf_size_bytes + info.pocket_size_bytes > bytes) {
    throw Failure(exit_error,
                  tool::format("{}: the data and the pocket do not fit into the ring's memory", ring.name()));
  }
  const std::byte *data = static_cast<const std::byte *>(memory) + info.data_offset;
  const std::byte *pocket = data + info.buf_size_bytes;
  const auto capacity = static_cast<std::int64_t>(info.capacity);
  const auto sample_bytes = static_cast<std::size_t>(info.sample_bytes);
  for (std::uint64_t offset = 0; offset < info.window; ++offset) {
    // The newest sample at that offset.
    const std::int64_t last = info.written - 1;
    const std::int64_t index = last - ((last - static_cast<std::int64_t>(offset)) % capacity + capacity) % capacity;
    if (index < info.oldest || ringbuf_check(ring.get(), index, index + 1) != RINGBUF_OK) continue;
    const std::size_t at = static_cast<std::size_t>(offset) * sample_bytes;
    const bool same = std::memcmp(data + at, pocket + at, sample_bytes) == 0;
    if (ringbuf_check(ring.get(), index, index + 1) != RINGBUF_OK) continue;
    ++result.pocket_samples;
    if (!same) ++result.pocket_wrong;
  }
}

void check_samples(Ring &ring, const Info &info, const VerifyOptions &options, Result &result) {
  CounterCheck counter(shape_of(info), result.wrong, result.first_wrong);
  Stream stream(ring, info.position, options.follow ? std::nullopt : std::optional(info.written));
  for (;;) {
    const Piece piece = stop_requested() ? Piece{} : stream.next(-1);
    switch (piece.kind) {
      case Piece::Kind::samples:
        result.samples += static_cast<std::uint64_t>(piece.end - piece.start);
        if (result.counter) counter.check(piece.start, static_cast<std::uint64_t>(piece.end - piece.start), piece.data);
        break;
      case Piece::Kind::gap:
        ++result.gaps;
        result.skipped += static_cast<std::uint64_t>(piece.end - piece.start);
        break;
      case Piece::Kind::lost:
        result.lost += static_cast<std::uint64_t>(piece.end - piece.start);
        break;
      case Piece::Kind::nothing:
        if (stop_requested()) return;
        break;
      case Piece::Kind::dead:
        result.dead = true;
        return;
      case Piece::Kind::closed:
      case Piece::Kind::range:
        return;
    }
  }
}

// Every message that is there can be received.
void check_messages(Ring &ring, const Info &info, Result &result) {
  for (;;) {
    std::int64_t position = 0;
    ring.check(ringbuf_tell(ring.get(), &position));
    if (position >= info.written) break;
    const void *bytes = nullptr;
    std::size_t size = 0;
    std::int64_t start = 0;
    const int code = ringbuf_receive(ring.get(), 0, &bytes, &size, &start);
    if (code == RINGBUF_OK) {
      ++result.samples;
    } else if (code == RINGBUF_OVERWRITTEN) {
      continue;
    } else if (code == RINGBUF_CLOSED || code == RINGBUF_STALE || code == RINGBUF_TIMEOUT) {
      break;
    } else {
      ring.fail(code);
    }
  }
  const auto gaps = ring.gaps();
  result.gaps = gaps.size();
  for (const Gap &gap : gaps) result.skipped += static_cast<std::uint64_t>(gap.end - gap.start);
  const std::uint64_t missed = ring.info().lost;
  result.lost = missed > result.skipped ? missed - result.skipped : 0;
}

void print(const Ring &ring, const Info &info, const VerifyOptions &options, const Result &result) {
  const bool messages = (info.flags & RINGBUF_MESSAGES) != 0;
  if (options.json) {
    Json json;
    json["name"] = ring.name();
    json["state"] = state_name(ring.info().state);
    json[messages ? "messages" : "samples"] = result.samples;
    json["gaps"] = result.gaps;
    json["skipped"] = result.skipped;
    json["lost"] = result.lost;
    json["counter"] = result.counter ? Json(result.wrong == 0) : Json(nullptr);
    json["wrong"] = result.wrong;
    json["pocket_samples"] = result.pocket_samples;
    json["pocket_wrong"] = result.pocket_wrong;
    out(one_line(json));
    return;
  }
  out(tool::format("{}: header sound, {}\n", ring.name(), state_name(ring.info().state)));
  out(tool::format("{}: {} {} read, {} lost\n", ring.name(), result.samples, messages ? "messages" : "samples",
                   result.lost));
  out(tool::format("{}: {} gaps, {} indices skipped\n", ring.name(), result.gaps, result.skipped));
  if (!messages)
    out(tool::format("{}: pocket: {} of {} samples compared are equal\n", ring.name(),
                     result.pocket_samples - result.pocket_wrong, result.pocket_samples));
  if (result.counter) out(tool::format("{}: counter pattern: {} samples are wrong\n", ring.name(), result.wrong));
}

int verify(const VerifyOptions &options) {
  if (is_recording(options.name, options.format, options.repair)) {
    if (options.follow) throw Failure(exit_usage, "--follow is for rings: a file does not go on");
    return verify_file({options.name, options.format, options.counter, options.json, options.repair});
  }
  if (options.follow) catch_stop_signals();
  Ring ring = Ring::open(options.name, RINGBUF_OBSERVER);  // which checks the header
  const Info info = ring.info();
  Result result;
  if ((info.flags & RINGBUF_MESSAGES) != 0) {
    if (options.counter || options.follow) {
      throw Failure(exit_usage,
                    tool::format("{}: it holds messages, for which there is no --counter or --follow", ring.name()));
    }
    check_messages(ring, info, result);
  } else {
    const Json metadata = parse_metadata(ring.metadata());
    result.counter = options.counter || (metadata.is_object() && metadata.value("ringbuf:signal", Json()) == "counter");
    check_samples(ring, info, options, result);
    check_pocket(ring, result);
  }
  print(ring, info, options, result);
  if (result.wrong > 0) throw Failure(exit_error, tool::format("{}: {}", ring.name(), result.first_wrong));
  if (result.pocket_wrong > 0) {
    throw Failure(exit_error,
                  tool::format("{}: {} samples of the pocket differ from the data", ring.name(), result.pocket_wrong));
  }
  if (result.dead) throw Failure(exit_dead, tool::format("{}: the writer died", ring.name()));
  return result.lost > 0 ? exit_lost : exit_ok;
}

}  // namespace

Run make_verify(CLI::App &app) {
  auto options = std::make_shared<VerifyOptions>();
  add_ring(app, options->name, "the ring, or the file of a recording");
  add_flag(app, "--counter", options->counter,
           "the samples are those of `ringbuf gen NAME counter`; without this, if the metadata say so");
  add_flag(app, "--follow", options->follow, "go on until the stream ends");
  add_flag(app, "--repair", options->repair, "make the file of a killed recorder whole, and say what was changed");
  add_option(app, "--format", options->format, "the format of the file, if the ending does not tell it")
      .type_name("FORMAT");
  add_flag(app, "--json", options->json, "a JSON object");
  examples(app,
           {"ringbuf verify hello", "ringbuf verify hello --counter --follow", "ringbuf verify take.mcap --repair"});
  return [options] { return verify(*options); };
}

}  // namespace tool
