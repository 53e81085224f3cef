// ringbuf's C interface, through the shared library.
#include "../names.hpp"
#include "../rows/put.hpp"
#include "../rows/round_trip.hpp"
#include "../rows/stream.hpp"
#include "c_api.hpp"
#include "ringbuf_options.hpp"

namespace bench {

// A namespace with a name: see limit.cpp.
namespace c_peer {

// One handle, and the functions beside it, where the calling code finds them without a detour.
class Handle {
 public:
  Handle() : api(c_api()) {}
  ~Handle() { api.close(ring); }
  Handle(const Handle &) = delete;
  Handle &operator=(const Handle &) = delete;

  void create(const std::string &name, const ringbuf::Options &o) {
    ringbuf_options_t options{};
    options.struct_size = sizeof options;
    options.data_type = static_cast<std::uint32_t>(o.data_type);
    options.channels = o.channels;
    options.item_size = o.item_size;
    options.capacity = o.capacity;
    options.window = o.window;
    options.flags = o.lossless ? RINGBUF_LOSSLESS : 0;
    need(api.create(&ring, name.c_str(), &options));
  }
  void open(const std::string &name) { need(api.open(&ring, name.c_str(), RINGBUF_FROM_OLDEST)); }

  void need(int code) const noexcept {
    if (code != RINGBUF_OK) [[unlikely]]
      fail(api.last_error());
  }

  std::uint64_t written() const noexcept {
    ringbuf_info_t info{};
    info.struct_size = sizeof info;
    need(api.info(ring, &info));
    return static_cast<std::uint64_t>(info.written);
  }

  const CApi api;
  ringbuf_t *ring = nullptr;
};

template <class T, std::size_t capacity>
class Queue {
 public:
  explicit Queue(Arena &) : name_(unique_name()) {}

  void open_writer() { h_.create(name_, queue_options<T, capacity>()); }
  void open_reader() { h_.open(name_); }

  bool push(const T &item) noexcept { return done(h_.api.push(h_.ring, &item)); }
  bool pop(T &item) noexcept { return done(h_.api.pop(h_.ring, &item)); }
  std::size_t push_many(const T *items, std::size_t n) noexcept { return done(h_.api.put(h_.ring, items, n)) ? n : 0; }
  std::size_t pop_many(T *items, std::size_t n) noexcept {
    std::uint64_t count = 0;
    return done(h_.api.pop_many(h_.ring, items, n, &count)) ? count : 0;
  }

 private:
  bool done(int code) const noexcept {
    if (code == RINGBUF_OK) return true;
    if (code != RINGBUF_FULL && code != RINGBUF_EMPTY) [[unlikely]]
      h_.need(code);
    return false;
  }

  std::string name_;
  Handle h_;
};

template <std::size_t bytes>
class Lossless {
 public:
  explicit Lossless(Arena &) : name_(unique_name()) {}

  void open_writer() {
    ringbuf::Options o = block_options<bytes>(stream_ring_bytes);
    o.lossless = true;
    h_.create(name_, o);
  }
  void open_reader() { h_.open(name_); }

  bool put(const std::byte *block) noexcept {
    const int code = h_.api.put(h_.ring, block, samples_per_block<bytes>);
    if (code == RINGBUF_OK) return true;
    if (code != RINGBUF_FULL) [[unlikely]]
      h_.need(code);
    return false;
  }

  template <class Use>
  Take take(Use &&use) noexcept {
    constexpr std::uint64_t window = stream_take<bytes> * samples_per_block<bytes>;
    const void *samples = nullptr;
    std::int64_t start = 0;
    const int code = h_.api.next(h_.ring, window, window, 0, &samples, &start);
    if (code == RINGBUF_TIMEOUT) return Take::nothing;
    if (code != RINGBUF_OK) [[unlikely]]
      h_.need(code);
    use(static_cast<const std::byte *>(samples), stream_take<bytes>);
    return Take::taken;
  }

 private:
  std::string name_;
  Handle h_;
};

// As in ringbuf_cpp.cpp.
template <std::size_t bytes>
class Overwriting {
 public:
  explicit Overwriting(Arena &) : name_(unique_name()) {}

  void open_writer() { h_.create(name_, block_options<bytes>(stream_ring_bytes)); }
  void open_reader() { h_.open(name_); }

  bool put(const std::byte *block) noexcept {
    h_.need(h_.api.put(h_.ring, block, samples_per_block<bytes>));
    return true;
  }

  template <class Use>
  Take take(Use &&use) noexcept {
    const std::int64_t end = position_ + window;
    const void *samples = nullptr;
    int code = h_.api.view(h_.ring, position_, end, &samples);
    if (code == RINGBUF_NOT_YET) return Take::nothing;
    if (code == RINGBUF_OK) {
      use(static_cast<const std::byte *>(samples), stream_take<bytes>);
      code = h_.api.check(h_.ring, position_, end);
    }
    if (code == RINGBUF_OK) {
      position_ = end;
      return Take::taken;
    }
    if (code != RINGBUF_OVERWRITTEN) [[unlikely]]
      h_.need(code);
    const auto newest = static_cast<std::int64_t>(h_.written()) / window * window;
    lost_ += newest - position_;
    position_ = newest;
    return Take::spoilt;
  }
  std::uint64_t position() const noexcept { return blocks(position_); }
  std::uint64_t lost() const noexcept { return blocks(lost_); }

 private:
  static constexpr std::int64_t window = stream_take<bytes> * samples_per_block<bytes>;
  static std::uint64_t blocks(std::int64_t samples) noexcept {
    return static_cast<std::uint64_t>(samples) / samples_per_block<bytes>;
  }

  std::string name_;
  Handle h_;
  std::int64_t position_ = 0;
  std::int64_t lost_ = 0;
};

template <std::size_t bytes>
class Alone {
 public:
  explicit Alone(Arena &) : name_(unique_name()) {}

  void open() { h_.create(name_, block_options<bytes>(put_capacity<bytes> * bytes)); }
  void make_room() {}
  void put(const std::byte *block) noexcept { h_.need(h_.api.put(h_.ring, block, samples_per_block<bytes>)); }
  void expect_newest(std::uint64_t n) {
    const auto end = static_cast<std::int64_t>(h_.written());
    const void *samples = nullptr;
    h_.need(h_.api.view(h_.ring, end - static_cast<std::int64_t>(samples_per_block<bytes>), end, &samples));
    Found<bytes> found;
    found.look(static_cast<const std::byte *>(samples));
    found.expect(n);
  }

 private:
  std::string name_;
  Handle h_;
};

}  // namespace c_peer

void add_ringbuf_c(Registry &registry) {
  using namespace c_peer;
  const char *const name = "ringbuf C";
  add_queues<Queue>(registry, name, Kind::ringbuf);
  add_round_trip<Queue>(registry, name, Kind::ringbuf);
  add_stream<Lossless, 8192>(registry, name, Kind::ringbuf);
  add_stream<Lossless, 256>(registry, name, Kind::ringbuf);
  add_stream<Lossless, 2>(registry, name, Kind::ringbuf);
  add_stream<Overwriting, 8192, true>(registry, name, Kind::ringbuf);
  add_stream<Overwriting, 256, true>(registry, name, Kind::ringbuf);
  add_stream<Overwriting, 2, true>(registry, name, Kind::ringbuf);
  add_put<Alone<2>, 2>(registry, "alone", name, Kind::ringbuf);
  add_put<Alone<8>, 8>(registry, "alone", name, Kind::ringbuf);
  add_put<Alone<256>, 256>(registry, "alone", name, Kind::ringbuf);
}

}  // namespace bench
