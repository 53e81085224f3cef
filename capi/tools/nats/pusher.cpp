#include "pusher.hpp"

#include <algorithm>
#include <random>

#include "feed.hpp"
#include "output.hpp"
#include "stop.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool::nats {

namespace {

constexpr std::int64_t look_ns = 100 * ms;  // between two looks at what may change: metadata, writer
constexpr std::int64_t least_pause_ns = 10 * ms;
constexpr std::int64_t most_pause_ns = 1000 * ms;
constexpr std::uint64_t entry_bytes = 700;  // about what its headers take
constexpr std::int64_t last_answers_ns = 10'000 * ms;

std::string random_id() {
  std::random_device random;
  return tool::format("{:08x}{:08x}", random(), random());
}

}  // namespace

Pusher::Pusher(Ring ring, Journal &journal, const PusherOptions &options)
    : ring_(std::move(ring)),
      info_(ring_.info()),
      journal_(journal),
      options_(options),
      origin_(origin_of(ring_, info_)),
      description_(describe_origin(origin_)),
      shape_(digest(description_)),
      pusher_(random_id()) {
  const std::size_t most = std::min(options_.block_bytes, journal_.most_bytes());
  if (info_.sample_bytes > journal_.most_bytes()) {
    throw Failure(exit_usage, tool::format("{}: a sample has {} bytes, and the server takes {} at most (max_payload)",
                                           ring_.name(), info_.sample_bytes, journal_.most_bytes()));
  }
  block_ = std::clamp<std::uint64_t>(most / info_.sample_bytes, 1, std::max<std::uint64_t>(1, info_.capacity / 2));
  room_.resize(static_cast<std::size_t>(block_ * info_.sample_bytes));
  // What is stored moves our position, for which the writer of a lossless ring may be waiting while we wait for it.
  if (origin_.lossless()) {
    journal_.on_progress([handle = ring_.get()] { static_cast<void>(ringbuf_interrupt(handle)); });
  }
}

Pusher::~Pusher() { journal_.on_progress({}); }

void Pusher::tell(const std::string &text) {
  {
    const std::lock_guard lock(mutex_);
    status_.trouble = text;
  }
  if (text == told_) return;
  if (!text.empty()) say(tool::format("ringbuf nats push: {}: {}", ring_.name(), text));
  if (text.empty() && !told_.empty())
    say(tool::format("ringbuf nats push: {}: goes on at index {}", ring_.name(), at_));
  told_ = text;
}

// Longer from one time to the next, until an answer comes.
void Pusher::pause() {
  pause_ns_ = std::clamp(pause_ns_ * 2, least_pause_ns, most_pause_ns);
  static_cast<void>(sleep_until(monotonic_now() + pause_ns_));
}

Entry Pusher::entry_of(EntryKind kind) const {
  Entry entry;
  entry.kind = kind;
  entry.ring = origin_.ring_id;
  entry.shape = shape_;
  entry.pusher = pusher_;
  entry.index = at_;
  entry.after = after_;
  entry.lost = lost_before_;
  return entry;
}

// --- where to go on ---------------------------------------------------------------------------------------------------

// False if a signal has come first.
bool Pusher::settle() {
  {
    const std::lock_guard lock(mutex_);
    ++status_.settled;
  }
  while (!stop_requested()) {
    try {
      const std::optional<Entry> last = journal_.settle();
      resume_after(last);
      window_ = 1;
      progress_ns_ = monotonic_now();
      return true;
    } catch (const Unavailable &why) {
      tell(why.what());
      pause();
    }
  }
  return false;
}

void Pusher::resume_after(const std::optional<Entry> &last) {
  announced_ = false;
  end_.reset();
  lost_before_ = 0;
  took_over_ = took_over_ || (last && last->pusher == pusher_);
  if (!last) {
    // The journal is new, or somebody has emptied it.
    if (!took_over_) at_ = info_.position;
  } else if (took_over_ && last->pusher != pusher_) {
    throw Failure(exit_error,
                  tool::format("stream \"{}\": another process pushes into it now; one origin per stream, so this one "
                               "ends. --stream names another one",
                               journal_.name()));
  } else if (last->ring == origin_.ring_id) {
    at_ = last->end();
    announced_ = last->pusher == pusher_ && last->shape == shape_;
    if (last->kind == EntryKind::end) end_ = last->died;
    const std::int64_t written = ring_.info().written;
    if (at_ > written) {
      throw Failure(exit_error,
                    tool::format("stream \"{}\" has samples before index {}, and ring {} has written only {}: they are "
                                 "not from this ring",
                                 journal_.name(), at_, ring_.name(), written));
    }
  } else {
    if (!took_over_) check_origin(*last);
    at_ = info_.position;
  }
  after_ = at_;
  keep_from(at_);
}

