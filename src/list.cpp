#include "ringbuf/list.hpp"

#include <algorithm>

#include "error.hpp"
#include "liveness.hpp"
#include "observe.hpp"

namespace ringbuf {

namespace {

struct Visitor {
  bool (*visit)(const char *name, const Info &info, void *user);
  void *user;
  Status status;  // the reason why not all rings could be examined
};

// Reads the header until the anchor's version is the same after the read. protocol::seqlock_read on a copy would see no
// change.
Status read_header(const os::Object &object, Header &header) noexcept {
  Status status = Status::ok;
  std::uint64_t version = 0;
  for (int attempt = 0; attempt < 10 && status == Status::ok; ++attempt) {
    status = os::read(object, 0, static_cast<void *>(&header), sizeof header);
    if (status != Status::ok) break;
    status = os::read(object, offsetof(Header, anchor), &version, sizeof version);
    if (version == protocol::peek(header.anchor.version)) break;
  }
  return status;
}

// Examines a ring without mapping it, so that nothing other processes do to it can harm this one.
Status look_at(const os::Object &object, Info &info) noexcept {
  if (const Status status = detail::read_geometry(object, info.geometry); status != Status::ok) return status;
  Header header;
  if (const Status status = read_header(object, header); status != Status::ok) return status;
  detail::observe_counters(info, header);
  const detail::Liveness liveness(object, info.geometry, false);
  const std::uint64_t owner = protocol::peek(header.writer.owner);
  Status status = Status::ok;
  info.state = detail::observe_state(
      [&] {
        std::uint32_t state = 0;
        status = os::read(object, offsetof(Header, writer) + offsetof(WriterLines, state), &state, sizeof state);
        return static_cast<State>(state);
      },
      [&] { return liveness.alive(owner, os::writer_lock); });
  if (status != Status::ok) return status;
  info.writer_pid = info.state == State::live ? liveness.process_number(owner) : 0;
  info.readers = 0;
  ReaderSlot slots[16];
  std::uint64_t offset = info.geometry.table_offset + sizeof(ReaderTable);
  for (std::uint32_t done = 0; done < info.geometry.max_readers;) {
    const std::uint32_t count = std::min<std::uint32_t>(16, info.geometry.max_readers - done);
    const std::size_t bytes = count * sizeof(ReaderSlot);
    status = os::read(object, offset, static_cast<void *>(slots), bytes);
    if (status != Status::ok) return status;
    detail::observe_readers(info, slots, done, count, [&](std::uint32_t slot) {
      return liveness.alive(protocol::peek(slots[slot - done].owner), os::reader_lock(slot));
    });
    offset += bytes;
    done += count;
  }
  return Status::ok;
}

// A file is left out if it is no ring (any more) or if this process may not read it. Any other failure, such as a lack
// of descriptors, is the reason why a ring could not be examined.
bool may_be_left_out(Status status) noexcept {
  return status == Status::not_found || status == Status::permission || status == Status::corrupt ||
         status == Status::not_initialized || status == Status::version_mismatch;
}

bool visit_name(const char *name, void *user) {
  Visitor &visitor = *static_cast<Visitor *>(user);
  if (detail::check_name(name) != Status::ok) return true;
  os::Object object;
  Info info{};
  Status status = os::open(object, name);
  if (status == Status::ok) status = look_at(object, info);
  os::close(object);
  if (status == Status::ok) return visitor.visit(name, info, visitor.user);
  if (may_be_left_out(status)) return true;
  visitor.status = status;
  return false;
}

// Any file that begins as a ring does may be removed, even if the ring is not sound or has another layout version.
Status check_is_ring(const os::Object &object, const char *name) noexcept {
  std::uint64_t magic = 0;
  if (object.bytes == 0) {
    return fail(Status::not_initialized, "name is \"{}\": an empty file, which is no ring (yet)", name);
  }
  if (object.bytes >= sizeof magic) {
    if (const Status s = os::read(object, 0, &magic, sizeof magic); s != Status::ok && s != Status::corrupt) return s;
  }
  if (magic == layout_magic) return Status::ok;
  return fail(Status::corrupt, "name is \"{}\": a file that is no ring, and not ours to remove", name);
}

}  // namespace

Status list(bool (*visit)(const char *name, const Info &info, void *user), void *user) noexcept {
  if (visit == nullptr) return fail(Status::invalid_argument, "visit is NULL");
  const os::Uncancelled uncancelled;
  Visitor visitor{visit, user, Status::ok};
  const Status status = os::enumerate(visit_name, &visitor);
  return status != Status::ok ? status : visitor.status;
}

Status unlink(const char *name) noexcept {
  const os::Uncancelled uncancelled;
  if (const Status status = detail::check_name(name); status != Status::ok) return status;
  os::Object object;
  Status status = os::open(object, name);
  if (status == Status::ok) status = check_is_ring(object, name);
  if (status == Status::ok) status = os::unlink_own(object, name);
  os::close(object);
  return status;
}

}  // namespace ringbuf
