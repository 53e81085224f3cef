#include "ringbuf/list.hpp"

#include <algorithm>

#include "error.hpp"
#include "segment.hpp"

namespace ringbuf {

namespace {

struct Visitor {
  bool (*visit)(const char *name, const Info &info, void *user);
  void *user;
  Status status;  // why not all rings could be looked at
};

// Reads the header until the anchor's version is the same after it: protocol::read_stable on a copy would see no change.
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

// Looks at a ring without mapping it, so that nothing others do to it can hurt us.
Status look_at(const os::Object &object, Info &info) noexcept {
  if (const Status status = detail::read_geometry(object, info.geometry); status != Status::ok) return status;
  Header header;
  if (const Status status = read_header(object, header); status != Status::ok) return status;
  info.written = protocol::peek(header.writer.written);
  info.oldest = oldest_index(protocol::peek(header.writer.intent), info.geometry.capacity);
  info.state = protocol::load_state(header.writer);
  if (info.state == State::live && !os::is_locked(object, os::writer_lock)) info.state = State::dead;
  info.generation = protocol::peek(header.writer.generation);
  info.has_anchor = protocol::load_anchor(header.anchor, info.anchor);
  info.writer_pid = info.state == State::live ? os::process_number_of(protocol::peek(header.writer.owner)) : 0;
  info.readers = 0;
  ReaderPlace places[16];
  std::uint64_t offset = info.geometry.table_offset + sizeof(ReaderTable);
  for (std::uint32_t done = 0; done < info.geometry.max_readers;) {
    const std::uint32_t count = std::min<std::uint32_t>(16, info.geometry.max_readers - done);
    const std::size_t bytes = count * sizeof(ReaderPlace);
    if (const Status status = os::read(object, offset, static_cast<void *>(places), bytes); status != Status::ok) {
      return status;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      if (protocol::is_active(places[i]) && os::is_locked(object, os::reader_lock(done + i))) ++info.readers;
    }
    offset += bytes;
    done += count;
  }
  return Status::ok;
}

// What is no ring (any more), or not ours to read, is left out. Anything else, say that there are no descriptors left, is
// why a ring could not be looked at.
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

}  // namespace

Status list(bool (*visit)(const char *name, const Info &info, void *user), void *user) noexcept {
  if (visit == nullptr) return fail(Status::invalid_argument, "visit is NULL");
  Visitor visitor{visit, user, Status::ok};
  const Status status = os::enumerate(visit_name, &visitor);
  return status != Status::ok ? status : visitor.status;
}

Status unlink(const char *name) noexcept {
  if (const Status status = detail::check_name(name); status != Status::ok) return status;
  return os::unlink(name);
}

}  // namespace ringbuf
