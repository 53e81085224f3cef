#include "ringbuf/detail/layout.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>

#include "error.hpp"
#include "ringbuf/detail/index.hpp"
#include "ringbuf/detail/record.hpp"

namespace ringbuf {

namespace {

// No system maps more. The bound keeps sums of section sizes far from overflow.
constexpr std::uint64_t max_total_bytes = std::uint64_t{1} << 60;
// The largest pages that a system has.
constexpr std::uint64_t max_data_alignment = std::uint64_t{1} << 30;

// a * b, but at most max_total_bytes.
constexpr std::uint64_t capped_product(std::uint64_t a, std::uint64_t b) noexcept {
  return b != 0 && a > max_total_bytes / b ? max_total_bytes : a * b;
}

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t multiple) noexcept {
  return (value + multiple - 1) / multiple * multiple;
}

constexpr std::uint32_t or_default(std::uint32_t value, std::uint32_t otherwise) noexcept {
  return value != 0 ? value : otherwise;
}

Status choose_item_size(const Options &options, std::uint32_t &item_size) noexcept {
  const auto code = static_cast<std::uint32_t>(options.data_type);
  if (data_type_name(code) == nullptr) {
    return fail(Status::invalid_argument, "data_type is {}, expected 0 to 12, or 255 (bytes)", code);
  }
  if (options.data_type == DataType::bytes) {
    item_size = or_default(options.item_size, 1);
    return Status::ok;
  }
  item_size = static_cast<std::uint32_t>(data_type_size(code));
  if (options.item_size != 0 && options.item_size != item_size) {
    return fail(Status::invalid_argument, "item_size is {}, expected 0 or {} for data type {}", options.item_size,
                item_size, data_type_name(code));
  }
  return Status::ok;
}

// Enough for the windows in which a signal is usually read, and never so much that it slows puts down, which write
// these samples twice. Queues of opaque items are consumed one by one and need no pocket.
constexpr std::uint64_t default_window(const Options &options, std::uint64_t sample_bytes) noexcept {
  if (options.data_type == DataType::bytes || sample_bytes == 0) return 1;
  constexpr std::uint64_t pocket_bytes = 65536;
  return std::max<std::uint64_t>(1, std::min(options.capacity / 8, pocket_bytes / sample_bytes));
}

// Fills in what a ring of messages leaves open. Refuses what it cannot have.
Status choose_for_messages(Options &options) noexcept {
  const auto code = static_cast<std::uint32_t>(options.data_type);
  if (options.data_type != DataType{} && options.data_type != DataType::bytes) {
    const char *name = data_type_name(code);
    return fail(Status::invalid_argument, "data_type is {}, expected bytes, or 0, for a ring of messages",
                name != nullptr ? name : "unknown");
  }
  options.data_type = DataType::bytes;
  const auto one = [](const char *field, std::uint32_t value) {
    return value <= 1 ? Status::ok
                      : fail(Status::invalid_argument, "{} is {}, expected 1 for a ring of messages", field, value);
  };
  if (const Status status = one("channels", options.channels); status != Status::ok) return status;
  if (const Status status = one("item_size", options.item_size); status != Status::ok) return status;
  if (options.capacity % record_alignment != 0 || options.capacity < shortest_pocket) {
    return fail(Status::invalid_argument,
                "capacity is {}, expected a multiple of {}, at least {}, for a ring of messages", options.capacity,
                record_alignment, shortest_pocket);
  }
  if (options.first_index % static_cast<std::int64_t>(record_alignment) != 0) {
    return fail(Status::invalid_argument, "first_index is {}, expected a multiple of {} for a ring of messages",
                options.first_index, record_alignment);
  }
  const std::uint64_t most = longest_message(std::min(options.capacity, longest_pocket));
  if (options.window > most) {
    return fail(
        Status::invalid_argument,
        "window is {}, the longest message: expected at most {}, the capacity less {} bytes, and less than 2^32",
        options.window, most, sizeof(RecordHeader));
  }
  const std::uint64_t usual =
      std::clamp(options.capacity / 8 / record_alignment * record_alignment, shortest_pocket, longest_pocket);
  options.window = options.window != 0 ? record_bytes(options.window) : usual;
  return Status::ok;
}

Status unknown(const char *what, std::uint64_t value) noexcept {
  return fail(Status::version_mismatch, "the ring is of a later version: {} is {:#x}, which this one does not know",
              what, value);
}

// Fails unless this library understands everything that matters in a ring: later ones may have more.
Status check_understood(const Geometry &g) noexcept {
  if ((g.flags & ~(flag_lossless | flag_keep | flag_messages)) != 0) return unknown("flags", g.flags);
  if (data_type_name(g.data_type) == nullptr) return unknown("data_type", g.data_type);
  if (g.must_understand != 0) return unknown("must_understand", g.must_understand);
  if (g.liveness > liveness_tokens) return unknown("liveness", g.liveness);
  if (g.clock != clock_monotonic) return unknown("clock", g.clock);
  const auto *odd = std::find_if(std::begin(g.reserved), std::end(g.reserved), [](auto byte) { return byte != 0; });
  return odd == std::end(g.reserved) ? Status::ok : unknown("a reserved byte", *odd);
}

}  // namespace

