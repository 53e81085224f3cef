#include "trigger_source.hpp"

#include <algorithm>
#include <utility>

#include "describe.hpp"
#include "output.hpp"
#include "text_format.hpp"

namespace tool {

TriggerMessages::TriggerMessages(Ring ring, std::vector<std::uint32_t> kinds)
    : ring_(std::move(ring)), kinds_(std::move(kinds)) {
  if ((ring_.info().flags & RINGBUF_MESSAGES) == 0) {
    throw Failure(exit_usage,
                  tool::format("--on-message: {} is a ring of samples, expected a ring of messages", ring_.name()));
  }
  describe();
}

void TriggerMessages::describe() {
  beside_.clear();
  const Json metadata = parse_metadata(ring_.metadata());
  if (!metadata.is_object()) return;
  const auto beside = metadata.find("beside");
  if (beside != metadata.end() && beside->is_string()) beside_ = beside->get<std::string>();
}

void TriggerMessages::reconnect() {
  if (!ended_ || !ring_.reconnect("watch it by a command of its own")) return;
  ended_ = false;
  describe();
}

bool TriggerMessages::wanted(std::uint32_t kind) const noexcept {
  return kinds_.empty() || std::find(kinds_.begin(), kinds_.end(), kind) != kinds_.end();
}

void TriggerMessages::look(const std::vector<std::unique_ptr<TriggerRing>> &rings, std::vector<Trigger> &triggers) {
  while (!ended_) {
    const void *bytes = nullptr;
    std::size_t size = 0;
    std::int64_t start = 0;
    const int code = ringbuf_receive(ring_.get(), 0, &bytes, &size, &start);
    if (code == RINGBUF_TIMEOUT || code == RINGBUF_INTERRUPTED) return;
    if (code == RINGBUF_CLOSED || code == RINGBUF_STALE) {
      ended_ = true;
      return;
    }
    if (code == RINGBUF_OVERWRITTEN) {
      say(tool::format("{}: messages were overwritten before they could be received", ring_.name()));
      continue;
    }
    ring_.check(code);
    ringbuf_message_t message = {};
    message.struct_size = sizeof message;
    if (ringbuf_message(ring_.get(), start, &message) != RINGBUF_OK) continue;  // the next call tells of the loss
    if (!wanted(message.kind)) continue;
    std::int64_t ns = message.monotonic_ns;
    std::string at;
    for (const auto &ring : rings) {
      if (message.tag <= 0 || ring->ring().name() != beside_) continue;
      if (ringbuf_time_at(ring->ring().get(), message.tag, &ns, nullptr) == RINGBUF_OK) {
        at = tool::format(" at sample {} of {}", message.tag, beside_);
      }
    }
    triggers.push_back({ns, ns, tool::format("a message of kind {} in {}{}", message.kind, ring_.name(), at)});
  }
}

std::uint64_t TriggerMessages::lost_bytes() const {
  std::uint64_t skipped = 0;
  for (const Gap &gap : ring_.gaps()) skipped += static_cast<std::uint64_t>(gap.end - gap.start);
  const std::uint64_t lost = ring_.info().lost;
  return lost > skipped ? lost - skipped : 0;
}

}  // namespace tool
