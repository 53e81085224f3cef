#include "range.hpp"

#include <algorithm>

#include "option.hpp"
#include "text_format.hpp"

namespace tool {

void add_range(CLI::App &app, RangeOptions &options) {
  const Argument from = add_option(app, "--from", options.from,
                                   "first sample: an index, `oldest`, `newest` (the next one), or a UTC time");
  from.type_name("PLACE");
  add_option(app, "--to", options.to, "the sample after the last one, likewise").type_name("PLACE");
  add_amount(app, "--last", options.last, "the newest samples: a number or a time").excludes(from);
}

namespace {

std::int64_t place(const Ring &ring, const Info &info, const std::string &text, const char *option) {
  if (text == "oldest") return info.position;  // with a distance from the writer, if that one overwrites
  if (text == "newest") return info.written;
  if (const auto index = parse_integer(text)) {
    if (*index < info.first_index) {
      throw Failure(exit_usage, tool::format("{} is {}, and the first index of \"{}\" is {}", option, *index,
                                             ring.name(), info.first_index));
    }
    return *index;
  }
  const auto time = parse_iso_time(text);
  if (!time) {
    throw Failure(exit_usage, tool::format("{} is \"{}\", expected an index, `oldest`, `newest` or a time such as {}",
                                           option, text, iso_time(realtime_now())));
  }
  std::int64_t index = 0;
  const int code = ringbuf_index_at(ring.get(), RINGBUF_CLOCK_REALTIME, *time, &index);
  if (code != RINGBUF_OK && code != RINGBUF_NOT_YET && code != RINGBUF_OVERWRITTEN) ring.fail(code);
  return index;
}

}  // namespace

Range find_range(const Ring &ring, const Info &info, const RangeOptions &options) {
  Range range{info.position, info.written, !options.to.empty()};
  if (range.to_given) range.to = place(ring, info, options.to, "--to");
  if (!options.from.empty()) range.from = place(ring, info, options.from, "--from");
  if (options.last) {
    const std::uint64_t count = options.last->samples(info.sample_rate, "--last");
    const std::int64_t most = range.to - std::min(range.to, info.first_index);
    range.from = range.to - static_cast<std::int64_t>(std::min<std::uint64_t>(count, static_cast<std::uint64_t>(most)));
    if (range.from < info.oldest) range.from = std::min(info.position, range.to);  // what is gone was not asked for
  }
  if (range.to_given && range.to < range.from) {
    throw Failure(exit_usage, tool::format("--to is {}, before the first sample, {}", range.to, range.from));
  }
  return range;
}

}  // namespace tool
