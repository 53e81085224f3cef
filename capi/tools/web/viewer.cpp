#include "viewer.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include "text.hpp"
#include "text_format.hpp"

namespace tool::web {

namespace {

constexpr std::size_t most_pending = 32;
constexpr std::int64_t list_ns = 1'000'000'000;
constexpr std::int64_t wait_ns = 500'000'000;  // then a reply says that nothing is new
constexpr std::int64_t most_index = std::int64_t{1} << 53;
constexpr std::int64_t most_values = std::int64_t{1} << 20;
constexpr std::int64_t most_raw_bytes = std::int64_t{4} << 20;

// The request cannot be: the page is told.
class BadRequest : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::int64_t integer(const Json &request, const char *key, std::int64_t least, std::int64_t most) {
  const auto found = request.find(key);
  if (found == request.end() || !found->is_number()) throw BadRequest(tool::format("{} is missing", key));
  const double value = found->get<double>();
  if (!(value >= static_cast<double>(least) && value <= static_cast<double>(most))) {
    throw BadRequest(tool::format("{} is {}, expected {} to {}", key, value, least, most));
  }
  return static_cast<std::int64_t>(value);
}

std::string text(const Json &request, const char *key) {
  const auto found = request.find(key);
  if (found == request.end() || !found->is_string()) throw BadRequest(tool::format("{} is missing", key));
  return found->get<std::string>();
}

std::vector<std::uint32_t> channels_of(const Json &request, const Info &info) {
  const auto found = request.find("channels");
  if (found == request.end() || !found->is_array()) throw BadRequest("channels are missing");
  constexpr std::size_t most = 1024;
  if (found->size() > most)
    throw BadRequest(tool::format("there are {} channels, expected {} at most", found->size(), most));
  std::vector<std::uint32_t> channels;
  for (const Json &each : *found) {
    const std::int64_t number = each.is_number_integer() ? each.get<std::int64_t>() : -1;
    if (number < 0 || number >= static_cast<std::int64_t>(info.channels)) {
      throw BadRequest(tool::format("there is no channel {}, expected 0 to {}", each.dump(), info.channels - 1));
    }
    channels.push_back(static_cast<std::uint32_t>(number));
  }
  return channels;
}

Reply reply_json(const Json &json) { return {false, json.dump(-1, ' ', false, Json::error_handler_t::replace)}; }

enum class Kind : std::uint32_t { columns = 1, pieces = 2, raw = 3 };

// The head of a binary reply, 80 bytes; page/link.js has the same.
struct Head {
  std::uint32_t id = 0;
  std::uint32_t kind = 0;
  std::uint32_t state = 0;
  std::uint32_t flags = 0;
  std::int64_t written = 0;
  std::int64_t oldest = 0;
  std::int64_t start = 0;
  std::int64_t width = 0;
  std::uint32_t count = 0;
  std::uint32_t channels = 0;
  double newest_ms = 0;
  std::uint32_t epoch = 0;
  std::uint32_t reserved = 0;
  std::uint64_t lost = 0;
};
static_assert(sizeof(Head) == 80);

constexpr std::uint32_t flag_wide = 1;     // numbers are doubles
constexpr std::uint32_t flag_filling = 2;  // the oldest columns are still to come
constexpr std::uint32_t flag_cut = 4;      // there is more than a reply takes

Head head_of(const Json &request, Kind kind, Watched &ring) {
  Head head;
  head.id = static_cast<std::uint32_t>(integer(request, "id", 0, UINT32_MAX));
  head.kind = static_cast<std::uint32_t>(kind);
  const Info &info = ring.info();
  head.state = info.state;
  head.oldest = info.oldest - info.first_index;
  head.written = info.written - info.first_index;
  if (const Trace *trace = ring.trace()) {
    head.written = trace->taken();
    head.lost = trace->lost();
    head.flags = (trace->wide() ? flag_wide : 0) | (trace->filling() ? flag_filling : 0);
  }
  head.newest_ms = ring.newest_ms();
  head.epoch = ring.epoch();
  return head;
}

Reply begin_reply(const Head &head) { return {true, std::string(reinterpret_cast<const char *>(&head), sizeof head)}; }

Trace &trace_of(Watched &ring) {
  if (ring.trace() == nullptr) throw BadRequest("the ring has no numbers");
  return *ring.trace();
}

}  // namespace

void RingList::update() {
  const std::int64_t now = monotonic_now();
  if (now < next_ns_) return;
  next_ns_ = now + list_ns;
  try {
    rings_ = top_json(top_.look(TopOrder::name))["rings"];
  } catch (const Failure &) {  // the directory cannot be read for now
    rings_ = Json::array();
  }
  for (Json &ring : rings_) indices_as_text(ring);
  ++number_;
}

bool Viewer::take(std::string_view request) {
  Json json = Json::parse(request, nullptr, false);
  if (!json.is_object() || !json.contains("id") || !json["id"].is_number_unsigned()) return false;
  pending_.push_back({std::move(json), monotonic_now()});
  return true;
}

bool Viewer::full() const noexcept { return pending_.size() >= most_pending; }

bool Viewer::wants_list() const noexcept {
  return std::any_of(pending_.begin(), pending_.end(), [](const Pending &each) {
    const auto op = each.request.find("op");
    return op != each.request.end() && *op == "list";
  });
}

std::optional<Reply> Viewer::next() {
  for (auto each = pending_.begin(); each != pending_.end(); ++each) {
    std::optional<Reply> reply;
    try {
      reply = answer(*each);
    } catch (const Failure &failure) {
      reply = reply_json({{"id", each->request["id"]}, {"error", failure.what()}});
    } catch (const BadRequest &error) {
      reply = reply_json({{"id", each->request["id"]}, {"error", error.what()}});
    }
    if (reply) {
      pending_.erase(each);
      return reply;
    }
  }
  return std::nullopt;
}

std::optional<Reply> Viewer::answer(const Pending &pending) {
  const Json &request = pending.request;
  const std::string op = text(request, "op");
  const Json &id = request["id"];
  if (op == "list") {
    const auto after = static_cast<std::uint64_t>(integer(request, "after", 0, most_index));
    if (list_.number() == 0 || list_.number() == after) return std::nullopt;
    return reply_json({{"id", id}, {"number", list_.number()}, {"rings", list_.rings()}});
  }
  Watched &ring = rings_.get(text(request, "ring"));
  if (op == "info") return reply_json({{"id", id}, {"info", ring.describe()}});
  if (op == "times") {
    const std::int64_t start = integer(request, "start", -most_index, most_index);
    const std::int64_t end = integer(request, "end", -most_index, most_index);
    return reply_json({{"id", id}, {"times", ring.times(start, end, integer(request, "count", 1, 129))}});
  }
  if (op == "index") {
    const auto found = request.find("times");
    if (found == request.end() || !found->is_array() || found->size() > 16) throw BadRequest("times are missing");
    Json indices = Json::array();
    for (const Json &time : *found) {
      constexpr double most_ms = 8e15;
      const double ms = time.is_number() ? time.get<double>() : 0;
      indices.push_back(ring.index_at(std::clamp(ms, 0.0, most_ms / 1e3)));
    }
    return reply_json({{"id", id}, {"indices", indices}});
  }
  if (op == "messages") {
    if (ring.events() == nullptr) throw BadRequest("the ring has no messages");
    const auto from = static_cast<std::uint64_t>(integer(request, "from", 0, most_index));
    const auto after = static_cast<std::uint64_t>(integer(request, "after", 0, most_index));
    const std::uint64_t count = ring.events()->count();
    if (after == count && monotonic_now() - pending.since_ns < wait_ns) return std::nullopt;
    constexpr std::size_t most = 500;
    return reply_json({{"id", id},
                       {"state", ring.info().state},
                       {"epoch", ring.epoch()},
                       {"count", count},
                       {"messages", ring.events()->from(from, most)}});
  }
  if (op == "columns") return columns(pending, ring);
  if (op == "pieces") return pieces(request, ring);
  if (op == "raw") return raw(request, ring);
  throw BadRequest(tool::format("there is no op \"{}\"", op));
}

std::optional<Reply> Viewer::columns(const Pending &pending, Watched &ring) {
  const Json &request = pending.request;
  Trace &trace = trace_of(ring);
  Head head = head_of(request, Kind::columns, ring);
  const std::int64_t after = integer(request, "after", -1, most_index);
  const bool same = after == head.written && integer(request, "state", 0, UINT32_MAX) == head.state &&
                    integer(request, "epoch", 0, UINT32_MAX) == head.epoch;
  if (same && monotonic_now() - pending.since_ns < wait_ns) return std::nullopt;
  const std::int64_t width = integer(request, "width", 1, std::int64_t{1} << 40);
  if ((width & (width - 1)) != 0) throw BadRequest(tool::format("width is {}, expected a power of two", width));
  const std::vector<std::uint32_t> channels = channels_of(request, ring.info());
  std::int64_t from = integer(request, "from", -most_index, most_index);
  std::int64_t to = integer(request, "to", -most_index, most_index);
  from = std::max(from, head.oldest / width);
  to = std::max(from, std::min(to, (head.written + width - 1) / width));
  const std::int64_t most = trace.most_columns(width, channels.size());
  if (to - from > most) {
    to = from + most;
    head.flags |= flag_cut;
  }
  head.start = from;
  head.width = width;
  head.count = static_cast<std::uint32_t>(to - from);
  head.channels = static_cast<std::uint32_t>(channels.size());
  Reply reply = begin_reply(head);
  trace.columns(reply.bytes, from, to, width, channels);
  return reply;
}

Reply Viewer::pieces(const Json &request, Watched &ring) {
  Trace &trace = trace_of(ring);
  Head head = head_of(request, Kind::pieces, ring);
  const std::vector<std::uint32_t> channels = channels_of(request, ring.info());
  const std::int64_t length = integer(request, "length", 1, most_values);
  const std::int64_t count = integer(request, "count", 1, most_values);
  const std::int64_t step = integer(request, "step", 0, most_index / most_values);
  const auto chosen = static_cast<std::int64_t>(channels.size());
  // Of rings with many channels all of them are read for one.
  if (length * count > most_values / std::max<std::int64_t>(1, chosen) ||
      length * count > 16 * most_values / ring.info().channels) {
    throw BadRequest(tool::format("{} pieces of {} samples are too many at once", count, length));
  }
  head.start = integer(request, "start", -most_index, most_index);
  head.width = length;
  head.count = static_cast<std::uint32_t>(count);
  head.channels = static_cast<std::uint32_t>(channels.size());
  Reply reply = begin_reply(head);
  trace.pieces(reply.bytes, head.start, length, step, count, channels);
  return reply;
}

Reply Viewer::raw(const Json &request, Watched &ring) {
  Trace &trace = trace_of(ring);
  Head head = head_of(request, Kind::raw, ring);
  head.start = integer(request, "start", 0, most_index);
  const auto sample_bytes = static_cast<std::int64_t>(ring.info().sample_bytes);
  head.count = static_cast<std::uint32_t>(
      integer(request, "count", 1, std::clamp<std::int64_t>(most_raw_bytes / sample_bytes, 1, most_raw_bytes)));
  if (head.count > ring.info().capacity) throw BadRequest("count is more than the ring holds");
  head.channels = ring.info().channels;
  head.width = sample_bytes;
  Reply reply = begin_reply(head);
  if (!trace.raw(reply.bytes, head.start, head.count)) {
    return reply_json({{"id", request["id"]}, {"error", ringbuf_last_error()}, {"missing", true}});
  }
  return reply;
}

}  // namespace tool::web
