// ringbuf cat: samples to stdout.
#include <algorithm>
#include <iterator>
#include <memory>

#include "chosen_channels.hpp"
#include "commands.hpp"
#include "option.hpp"
#include "output.hpp"
#include "range.hpp"
#include "ring.hpp"
#include "sink.hpp"
#include "stop.hpp"
#include "stream.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

struct CatOptions {
  std::string name;
  bool raw = false;
  bool table = false;
  bool csv = false;
  bool json = false;
  bool npy = false;
  bool framed = false;
  RangeOptions range;
  std::vector<std::string> channels;
  std::int64_t every = 1;
  bool follow = false;
  bool registered = false;
};

std::string form_of(const CatOptions &options) {
  if (options.table) return "table";
  if (options.csv) return "csv";
  if (options.json) return "json";
  if (options.npy) return "npy";
  if (options.framed) return "framed";
  return options.raw || !out_is_terminal() ? "raw" : "table";
}

// Takes the chosen channels of every n-th sample out of a piece.
class Selection {
 public:
  Selection(const Shape &shape, std::vector<std::uint32_t> channels, std::int64_t every, std::int64_t origin)
      : shape_(shape), channels_(std::move(channels)), every_(every), origin_(origin) {}

  Block of(const Piece &piece) {
    const auto count = static_cast<std::uint64_t>(piece.end - piece.start);
    if (every_ == 1 && channels_.empty()) return {piece.start, 1, count, piece.data};
    const std::int64_t beyond = (piece.start - origin_) % every_;
    const std::int64_t first = piece.start + (beyond == 0 ? 0 : every_ - beyond);
    room_.clear();
    Block block{first, every_, 0, nullptr};
    for (std::int64_t index = first; index < piece.end; index += every_, ++block.count) {
      const std::byte *sample = piece.data + static_cast<std::size_t>(index - piece.start) * shape_.sample_bytes();
      if (channels_.empty()) room_.insert(room_.end(), sample, sample + shape_.sample_bytes());
      for (const std::uint32_t c : channels_) {
        const std::byte *element = sample + std::size_t{c} * shape_.item_size;
        room_.insert(room_.end(), element, element + shape_.item_size);
      }
    }
    block.data = room_.data();
    return block;
  }

 private:
  Shape shape_;
  std::vector<std::uint32_t> channels_;
  std::int64_t every_;
  std::int64_t origin_;
  std::vector<std::byte> room_;
};

std::unique_ptr<Sink> make_sink(const std::string &form, const SinkSource &source) {
  if (form == "table") return make_table_sink(source);
  if (form == "csv") return make_csv_sink(source);
  if (form == "json") return make_json_sink(source);
  if (form == "npy") return make_npy_sink(source);
  if (form == "framed") return make_framed_sink(source);
  return make_raw_sink(source);
}

