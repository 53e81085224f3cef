#include "trigger_event.hpp"

#include <algorithm>
#include <utility>

#include "text.hpp"
#include "text_format.hpp"

namespace tool {

std::string trigger_path(const TriggerFiles &files, const std::string &ring, bool several, const std::string &suffix) {
  return formats::path_with(*files.format, files.path, several ? tool::format("-{}{}", ring, suffix) : suffix);
}

std::string trigger_number(unsigned number) { return tool::format("-{:04}", number); }

namespace {

// "-20261127T213015.250Z", which sorts as the time does.
std::string time_suffix(std::int64_t monotonic_ns) {
  std::string text = iso_time_of(monotonic_ns).substr(0, 23);
  std::erase_if(text, [](char each) { return each == '-' || each == ':'; });
  return tool::format("-{}Z", text);
}

}  // namespace

TriggerEvent::TriggerEvent(const std::vector<std::unique_ptr<TriggerRing>> &rings, const TriggerFiles &files,
                           unsigned number, const Trigger &trigger, std::int64_t pre_ns, std::int64_t post_ns)
    : files_(files),
      number_(number),
      why_(trigger.why),
      first_ns_(trigger.first_ns),
      begin_ns_(trigger.first_ns - pre_ns),
      end_ns_(trigger.last_ns + post_ns),
      suffix_(files.time_in_name ? time_suffix(trigger.first_ns) : trigger_number(number)) {
  for (const auto &ring : rings) parts_.push_back({ring.get(), nullptr});
  begin();
}

void TriggerEvent::begin() {
  try {
    for (Part &part : parts_) {
      const std::string path = trigger_path(files_, part.ring->ring().name(), parts_.size() > 1, suffix_);
      Ring ring = part.ring->ring().again(RINGBUF_OBSERVER | RINGBUF_RESYNC_OLDEST);
      part.recording =
          std::make_unique<RecordedRing>(std::move(ring), *files_.format, path, files_.replace, false, RecordLimits{});
      part.finished = false;
      part.recording->begin_at(part.ring->start_at(begin_ns_), begin_ns_);
    }
  } catch (...) {
    discard();
    throw;
  }
}

void TriggerEvent::discard() {
  for (Part &part : parts_) {
    if (part.recording) part.recording->discard();
    part.recording.reset();
  }
}

void TriggerEvent::join(const Trigger &trigger, std::int64_t pre_ns, std::int64_t post_ns) {
  end_ns_ = std::max(end_ns_, trigger.last_ns + post_ns);
  for (Part &part : parts_) {
    // A ring of which all was saved that was wanted until now: its end moves, unless it is over.
    part.finished = part.finished && part.ring->ended();
  }
  const std::int64_t begin_ns = trigger.first_ns - pre_ns;
  if (begin_ns >= begin_ns_) return;
  begin_ns_ = begin_ns;
  discard();
  begin();
}

bool TriggerEvent::step() {
  bool all = true;
  for (Part &part : parts_) {
    if (part.finished) continue;
    const Cut cut = part.ring->end_at(end_ns_);
    part.finished = part.recording->step_to(cut.end) && cut.complete;
    all = all && part.finished;
  }
  if (all) finish();
  return all;
}

void TriggerEvent::sync() {
  for (Part &part : parts_) part.recording->sync();
}

void TriggerEvent::finish() {
  if (std::exchange(closed_, true)) return;
  std::string error;
  for (Part &part : parts_) {
    if (!part.recording) continue;
    try {
      part.recording->finish();
    } catch (const std::exception &failure) {
      if (error.empty()) error = failure.what();
    }
  }
  if (!error.empty()) throw Failure(exit_error, error);
}

std::int64_t TriggerEvent::index_in(const RecordedRing &recording) const {
  for (const Part &part : parts_) {
    if (part.recording.get() == &recording) return part.ring->start_at(first_ns_);
  }
  return recording.first_index();
}

std::uint64_t TriggerEvent::lost() const {
  std::uint64_t lost = 0;
  for (const Part &part : parts_) lost += part.recording ? part.recording->lost() : 0;
  return lost;
}

std::vector<const RecordedRing *> TriggerEvent::recordings() const {
  std::vector<const RecordedRing *> all;
  for (const Part &part : parts_) {
    if (part.recording) all.push_back(part.recording.get());
  }
  return all;
}

}  // namespace tool
