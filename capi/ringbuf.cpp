// The C interface. Each function calls the C++ core.
#include "ringbuf.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "one_thread.hpp"
#include "ringbuf/ringbuf.hpp"
#include "structs.hpp"

using ringbuf::Info;
using ringbuf::OpenOptions;
using ringbuf::Reader;
using ringbuf::Ring;
using ringbuf::Status;
using ringbuf::Writer;
using ringbuf::capi::refuse_null;

// A handle is a writer or a reader. ring() is the part that both have.
struct ringbuf_handle {
  explicit ringbuf_handle(Writer &&writer) noexcept : writer_(std::move(writer)), writes_(true) {}
  explicit ringbuf_handle(Reader &&reader) noexcept : reader_(std::move(reader)), writes_(false) {}
  ~ringbuf_handle() {
    if (writes_) {
      writer_.~Writer();
    } else {
      reader_.~Reader();
    }
  }
  ringbuf_handle(const ringbuf_handle &) = delete;
  ringbuf_handle &operator=(const ringbuf_handle &) = delete;

  // Both have the same address, so that compilers make no decision of it.
  Ring &ring() noexcept { return writes_ ? static_cast<Ring &>(writer_) : reader_; }
  const Ring &ring() const noexcept { return const_cast<ringbuf_handle *>(this)->ring(); }
  template <class Side>
  Side &side() noexcept {
    if constexpr (std::is_same_v<Side, Writer>) {
      return writer_;
    } else {
      return reader_;
    }
  }
  Writer *writer() noexcept { return writes_ ? &writer_ : nullptr; }
  Reader *reader() noexcept { return writes_ ? nullptr : &reader_; }

  [[no_unique_address]] mutable ringbuf::capi::Owner owner{};
  bool is_forked() const noexcept {
    auto &self = *const_cast<ringbuf_handle *>(this);
    std::int64_t position = 0;
    std::uint64_t count = 0;
    return (writes_ ? self.writer_.space(count) : self.reader_.tell(position)) == Status::forked;
  }

 private:
  union {
    Writer writer_;
    Reader reader_;
  };
  const bool writes_;
};
using InCall = ringbuf::capi::InCall<ringbuf_handle>;

namespace {

#define X(code, name, enumerator, message) static_assert(RINGBUF_##name == (code));
RINGBUF_STATUSES(X)
#undef X
#define X(code, name, enumerator, size) static_assert(RINGBUF_##name == (code));
RINGBUF_DATA_TYPES(X)
#undef X

int code(Status status) noexcept { return static_cast<int>(status); }

int no_handle() noexcept { return code(refuse_null(Status::not_initialized, "ring")); }

// Not inline: arguments on the stack would make the caller keep one.
[[gnu::cold, gnu::noinline]] int wrong_role(Status status, const char *function) noexcept {
  return code(ringbuf::detail::note(status, ringbuf::detail::Detail::wrong_role, function));
}

// Calls f on the writer, or on the reader, of a handle. Refuses a handle of the other role.
template <class F>
int with_writer(ringbuf_t *ring, const char *function, F &&f) noexcept {
  if (ring == nullptr) return no_handle();
  const InCall call(ring, function);
  if (Writer *writer = ring->writer()) return code(f(*writer));
  return wrong_role(Status::write_forbidden, function);
}

template <class F>
int with_reader(ringbuf_t *ring, const char *function, F &&f) noexcept {
  if (ring == nullptr) return no_handle();
  const InCall call(ring, function);
  if (Reader *reader = ring->reader()) return code(f(*reader));
  return wrong_role(Status::read_forbidden, function);
}

// ringbuf_next, where the window is not known to be there. A function of its own, so that other windows save no registers.
[[gnu::noinline]] Status next_anything(Reader &reader, std::uint64_t window, std::uint64_t step,
                                       std::int64_t timeout_ns, const void **samples, std::int64_t *start) noexcept {
  const std::byte *begin = nullptr;
  std::int64_t first = 0;
  const Status status = reader.next(window, step, timeout_ns, begin, first);
  if (status == Status::ok) {
    *samples = begin;
    *start = first;
  }
  return status;
}

// Opens a writer or a reader with open(side) and makes a handle of it. This is the only guard against exceptions.
template <class Side, class Open>
int make_handle(ringbuf_t **ring, Open &&open) noexcept {
  if (ring == nullptr) return code(refuse_null(Status::invalid_argument, "ring"));
  try {
    auto *handle = new ringbuf_handle(Side());
    const Status status = open(handle->template side<Side>());
    if (status != Status::ok) {
      delete handle;
      return code(status);
    }
    *ring = handle;
    return RINGBUF_OK;
  } catch (const std::bad_alloc &) {
    return code(ringbuf::capi::refuse(Status::no_memory, "no memory for a handle"));
  } catch (...) {
    return code(ringbuf::capi::refuse(Status::system, "an unknown exception"));
  }
}

}  // namespace