Status make_geometry(const Options &given, std::uint32_t page_bytes, Geometry &geometry,
                     std::uint64_t data_alignment) noexcept {
  Options options = given;
  if (options.messages) {
    if (const Status status = choose_for_messages(options); status != Status::ok) return status;
  }
  std::uint32_t item_size = 0;
  if (const Status status = choose_item_size(options, item_size); status != Status::ok) return status;
  if (options.capacity == 0) return fail(Status::invalid_argument, "capacity is 0, expected at least 1 sample");
  const std::uint64_t sample_bytes = capped_product(or_default(options.channels, 1), item_size);
  const std::uint64_t window = options.window != 0 ? options.window : default_window(options, sample_bytes);
  if (window > options.capacity) {
    return fail(Status::invalid_argument, "window is {}, expected at most the capacity of {}", window,
                options.capacity);
  }
  if (options.max_readers > max_reader_slots) {
    return fail(Status::invalid_argument, "max_readers is {}, expected at most {}", options.max_readers,
                max_reader_slots);
  }
  if (options.mode > 0777) return fail(Status::invalid_argument, "mode is {:#o}, expected at most 0777", options.mode);
  if (!std::isfinite(options.sample_rate) || options.sample_rate < 0) {
    return fail(Status::invalid_argument, "sample_rate is {}, expected a finite number of Hz, or 0",
                options.sample_rate);
  }
  const std::uint64_t most = last_index - std::min(options.capacity, last_index);
  if (options.first_index < 0 || static_cast<std::uint64_t>(options.first_index) > most) {
    return fail(Status::invalid_argument, "first_index is {}, expected 0 to {}, 2^63 - 1 less the capacity",
                options.first_index, most);
  }

  Geometry g{};
  g.magic = layout_magic;
  g.version = layout_version;
  g.header_bytes = page_bytes;
  g.data_type = static_cast<std::uint32_t>(options.data_type);
  g.channels = or_default(options.channels, 1);
  g.item_size = item_size;
  g.flags =
      (options.lossless ? flag_lossless : 0) | (options.keep ? flag_keep : 0) | (options.messages ? flag_messages : 0);
  g.capacity = options.capacity;
  g.window = window;
  g.max_readers = or_default(options.max_readers, 16);
  g.metadata_bytes = or_default(options.metadata_bytes, 4096);
  g.page_bytes = page_bytes;
  g.mode = or_default(options.mode, 0600);
  g.sample_rate = options.sample_rate;
  g.first_index = static_cast<std::uint64_t>(options.first_index);

  g.sample_bytes = sample_bytes;
  g.buf_size_bytes = capped_product(g.capacity, g.sample_bytes);
  g.pocket_size_bytes = capped_product(g.window, g.sample_bytes);
  if (g.buf_size_bytes + g.pocket_size_bytes >= max_total_bytes) {
    return fail(Status::invalid_argument,
                "capacity is {}, window {}, channels {}, item_size {}: expected a ring of less than 2^60 bytes",
                g.capacity, g.window, g.channels, g.item_size);
  }
  g.table_offset = page_bytes;
  g.metadata_offset =
      round_up(g.table_offset + sizeof(ReaderTable) + std::uint64_t{g.max_readers} * sizeof(ReaderSlot), page_bytes);
  g.track_offset = g.metadata_offset + 2 * metadata_copy_stride(g);
  g.data_alignment = std::max<std::uint64_t>(data_alignment, page_bytes);
  g.data_offset = round_up(g.track_offset + sizeof(TimeTrack), g.data_alignment);
  g.pocket_offset = g.data_offset + g.buf_size_bytes;
  g.total_bytes = round_up(g.pocket_offset + g.pocket_size_bytes, page_bytes);
  if (g.total_bytes > SIZE_MAX / 2) {
    return fail(Status::invalid_argument, "the ring would take {} bytes, expected at most {} on this machine",
                g.total_bytes, SIZE_MAX / 2);
  }
  geometry = g;
  return Status::ok;
}

