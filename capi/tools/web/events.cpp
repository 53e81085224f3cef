#include "events.hpp"

#include <algorithm>

#include "text.hpp"

namespace tool::web {

namespace {

constexpr std::size_t most_kept = 2000;
constexpr std::size_t most_text = 200;
constexpr std::int64_t update_ns = 4'000'000;

}  // namespace

void Events::update() {
  const std::int64_t begin = monotonic_now();
  const std::int64_t apart = realtime_now() - begin;
  for (;;) {
    const void *bytes = nullptr;
    std::size_t size = 0;
    std::int64_t start = 0;
    const int code = ringbuf_receive(ring_.get(), 0, &bytes, &size, &start);
    if (code == RINGBUF_OVERWRITTEN) continue;  // `lost` counts it
    if (code != RINGBUF_OK) return;
    ringbuf_message_t message = {};
    message.struct_size = sizeof message;
    Event event{0, 0, 0, size, std::string(static_cast<const char *>(bytes), std::min(size, most_text))};
    const auto end = start + static_cast<std::int64_t>(size);
    if (ringbuf_message(ring_.get(), start, &message) == RINGBUF_OK &&
        ringbuf_check(ring_.get(), start, end) == RINGBUF_OK) {
      event.kind = message.kind;
      event.tag = message.tag;
      event.realtime_ns = message.monotonic_ns + apart;
      kept_.push_back(std::move(event));
      ++count_;
      if (kept_.size() > most_kept) kept_.pop_front();
    }
    if (monotonic_now() - begin > update_ns) return;
  }
}

Json Events::from(std::uint64_t number, std::size_t most) const {
  Json list = Json::array();
  const std::uint64_t oldest = count_ - kept_.size();
  std::uint64_t at = std::max(number, oldest);
  if (count_ - std::min(at, count_) > most) at = count_ - most;  // the newest are what is looked for
  for (; at < count_; ++at) {
    const Event &event = kept_[static_cast<std::size_t>(at - oldest)];
    list.push_back({{"number", at},
                    {"kind", event.kind},
                    {"tag", std::to_string(event.tag)},  // 64 bits: more than a page's numbers have
                    {"time", static_cast<double>(event.realtime_ns) / 1e6},
                    {"size", event.size},
                    {"text", event.text}});
  }
  return list;
}

}  // namespace tool::web
