// Opening, making, taking over and closing.
#include "segment.hpp"

#include <chrono>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

#include "error.hpp"
#include "failpoint.hpp"

namespace ringbuf::detail {

namespace {

// How often a race with others over one name is run again before we give up.
constexpr int max_attempts = 100;

// An Object that closes itself.
struct OwnedObject : os::Object {
  OwnedObject() = default;
  OwnedObject(const OwnedObject &) = delete;
  OwnedObject &operator=(const OwnedObject &) = delete;
  ~OwnedObject() { os::close(*this); }
};

// A segment that is being opened.
Status allocate(SegmentPointer &segment) noexcept {
  if (const Status status = arrive(); status != Status::ok) return status;
  segment.reset(new (std::nothrow) Segment);
  if (segment == nullptr) return fail(Status::no_memory, "no memory for a handle of {} bytes", sizeof(Segment));
  return register_segment(*segment);
}

// Opens an object with open(object) and gives it to a segment that is being opened.
template <class Open>
Status open_object(Segment &segment, Open &&open) noexcept {
  const std::uint64_t forks = forks_begun();
  OwnedObject object;
  if (const Status status = open(object); status != Status::ok) return status;
  return note_object(segment, object, forks);
}

// Fills in the view of the memory at `begin`, whose geometry has been validated.
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
  v.sample_bytes = g.sample_bytes;
  v.max_readers = g.max_readers;
  v.channels = g.channels;
  v.item_size = g.item_size;
  v.data_type = static_cast<DataType>(g.data_type);
  v.lossless = (g.flags & flag_lossless) != 0;
  v.access = segment.access;
  v.fences = !os::accept_barriers();
  v.reused = segment.has_tokens();
  // The name of memory that is somebody else's is not ours to remove.
  segment.keep = (g.flags & flag_keep) != 0 || segment.has_tokens();
}

// Maps the object of a segment whose geometry has been validated.
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
  if (!segment.lazy) os::populate(segment.region, as_writer);
  attach(segment, segment.region.begin);
  return Status::ok;
}

void set_name(Segment &segment, const char *name) noexcept {
  if (name != nullptr) std::memcpy(segment.name, name, std::strlen(name) + 1);
}

// A new ring; everything but the magic.
void initialise(Segment &segment) noexcept {
  HotState &v = segment.hot;
  RINGBUF_FAILPOINT();
  copy_geometry_in(*v.header, segment.geometry);
  segment.hot.incarnation = static_cast<std::uint64_t>(os::monotonic_ns()) | 1;
  protocol::start(*v.header, *v.table, v.slots, v.max_readers, segment.hot.incarnation);
}

void become_writer(Segment &segment) noexcept {
  segment.hot.incarnation = protocol::peek(segment.lines().incarnation);
  protocol::set_owner(segment.lines().owner, own_token(segment.geometry.domain));
  protocol::take_over(segment.lines(), segment.hot.fences);
}

// After a crash in the middle of a put of more than the capacity; see I1 in protocol.hpp.
Status repair_counters(Segment &segment) noexcept {
  const protocol::Counters c = protocol::own_counters(segment.lines());
  if (c.intent < c.written || c.intent > last_index || c.written > last_index - segment.hot.capacity) {
    return fail(Status::corrupt, "the ring's counters contradict one another: written {}, intent {}", c.written,
                c.intent);
  }
  if (c.intent - c.written > segment.hot.capacity) {
    protocol::publish(segment.lines(), c.intent - segment.hot.capacity);
  }
  return Status::ok;
}

// Takes the writer's lock of a ring that may have a writer. busy: it has one that lives; permission: this user may not. Who may
// only read the ring can hold a lock in our way: blocked, if he does so for 100 ms.
enum class Claim { ours, live, blocked, failed };
Claim claim_writer(const os::Object &object, Status &status) noexcept {
  constexpr int tries = 20;
  constexpr auto pause = std::chrono::milliseconds(5);
  for (int i = 0; i < tries; ++i) {
    if (i != 0) std::this_thread::sleep_for(pause);
    status = os::try_lock(object, os::writer_lock);
    if (status == Status::ok) return Claim::ours;
    if (status != Status::busy && status != Status::permission) return Claim::failed;
    if (os::is_locked(object, os::writer_lock)) return Claim::live;
    if (status == Status::permission) return Claim::failed;
  }
  status = fail(Status::busy,
                "the ring has no writer, but for 100 ms another process has kept us from becoming it with a lock");
  return Claim::blocked;
}

