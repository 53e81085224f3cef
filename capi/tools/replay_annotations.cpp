#include "replay_annotations.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "feed.hpp"
#include "stop.hpp"

namespace tool {

namespace {

constexpr std::uint64_t least_window = 256, least_bytes = 65536, most_bytes = std::uint64_t{1} << 26;

ringbuf_options_t options_for(const std::vector<formats::Annotation> &annotations, std::uint32_t flags) {
  std::uint64_t longest = least_window, total = 0;
  for (const formats::Annotation &each : annotations) {
    longest = std::max<std::uint64_t>(longest, each.text.size());
    total += message_record_bytes(each.text.size());
  }
  ringbuf_options_t options = default_options();
  options.flags = RINGBUF_MESSAGES | flags;
  options.window = (longest + 7) / 8 * 8;
  // All of them, if they are not too many.
  options.capacity = std::max(8 * message_record_bytes(longest), std::clamp(total, least_bytes, most_bytes));
  return options;
}

}  // namespace

ReplayedAnnotations::ReplayedAnnotations(const std::string &name, const std::string &beside,
                                         std::vector<formats::Annotation> annotations, std::uint32_t flags)
    : annotations_(std::move(annotations)), ring_(Ring::create(name, options_for(annotations_, flags))) {
  const std::string metadata = nlohmann::json{{"beside", beside}}.dump();
  ring_.check(ringbuf_set_metadata(ring_.get(), metadata.data(), metadata.size()));
}

void ReplayedAnnotations::begin(std::int64_t index) {
  next_ = 0;
  while (next_ < annotations_.size() && annotations_[next_].index < index) ++next_;
}

bool ReplayedAnnotations::send_before(std::int64_t index, std::int64_t shift) {
  for (; next_ < annotations_.size() && annotations_[next_].index < index; ++next_) {
    if (!send(annotations_[next_], shift)) return false;
  }
  return true;
}

bool ReplayedAnnotations::send_rest(std::int64_t shift) {
  for (; next_ < annotations_.size(); ++next_) {
    if (!send(annotations_[next_], shift)) return false;
  }
  return true;
}

bool ReplayedAnnotations::send(const formats::Annotation &annotation, std::int64_t shift) {
  if (!send_all(ring_, annotation.kind, annotation.index + shift, annotation.text.data(), annotation.text.size()))
    return false;
  ++sent_;
  return true;
}

}  // namespace tool
