// Bytes as a program of calls: what the fuzzers and the scribbler do with a ring whose memory says anything at all. Every
// buffer has exactly the size that the call may fill, and every byte that a call grants is touched, so that the sanitizers
// see whatever lies outside. Which codes come does not matter.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>

#include "ringbuf.h"
#include "ringbuf/ringbuf.hpp"

namespace fuzz {

// Takes values off the bytes; zeroes when they are used up.
class Input {
 public:
  Input(const std::uint8_t* bytes, std::size_t size) : rest_(bytes, size) {}

  bool is_empty() const { return rest_.empty(); }

  template <class T>
  T take() {
    T value{};
    const std::size_t n = std::min(sizeof value, rest_.size());
    std::memcpy(static_cast<void*>(&value), rest_.data(), n);
    rest_ = rest_.subspan(n);
    return value;
  }
  std::uint8_t byte() { return take<std::uint8_t>(); }
  bool flag() { return (byte() & 1) != 0; }
  std::uint64_t below(std::uint64_t limit) { return take<std::uint16_t>() % limit; }

  // A number of the kind that tells good arithmetic from bad; `near` is one that the ring is about.
  std::uint64_t number(std::uint64_t near) {
    const std::uint8_t kind = byte();
    const auto small = static_cast<std::uint64_t>(std::int64_t{take<std::int8_t>()});
    switch (kind % 8) {
      case 0:
      case 1:
      case 2:
        return near + small;
      case 3:
        return small & 0x7f;
      case 4:
        return static_cast<std::uint64_t>(INT64_MAX) + small;
      case 5:
        return small;  // at both ends of what 64 bits hold
      case 6:
        return std::uint64_t{1} << (small & 63);
      default:
        return take<std::uint64_t>();
    }
  }
  std::int64_t index(std::uint64_t near) { return static_cast<std::int64_t>(number(near)); }

  std::span<const std::uint8_t> rest() const { return rest_; }

 private:
  std::span<const std::uint8_t> rest_;
};

// Reads all bytes; memcpy, since AddressSanitizer looks at the whole range before it runs.
inline void touch(const void* bytes, std::size_t size) {
  static std::array<std::byte, 4096> sink;
  const auto* at = static_cast<const std::byte*>(bytes);
  for (std::size_t done = 0; done < size; done += sink.size()) {
    std::memcpy(sink.data(), at + done, std::min(sink.size(), size - done));
  }
}

// Exactly `size` bytes on the heap.
class Buffer {
 public:
  explicit Buffer(std::size_t size) : bytes_(new std::byte[size]) { std::memset(bytes_.get(), 0x5a, size); }
  std::byte* get() const { return bytes_.get(); }

 private:
  std::unique_ptr<std::byte[]> bytes_;
};

class Handle {
 public:
  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { close(); }
  operator ringbuf_t*() const { return ring_; }
  ringbuf_t** out() {
    close();
    return &ring_;
  }
  void close() {
    (void)ringbuf_close(ring_);
    ring_ = nullptr;
  }