Status validate_geometry(const Geometry &geometry, std::uint64_t bytes) noexcept {
  const Geometry &g = geometry;
  if (g.magic == 0) return fail(Status::not_initialized, "there is no ring yet: the first 8 bytes are zero");
  if (g.magic == making_magic) return fail(Status::not_initialized, "there is no ring yet: it is being made");
  if (g.magic != layout_magic) {
    return fail(Status::corrupt, "this is no ring: it begins with {:#018x}, expected {:#018x}", g.magic, layout_magic);
  }
  if (g.version != layout_version) {
    return fail(Status::version_mismatch, "the ring has layout version {}, expected {}", g.version, layout_version);
  }
  if (const Status status = check_understood(g); status != Status::ok) return status;
  if (g.page_bytes < 4096 || g.page_bytes > 65536 || !std::has_single_bit(g.page_bytes)) {
    return fail(Status::corrupt, "the ring says that its pages have {} bytes", g.page_bytes);
  }
  if (g.data_alignment < g.page_bytes || g.data_alignment > max_data_alignment ||
      !std::has_single_bit(g.data_alignment)) {
    return fail(Status::corrupt, "the ring says that its data are aligned to {} bytes", g.data_alignment);
  }

  Options options;
  options.data_type = static_cast<DataType>(g.data_type);
  options.channels = g.channels;
  options.item_size = g.item_size;
  options.capacity = g.capacity;
  options.window = g.window;
  options.lossless = (g.flags & flag_lossless) != 0;
  options.keep = (g.flags & flag_keep) != 0;
  options.messages = (g.flags & flag_messages) != 0;
  if (options.messages) options.window = g.window > sizeof(RecordHeader) ? longest_message(g.window) : g.capacity;
  options.max_readers = g.max_readers;
  options.mode = g.mode;
  options.metadata_bytes = g.metadata_bytes;
  options.sample_rate = g.sample_rate;
  options.first_index = static_cast<std::int64_t>(g.first_index);
  Geometry expected{};
  if (make_geometry(options, g.page_bytes, expected, g.data_alignment) != Status::ok) return Status::corrupt;
  expected.domain = g.domain;
  expected.liveness = g.liveness;
  expected.created_realtime_ns = g.created_realtime_ns;
  expected.writer_must_understand = g.writer_must_understand;
  std::copy(std::begin(g.ring_id), std::end(g.ring_id), expected.ring_id);
  std::copy(std::begin(g.ignored), std::end(g.ignored), expected.ignored);
  // A stored zero for which make_geometry takes a default differs here, too.
  if (!same_bytes(g, expected)) {
    return fail(Status::corrupt, "the ring's offsets and sizes contradict one another");
  }
  if (g.total_bytes > bytes) {
    return fail(Status::corrupt, "the ring says that it has {} bytes, but there are {}", g.total_bytes, bytes);
  }
  return Status::ok;
}

Status validate_for_writer(const Geometry &geometry) noexcept {
  if (geometry.writer_must_understand == 0) return Status::ok;
  return unknown("writer_must_understand", geometry.writer_must_understand);
}

Status same_shape(const Geometry &there, const Geometry &wanted) noexcept {
  const auto differs = [](const char *field, const auto &is, const auto &asked) {
    return fail(Status::incompatible, "{} is {} in the ring that is there, asked for was {}", field, is, asked);
  };
  if (there.data_type != wanted.data_type) {
    return differs("data_type", data_type_name(there.data_type), data_type_name(wanted.data_type));
  }
  if (there.channels != wanted.channels) return differs("channels", there.channels, wanted.channels);
  if (there.item_size != wanted.item_size) return differs("item_size", there.item_size, wanted.item_size);
  if (there.capacity != wanted.capacity) return differs("capacity", there.capacity, wanted.capacity);
  if (there.window != wanted.window) return differs("window", there.window, wanted.window);
  const auto same_flag = [&](const char *name, std::uint32_t flag) {
    const std::uint32_t is = there.flags & flag;
    const std::uint32_t asked = wanted.flags & flag;
    return is == asked ? Status::ok : differs(name, is, asked);
  };
  if (const Status s = same_flag("RINGBUF_MESSAGES of flags", flag_messages); s != Status::ok) return s;
  return same_flag("RINGBUF_LOSSLESS of flags", flag_lossless);
}

}  // namespace ringbuf