// Opens what stands under a name that a new ring is to get, and takes its writer's lock: ok. not_found: the name is free.
// stale: it changed hands meanwhile, look again. Anything else is the caller's answer. What it finds may be anybody's, who may
// change it at any time: it is looked at through the descriptor, never through a mapping.
Status claim_dead(Segment &dead, const char *name) noexcept {
  const auto exists = [&](const char *what) { return fail(Status::exists, "name is \"{}\": {} has it", name, what); };
  const auto open = [&](os::Object &object) { return os::open(object, name); };
  if (const Status status = open_object(dead, open); status != Status::ok) {
    return status == Status::corrupt ? exists("something that is no ring") : status;
  }
  const os::Object &old = dead.object;
  switch (const Status status = read_geometry(old, dead.geometry)) {
    case Status::ok:
      break;
    case Status::version_mismatch:
      return exists("a ring of another layout version");
    case Status::corrupt:
    case Status::not_initialized:
      return exists("a file that is no ring");
    default:
      return status;
  }
  if (dead.geometry.liveness == liveness_tokens) return exists("memory of another program, with a ring in it,");
  if (const Status status = os::check_replaceable(old, name); status != Status::ok) {
    return os::is_locked(old, os::writer_lock) ? exists("a ring whose writer lives") : status;
  }
  Status status = Status::ok;
  switch (claim_writer(old, status)) {
    case Claim::ours:
      break;
    case Claim::live:
      return exists("a ring whose writer lives");
    case Claim::blocked:
      return status;
    case Claim::failed:
      if (status != Status::permission) return status;
      return fail(Status::permission, "name is \"{}\": a dead ring that this user may not write has it", name);
  }
  switch (os::naming(old, name)) {
    case os::Naming::ours:
      return Status::ok;
    case os::Naming::unknown:
      return Status::system;
    default:
      return Status::stale;
  }
}

// Tells the readers of a ring, whose writer's lock we hold, that another one has its name. Who sleeps has looked, and seen that
// the writer is gone, within 50 ms of its end.
void supersede(const os::Object &old) noexcept {
  const auto state = static_cast<std::uint32_t>(State::superseded);
  (void)os::write(old, offsetof(Header, writer) + offsetof(WriterLines, state), &state, sizeof state);
}

// The memory of a new ring, complete and locked by us as its writer, but without its name.
Status make_memory(Segment &segment, const char *name) noexcept {
  const Geometry &g = segment.geometry;
  const auto create = [&](os::Object &object) { return os::create(object, name, g.total_bytes, g.mode); };
  if (const Status status = open_object(segment, create); status != Status::ok) return status;
  if (const Status status = os::try_lock(segment.object, os::writer_lock); status != Status::ok) return status;
  if (const Status status = map(segment, true); status != Status::ok) return status;
  initialise(segment);
  become_writer(segment);
  protocol::publish_magic(*segment.hot.header, layout_magic);
  return Status::ok;
}

Status finish_opening(SegmentPointer &segment, SegmentPointer &opened, Role role) noexcept {
  if (role == Role::reader) opened->hot.incarnation = protocol::peek(opened->lines().incarnation);
  opened->object.ring = opened->elsewhere.ring = opened->hot.incarnation;
  const Status status = open_for_use(*opened, role);
  if (status == Status::ok) segment = std::move(opened);
  return status;
}

// Becomes the one who writes a ring whose owners count: by one exchange, of an owner who does not live for us. The ring may be
// another one by then than it was before.
bool claim_by_token(const Segment &segment) noexcept {
  Atomic64 &owner = segment.lines().owner;
  const std::uint64_t seen = protocol::load_owner(owner);
  const std::uint64_t domain = segment.geometry.domain;
  return !owner_alive(seen, domain) && protocol::take_ownership(owner, seen, own_token(domain));
}

