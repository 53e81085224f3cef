#include "trigger_ring.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include "output.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

// A block of samples gets its times when it is put, so the samples of a moment come after it.
constexpr std::int64_t late_ns = 1'000'000'000;
constexpr int pieces_a_look = 16;
constexpr std::size_t piece_bytes = 131072;

}  // namespace

TriggerRing::TriggerRing(Ring ring, std::int64_t keep_ns, bool on_death)
    : ring_(std::move(ring)), keep_ns_(keep_ns), on_death_(on_death), first_(ring_.info()) {}

void TriggerRing::add(Condition condition) {
  detectors_.emplace_back(condition, ring_, first_);
  conditions_.push_back(std::move(condition));
}

void TriggerRing::begin(bool oldest) {
  if (watches())
    stream_ = std::make_unique<Stream>(ring_, oldest ? first_.position : first_.written, std::nullopt, piece_bytes);
  note(first_);
}

void TriggerRing::reconnect() {
  if (!over_ || !ring_.reconnect("watch it by a command of its own")) return;
  over_ = false;
  state_ = RINGBUF_STATE_LIVE;
  const Info info = ring_.info();
  const bool same = std::equal(std::begin(info.ring_id), std::end(info.ring_id), std::begin(first_.ring_id));
  if (same) return;
  first_ = info;
  lost_before_ = lost();
  stream_.reset();
  marks_.clear();
  detectors_.clear();
  for (const Condition &each : conditions_) detectors_.emplace_back(each, ring_, first_);
  begin(true);
}

bool TriggerRing::time_of(std::int64_t index, std::int64_t &ns) const {
  return ringbuf_time_at(ring_.get(), index, &ns, nullptr) == RINGBUF_OK;
}

// Notes when the newest sample came, as long as an event may ask for it.
void TriggerRing::note(const Info &info) {
  wanted_end_ = info.written + static_cast<std::int64_t>(std::max<std::uint64_t>(1, info.capacity / 8));
  std::int64_t ns = 0;
  if (info.written <= info.first_index || !time_of(info.written - 1, ns)) return;
  if (!marks_.empty() && (marks_.back().index >= info.written - 1 || marks_.back().ns >= ns)) return;
  marks_.push_back({info.written - 1, ns});
  while (marks_.size() > 2 && marks_[1].ns < ns - keep_ns_) marks_.pop_front();
}

bool TriggerRing::look(std::vector<Trigger> &triggers) {
  const Info info = ring_.info();
  const bool was_live = !ended();
  note(info);
  for (int pieces = 0; stream_ != nullptr; ++pieces) {
    if (pieces == pieces_a_look) return false;
    const Piece piece = stream_->next(0);
    if (piece.kind == Piece::Kind::samples) {
      detect(piece, triggers);
    } else if (piece.kind == Piece::Kind::gap || piece.kind == Piece::Kind::lost) {
      for (Detector &each : detectors_) each.restart();
      if (piece.kind == Piece::Kind::lost) {
        say(tool::format("{}: samples [{}, {}) were overwritten before --when could look at them", ring_.name(),
                         piece.start, piece.end));
      }
    } else {
      break;
    }
  }
  over_ = over_ || info.state != RINGBUF_STATE_LIVE;
  state_ = info.state;  // after the samples: the last of them may hold a condition
  if (was_live && died() && on_death_) {
    std::int64_t ns = 0;
    if (info.written <= info.first_index || !time_of(info.written - 1, ns)) ns = monotonic_now();
    // The last sample is in the file also if nothing after it is wanted.
    triggers.push_back(
        {ns, ns + 1, tool::format("the writer of {} died after sample {}", ring_.name(), info.written - 1)});
  }
  return true;
}

void TriggerRing::detect(const Piece &piece, std::vector<Trigger> &triggers) {
  const auto size = static_cast<std::size_t>(first_.sample_bytes);
  for (Detector &detector : detectors_) {
    const std::byte *sample = piece.data;
    std::int64_t run = -1;  // index of the first one of those in a row for which it holds
    for (std::int64_t index = piece.start; index <= piece.end; ++index, sample += size) {
      const bool holds = index < piece.end && detector.holds(sample);
      if (holds && run < 0) run = index;
      if (holds || run < 0) continue;
      Trigger trigger{0, 0, {}};
      if (!time_of(run, trigger.first_ns)) trigger.first_ns = monotonic_now();
      if (!time_of(index - 1, trigger.last_ns)) trigger.last_ns = trigger.first_ns;
      if (triggers.empty() || triggers.back().last_ns + keep_ns_ < trigger.first_ns) {
        trigger.why = tool::format("{} at sample {} of {}, {}", detector.text(), run, ring_.name(),
                                   iso_time_of(trigger.first_ns));
        triggers.push_back(std::move(trigger));
      } else {  // they are one event anyway
        triggers.back().first_ns = std::min(triggers.back().first_ns, trigger.first_ns);
        triggers.back().last_ns = std::max(triggers.back().last_ns, trigger.last_ns);
      }
      run = -1;
    }
  }
}

std::int64_t TriggerRing::start_at(std::int64_t monotonic_ns) const {
  std::int64_t oldest = 0;
  const int code = ringbuf_index_at(ring_.get(), RINGBUF_CLOCK_MONOTONIC, monotonic_ns, &oldest);
  if (code == RINGBUF_OK || code == RINGBUF_NOT_YET) return oldest;
  if (code != RINGBUF_OVERWRITTEN) ring_.fail(code);
  // Two moments around the time, or the first two that are known: the line through them.
  std::vector<Mark> marks(marks_.begin(), marks_.end());
  Mark there{oldest, 0};
  if (time_of(oldest, there.ns)) marks.push_back(there);
  std::sort(marks.begin(), marks.end(), [](const Mark &a, const Mark &b) { return a.index < b.index; });
  if (marks.empty()) return oldest;
  std::size_t k = 1;
  while (k + 1 < marks.size() && marks[k].ns < monotonic_ns) ++k;
  const Mark low = marks[0].ns <= monotonic_ns && marks.size() > 1 ? marks[k - 1] : marks[0];
  double per_ns = first_.sample_rate / 1e9;
  if (marks.size() > 1 && (per_ns <= 0 || marks[0].ns <= monotonic_ns)) {
    const Mark high = marks[k];
    if (high.ns > low.ns) per_ns = static_cast<double>(high.index - low.index) / static_cast<double>(high.ns - low.ns);
  }
  const double samples = std::ceil(static_cast<double>(monotonic_ns - low.ns) * per_ns - 1e-3);
  const auto least = static_cast<double>(first_.first_index - low.index);
  return std::min(oldest, low.index + static_cast<std::int64_t>(std::max(samples, least)));
}

Cut TriggerRing::end_at(std::int64_t monotonic_ns) const {
  const std::uint32_t state = ring_.info().state;  // before the index: what ends now has all of its samples
  std::int64_t index = 0;
  const int code = ringbuf_index_at(ring_.get(), RINGBUF_CLOCK_MONOTONIC, monotonic_ns, &index);
  if (code != RINGBUF_OK && code != RINGBUF_NOT_YET && code != RINGBUF_OVERWRITTEN) ring_.fail(code);
  return {index, code != RINGBUF_NOT_YET || state != RINGBUF_STATE_LIVE || monotonic_now() >= monotonic_ns + late_ns};
}

}  // namespace tool