// Another ring has that stream: it may be an earlier one of the same name.
void Pusher::check_origin(const Entry &last) {
  const std::optional<Entry> description = journal_.description();
  std::string of = tool::format("ring id {}", last.ring);
  if (description && description->ring == last.ring) {
    const Origin other = parse_origin(*description, tool::format("stream \"{}\"", journal_.name()));
    if (other.ring == origin_.ring && other.host == origin_.host) return;
    of = tool::format("ring \"{}\" of host {}", other.ring, other.host);
  }
  throw Failure(exit_error,
                tool::format("stream \"{}\" is that of {}; one origin per stream: --stream names another one",
                             journal_.name(), of));
}

void Pusher::announce() {
  Entry entry = entry_of(EntryKind::ring);
  entry.payload = std::as_bytes(std::span(description_.data(), description_.size()));
  journal_.publish(entry, "");
  announced_ = true;
  end_.reset();
  after_ = at_;
  lost_before_ = 0;
  announced_ns_ = monotonic_now();
  announced_bytes_ = 0;
}

// The description again, if it has changed, or if the first one may soon be discarded.
void Pusher::announce_changes() {
  const std::int64_t now = monotonic_now();
  if (now - looked_ns_ >= look_ns) {
    looked_ns_ = now;
    info_ = ring_.info();
    {
      const std::lock_guard lock(mutex_);
      status_.written = info_.written;
    }
    const std::string metadata = ring_.metadata();
    if (metadata != origin_.metadata || info_.generation != origin_.generation) {
      origin_.metadata = metadata;
      origin_.generation = info_.generation;
      description_ = describe_origin(origin_);
      shape_ = digest(description_);
      announced_ = false;
    }
  }
  if (!announced_ || (options_.repeat_ns > 0 && now - announced_ns_ > options_.repeat_ns) ||
      (options_.repeat_bytes > 0 && announced_bytes_ > options_.repeat_bytes)) {
    announce();
  }
}

// --- samples ----------------------------------------------------------------------------------------------------------

std::optional<Stamp> Pusher::time_of(std::int64_t index) const {
  Stamp stamp;
  const int code = ringbuf_time_at(ring_.get(), index, &stamp.monotonic_ns, &stamp.realtime_ns);
  if (code != RINGBUF_OK || stamp.monotonic_ns < 0 || stamp.realtime_ns < 0) return std::nullopt;
  return stamp;
}

void Pusher::skip_to(std::int64_t index, std::int64_t lost) {
  at_ = index;
  lost_before_ += lost;
  if (lost == 0) return;
  const std::lock_guard lock(mutex_);
  status_.lost += static_cast<std::uint64_t>(lost);
}

// Moves at_ to the next sample that the ring still has. What was overwritten is told; gaps of the ring's writer are none of that.
void Pusher::pass_overwritten() {
  info_ = ring_.info();
  const bool moves = info_.state == RINGBUF_STATE_LIVE && !origin_.lossless();
  const auto margin = static_cast<std::int64_t>(moves ? info_.capacity / 8 : 0);
  const std::int64_t to = std::min(info_.written, info_.oldest + margin);
  if (to <= at_) return;
  std::int64_t skipped = 0;
  for (const Gap &gap : ring_.gaps()) {
    const std::int64_t start = std::max(gap.start, at_);
    const std::int64_t end = std::min(gap.end, to);
    if (start < end) skipped += end - start;
  }
  const std::int64_t lost = to - at_ - skipped;
  if (lost > 0) {
    say(tool::format(
        "ringbuf nats push: {}: {} samples from index {} on were overwritten before they could be published",
        ring_.name(), lost, at_));
  }
  skip_to(to, lost);
}

void Pusher::publish_samples() {
  std::int64_t end = std::min(info_.written, at_ + static_cast<std::int64_t>(block_));
  int code = ringbuf_read(ring_.get(), at_, end, room_.data());
  if (code == RINGBUF_GAP) {
    for (const Gap &gap : ring_.gaps()) {
      if (gap.end <= at_ || gap.start >= end) continue;
      if (gap.start <= at_) {
        skip_to(gap.end, 0);
        return;
      }
      end = gap.start;
      break;
    }
    code = ringbuf_read(ring_.get(), at_, end, room_.data());
  }
  if (code == RINGBUF_OVERWRITTEN || code == RINGBUF_GAP) {
    pass_overwritten();
    return;
  }
  ring_.check(code);
  Entry entry = entry_of(EntryKind::samples);
  entry.count = end - at_;
  entry.first = time_of(at_);
  entry.last = time_of(end - 1);
  entry.payload = std::span(room_).first(static_cast<std::size_t>(entry.count) * info_.sample_bytes);
  std::string identity = tool::format("{}-{}", origin_.ring_id, at_);
  if (identity_ > 0) identity += tool::format("-{}-{}", pusher_, identity_);
  journal_.publish(entry, identity);
  announced_bytes_ += entry.payload.size() + entry_bytes;
  after_ = at_ = end;
  lost_before_ = 0;
  end_.reset();
}