// Validates and maps an object that was just opened, for its writer-to-be, who must be the only one, or for a reader.
Status adopt_object(Segment &segment, bool as_writer) noexcept {
  if (const Status status = read_geometry(segment.object, segment.geometry); status != Status::ok) return status;
  // What lies behind the ring in its file is none of ours.
  segment.object.bytes = segment.geometry.total_bytes;
  const bool tokens = segment.has_tokens();
  const auto lives = [] { return fail(Status::busy, "the ring has a writer that lives"); };
  if (as_writer) {
    if (!segment.object.writable) return fail(Status::permission, "this user may not write the ring");
    Status status = os::check_lasting(segment.object);
    const bool lasts = status == Status::ok;
    if (!tokens) {
      const Claim claim = lasts ? claim_writer(segment.object, status) : Claim::failed;
      if (claim == Claim::live || (!lasts && os::is_locked(segment.object, os::writer_lock))) return lives();
      if (claim != Claim::ours) return status;
    }
    if (!lasts) return status;
    status = os::fill_holes(segment.object);
    if (status != Status::ok) return status;
  }
  if (const Status status = map(segment, as_writer); status != Status::ok) return status;
  if (tokens && as_writer) {
    if (!claim_by_token(segment)) return lives();
    Geometry now{};
    Status status = read_geometry(segment.object, now);
    if (status == Status::ok && std::memcmp(&now, &segment.geometry, sizeof now) != 0) {
      status = fail(Status::busy, "another ring has just been made in the memory of this one");
    }
    if (status != Status::ok) {
      protocol::set_owner(segment.lines().owner, 0);
      return status;
    }
  }
  if (const Status s = os::lock_shared(segment.object, os::mapped_lock); s != Status::ok) return s;
  // Without write permission we cannot say that we wait; the writer looks for this lock now and then instead.
  if (!segment.may_announce) return os::lock_shared(segment.object, os::read_only_waiter_lock);
  return Status::ok;
}

Status take_over(SegmentPointer &segment, SegmentPointer &opened) noexcept {
  if (const Status status = repair_counters(*opened); status != Status::ok) return status;
  become_writer(*opened);
  return finish_opening(segment, opened, Role::writer);
}

// Validates the ring in the caller's memory.
Status adopt_raw(Segment &segment, void *raw, std::size_t bytes) noexcept {
  if (raw == nullptr) return fail(Status::invalid_argument, "raw is NULL");
  if (reinterpret_cast<std::uintptr_t>(raw) % alignof(Header) != 0) {
    return fail(Status::invalid_argument, "raw is {}, expected a multiple of {}", raw, alignof(Header));
  }
  if (bytes < sizeof(Header)) {
    return fail(Status::invalid_argument, "bytes is {}, expected at least {}", bytes, sizeof(Header));
  }
  const auto *header = static_cast<const Header *>(raw);
  copy_geometry_out(segment.geometry, *header, protocol::load_magic(*header));
  if (const Status status = validate_geometry(segment.geometry, bytes); status != Status::ok) return status;
  segment.raw = true;
  segment.region = {static_cast<std::byte *>(raw), static_cast<std::size_t>(segment.geometry.total_bytes)};
  attach(segment, segment.region.begin);
  return Status::ok;
}

// Becomes the one who makes a ring in memory of the caller's, of all who try at once: by one exchange of the owner. Where there is
// a ring, or one is being made, the owner must not live. Where there is none the owner may be anything; one exchange of the
// magic then says that from now on it counts. Who dies in between is found dead by the next. What is exchanged was loaded before
// the memory was judged, so that a ring that is made meanwhile makes the exchange fail.
Status claim_memory(Segment &segment, void *raw, std::size_t bytes) noexcept {
  const auto refuse = [] {
    return fail(Status::exists, "a ring whose writer lives is in this memory, or is being made there");
  };
  auto &header = *static_cast<Header *>(raw);
  const std::uint64_t seen = protocol::load_owner(header.writer.owner);
  const std::uint64_t magic = protocol::load_magic(header);
  const bool is_ring = adopt_raw(segment, raw, bytes) == Status::ok;
  const std::uint64_t here = os::process_domain();
  if (magic == making_magic || (is_ring && magic == layout_magic)) {
    if (owner_alive(seen, is_ring ? segment.geometry.domain : here)) return refuse();
  } else if (!protocol::begin_making(header, magic)) {
    return refuse();
  }
  return protocol::take_ownership(header.writer.owner, seen, own_token(here)) ? Status::ok : refuse();
}

}  // namespace

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

