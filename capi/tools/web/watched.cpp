#include "watched.hpp"

#include <algorithm>

#include "formats/channels.hpp"
#include "text.hpp"
#include "text_format.hpp"
#include "values.hpp"

namespace tool::web {

namespace {

constexpr std::uint32_t observer = RINGBUF_FROM_OLDEST | RINGBUF_OBSERVER | RINGBUF_RESYNC_OLDEST | RINGBUF_LAZY;
constexpr std::size_t most_rings = 16;
constexpr std::uint32_t most_channels = 65536;  // with more there is no picture
constexpr std::int64_t keep_ns = 10'000'000'000;
constexpr std::int64_t look_ns = 200'000'000;

std::string id_of(const Info &info) { return hex(static_cast<const void *>(info.ring_id), sizeof info.ring_id); }

}  // namespace

void indices_as_text(Json &ring) {
  for (const char *index : {"first_index", "oldest", "written"}) {
    ring[index] = std::to_string(ring[index].get<std::int64_t>());
  }
}

Watched::Watched(const std::string &name) : name_(name), ring_(Ring::open(name, observer)) { begin(); }

void Watched::begin() {
  trace_.reset();
  events_.reset();
  info_ = ring_.info();
  id_ = id_of(info_);
  metadata_ = ring_.metadata();
  if ((info_.flags & RINGBUF_MESSAGES) != 0) {
    events_.emplace(ring_);
  } else if (has_values(info_.data_type) && info_.channels <= most_channels) {
    trace_.emplace(ring_, info_);
  }
}

void Watched::update() {
  const std::int64_t now = monotonic_now();
  if (now >= next_look_ns_) {  // what changes seldom
    next_look_ns_ = now + look_ns;
    const Info before = info_;
    if (before.state != RINGBUF_STATE_LIVE &&
        ringbuf_reopen(ring_.get(), observer | RINGBUF_ANY_SHAPE, 0) == RINGBUF_OK) {
      info_ = ring_.info();
      if (id_of(info_) != id_) {
        begin();
        ++epoch_;
      } else if (info_.generation != before.generation) {
        ++epoch_;
      }
    }
    if (std::string metadata = ring_.metadata(); metadata != metadata_) {
      metadata_ = std::move(metadata);
      ++epoch_;
    }
  }
  if (trace_) trace_->update();
  if (events_) events_->update();
  const Info info = ring_.info();
  if (info.written != info_.written || newest_ms_ == 0) {
    std::int64_t newest = 0;
    if (ringbuf_time_at(ring_.get(), info.written - 1, nullptr, &newest) == RINGBUF_OK) {
      newest_ms_ = static_cast<double>(newest) / 1e6;
    }
  }
  info_ = info;
}

Json Watched::describe() const {
  Json json = describe_ring(name_, info_);
  indices_as_text(json);
  json["epoch"] = epoch_;
  json["values"] = trace_.has_value();
  json["complex"] = info_.data_type == RINGBUF_COMPLEX64 || info_.data_type == RINGBUF_COMPLEX128;
  json["messages"] = events_.has_value();
  Json channels = Json::array();
  for (const formats::Channel &channel : formats::channels_of(metadata_, events_ ? 0 : info_.channels)) {
    channels.push_back(
        {{"name", channel.name}, {"unit", channel.unit}, {"scale", channel.scale}, {"offset", channel.offset}});
  }
  json["channel_list"] = channels;
  const Json metadata = parse_metadata(metadata_);
  for (const char *key : {"kind", "device", "beside"}) {
    if (metadata.is_object() && metadata.contains(key) && metadata[key].is_string()) json[key] = metadata[key];
  }
  return json;
}

Json Watched::times(std::int64_t start, std::int64_t end, std::int64_t count) const {
  Json list = Json::array();
  const std::int64_t from = std::max(start, info_.oldest - info_.first_index);
  const std::int64_t last = std::min(end, info_.written - info_.first_index) - 1;
  std::int64_t before = -1;
  for (std::int64_t i = 0; i < count && from <= last; ++i) {
    const std::int64_t index =
        from + static_cast<std::int64_t>(static_cast<double>(last - from) * static_cast<double>(i) /
                                         static_cast<double>(std::max<std::int64_t>(1, count - 1)));
    std::int64_t realtime = 0;
    if (index == before) continue;
    before = index;
    if (ringbuf_time_at(ring_.get(), index + info_.first_index, nullptr, &realtime) == RINGBUF_OK) {
      list.push_back({index, static_cast<double>(realtime) / 1e6});
    }
  }
  return list;
}

std::int64_t Watched::index_at(double time_ms) const {
  std::int64_t index = info_.written;
  static_cast<void>(
      ringbuf_index_at(ring_.get(), RINGBUF_CLOCK_REALTIME, static_cast<std::int64_t>(time_ms * 1e6), &index));
  return index - info_.first_index;
}

Watched &AllWatched::get(const std::string &name) {
  if (name.find('\0') != std::string::npos) throw Failure(exit_usage, "no ring has a name with a NUL in it");
  auto found = rings_.find(name);
  if (found == rings_.end()) {
    if (rings_.size() >= most_rings) {
      throw Failure(exit_error,
                    tool::format("{} rings are looked at already, which is all that are at once", most_rings));
    }
    found = rings_.emplace(name, std::make_unique<Watched>(name)).first;
  }
  found->second->wanted_ns = monotonic_now();
  return *found->second;
}

void AllWatched::update() {
  const std::int64_t now = monotonic_now();
  std::erase_if(rings_, [now](const auto &each) { return now - each.second->wanted_ns > keep_ns; });
  for (auto each = rings_.begin(); each != rings_.end();) {
    try {
      each->second->update();
      ++each;
    } catch (const Failure &) {  // damaged or gone: the next request for it says which
      each = rings_.erase(each);
    }
  }
}

}  // namespace tool::web
