#include "puller.hpp"

#include <algorithm>
#include <cmath>

#include "feed.hpp"
#include "locate.hpp"
#include "output.hpp"
#include "relay.hpp"
#include "stop.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool::nats {

namespace {

constexpr std::int64_t pause_ns = 100 * ms;

bool same_shape(const ringbuf_options_t &a, const ringbuf_options_t &b) {
  return a.data_type == b.data_type && a.channels == b.channels && a.item_size == b.item_size &&
         a.capacity == b.capacity && a.window == b.window && a.flags == b.flags;
}

bool pause_or_stop() { return sleep_until(monotonic_now() + pause_ns); }

}  // namespace

Puller::Puller(Journal &journal, PullerOptions options) : journal_(journal), options_(std::move(options)) {}

void Puller::tell(const std::string &text) {
  {
    const std::lock_guard lock(mutex_);
    status_.trouble = text;
  }
  if (text == told_) return;
  if (!text.empty()) say(tool::format("ringbuf nats pull: {}: {}", journal_.name(), text));
  if (text.empty() && !told_.empty())
    say(tool::format("ringbuf nats pull: {}: goes on at index {}", journal_.name(), at_));
  told_ = text;
}

std::string Puller::where(const Entry &entry) const {
  return tool::format("stream \"{}\", entry {}", journal_.name(), entry.sequence);
}

// --- where to begin ---------------------------------------------------------------------------------------------------

// The description that belongs to an entry: the last one, or one after it that the pusher has repeated.
Origin Puller::find_origin(const Entry &entry) {
  if (entry.kind == EntryKind::ring) return parse_origin(entry, where(entry));
  if (const auto last = journal_.description(); last && last->ring == entry.ring && last->shape == entry.shape) {
    return parse_origin(*last, where(*last));
  }
  journal_.read_from(entry.sequence, true);
  while (const auto next = journal_.next(2000 * ms)) {
    if (next->ring == entry.ring && next->shape == entry.shape) return parse_origin(*next, where(*next));
  }
  throw Failure(
      exit_error,
      tool::format("{}: the stream has no description of its ring any more; --from newest begins where it has",
                   where(entry)));
}

// Of an entry, the index where a new ring begins.
std::int64_t Puller::first_index_of(const Entry &entry) const {
  if (const auto index = parse_integer(options_.from)) return std::clamp(*index, entry.index, entry.end());
  const auto time = parse_iso_time(options_.from);
  if (time && entry.first && entry.last && entry.count > 1 && *time > entry.first->realtime_ns) {
    const auto span = static_cast<double>(entry.last->realtime_ns - entry.first->realtime_ns);
    const double part = span > 0 ? static_cast<double>(*time - entry.first->realtime_ns) / span : 0;
    const double place = std::ceil(part * static_cast<double>(entry.count - 1) - 1e-6);
    return entry.index + std::min(entry.count, static_cast<std::int64_t>(std::min(place, 1e9)));
  }
  return entry.index;
}

// Finds where to begin, opens the ring and reads from there on. Waits until the journal has anything.
void Puller::start() {
  std::optional<Entry> last;
  while (!last) {
    const Bounds bounds = journal_.bounds();
    if (!bounds.empty()) last = journal_.entry(bounds.last);
    if (last) break;
    tell("the stream is empty; waiting for its origin");
    if (!pause_or_stop()) return;
  }
  origin_ = find_origin(*last);
  shape_ = last->shape;
  name_ = options_.ring.empty() ? origin_->ring : options_.ring;
  if (!resume_ring()) {
    std::optional<Entry> begin = last;
    std::int64_t index = last->end();
    if (options_.from == "newest") {
      begin.reset();
    } else if (const auto from = parse_integer(options_.from)) {
      begin = locate_index(journal_, last->ring, *from);
    } else if (const auto time = parse_iso_time(options_.from)) {
      begin = locate_time(journal_, last->ring, *time);
    } else {
      begin = locate_index(journal_, last->ring, 0);
    }
    if (begin) {
      index = first_index_of(*begin);
      if (begin->shape != shape_) {
        origin_ = find_origin(*begin);
        shape_ = begin->shape;
      }
    }
    open_ring(index);
    if (!begin) {
      sequence_ = last->sequence;
      journal_.read_from(last->sequence + (last->kind == EntryKind::end ? 0 : 1), false);
      heard_ns_ = monotonic_now();
      return;
    }
  }
  read_on();
}