// Everything before the index is stored: the ring need not keep it for us.
void Pusher::keep_from(std::int64_t index) {
  stored_ = index;
  if (origin_.lossless()) {
    const int code = ringbuf_seek(ring_.get(), index);
    if (code != RINGBUF_OK && code != RINGBUF_OVERWRITTEN && code != RINGBUF_GAP) ring_.check(code);
  }
  const std::lock_guard lock(mutex_);
  status_.stored = index;
}

// Looks what was stored. False if there was trouble, and settle() has found out where to go on.
bool Pusher::all_is_well() {
  Progress progress = journal_.progress();
  const std::int64_t now = monotonic_now();
  took_over_ = took_over_ || progress.stored >= 0;
  if (progress.stored > stored_) {
    keep_from(progress.stored);
    progress_ns_ = now;
    pause_ns_ = 0;
    window_ = std::min(options_.window, window_ * 2);
    tell("");
  }
  if (progress.outstanding == 0) progress_ns_ = now;
  if (progress.trouble.empty() && now - progress_ns_ > options_.patience_ns) {
    progress.trouble =
        tool::format("no answer for {}", human_duration(static_cast<double>(options_.patience_ns) / 1e9));
  }
  if (progress.trouble.empty()) return true;
  tell(progress.full ? "the stream is full; waiting for room" : progress.trouble);
  if (progress.duplicate) ++identity_;
  pause();
  static_cast<void>(settle());
  return false;
}

// --- what the ring has ------------------------------------------------------------------------------------------------

Pusher::Found Pusher::look() {
  int code = ringbuf_wait(ring_.get(), at_ + 1, idle_ns);
  if (code == RINGBUF_CLOSED) return Found::closed;
  if (code == RINGBUF_STALE) return Found::died;
  if (code == RINGBUF_TIMEOUT || code == RINGBUF_INTERRUPTED) return Found::nothing;
  ring_.check(code);
  // The first sample is there; those that come soon go with it.
  const std::int64_t due = monotonic_now() + options_.linger_ns;
  const std::int64_t full = at_ + static_cast<std::int64_t>(block_);
  while (ringbuf_wait(ring_.get(), full, std::max<std::int64_t>(0, due - monotonic_now())) == RINGBUF_INTERRUPTED) {
    if (stop_requested() || monotonic_now() >= due) break;
    const Progress progress = journal_.progress();
    if (progress.stored > stored_) keep_from(progress.stored);
  }
  info_ = ring_.info();
  const std::lock_guard lock(mutex_);
  status_.written = info_.written;
  return Found::samples;
}

// The end of the stream, once all before it is published. True if that is stored, too.
bool Pusher::publish_end(bool died) {
  if (end_ == died) {
    if (journal_.progress().outstanding == 0) return true;
    journal_.wait_progress(idle_ns);
    return false;
  }
  announce_changes();
  Entry entry = entry_of(EntryKind::end);
  entry.died = died;
  journal_.publish(entry, "");
  after_ = at_;
  lost_before_ = 0;
  end_ = died;
  return false;
}

// A signal: what was published may still be stored.
void Pusher::finish() {
  const std::int64_t due = monotonic_now() + last_answers_ns;
  while (monotonic_now() < due) {
    const Progress progress = journal_.progress();
    if (!progress.trouble.empty() || progress.outstanding == 0) return;
    journal_.wait_progress(idle_ns);
  }
}

int Pusher::run() {
  static_cast<void>(settle());
  while (!stop_requested()) {
    if (!all_is_well()) continue;
    if (journal_.progress().outstanding >= window_) {
      journal_.wait_progress(idle_ns);
      continue;
    }
    switch (const Found found = look()) {
      case Found::samples:
        announce_changes();
        publish_samples();
        break;
      case Found::nothing:
        announce_changes();
        if (at_ > after_) announce();  // indices that are left out, and nothing that would tell of them follows
        break;
      case Found::closed:
      case Found::died:
        if (publish_end(found == Found::died)) return found == Found::died ? exit_dead : exit_ok;
        break;
    }
  }
  finish();
  return exit_ok;
}

PusherStatus Pusher::status() {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace tool::nats
