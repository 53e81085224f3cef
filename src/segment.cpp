#include "segment.hpp"

#include <cstring>
#include <new>
#include <utility>

#include "error.hpp"
#include "failpoint.hpp"
#include "liveness.hpp"
#include "poll.hpp"
#include "reader_slots.hpp"
#include "registry.hpp"

namespace ringbuf::detail {

Status check_name(const char *name) noexcept {
  if (name == nullptr) return fail(Status::invalid_argument, "name is NULL");
  const std::size_t length = std::strlen(name);
  if (length == 0 || length > os::max_name_length) {
    return fail(Status::invalid_argument, "name has {} characters, expected 1 to {}", length, os::max_name_length);
  }
  if (name[0] == '.') return fail(Status::invalid_argument, "name is \"{}\", expected no dot at its beginning", name);
  for (const char *c = name; *c != '\0'; ++c) {
    const bool good = (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '.' ||
                      *c == '_' || *c == '-';
    if (!good) {
      return fail(Status::invalid_argument, "name is \"{}\", expected letters, digits, '.', '_' and '-' only", name);
    }
  }
  return Status::ok;
}

Status read_geometry(const os::Object &object, Geometry &geometry) noexcept {
  if (object.bytes == 0) return fail(Status::not_initialized, "there is no ring yet: the memory is empty");
  if (object.bytes < sizeof(Header)) {
    return fail(Status::corrupt, "this is no ring: it has {} bytes only", object.bytes);
  }
  if (const Status status = os::read(object, 0, &geometry, sizeof geometry); status != Status::ok) return status;
  return validate_geometry(geometry, object.bytes);
}

Status allocate(SegmentPointer &segment) noexcept {
  if (const Status status = arrive(); status != Status::ok) return status;
  segment.reset(new (std::nothrow) Segment);
  if (segment == nullptr) return fail(Status::no_memory, "no memory for a handle of {} bytes", sizeof(Segment));
  return register_segment(*segment);
}

void attach(Segment &segment, std::byte *begin) noexcept {
  const Geometry &g = segment.geometry;
  HotState &v = segment.hot;
  v.header = reinterpret_cast<Header *>(begin);
  v.table = reinterpret_cast<ReaderTable *>(begin + g.table_offset);
  v.slots = reinterpret_cast<ReaderSlot *>(begin + g.table_offset + sizeof(ReaderTable));
  v.data = begin + g.data_offset;
  v.capacity = g.capacity;
  v.bytes = g.total_bytes;
  v.window = g.window;
  v.first_index = static_cast<std::int64_t>(g.first_index);
  v.sample_bytes = g.sample_bytes;
  v.messages = (g.flags & flag_messages) != 0;
  v.pop_bytes = v.messages ? UINT64_MAX : g.sample_bytes;
  v.latest_count = g.sample_bytes <= max_latest_bytes && !v.messages ? 1 : 0;
  v.most_window = v.messages ? 0 : g.capacity;
  v.max_readers = g.max_readers;
  v.channels = g.channels;
  v.item_size = g.item_size;
  v.data_type = static_cast<DataType>(g.data_type);
  v.lossless = (g.flags & flag_lossless) != 0;
  v.access = segment.access;
  v.fences = !os::accept_barriers();
  v.reused = segment.is_borrowed();
  segment.keep = (g.flags & flag_keep) != 0 || segment.is_borrowed();
}

namespace {

// Makes present what puts and looks use: not the metadata, and for a reader not the time track.
void populate(const Segment &segment, bool as_writer) noexcept {
  const os::Region &all = segment.region;
  const Geometry &g = segment.geometry;
  auto from = static_cast<std::size_t>(as_writer ? g.track_offset : g.data_offset);
  from -= from % os::page_bytes();
  os::populate({all.begin, static_cast<std::size_t>(g.metadata_offset), all.sparse}, as_writer);
  os::populate({all.begin + from, all.bytes - from, all.sparse}, as_writer);
}

}  // namespace

Status map(Segment &segment, bool as_writer) noexcept {
  const Geometry &g = segment.geometry;
  os::Region region;
  if (const Status status = os::map(segment.object, region); status != Status::ok) return status;
  note_region(segment, region);
  if (!as_writer && segment.object.writable) {
    if (g.page_bytes % os::page_bytes() != 0) {
      return fail(Status::unsupported, "the ring is made for pages of {} bytes, this system's have {}", g.page_bytes,
                  os::page_bytes());
    }
    Status status = os::protect(segment.region, 0, static_cast<std::size_t>(g.table_offset));
    if (status == Status::ok) {
      const auto from = static_cast<std::size_t>(g.metadata_offset);
      const std::size_t rest = segment.region.bytes - from;
      status = os::protect(segment.region, from, rest);
    }
    if (status != Status::ok) return status;
  }
  segment.may_announce = segment.object.writable;
  if (!segment.lazy) populate(segment, as_writer);
  attach(segment, segment.region.begin);
  return Status::ok;
}

void set_name(Segment &segment, const char *name) noexcept {
  if (name != nullptr) std::memcpy(segment.name, name, std::strlen(name) + 1);
}

Status check_memory(const void *raw, std::size_t bytes, std::uint64_t least) noexcept {
  if (raw == nullptr) return fail(Status::invalid_argument, "raw is NULL");
  if (reinterpret_cast<std::uintptr_t>(raw) % alignof(Header) != 0) {
    return fail(Status::invalid_argument, "raw is {}, expected a multiple of {}", raw, alignof(Header));
  }
  if (bytes < least) return fail(Status::invalid_argument, "bytes is {}, expected at least {}", bytes, least);
  return Status::ok;
}

Status adopt_raw(Segment &segment, void *raw, std::size_t bytes) noexcept {
  if (const Status status = check_memory(raw, bytes, sizeof(Header)); status != Status::ok) return status;
  const auto *header = static_cast<const Header *>(raw);
  copy_geometry_out(segment.geometry, *header, protocol::load_magic(*header));
  if (const Status status = validate_geometry(segment.geometry, bytes); status != Status::ok) return status;
  segment.raw = true;
  segment.region = {static_cast<std::byte *>(raw), static_cast<std::size_t>(segment.geometry.total_bytes)};
  attach(segment, segment.region.begin);
  return Status::ok;
}

namespace {

// Fills in what tells this ring from all others. Without random numbers, time and process do.
void make_unique(Geometry &geometry) noexcept {
  geometry.created_realtime_ns = os::realtime_ns();
  if (os::random_bytes(geometry.ring_id, sizeof geometry.ring_id)) return;
  const std::uint64_t instead[2] = {static_cast<std::uint64_t>(geometry.created_realtime_ns), os::process_token()};
  static_assert(sizeof instead == sizeof geometry.ring_id);
  std::memcpy(geometry.ring_id, instead, sizeof instead);
}

}  // namespace

void initialise(Segment &segment) noexcept {
  HotState &v = segment.hot;
  make_unique(segment.geometry);
  RINGBUF_FAILPOINT();
  copy_geometry_in(*v.header, segment.geometry);
  segment.hot.incarnation = static_cast<std::uint64_t>(os::monotonic_ns()) | 1;
  const std::uint64_t first = segment.geometry.first_index;
  segment.counters = {first, intent_at_start(first, v.capacity)};
  protocol::start(*v.header, time_track(segment), *v.table, v.slots, v.max_readers, segment.hot.incarnation,
                  segment.counters);
  if (v.messages) protocol::clear_starts(message_starts(segment));
}

void become_writer(Segment &segment) noexcept {
  segment.hot.incarnation = protocol::peek(segment.lines().incarnation);
  protocol::set_owner(segment.lines().owner, Liveness(segment).own_token());
  protocol::take_over(segment.lines(), segment.hot.fences);
}

Status finish_opening(SegmentPointer &segment, SegmentPointer &opened, Role role) noexcept {
  if (role == Role::reader) opened->hot.incarnation = protocol::peek(opened->lines().incarnation);
  opened->object.ring = opened->elsewhere.ring = opened->hot.incarnation;
  const Status status = open_for_use(*opened, role);
  if (status == Status::ok) segment = std::move(opened);
  return status;
}

void finish(Segment &segment, Ending ending) noexcept {
  stop_polling(segment);
  if (segment.role == Role::writer) {
    protocol::set_state(segment.lines(), State::closed);
    wake_readers(segment);
    if (segment.name[0] != '\0' && !segment.keep) (void)os::unlink_own(segment.object, segment.name);
    // Another thread may still be in the middle of a put. Where no lock that the kernel releases at the end of the
    // process tells that we live, the ring therefore stays ours until then.
    if (ending == Ending::close || !Liveness(segment).tokens) protocol::set_owner(segment.lines().owner, 0);
  } else {
    leave_slot(segment);
  }
}

// The locks are released last, when every process can see that the ring is closed. Their descriptors leave the registry
// before they are closed. To unmap the memory may take long, so it happens after the segment has left the registry.
template <>
void CloseSegment::operator()(Segment *segment) const noexcept {
  const os::Uncancelled uncancelled;
  if (segment->registered) {
    // In a child that shares the parent's memory, all of this belongs to the parent.
    if (arrive() != Status::ok) return;
    if (claim_segment(*segment)) finish(*segment, Ending::close);
    if (segment->role == Role::none && segment->claimed) protocol::set_owner(segment->lines().owner, 0);
    give_up_object(*segment);
    unregister_segment(*segment);
    if (!segment->is_raw()) os::unmap(segment->region);
  }
  delete segment;
}

}  // namespace ringbuf::detail