 private:
  ringbuf_t* ring_ = nullptr;
};

// A small ring of any kind.
inline ringbuf_options_t options(Input& input) {
  ringbuf_options_t o{};
  (void)ringbuf_options_init(&o, sizeof o);
  constexpr std::array<std::uint32_t, 6> types{RINGBUF_INT32,      RINGBUF_BYTES,   RINGBUF_FLOAT32,
                                               RINGBUF_COMPLEX128, RINGBUF_FLOAT16, RINGBUF_INT8};
  o.data_type = types[input.byte() % types.size()];
  if (o.data_type == RINGBUF_BYTES) o.item_size = 1 + input.byte() % 33U;
  o.channels = 1 + input.byte() % 5U;
  o.capacity = 1 + (input.flag() ? input.below(700) : input.below(16));
  o.window = 1 + input.below(o.capacity);
  o.flags = input.byte() & 7U;
  if ((o.flags & RINGBUF_MESSAGES) != 0) {
    o.data_type = RINGBUF_BYTES;
    o.item_size = o.channels = 1;
    o.capacity = 32 + o.capacity / 8 * 8;
    o.window = std::min(o.window, o.capacity - 24);
  }
  o.max_readers = 1 + (input.byte() % 16 == 0 ? 1023U : input.byte() % 5U);
  o.metadata_bytes = 1 + input.byte() % 130U;
  return o;
}

// What does not change while a handle is open.
struct Shape {
  explicit Shape(ringbuf_t* ring) {
    ringbuf_info_t info{};
    info.struct_size = sizeof info;
    if (ringbuf_info(ring, &info) != RINGBUF_OK) return;
    capacity = info.capacity;
    sample_bytes = static_cast<std::size_t>(info.sample_bytes);
    written = static_cast<std::uint64_t>(info.written);
    oldest = static_cast<std::uint64_t>(info.oldest);
    messages = (info.flags & RINGBUF_MESSAGES) != 0;
    longest = info.window - 24;
  }
  std::size_t bytes(std::uint64_t samples) const { return static_cast<std::size_t>(samples) * sample_bytes; }
  std::uint64_t capacity = 0;
  std::size_t sample_bytes = 0;
  bool messages = false;
  std::uint64_t longest = 0;              // message
  std::uint64_t written = 0, oldest = 0;  // these do
};

// One call that any handle takes.
inline void call_any(ringbuf_t* ring, Input& input) {
  const Shape shape(ring);
  const std::int64_t start = input.index(input.flag() ? shape.oldest : shape.written);
  const std::int64_t end = input.flag() ? static_cast<std::int64_t>(static_cast<std::uint64_t>(start) + input.byte())
                                        : input.index(shape.written);
  const std::uint64_t count = static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(start);
  const void* samples = nullptr;
  switch (input.byte() % 10) {
    case 0: {
      (void)ringbuf_check(ring, start, end);
      ringbuf_message_t message{};
      message.struct_size = sizeof message;
      if (shape.messages) (void)ringbuf_message(ring, start, &message);
      break;
    }
    case 1:
      if (ringbuf_view(ring, start, end, &samples) == RINGBUF_OK) touch(samples, shape.bytes(count));
      (void)ringbuf_check(ring, start, end);
      break;
    case 2: {
      const Buffer buffer(shape.bytes(std::min(count, shape.capacity)));
      (void)ringbuf_read(ring, start, end, buffer.get());
      break;
    }
    case 3: {
      (void)ringbuf_wait(ring, end, 0);
      std::int64_t time = 0;
      if (ringbuf_time_at(ring, start, &time, nullptr) != RINGBUF_OK) time = end;
      (void)ringbuf_index_at(ring, input.byte() % 3U, time, &time);
      break;
    }
    case 4:
      (void)ringbuf_wait(ring, end, 1000);
      break;
    case 5: {
      const std::size_t room = input.byte();
      const Buffer buffer(room);
      std::size_t size = 0;
      if (ringbuf_metadata(ring, room != 0 ? buffer.get() : nullptr, room, &size) == RINGBUF_OK)
        touch(buffer.get(), size);
      break;
    }
    case 6: {
      const std::size_t size = sizeof(ringbuf_info_t) + (input.flag() ? input.byte() : 0U);
      const Buffer buffer(size);
      auto* info = new (buffer.get()) ringbuf_info_t{};
      info->struct_size = static_cast<std::uint32_t>(size);
      (void)ringbuf_info(ring, info);
      break;
    }
    case 7: {
      void* raw = nullptr;
      std::size_t bytes = 0;
      if (ringbuf_raw(ring, &raw, &bytes) == RINGBUF_OK) touch(raw, bytes);
      break;
    }
    case 8: {
      const auto visit = [](std::int64_t, std::int64_t, void* left) { return --*static_cast<int*>(left) > 0 ? 0 : 1; };
      int left = input.byte();
      (void)ringbuf_gaps(ring, visit, &left);
      break;
    }
    default: {
      std::intptr_t fd = -1;
      (void)ringbuf_fd(ring, &fd);
      break;
    }
  }
  if (input.byte() % 8 == 0) touch(ringbuf_last_error(), std::strlen(ringbuf_last_error()) + 1);
}

// One call of a reader's.
inline void call_reader(ringbuf_t* ring, Input& input) {
  const Shape shape(ring);
  const unsigned which = input.byte() % 8U;
  if (shape.messages && which < 5) {
    const void* bytes = nullptr;
    std::size_t size = 0;
    std::int64_t start = 0;
    if (ringbuf_receive(ring, input.flag() ? 1000 : 0, &bytes, &size, &start) != RINGBUF_OK) return;
    touch(bytes, size);
    ringbuf_message_t message{};
    message.struct_size = sizeof message;
    (void)ringbuf_message(ring, start, &message);
    (void)ringbuf_check(ring, start, start + static_cast<std::int64_t>(size));
    return;
  }
  switch (which) {
    case 0:
    case 1: {
      const std::uint64_t window = input.flag() ? 1 + input.below(shape.capacity + 1) : input.number(shape.capacity);
      const void* samples = nullptr;
      std::int64_t start = 0;
      if (ringbuf_next(ring, window, input.flag() ? window : input.number(window), input.flag() ? 1000 : 0, &samples,
                       &start) == RINGBUF_OK) {
        touch(samples, shape.bytes(window));
      }
      break;
    }
    case 2: {
      const Buffer buffer(shape.bytes(1));
      (void)ringbuf_pop(ring, buffer.get());
      break;
    }
    case 3:
    case 4: {
      const std::uint64_t max = input.number(shape.capacity);
      const Buffer buffer(shape.bytes(std::min(max, shape.capacity)));
      std::uint64_t count = 0;
      if (ringbuf_pop_many(ring, buffer.get(), max, &count) == RINGBUF_OK) touch(buffer.get(), shape.bytes(count));
      break;
    }
    case 5: {
      std::uint64_t count = 0;
      (void)ringbuf_usage(ring, &count);
      break;
    }
    case 6: {
      std::int64_t position = 0;
      (void)ringbuf_tell(ring, &position);
      break;
    }
    default:
      (void)ringbuf_seek(ring, input.index(input.flag() ? shape.oldest : shape.written));
      break;
  }
}

// One call of a writer's.
inline void call_writer(ringbuf_t* ring, Input& input) {
  const Shape shape(ring);
  std::uint64_t count = 0;
  const unsigned which = input.byte() % 10U;
  if (shape.messages && which < 5) {
    const auto size = static_cast<std::size_t>(input.below(shape.longest + 2));
    const Buffer buffer(size);
    (void)ringbuf_send_event(ring, input.byte() * 0x1000000U, input.index(shape.written), buffer.get(), size);
    return;
  }
  switch (which) {
    case 0:
    case 1:
    case 2: {
      count = input.flag() ? input.below(2 * shape.capacity + 2) : input.below(shape.capacity + 1);
      const Buffer buffer(shape.bytes(count));
      (void)ringbuf_put(ring, buffer.get(), count);
      break;
    }
    case 3:
    case 4: {
      count = input.flag() ? 1 + input.below(shape.capacity) : input.number(shape.capacity);
      void* samples = nullptr;
      if (ringbuf_reserve(ring, count, &samples) == RINGBUF_OK) std::memset(samples, 0xa5, shape.bytes(count));
      if (input.flag()) (void)ringbuf_commit(ring, input.flag() ? count : input.number(count));
      break;
    }
    case 5:
      (void)ringbuf_space(ring, &count);
      (void)ringbuf_stamp(ring, input.index(shape.written), input.index(shape.written), input.index(0));
      break;
    case 6:
      (void)ringbuf_wait_space(ring, input.number(shape.capacity), input.flag() ? 1000 : 0);
      break;
    case 8:
    case 9:
      count = input.flag() ? 1 + input.below(3) : input.number(shape.capacity);
      (void)ringbuf_skip(ring, shape.messages ? 8 * count : count);
      break;
    default: {
      const std::size_t size = input.byte();
      const Buffer buffer(size);
      (void)ringbuf_set_metadata(ring, buffer.get(), size);
      break;
    }
  }
}

// One call of the C++ core's typed reader.
template <class Element>
void call_typed_as(ringbuf::Reader& reader, Input& input) {
  ringbuf::Window<Element> window;
  ringbuf::Status status{};
  if (input.flag()) (void)reader.seek(input.index(reader.written()));
  if (input.flag()) {
    const std::uint64_t count = 1 + input.below(reader.capacity() + 1);
    status = reader.next(count, input.flag() ? count : input.number(count), 0, window);
  } else {
    const std::int64_t start = input.index(reader.written());
    status = reader.view(start, static_cast<std::int64_t>(static_cast<std::uint64_t>(start) + input.byte()), window);
  }
  if (status == ringbuf::Status::ok) {
    touch(window.elements().data(), window.elements().size_bytes());
    if (window.size() != 0) touch(window[window.size() - 1].data(), window.channels() * sizeof(Element));
    (void)window.valid();
  }
}

inline void call_typed(ringbuf::Reader& reader, Input& input) {
  switch (reader.data_type()) {
    case ringbuf::DataType::float32:
      return call_typed_as<float>(reader, input);
    case ringbuf::DataType::int8:
      return call_typed_as<std::int8_t>(reader, input);
    default:
      return call_typed_as<std::int32_t>(reader, input);
  }
}

// --- scribbling -----------------------------------------------------------------------------------------------------

// Where the sections of a ring with these options lie.
inline ringbuf::Geometry geometry_of(const ringbuf_options_t& o) {
  ringbuf::Options options;
  options.data_type = static_cast<ringbuf::DataType>(o.data_type);
  options.channels = o.channels;
  options.item_size = o.item_size;
  options.capacity = o.capacity;
  options.window = o.window;
  options.lossless = (o.flags & RINGBUF_LOSSLESS) != 0;
  options.keep = (o.flags & RINGBUF_KEEP) != 0;
  options.messages = (o.flags & RINGBUF_MESSAGES) != 0;
  options.max_readers = o.max_readers;
  options.metadata_bytes = o.metadata_bytes;
  ringbuf::Geometry geometry{};
  (void)ringbuf::make_geometry(options, 4096, geometry);
  return geometry;
}

// Overwrites something in the memory of a ring, whole fields for the most part; `bytes` are there.
inline void scribble(std::byte* memory, std::size_t bytes, const ringbuf::Geometry& g, Input& input) {
  using ringbuf::Header;
  std::size_t offset = 0, width = 8;
  switch (input.byte() % 9) {
    case 8: {  // the two counters that go together
      const std::uint64_t written = input.number(g.capacity);
      const std::uint64_t intent = written + static_cast<std::uint64_t>(std::int64_t{input.take<std::int8_t>()});
      if (bytes < sizeof(Header)) return;
      std::memcpy(memory + offsetof(Header, writer) + offsetof(ringbuf::WriterLines, written), &written,
                  sizeof written);
      std::memcpy(memory + offsetof(Header, writer) + offsetof(ringbuf::WriterLines, intent), &intent, sizeof intent);
      return;
    }
    case 0:  // geometry
      offset = input.below(sizeof(ringbuf::Geometry) / 4) * 4;
      width = input.flag() ? 4 : 8;
      break;
    case 1:
    case 2:  // counters
      offset = offsetof(Header, writer) + input.below(sizeof(ringbuf::WriterLines) / 4) * 4;
      width = input.flag() ? 4 : 8;
      break;
    case 3:  // time anchor, metadata control, gap table
      offset = offsetof(Header, anchor) + input.below((sizeof(Header) - offsetof(Header, anchor)) / 8) * 8;
      break;
    case 4:
    case 5:  // reader table
      offset =
          g.table_offset +
          input.below((sizeof(ringbuf::ReaderTable) + std::min(g.max_readers, 4U) * sizeof(ringbuf::ReaderSlot)) / 4) *
              4;
      width = input.flag() ? 4 : 8;
      break;
    case 6:  // metadata, data
      offset = g.metadata_offset + input.take<std::uint16_t>() * std::size_t{8};
      break;
    default:  // anywhere
      offset = input.take<std::uint32_t>() % std::max<std::size_t>(bytes, 1);
      width = 1 + input.byte() % 8U;
      break;
  }
  const std::uint64_t value = input.number(input.flag() ? g.capacity : input.flag() ? 1U : g.total_bytes);
  if (offset >= bytes) return;
  std::memcpy(memory + offset, &value, std::min(width, bytes - offset));
}

}  // namespace fuzz