int cat_samples(Ring &ring, const Info &info, const CatOptions &options, const std::string &form, const Range &range) {
  SinkSource source{ring, info, shape_of(info), channel_names(ring, info), range.from};
  const auto channels = chosen_channels(options.channels, "--channels", info, source.names);
  Selection selection(source.shape, channels, options.every, range.from);
  if (!channels.empty()) {
    std::vector<std::string> names;
    std::transform(channels.begin(), channels.end(), std::back_inserter(names),
                   [&](std::uint32_t c) { return source.names[c]; });
    source.names = names;
    source.shape.channels = static_cast<std::uint32_t>(channels.size());
  }
  const auto sink = make_sink(form, source);
  const bool endless = options.follow && !range.to_given;
  Stream stream(ring, range.from, endless ? std::nullopt : std::optional(range.to));
  for (;;) {
    const Piece piece = stop_requested() ? Piece{} : stream.next(-1);
    switch (piece.kind) {
      case Piece::Kind::samples:
        if (const Block block = selection.of(piece); block.count > 0) sink->samples(block);
        break;
      case Piece::Kind::gap:
        sink->gap(piece.start, piece.end);
        say(tool::format("ringbuf cat: {}: the writer has skipped the samples {} to {}", ring.name(), piece.start,
                         piece.end - 1));
        break;
      case Piece::Kind::lost:
        sink->lost(piece.start, piece.end);
        say(tool::format("ringbuf cat: {}: the samples {} to {} were overwritten before they could be read",
                         ring.name(), piece.start, piece.end - 1));
        break;
      case Piece::Kind::nothing:
        if (!stop_requested()) break;
        sink->end(false);
        return stream.lost() > 0 ? exit_lost : exit_ok;
      case Piece::Kind::dead:
        sink->end(false);
        throw Failure(exit_dead, tool::format("{}: the writer died, or a newer ring has the name; the next index is {}",
                                              ring.name(), stream.position()));
      case Piece::Kind::closed:
      case Piece::Kind::range: {
        const bool closed = piece.kind == Piece::Kind::closed;
        sink->end(closed);
        if (closed && range.to_given && stream.position() < range.to) {
          throw Failure(exit_error, tool::format("{}: the stream has ended before sample {}; the next index is {}",
                                                 ring.name(), range.to, stream.position()));
        }
        return stream.lost() > 0 ? exit_lost : exit_ok;
      }
    }
  }
}

int cat(const CatOptions &options) {
  if (options.follow) catch_stop_signals();
  const std::string form = form_of(options);
  // A ring that is read once, or in part, is mapped as it is read.
  const std::uint32_t role = options.registered ? 0U : std::uint32_t{RINGBUF_OBSERVER};
  Ring ring = Ring::open(options.name, role | RINGBUF_LAZY);
  const Info info = ring.info();
  const bool chosen = !options.channels.empty() || options.every != 1;
  if (form == "framed" && chosen) {
    throw Failure(exit_usage, "--framed copies whole samples; --channels and --every cannot go with it");
  }
  const Range range = find_range(ring, info, options.range);
  if ((info.flags & RINGBUF_MESSAGES) == 0) return cat_samples(ring, info, options, form, range);
  if (form == "npy" || chosen) {
    throw Failure(exit_usage,
                  tool::format("{}: it holds messages, for which there is no --npy, --channels or --every; try "
                               "--json, --csv or --framed",
                               options.name));
  }
  return cat_messages(ring,
                      {form, range.from, options.follow && !range.to_given ? INT64_MAX : range.to, options.follow});
}

}  // namespace

Run make_cat(CLI::App &app) {
  auto options = std::make_shared<CatOptions>();
  add_ring(app, options->name);
  CLI::App &form = add_choice(app, "form", "at most one; default: a table on a terminal, raw elsewhere");
  add_flag(form, "--raw", options->raw, "the bytes of the samples");
  add_flag(form, "--table", options->table, "a table: index, time, values");
  add_flag(form, "--csv", options->csv, "CSV with a header: index, time, a column a channel");
  add_flag(form, "--json", options->json, "a JSON object a line");
  add_flag(form, "--npy", options->npy, "a file for numpy.load");
  add_flag(form, "--framed", options->framed, "with indices, times, gaps and metadata, for `ringbuf put --framed`");
  add_range(app, options->range);
  add_option(app, "--channels", options->channels, "only these: numbers from 0 on, or names").delimiter(',');
  add_option(app, "--every", options->every, "only every N-th sample, beginning with the first")
      .between(std::int64_t{1}, std::int64_t{1} << 40);
  add_flag(app, "--follow", options->follow, "go on until the stream ends");
  add_flag(app, "--registered", options->registered,
           "take a reader slot, so that the writer of a lossless ring waits; by default cat holds up nothing");
  examples(app,
           {"ringbuf cat hello --last 5s --csv > hello.csv", "ringbuf cat hello --from 4800 --to 9600 --channels 0,3",
            "ringbuf cat hello --follow --framed | ssh there ringbuf put hello --framed"});
  return [options] { return cat(*options); };
}

}  // namespace tool
