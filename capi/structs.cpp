#include "structs.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "error.hpp"

namespace ringbuf::capi {

namespace {

// The sizes of the first version of each struct. No caller has a smaller one.
constexpr std::size_t first_options_size = 64;
constexpr std::size_t first_info_size = 216;
constexpr std::size_t first_message_size = 40;
static_assert(offsetof(ringbuf_options_t, first_index) + sizeof(std::int64_t) == first_options_size);
static_assert(offsetof(ringbuf_info_t, ring_id) + sizeof(ringbuf_info_t::ring_id) == first_info_size);
static_assert(sizeof(ringbuf_message_t) == first_message_size);

constexpr std::size_t absurd_struct_size = 65536;

Status check_struct_size(const char *name, std::size_t size, std::size_t first) noexcept {
  if (size >= first && size <= absurd_struct_size) return Status::ok;
  return fail(Status::invalid_argument, "{} is {}, expected at least {}", name, size, first);
}

// A caller with a later version of the struct gets zeros in the fields that this version does not know.
template <class Struct>
void give(Struct &mine, Struct *to) noexcept {
  const std::size_t size = mine.struct_size = to->struct_size;
  std::memset(to, 0, size);
  std::memcpy(to, &mine, std::min(sizeof mine, size));
}

}  // namespace

Status init_options(ringbuf_options_t *options, std::size_t struct_size) noexcept {
  if (options == nullptr) return refuse_null(Status::invalid_argument, "options");
  if (const Status s = check_struct_size("struct_size", struct_size, first_options_size); s != Status::ok) return s;
  ringbuf_options_t defaults{};
  defaults.struct_size = static_cast<std::uint32_t>(struct_size);
  defaults.data_type = RINGBUF_FLOAT32;
  defaults.channels = 1;
  defaults.max_readers = 16;
  defaults.mode = 0600;
  defaults.metadata_bytes = 4096;
  std::memset(options, 0, struct_size);
  std::memcpy(options, &defaults, std::min(sizeof defaults, struct_size));
  return Status::ok;
}

Status take_options(const ringbuf_options_t *options, Options &taken) noexcept {
  if (options == nullptr) return refuse_null(Status::invalid_argument, "options");
  const std::size_t size = options->struct_size;
  if (const Status s = check_struct_size("options.struct_size", size, first_options_size); s != Status::ok) return s;
  const auto *bytes = reinterpret_cast<const unsigned char *>(options);
  for (std::size_t i = sizeof *options; i < size; ++i) {
    if (bytes[i] == 0) continue;
    return fail(Status::invalid_argument,
                "options.struct_size is {}: byte {} is {}, expected 0 beyond the {} bytes known", size, i, bytes[i],
                sizeof *options);
  }
  ringbuf_options_t o{};
  std::memcpy(&o, options, std::min(sizeof o, size));
  if ((o.flags & ~std::uint32_t{RINGBUF_LOSSLESS | RINGBUF_KEEP | RINGBUF_MESSAGES}) != 0) {
    return fail(Status::invalid_argument,
                "options.flags is {:#x}, expected RINGBUF_LOSSLESS, RINGBUF_KEEP and RINGBUF_MESSAGES only", o.flags);
  }
  taken.data_type = static_cast<DataType>(o.data_type);
  taken.channels = o.channels;
  taken.item_size = o.item_size;
  taken.capacity = o.capacity;
  taken.window = o.window;
  taken.lossless = (o.flags & RINGBUF_LOSSLESS) != 0;
  taken.keep = (o.flags & RINGBUF_KEEP) != 0;
  taken.messages = (o.flags & RINGBUF_MESSAGES) != 0;
  taken.max_readers = o.max_readers;
  taken.mode = o.mode;
  taken.metadata_bytes = o.metadata_bytes;
  taken.sample_rate = o.sample_rate;
  taken.first_index = o.first_index;
  return Status::ok;
}

Status take_flags(std::uint32_t flags, std::uint32_t also, OpenOptions &taken) noexcept {
  constexpr std::uint32_t rules = RINGBUF_RESYNC_NEWEST | RINGBUF_RESYNC_LAP | RINGBUF_RESYNC_OLDEST;
  constexpr std::uint32_t everywhere =
      RINGBUF_FROM_NEWEST | RINGBUF_OBSERVER | rules | RINGBUF_AS_WRITER | RINGBUF_LAZY;
  const std::uint32_t known = everywhere | also;
  if ((flags & ~known) != 0)
    return fail(Status::invalid_argument, "flags is {:#x}, expected no more than {:#x}", flags, known);
  const bool as_writer = (flags & RINGBUF_AS_WRITER) != 0;
  if (as_writer && (also & RINGBUF_AS_WRITER) == 0) {
    return fail(Status::invalid_argument, "flags has RINGBUF_AS_WRITER: ringbuf_resume opens a name for writing");
  }
  if (as_writer && flags != RINGBUF_AS_WRITER) {
    return fail(Status::invalid_argument, "flags is {:#x}, expected RINGBUF_AS_WRITER alone: the others are a reader's",
                flags);
  }
  taken.from_newest = (flags & RINGBUF_FROM_NEWEST) != 0;
  taken.lazy = (flags & RINGBUF_LAZY) != 0;
  taken.observer = (flags & RINGBUF_OBSERVER) != 0;
  taken.any_shape = (flags & RINGBUF_ANY_SHAPE) != 0;
  switch (flags & rules) {
    case RINGBUF_RESYNC_NEWEST:
      taken.resync = Resync::newest;
      break;
    case RINGBUF_RESYNC_LAP:
      taken.resync = Resync::lap;
      break;
    case RINGBUF_RESYNC_OLDEST:
      taken.resync = Resync::oldest;
      break;
    default:
      taken.resync = Resync::middle;
  }
  return Status::ok;
}

Status take_clock(std::uint32_t clock, Clock &taken) noexcept {
  if (clock > RINGBUF_CLOCK_REALTIME) {
    return fail(Status::invalid_argument, "clock is {}, expected 0 (monotonic) or 1 (realtime)", clock);
  }
  taken = clock == RINGBUF_CLOCK_REALTIME ? Clock::realtime : Clock::monotonic;
  return Status::ok;
}

Status check_info(const ringbuf_info_t *info) noexcept {
  if (info == nullptr) return refuse_null(Status::invalid_argument, "info");
  return check_struct_size("info.struct_size", info->struct_size, first_info_size);
}

void give_info(const Info &info, const Asker &asker, ringbuf_info_t *to) noexcept {
  const Geometry &g = info.geometry;
  ringbuf_info_t i{};
  i.data_type = g.data_type;
  i.channels = g.channels;
  i.item_size = g.item_size;
  i.sample_bytes = g.sample_bytes;
  i.capacity = g.capacity;
  i.window = g.window;
  i.buf_size_bytes = g.buf_size_bytes;
  i.pocket_size_bytes = g.pocket_size_bytes;
  i.written = static_cast<std::int64_t>(info.written);
  i.oldest = static_cast<std::int64_t>(info.oldest);
  i.write_ptr = static_cast<std::int64_t>(info.written % g.capacity);
  i.flags = g.flags;
  i.state = static_cast<std::uint32_t>(info.state);
  i.readers = info.readers;
  i.max_readers = g.max_readers;
  i.sample_rate = g.sample_rate;
  i.position = asker.position;
  i.overruns = asker.overruns;
  i.lost = asker.lost;
  i.anchor_index = info.has_anchor ? static_cast<std::int64_t>(info.anchor.index) : -1;
  i.anchor_monotonic_ns = info.has_anchor ? info.anchor.monotonic_ns : 0;
  i.anchor_realtime_ns = info.has_anchor ? info.anchor.realtime_ns : 0;
  i.generation = info.generation;
  i.total_bytes = g.total_bytes;
  i.writer_pid = info.writer_pid;
  i.data_offset = g.data_offset;
  i.first_index = static_cast<std::int64_t>(g.first_index);
  i.created_realtime_ns = g.created_realtime_ns;
  std::copy(std::begin(g.ring_id), std::end(g.ring_id), i.ring_id);
  give(i, to);
}

Status check_message(const ringbuf_message_t *message) noexcept {
  if (message == nullptr) return refuse_null(Status::invalid_argument, "message");
  return check_struct_size("message.struct_size", message->struct_size, first_message_size);
}

void give_message(const Message &message, ringbuf_message_t *to) noexcept {
  ringbuf_message_t m{};
  m.kind = message.kind;
  m.size = message.size;
  m.start = message.start;
  m.tag = message.tag;
  m.monotonic_ns = message.monotonic_ns;
  give(m, to);
}

Status refuse_null(Status status, const char *argument) noexcept {
  return detail::note(status, detail::Detail::null_argument, argument);
}

Status refuse(Status status, const char *text) noexcept { return fail(status, "{}", text); }

Status refuse_type_name(const char *name) noexcept {
  return fail(Status::incompatible,
              "name is \"{}\", expected one of float32, int16, float64, int8, uint8, uint16, "
              "int32, uint32, int64, uint64, float16, complex64, complex128, bytes",
              name);
}

}  // namespace ringbuf::capi