// Resumes a ring that an earlier process has pulled from the same origin. False if there is none.
bool Puller::resume_ring() {
  const auto there = Ring::open_if_there(name_, RINGBUF_OBSERVER | RINGBUF_LAZY);
  if (!there) return false;
  const Info info = there->info();
  if (info.state == RINGBUF_STATE_LIVE) {
    throw Failure(exit_error,
                  tool::format("ring {} is here already, and process {} writes it; give the ring another name", name_,
                               info.writer_pid));
  }
  const auto relay = relay_of(there->metadata());
  const Relay ours{journal_.name(), origin_->ring, origin_->host, origin_->ring_id};
  const bool untold = with_relay(origin_->metadata, ours) == origin_->metadata;  // metadata that are no JSON
  const bool same = relay ? relay->stream == ours.stream : untold && there->metadata() == origin_->metadata;
  if (!same) {
    throw Failure(
        exit_error,
        tool::format("ring {} is here already, and was not pulled from stream \"{}\"; give the ring another name, "
                     "or `ringbuf rm {}` removes it",
                     name_, journal_.name(), name_));
  }
  if (relay && relay->ring_id != ours.ring_id) return false;  // of an earlier incarnation: a new ring takes its place
  if (!same_shape(options_like(info), origin_->options) && !options_.capacity) return false;
  ring_.emplace(Ring::resume(name_));
  info_ = ring_->info();
  at_ = info_.written;
  std::int64_t time = 0;
  if (at_ > info_.oldest && ringbuf_time_at(ring_->get(), at_ - 1, &time, nullptr) == RINGBUF_OK) {
    stamped_ = at_ - 1;
    stamped_ns_ = time;
  }
  store_metadata();
  say(tool::format("ringbuf nats pull: {}: resumes ring {} at index {}", journal_.name(), name_, at_));
  return true;
}

void Puller::open_ring(std::int64_t first_index) {
  ringbuf_options_t options = origin_->options;
  if (options_.capacity) {
    options.capacity = *options_.capacity;
    options.window = std::min(options.window, options.capacity);
  }
  if (options_.keep) options.flags |= RINGBUF_KEEP;
  options.first_index = first_index;
  const std::size_t room = origin_->metadata.size() + 1024;
  options.metadata_bytes = static_cast<std::uint32_t>(std::max<std::size_t>(4096, room));
  ring_.emplace(Ring::create(name_, options));
  info_ = ring_->info();
  at_ = first_index;
  stamped_ = -1;
  stamped_ns_ = 0;
  clock_known_ = false;
  store_metadata();
}

// The ring of an origin whose stream has ended, and goes on: ours is still there if it was to be kept.
void Puller::reopen_ring(std::int64_t first_index) {
  if (!resume_ring()) open_ring(first_index);
}

void Puller::store_metadata() {
  const auto before = relay_of(origin_->metadata);
  const Relay relay{journal_.name(), before ? before->ring : origin_->ring, before ? before->host : origin_->host,
                    origin_->ring_id};
  const std::string metadata = with_relay(origin_->metadata, relay);
  if (metadata != ring_->metadata()) ring_->check(ringbuf_set_metadata(ring_->get(), metadata.data(), metadata.size()));
  const std::lock_guard lock(mutex_);
  status_.ring = name_;
  status_.origin = tool::format("{}:{}", relay.host, relay.ring);
  status_.ring_id = origin_->ring_id;
  status_.sample_rate = origin_->options.sample_rate;
  status_.at = at_;
}

// Reads the journal from the index where the ring stands, or what comes after all that it has now. An entry that comes while we
// look may be the last one, so it must not be left out.
void Puller::read_on() {
  const Bounds before = journal_.bounds();
  const auto entry = locate_index(journal_, origin_->ring_id, at_);
  const std::uint64_t sequence = entry ? entry->sequence : before.last + 1;
  journal_.read_from(sequence, false);
  sequence_ = sequence - 1;
  heard_ns_ = monotonic_now();
}

// Nothing has come for a while: does the journal have more than that?
void Puller::watch() {
  if (monotonic_now() - heard_ns_ < options_.patience_ns) return;
  heard_ns_ = monotonic_now();
  if (journal_.bounds().last > sequence_) throw Unavailable("the stream has more, but nothing came");
}