Status create_segment(SegmentPointer &segment, const char *name, const Options &options) noexcept {
  const os::Uncancelled uncancelled;
  if (name != nullptr) {
    if (const Status status = check_name(name); status != Status::ok) return status;
  }
  SegmentPointer made;
  if (const Status status = allocate(made); status != Status::ok) return status;
  if (const Status s = make_geometry(options, os::page_bytes(), made->geometry); s != Status::ok) return s;
  made->geometry.domain = os::process_domain();

  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    SegmentPointer dead;
    Status claimed = Status::not_found;
    if (name != nullptr) {
      if (const Status status = allocate(dead); status != Status::ok) return status;
      claimed = claim_dead(*dead, name);
    }
    if (claimed == Status::stale) continue;
    if (claimed != Status::ok && claimed != Status::not_found) return claimed;

    if (!made->object.is_open()) {
      Status status = make_memory(*made, name);
      // The dead ring's memory is the room that its successor needs: only then is it given up before there is another one.
      const auto in_use = [&] { return os::is_shared(dead->object, os::mapped_lock); };
      if (status == Status::no_space && claimed == Status::ok && !in_use() &&
          os::room_without(dead->object, made->geometry.total_bytes)) {
        if (const Status removed = os::unlink_own(dead->object, name); removed != Status::ok) return removed;
        supersede(dead->object);
        claimed = Status::not_found;
        dead.reset();
        status = make_memory(*made, name);
      }
      if (status != Status::ok) return status;
    }
    // The new ring is complete: to give it the name is the last step, and the only one that changes anything.
    if (name != nullptr) {
      const Status named =
          claimed == Status::ok ? os::replace(made->object, dead->object, name) : os::publish(made->object, name);
      if (named == Status::exists || named == Status::stale) continue;
      if (named != Status::ok) return named;
      if (claimed == Status::ok) supersede(dead->object);
      set_name(*made, name);
    }
    return finish_opening(segment, made, Role::writer);
  }
  return fail(Status::exists, "name is \"{}\": others keep taking it", name);
}

Status create_segment_raw(SegmentPointer &segment, void *raw, std::size_t bytes, const Options &options) noexcept {
  const os::Uncancelled uncancelled;
  SegmentPointer made;
  if (const Status status = allocate(made); status != Status::ok) return status;
  Geometry wanted{};
  if (const Status s = make_geometry(options, os::page_bytes(), wanted); s != Status::ok) return s;
  wanted.domain = os::process_domain();
  wanted.liveness = liveness_tokens;
  if (raw != nullptr && bytes < wanted.total_bytes) {
    return fail(Status::invalid_argument, "bytes is {}, expected at least {}", bytes, wanted.total_bytes);
  }
  if (const Status s = adopt_raw(*made, raw, bytes); s == Status::invalid_argument) return s;
  if (const Status s = claim_memory(*made, raw, bytes); s != Status::ok) return s;
  made->geometry = wanted;
  made->raw = true;
  made->region = {static_cast<std::byte *>(raw), static_cast<std::size_t>(wanted.total_bytes)};
  attach(*made, made->region.begin);
  // Whoever opens it from now on finds no ring until it is whole; readers of the ring before see another incarnation.
  protocol::publish_magic(*made->hot.header, making_magic);
  initialise(*made);
  become_writer(*made);
  protocol::publish_magic(*made->hot.header, layout_magic);
  return finish_opening(segment, made, Role::writer);
}

Status resume_segment(SegmentPointer &segment, const char *name, const Geometry *wanted) noexcept {
  const os::Uncancelled uncancelled;
  if (const Status status = check_name(name); status != Status::ok) return status;
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    SegmentPointer opened;
    if (const Status status = allocate(opened); status != Status::ok) return status;
    const auto open = [&](os::Object &object) { return os::open(object, name); };
    if (const Status status = open_object(*opened, open); status != Status::ok) return status;
    if (const Status status = adopt_object(*opened, true); status != Status::ok) return status;
    // It may have been replaced between opening and locking; now that we have its lock, it cannot be.
    const os::Naming now = os::naming(opened->object, name);
    if (now == os::Naming::unknown) return Status::system;
    if (now != os::Naming::ours) continue;
    if (wanted != nullptr) {
      if (const Status status = same_shape(opened->geometry, *wanted); status != Status::ok) return status;
    }
    set_name(*opened, name);
    return take_over(segment, opened);
  }
  return fail(Status::busy, "name is \"{}\": others keep replacing it", name);
}