extern "C" {

// --- Making, opening, closing ---------------------------------------------------------------------------------------

int ringbuf_options_init(ringbuf_options_t *options, size_t struct_size) {
  return code(ringbuf::capi::init_options(options, struct_size));
}

int ringbuf_size(const ringbuf_options_t *options, size_t *bytes) {
  ringbuf::Options o;
  if (const Status status = ringbuf::capi::take_options(options, o); status != Status::ok) return code(status);
  if (bytes == nullptr) return code(refuse_null(Status::invalid_argument, "bytes"));
  return code(Writer::size(o, *bytes));
}

int ringbuf_create(ringbuf_t **ring, const char *name, const ringbuf_options_t *options) {
  ringbuf::Options o;
  if (const Status status = ringbuf::capi::take_options(options, o); status != Status::ok) return code(status);
  return make_handle<Writer>(ring, [&](Writer &writer) { return Writer::create(writer, name, o); });
}

int ringbuf_open(ringbuf_t **ring, const char *name, uint32_t flags) {
  OpenOptions o;
  if (const Status status = ringbuf::capi::take_flags(flags, 0, o); status != Status::ok) return code(status);
  return make_handle<Reader>(ring, [&](Reader &reader) { return Reader::open(reader, name, o); });
}

int ringbuf_open_wait(ringbuf_t **ring, const char *name, uint32_t flags, int64_t timeout_ns) {
  OpenOptions o;
  if (const Status status = ringbuf::capi::take_flags(flags, 0, o); status != Status::ok) return code(status);
  return make_handle<Reader>(ring, [&](Reader &reader) { return Reader::open_wait(reader, name, o, timeout_ns); });
}

int ringbuf_reopen(ringbuf_t *ring, uint32_t flags, int64_t timeout_ns) {
  if (ring == nullptr) return no_handle();
  const InCall call(ring, __func__);
  Reader *reader = ring->reader();
  if (reader == nullptr) return code(ringbuf::capi::refuse(Status::unsupported, "ring is a writer, expected a reader"));
  OpenOptions o;
  const Status status = ringbuf::capi::take_flags(flags, RINGBUF_ANY_SHAPE, o);
  return code(status == Status::ok ? reader->reopen(o, timeout_ns) : status);
}

int ringbuf_resume(ringbuf_t **ring, const char *name) {
  return make_handle<Writer>(ring, [&](Writer &writer) { return Writer::resume(writer, name); });
}

int ringbuf_create_or_resume(ringbuf_t **ring, const char *name, const ringbuf_options_t *options) {
  ringbuf::Options o;
  if (const Status status = ringbuf::capi::take_options(options, o); status != Status::ok) return code(status);
  return make_handle<Writer>(ring, [&](Writer &writer) { return Writer::create_or_resume(writer, name, o); });
}

int ringbuf_create_raw(ringbuf_t **ring, void *raw, size_t bytes, const ringbuf_options_t *options) {
  ringbuf::Options o;
  if (const Status status = ringbuf::capi::take_options(options, o); status != Status::ok) return code(status);
  return make_handle<Writer>(ring, [&](Writer &writer) { return Writer::create_raw(writer, raw, bytes, o); });
}

int ringbuf_open_raw(ringbuf_t **ring, void *raw, size_t bytes, uint32_t flags) {
  OpenOptions o;
  if (const Status status = ringbuf::capi::take_flags(flags, RINGBUF_AS_WRITER, o); status != Status::ok)
    return code(status);
  if ((flags & RINGBUF_AS_WRITER) != 0) {
    return make_handle<Writer>(ring, [&](Writer &writer) { return Writer::resume_raw(writer, raw, bytes); });
  }
  return make_handle<Reader>(ring, [&](Reader &reader) { return Reader::open_raw(reader, raw, bytes, o); });
}

int ringbuf_raw(const ringbuf_t *ring, void **raw, size_t *bytes) {
  if (ring == nullptr) return no_handle();
  const InCall call(ring, __func__);
  if (raw == nullptr) return code(refuse_null(Status::invalid_argument, "raw"));
  if (bytes == nullptr) return code(refuse_null(Status::invalid_argument, "bytes"));
  return code(ring->ring().raw(*raw, *bytes));
}

int ringbuf_fd(const ringbuf_t *ring, intptr_t *fd) {
  if (ring == nullptr) return no_handle();
  const InCall call(ring, __func__);
  if (fd == nullptr) return code(refuse_null(Status::invalid_argument, "fd"));
  return code(ring->ring().share(*fd));
}

int ringbuf_open_fd(ringbuf_t **ring, intptr_t fd, uint32_t flags) {
  OpenOptions o;
  if (const Status status = ringbuf::capi::take_flags(flags, RINGBUF_AS_WRITER, o); status != Status::ok)
    return code(status);
  if ((flags & RINGBUF_AS_WRITER) != 0) {
    return make_handle<Writer>(ring, [&](Writer &writer) { return Writer::resume_fd(writer, fd); });
  }
  return make_handle<Reader>(ring, [&](Reader &reader) { return Reader::open_fd(reader, fd, o); });
}

int ringbuf_close(ringbuf_t *ring) {
  if (ring == nullptr) return RINGBUF_OK;
  InCall call(ring, __func__);
  call.gone();
  delete ring;
  return RINGBUF_OK;
}

int ringbuf_unlink(const char *name) { return code(ringbuf::unlink(name)); }

// --- Writing --------------------------------------------------------------------------------------------------------

int ringbuf_put(ringbuf_t *ring, const void *samples, uint64_t count) {
  return with_writer(ring, "ringbuf_put", [&](Writer &writer) { return writer.put(samples, count); });
}

int ringbuf_push(ringbuf_t *ring, const void *item) {
  return with_writer(ring, "ringbuf_push", [&](Writer &writer) { return writer.put(item, 1); });
}

int ringbuf_reserve(ringbuf_t *ring, uint64_t count, void **samples) {
  return with_writer(ring, "ringbuf_reserve", [&](Writer &writer) {
    if (samples == nullptr) return refuse_null(Status::invalid_argument, "samples");
    std::byte *begin = nullptr;
    const Status status = writer.reserve(count, begin);
    if (status == Status::ok) *samples = begin;
    return status;
  });
}

int ringbuf_commit(ringbuf_t *ring, uint64_t count) {
  return with_writer(ring, "ringbuf_commit", [&](Writer &writer) { return writer.commit(count); });
}

int ringbuf_skip(ringbuf_t *ring, uint64_t count) {
  return with_writer(ring, "ringbuf_skip", [&](Writer &writer) { return writer.skip(count); });
}

int ringbuf_space(ringbuf_t *ring, uint64_t *count) {
  return with_writer(ring, "ringbuf_space", [&](Writer &writer) {
    return count != nullptr ? writer.space(*count) : refuse_null(Status::invalid_argument, "count");
  });
}

int ringbuf_wait_space(ringbuf_t *ring, uint64_t count, int64_t timeout_ns) {
  return with_writer(ring, "ringbuf_wait_space", [&](Writer &writer) { return writer.wait_space(count, timeout_ns); });
}

int ringbuf_wait_readers(ringbuf_t *ring, uint32_t count, int64_t timeout_ns) {
  return with_writer(ring, "ringbuf_wait_readers",
                     [&](Writer &writer) { return writer.wait_readers(count, timeout_ns); });
}

int ringbuf_stamp(ringbuf_t *ring, int64_t index, int64_t monotonic_ns, int64_t realtime_ns) {
  return with_writer(ring, "ringbuf_stamp",
                     [&](Writer &writer) { return writer.stamp(index, monotonic_ns, realtime_ns); });
}

int ringbuf_set_metadata(ringbuf_t *ring, const void *bytes, size_t size) {
  return with_writer(ring, "ringbuf_set_metadata", [&](Writer &writer) { return writer.set_metadata(bytes, size); });
}

// --- Reading by index -----------------------------------------------------------------------------------------------

int ringbuf_check(ringbuf_t *ring, int64_t start, int64_t end) {
  if (ring == nullptr) return no_handle();
  const InCall call(ring, __func__);
  return code(ring->ring().check(start, end));
}

int ringbuf_view(ringbuf_t *ring, int64_t start, int64_t end, const void **samples) {
  if (ring == nullptr) return no_handle();
  const InCall call(ring, __func__);
  if (samples == nullptr) return code(refuse_null(Status::invalid_argument, "samples"));
  const Ring::Found found = ring->ring().view(start, end);
  if (found.status == Status::ok) [[likely]]
    *samples = found.samples;
  return code(found.status);
}

int ringbuf_read(ringbuf_t *ring, int64_t start, int64_t end, void *samples) {
  if (ring == nullptr) return no_handle();
  const InCall call(ring, __func__);
  if (samples == nullptr) return code(refuse_null(Status::invalid_argument, "samples"));
  return code(ring->ring().read(start, end, samples));
}

int ringbuf_wait(ringbuf_t *ring, int64_t end, int64_t timeout_ns) {
  if (ring == nullptr) return no_handle();
  const InCall call(ring, __func__);
  return code(ring->ring().wait(end, timeout_ns));
}

int ringbuf_wait_any(ringbuf_t *const *rings, const int64_t *ends, size_t count, int64_t timeout_ns, size_t *which) {
  const auto at = [](const void *each, std::size_t i) {
    ringbuf_t *ring = static_cast<ringbuf_t *const *>(each)[i];
    return ring != nullptr ? &ring->ring() : nullptr;
  };
  const Ring::Several several{at, rings, ends, count};
  if (which == nullptr) return code(refuse_null(Status::invalid_argument, "which"));
  if (const Status status = several.check(); status != Status::ok) return code(status);
  const ringbuf::capi::InCalls<ringbuf_handle, Ring::Several::most> calls(rings, count, __func__);
  return code(Ring::wait_any(several, timeout_ns, *which));
}

// No InCall: another thread may be in a call of this handle.
int ringbuf_interrupt(ringbuf_t *ring) { return ring != nullptr ? code(ring->ring().interrupt()) : no_handle(); }

int ringbuf_metadata(ringbuf_t *ring, void *bytes, size_t room, size_t *size) {
  if (ring == nullptr) return no_handle();
  const InCall call(ring, __func__);
  if (size == nullptr) return code(refuse_null(Status::invalid_argument, "size"));
  return code(ring->ring().metadata(bytes, room, *size));
}

int ringbuf_gaps(ringbuf_t *ring, int (*visit)(int64_t start, int64_t end, void *user), void *user) {
  return ring != nullptr ? code(ring->ring().gaps(visit, user)) : no_handle();
}

int ringbuf_time_at(ringbuf_t *ring, int64_t index, int64_t *monotonic_ns, int64_t *realtime_ns) {
  if (ring == nullptr) return no_handle();
  const InCall call(ring, __func__);
  if (monotonic_ns == nullptr && realtime_ns == nullptr) {
    return code(refuse_null(Status::invalid_argument, "monotonic_ns"));
  }
  ringbuf::protocol::Time time{};
  const Status status = ring->ring().time_at(index, time);
  if (status == Status::ok && monotonic_ns != nullptr) *monotonic_ns = time.monotonic_ns;
  if (status == Status::ok && realtime_ns != nullptr) *realtime_ns = time.realtime_ns;
  return code(status);
}

int ringbuf_index_at(ringbuf_t *ring, uint32_t clock, int64_t time_ns, int64_t *index) {
  if (ring == nullptr) return no_handle();
  const InCall call(ring, __func__);
  if (index == nullptr) return code(refuse_null(Status::invalid_argument, "index"));
  ringbuf::Clock which{};
  if (const Status status = ringbuf::capi::take_clock(clock, which); status != Status::ok) return code(status);
  return code(ring->ring().index_at(which, time_ns, *index));
}

int ringbuf_info(ringbuf_t *ring, ringbuf_info_t *info) {
  if (ring == nullptr) return no_handle();
  const InCall call(ring, __func__);
  if (const Status status = ringbuf::capi::check_info(info); status != Status::ok) return code(status);
  Info i{};
  if (const Status status = ring->ring().info(i); status != Status::ok) return code(status);
  ringbuf::capi::Asker asker{static_cast<std::int64_t>(i.written), 0, 0};
  if (const Reader *reader = ring->reader()) asker = {reader->tell(), reader->overruns(), reader->lost()};
  ringbuf::capi::give_info(i, asker, info);
  return RINGBUF_OK;
}

int ringbuf_readers(ringbuf_t *ring, int (*visit)(const ringbuf_reader_info_t *reader, void *user), void *user) {
  if (ring == nullptr) return no_handle();
  if (visit == nullptr) return code(refuse_null(Status::invalid_argument, "visit"));
  struct Visitor {
    int (*visit)(const ringbuf_reader_info_t *, void *);
    void *user;
  } visitor{visit, user};
  const auto each = [](const ringbuf::ReaderInfo &reader, void *v) {
    ringbuf_reader_info_t info{};
    info.struct_size = sizeof info;
    info.process_id = reader.process_id;
    info.position = static_cast<std::int64_t>(reader.position);
    info.lag = reader.lag;
    info.lost = reader.lost;
    info.overruns = reader.overruns;
    info.holds_back = reader.holds_back ? 1 : 0;
    const Visitor &to = *static_cast<Visitor *>(v);
    return to.visit(&info, to.user) == 0;
  };
  return code(ring->ring().readers(each, &visitor));
}

// --- Consuming from a position --------------------------------------------------------------------------------------

int ringbuf_next(ringbuf_t *ring, uint64_t window, uint64_t step, int64_t timeout_ns, const void **samples,
                 int64_t *start) {
  return with_reader(ring, "ringbuf_next", [&](Reader &reader) {
    if (samples == nullptr) return refuse_null(Status::invalid_argument, "samples");
    if (start == nullptr) return refuse_null(Status::invalid_argument, "start");
    if (reader.next_known(window, step, *samples, *start)) [[likely]]
      return Status::ok;
    return next_anything(reader, window, step, timeout_ns, samples, start);
  });
}

int ringbuf_next_copy(ringbuf_t *ring, uint64_t window, uint64_t step, int64_t timeout_ns, void *samples,
                      int64_t *start) {
  return with_reader(ring, "ringbuf_next_copy", [&](Reader &reader) {
    if (samples == nullptr) return refuse_null(Status::invalid_argument, "samples");
    if (start == nullptr) return refuse_null(Status::invalid_argument, "start");
    return reader.next_copy(window, step, timeout_ns, samples, *start);
  });
}

int ringbuf_pop(ringbuf_t *ring, void *item) {
  return with_reader(ring, "ringbuf_pop", [&](Reader &reader) { return reader.pop(item); });
}

int ringbuf_pop_many(ringbuf_t *ring, void *items, uint64_t max, uint64_t *count) {
  if (count != nullptr) *count = 0;
  return with_reader(ring, "ringbuf_pop_many", [&](Reader &reader) {
    return count != nullptr ? reader.pop_many(items, max, *count) : refuse_null(Status::invalid_argument, "count");
  });
}

int ringbuf_usage(ringbuf_t *ring, uint64_t *count) {
  return with_reader(ring, "ringbuf_usage", [&](Reader &reader) {
    return count != nullptr ? reader.usage(*count) : refuse_null(Status::invalid_argument, "count");
  });
}

int ringbuf_tell(ringbuf_t *ring, int64_t *position) {
  return with_reader(ring, "ringbuf_tell", [&](Reader &reader) {
    return position != nullptr ? reader.tell(*position) : refuse_null(Status::invalid_argument, "position");
  });
}

int ringbuf_seek(ringbuf_t *ring, int64_t position) {
  return with_reader(ring, "ringbuf_seek", [&](Reader &reader) { return reader.seek(position); });
}

int ringbuf_send(ringbuf_t *ring, const void *bytes, size_t size) {
  return with_writer(ring, "ringbuf_send", [&](Writer &writer) { return writer.send(bytes, size); });
}

int ringbuf_send_event(ringbuf_t *ring, uint32_t kind, int64_t tag, const void *bytes, size_t size) {
  return with_writer(ring, "ringbuf_send_event",
                     [&](Writer &writer) { return writer.send_event(kind, tag, bytes, size); });
}

int ringbuf_receive(ringbuf_t *ring, int64_t timeout_ns, const void **bytes, size_t *size, int64_t *start) {
  return with_reader(ring, "ringbuf_receive", [&](Reader &reader) {
    if (bytes == nullptr) return refuse_null(Status::invalid_argument, "bytes");
    if (size == nullptr) return refuse_null(Status::invalid_argument, "size");
    if (start == nullptr) return refuse_null(Status::invalid_argument, "start");
    const std::byte *begin = nullptr;
    std::size_t length = 0;
    std::int64_t first = 0;
    const Status status = reader.receive(timeout_ns, begin, length, first);
    if (status == Status::ok) {
      *bytes = begin;
      *size = length;
      *start = first;
    }
    return status;
  });
}

int ringbuf_message(ringbuf_t *ring, int64_t start, ringbuf_message_t *message) {
  if (ring == nullptr) return no_handle();
  const InCall call(ring, __func__);
  if (const Status status = ringbuf::capi::check_message(message); status != Status::ok) return code(status);
  ringbuf::Message m{};
  const Status status = ring->ring().message(start, m);
  if (status == Status::ok) ringbuf::capi::give_message(m, message);
  return code(status);
}

int ringbuf_poll_fd(ringbuf_t *ring, intptr_t *fd) {
  if (ring == nullptr) return no_handle();
  const InCall call(ring, __func__);
  Reader *reader = ring->reader();
  if (reader == nullptr) return code(ringbuf::capi::refuse(Status::unsupported, "ring is a writer, expected a reader"));
  return code(fd != nullptr ? reader->poll_fd(*fd) : refuse_null(Status::invalid_argument, "fd"));
}

int ringbuf_poll_arm(ringbuf_t *ring, int64_t end) {
  if (ring == nullptr) return no_handle();
  const InCall call(ring, __func__);
  Reader *reader = ring->reader();
  if (reader == nullptr) return code(ringbuf::capi::refuse(Status::unsupported, "ring is a writer, expected a reader"));
  return code(reader->poll_arm(end));
}

// --- Rings of the machine, errors, types ----------------------------------------------------------------------------

int ringbuf_list(int (*visit)(const char *name, const ringbuf_info_t *info, void *user), void *user) {
  if (visit == nullptr) return code(refuse_null(Status::invalid_argument, "visit"));
  struct Visitor {
    int (*visit)(const char *, const ringbuf_info_t *, void *);
    void *user;
  } visitor{visit, user};
  const auto each = [](const char *name, const Info &i, void *v) {
    ringbuf_info_t info{};
    info.struct_size = sizeof info;
    ringbuf::capi::give_info(i, {static_cast<std::int64_t>(i.written), 0, 0}, &info);
    const Visitor &to = *static_cast<Visitor *>(v);
    return to.visit(name, &info, to.user) == 0;
  };
  return code(ringbuf::list(each, &visitor));
}

const char *ringbuf_strerror(int status) { return ringbuf::status_message(status); }
const char *ringbuf_error_name(int status) { return ringbuf::status_name(status); }
const char *ringbuf_last_error(void) { return ringbuf::last_error(); }

int ringbuf_type_code(const char *name, uint32_t *type_code) {
  if (name == nullptr) return code(refuse_null(Status::invalid_argument, "name"));
  if (type_code == nullptr) return code(refuse_null(Status::invalid_argument, "code"));
  ringbuf::DataType type{};
  if (!ringbuf::data_type_from_name(name, type)) {
    return code(ringbuf::capi::refuse_type_name(name));
  }
  *type_code = static_cast<std::uint32_t>(type);
  return RINGBUF_OK;
}

const char *ringbuf_type_name(uint32_t type_code) { return ringbuf::data_type_name(type_code); }
size_t ringbuf_type_size(uint32_t type_code) { return ringbuf::data_type_size(type_code); }

#define RINGBUF_STRING2(x) #x
#define RINGBUF_STRING(x) RINGBUF_STRING2(x)
const char *ringbuf_version(void) {
  return RINGBUF_STRING(RINGBUF_VERSION_MAJOR) "." RINGBUF_STRING(RINGBUF_VERSION_MINOR) "." RINGBUF_STRING(
      RINGBUF_VERSION_PATCH);
}

}  // extern "C"