// --- entries ----------------------------------------------------------------------------------------------------------

void Puller::stamp_one(std::int64_t index, const Stamp &at) {
  if (!clock_known_) {
    // On the same machine the clocks are the same. Otherwise the clocks of the day agree as well as they do.
    clock_offset_ns_ =
        origin_->boot == boot_id() ? 0 : at.realtime_ns - (realtime_now() - monotonic_now()) - at.monotonic_ns;
    clock_known_ = true;
  }
  const std::int64_t monotonic = std::max({std::int64_t{0}, stamped_ns_, at.monotonic_ns + clock_offset_ns_});
  if (index <= stamped_) return;
  const int code = ringbuf_stamp(ring_->get(), index, monotonic, at.realtime_ns);
  // A time that the ring does not take leaves the sample with that of its neighbours.
  if (code == RINGBUF_INVALID_ARGUMENT || code == RINGBUF_BAD_INDEX) return;
  ring_->check(code);
  stamped_ = index;
  stamped_ns_ = monotonic;
}

void Puller::stamp(const Entry &entry, std::int64_t from) {
  if (!entry.first || !entry.last) return;
  if (from == entry.index) stamp_one(entry.index, *entry.first);
  if (entry.end() - 1 > from || from != entry.index) stamp_one(entry.end() - 1, *entry.last);
}

// The ring of the origin, again or anew.
void Puller::take_ring(const Entry &entry) {
  Origin origin = parse_origin(entry, where(entry));
  if (origin_ && origin.ring_id == origin_->ring_id) {
    if (!same_shape(origin.options, origin_->options)) {
      throw Failure(exit_error, tool::format("{}: the ring has another shape now, and the same id", where(entry)));
    }
    origin_ = std::move(origin);
    shape_ = entry.shape;
    if (ring_) {
      store_metadata();
    } else {
      reopen_ring(entry.index);
    }
    return;
  }
  say(tool::format("ringbuf nats pull: {}: the origin is a new ring, from index {} on", journal_.name(), entry.index));
  ring_.reset();  // ends the stream of the old one
  origin_ = std::move(origin);
  shape_ = entry.shape;
  open_ring(entry.index);
}

// Whether an entry is the next one. If not, the journal is asked, and read anew from the index where we stand, unless it has
// discarded what is missing.
bool Puller::follows(const Entry &entry) {
  if (entry.after <= at_ || discarded_checked_ == entry.sequence) return true;
  const auto found = locate_index(journal_, origin_->ring_id, at_);
  if (!found || found->sequence >= entry.sequence) {
    discarded_checked_ = entry.sequence;
    if (found && found->sequence > entry.sequence) return true;
  }
  {
    const std::lock_guard lock(mutex_);
    ++status_.restarts;
  }
  const std::uint64_t sequence = found ? std::min(found->sequence, entry.sequence) : entry.sequence;
  if (sequence == entry.sequence) return true;
  journal_.read_from(sequence, false);
  return false;
}

// Leaves out the indices before an entry. False if a signal has come first.
bool Puller::go_to(const Entry &entry) {
  if (entry.index <= at_) return true;
  const std::int64_t missing = entry.index - at_;
  // What lies before `after` was in the journal, and is discarded; of the rest the pusher says how much was lost.
  const std::int64_t discarded = std::max<std::int64_t>(0, std::min(entry.after, entry.index) - at_);
  const std::int64_t lost = discarded + std::min(entry.lost, missing - discarded);
  if (discarded > 0) {
    say(tool::format("ringbuf nats pull: {}: {} samples from index {} on are no longer in the stream; they are a gap",
                     journal_.name(), discarded, at_));
  }
  if (lost > discarded) {
    say(tool::format(
        "ringbuf nats pull: {}: {} samples before index {} were lost before they were published; they are a gap",
        journal_.name(), lost - discarded, entry.index));
  }
  if (!skip_all(*ring_, static_cast<std::uint64_t>(missing))) return false;
  at_ = entry.index;
  const std::lock_guard lock(mutex_);
  status_.at = at_;
  ++status_.gaps;
  status_.lost += static_cast<std::uint64_t>(lost);
  return true;
}