Status resume_segment_fd(SegmentPointer &segment, std::intptr_t handle) noexcept {
  const os::Uncancelled uncancelled;
  SegmentPointer opened;
  if (const Status status = allocate(opened); status != Status::ok) return status;
  const auto open = [&](os::Object &object) { return os::open_handle(object, handle); };
  if (const Status status = open_object(*opened, open); status != Status::ok) return status;
  if (const Status status = adopt_object(*opened, true); status != Status::ok) return status;
  return take_over(segment, opened);
}

Status resume_segment_raw(SegmentPointer &segment, void *raw, std::size_t bytes) noexcept {
  const os::Uncancelled uncancelled;
  SegmentPointer opened;
  if (const Status status = allocate(opened); status != Status::ok) return status;
  if (const Status status = adopt_raw(*opened, raw, bytes); status != Status::ok) return status;
  if (opened->geometry.liveness == liveness_locks) {
    return fail(Status::unsupported,
                "a lock tells who writes the ring: expected it to be opened by its name or descriptor");
  }
  if (!claim_by_token(*opened)) return fail(Status::busy, "the ring has a writer that lives");
  // Another may have made a ring there and left it, before the memory was ours.
  if (const Status status = adopt_raw(*opened, raw, bytes); status != Status::ok) {
    protocol::set_owner(opened->lines().owner, 0);
    return status;
  }
  return take_over(segment, opened);
}

Status open_segment(SegmentPointer &segment, const char *name, bool lazy) noexcept {
  const os::Uncancelled uncancelled;
  if (const Status status = check_name(name); status != Status::ok) return status;
  SegmentPointer opened;
  if (const Status status = allocate(opened); status != Status::ok) return status;
  opened->lazy = lazy;
  const auto open = [&](os::Object &object) { return os::open(object, name); };
  if (const Status status = open_object(*opened, open); status != Status::ok) return status;
  if (const Status status = adopt_object(*opened, false); status != Status::ok) return status;
  set_name(*opened, name);
  return finish_opening(segment, opened, Role::reader);
}

Status open_segment_fd(SegmentPointer &segment, std::intptr_t handle, bool lazy) noexcept {
  const os::Uncancelled uncancelled;
  SegmentPointer opened;
  if (const Status status = allocate(opened); status != Status::ok) return status;
  opened->lazy = lazy;
  const auto open = [&](os::Object &object) { return os::open_handle(object, handle); };
  if (const Status status = open_object(*opened, open); status != Status::ok) return status;
  if (const Status status = adopt_object(*opened, false); status != Status::ok) return status;
  return finish_opening(segment, opened, Role::reader);
}

Status open_segment_raw(SegmentPointer &segment, void *raw, std::size_t bytes, bool read_only) noexcept {
  const os::Uncancelled uncancelled;
  SegmentPointer opened;
  if (const Status status = allocate(opened); status != Status::ok) return status;
  if (const Status status = adopt_raw(*opened, raw, bytes); status != Status::ok) return status;
  opened->may_announce = !read_only;
  return finish_opening(segment, opened, Role::reader);
}

void finish(Segment &segment, Ending ending) noexcept {
  HotState &v = segment.hot;
  if (segment.role == Role::writer) {
    protocol::set_state(segment.lines(), State::closed);
    wake_readers(segment);
    if (segment.name[0] != '\0' && !segment.keep) (void)os::unlink_own(segment.object, segment.name);
    // Another thread may still be in the middle of a put: what has no lock that ends with the process stays ours until then.
    if (!segment.has_tokens() || ending == Ending::close) protocol::set_owner(segment.lines().owner, 0);
  } else if (segment.slot != no_slot && (!v.reused || protocol::same_incarnation(segment.lines(), v.incarnation))) {
    // In the caller's memory the slot may belong to another ring's reader by now.
    protocol::leave(v.slots[segment.slot]);
    if (protocol::must_wake_writer(segment.lines(), readers_waiting, v.fences)) wake_writer(segment);
  }
}

// The locks go last, when everybody can see that the ring is closed, and their descriptors leave the registry before
// they are closed; the mapping, which may take its time, is undone when nobody knows of it any more.
template <>
void CloseSegment::operator()(Segment *segment) const noexcept {
  const os::Uncancelled uncancelled;
  if (segment->registered) {
    // In a child that shares our memory all of this is the parent's.
    if (arrive() != Status::ok) return;
    if (claim_segment(*segment)) finish(*segment, Ending::close);
    give_up_object(*segment);
    unregister_segment(*segment);
    if (!segment->is_raw()) os::unmap(segment->region);
  }
  delete segment;
}

}  // namespace ringbuf::detail