bool Puller::take_samples(const Entry &entry) {
  const auto bytes = static_cast<std::size_t>(info_.sample_bytes);
  if (entry.payload.size() / bytes != static_cast<std::size_t>(entry.count) || entry.payload.size() % bytes != 0) {
    throw Failure(exit_error, tool::format("{}: {} samples of {} bytes each, but {} bytes", where(entry), entry.count,
                                           bytes, entry.payload.size()));
  }
  if (entry.end() > INT64_MAX - static_cast<std::int64_t>(info_.capacity)) {
    throw Failure(exit_error, tool::format("{}: index {} is too large for a ring of {} samples", where(entry),
                                           entry.end(), info_.capacity));
  }
  if (entry.end() <= at_) {
    const std::lock_guard lock(mutex_);
    ++status_.duplicates;
    return true;
  }
  if (!follows(entry)) return true;
  if (!go_to(entry)) return false;
  const std::int64_t from = at_;
  const auto *samples = entry.payload.data() + static_cast<std::size_t>(from - entry.index) * bytes;
  if (!put_all(*ring_, samples, static_cast<std::uint64_t>(entry.end() - from), bytes)) {
    at_ = ring_->info().written;
    return false;
  }
  at_ = entry.end();
  stamp(entry, from);
  const std::lock_guard lock(mutex_);
  status_.at = at_;
  if (entry.last) status_.delay_ns = realtime_now() - entry.last->realtime_ns;
  return true;
}

// All before a description is in the ring. What comes from there on stays: it tells those who come later what the samples are.
void Puller::release(const Entry &description) {
  if (!options_.release) return;
  try {
    journal_.release(description.sequence);
  } catch (const Unavailable &) {  // the next one does that, too
  }
}

// Returns an exit code if that is the end.
std::optional<int> Puller::take(const Entry &entry) {
  heard_ns_ = monotonic_now();
  sequence_ = std::max(sequence_, entry.sequence);
  if (!told_.empty()) tell("");
  if (entry.kind == EntryKind::ring) {
    if (ring_ && entry.ring == origin_->ring_id && entry.index > at_) {
      if (!follows(entry)) return std::nullopt;
      if (!go_to(entry)) return exit_ok;
    }
    if (!origin_ || entry.ring != origin_->ring_id || entry.shape != shape_) take_ring(entry);
    release(entry);
    return std::nullopt;
  }
  if (!ring_ && entry.kind == EntryKind::end) return std::nullopt;  // the one after which we wait for the next ring
  if (!ring_ || entry.ring != origin_->ring_id) {
    // Of a ring whose description was discarded before it came here, or that came before the one that we have.
    if (const auto last = journal_.description(); !last || last->ring != entry.ring) return std::nullopt;
    origin_ = find_origin(entry);
    shape_ = entry.shape;
    ring_.reset();
    reopen_ring(entry.index);
    journal_.read_from(entry.sequence, false);
    return std::nullopt;
  }
  if (entry.kind == EntryKind::samples) {
    if (!take_samples(entry)) return exit_ok;
    return std::nullopt;
  }
  if (entry.index < at_ || !follows(entry)) return std::nullopt;
  if (!go_to(entry)) return exit_ok;
  if (entry.pending > 0 || journal_.bounds().last > entry.sequence) return std::nullopt;  // there is more
  say(tool::format("ringbuf nats pull: {}: the origin {} at index {}", journal_.name(),
                   entry.died ? "died" : "has ended its stream", entry.index));
  if (!options_.follow) return entry.died ? exit_dead : exit_ok;
  if (!entry.died) ring_.reset();
  return std::nullopt;
}

int Puller::run() {
  bool started = false;
  bool reading = false;
  while (!stop_requested()) {
    started = started || ring_.has_value();  // also if the server has gone away since start() has opened it
    try {
      if (!started) {
        start();
        reading = true;
        continue;
      }
      if (!reading) {
        read_on();
        reading = true;
      }
      const auto entry = journal_.next(idle_ns);
      if (!entry) {
        watch();
      } else if (const auto code = take(*entry)) {
        const bool lost = status().lost > 0;
        return *code == exit_ok && lost && !stop_requested() ? exit_lost : *code;
      }
    } catch (const Unavailable &why) {
      if (started && ring_) {
        const std::lock_guard lock(mutex_);
        ++status_.restarts;
      }
      tell(why.what());
      reading = false;
      static_cast<void>(pause_or_stop());
    }
  }
  return exit_ok;
}

PullerStatus Puller::status() {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace tool::nats
