// ringbuf's C++ interface, its fast path compiled into this program.
#include <ringbuf/ringbuf.hpp>

#include "../names.hpp"
#include "../rows/put.hpp"
#include "../rows/round_trip.hpp"
#include "../rows/stream.hpp"
#include "ringbuf_options.hpp"

namespace bench {

// A namespace with a name: see limit.cpp.
namespace cpp_peer {

using ringbuf::Status;

void need(Status status) noexcept {
  if (status != Status::ok) [[unlikely]]
    fail(ringbuf::last_error());
}

template <class T, std::size_t capacity>
class Queue {
 public:
  explicit Queue(Arena &) : name_(unique_name()) {}

  void open_writer() { need(ringbuf::Writer::create(writer_, name_.c_str(), queue_options<T, capacity>())); }
  void open_reader() { need(ringbuf::Reader::open(reader_, name_.c_str())); }

  bool push(const T &item) noexcept { return done(writer_.push(&item)); }
  bool pop(T &item) noexcept { return done(reader_.pop(&item)); }
  std::size_t push_many(const T *items, std::size_t n) noexcept { return done(writer_.put(items, n)) ? n : 0; }
  std::size_t pop_many(T *items, std::size_t n) noexcept {
    std::uint64_t count = 0;
    return done(reader_.pop_many(items, n, count)) ? count : 0;
  }

 private:
  static bool done(Status status) noexcept {
    if (status == Status::ok) return true;
    if (status != Status::full && status != Status::empty) [[unlikely]]
      need(status);
    return false;
  }

  std::string name_;
  ringbuf::Writer writer_;
  ringbuf::Reader reader_;
};

template <std::size_t bytes>
class Lossless {
 public:
  explicit Lossless(Arena &) : name_(unique_name()) {}

  void open_writer() {
    ringbuf::Options o = block_options<bytes>(stream_ring_bytes);
    o.lossless = true;
    need(ringbuf::Writer::create(writer_, name_.c_str(), o));
  }
  void open_reader() { need(ringbuf::Reader::open(reader_, name_.c_str())); }

  bool put(const std::byte *block) noexcept {
    const Status status = writer_.put(block, samples_per_block<bytes>);
    if (status == Status::ok) return true;
    if (status != Status::full) [[unlikely]]
      need(status);
    return false;
  }

  template <class Use>
  Take take(Use &&use) noexcept {
    constexpr std::uint64_t window = stream_take<bytes> * samples_per_block<bytes>;
    const std::byte *samples = nullptr;
    std::int64_t start = 0;
    const Status status = reader_.next(window, window, 0, samples, start);
    if (status == Status::timeout) return Take::nothing;
    if (status != Status::ok) [[unlikely]]
      need(status);
    use(samples, stream_take<bytes>);
    return Take::taken;
  }

 private:
  std::string name_;
  ringbuf::Writer writer_;
  ringbuf::Reader reader_;
};

// The reader looks at windows by index and checks them after use; one that came too late goes on at the newest sample.
template <std::size_t bytes>
class Overwriting {
 public:
  explicit Overwriting(Arena &) : name_(unique_name()) {}

  void open_writer() { need(ringbuf::Writer::create(writer_, name_.c_str(), block_options<bytes>(stream_ring_bytes))); }
  void open_reader() { need(ringbuf::Reader::open(reader_, name_.c_str())); }

  bool put(const std::byte *block) noexcept {
    need(writer_.put(block, samples_per_block<bytes>));
    return true;
  }

  template <class Use>
  Take take(Use &&use) noexcept {
    const std::int64_t end = position_ + window;
    const std::byte *samples = nullptr;
    Status status = reader_.view(position_, end, samples);
    if (status == Status::not_yet) return Take::nothing;
    if (status == Status::ok) {
      use(samples, stream_take<bytes>);
      status = reader_.check(position_, end);
    }
    if (status == Status::ok) {
      position_ = end;
      return Take::taken;
    }
    if (status != Status::overwritten) [[unlikely]]
      need(status);
    const auto newest = static_cast<std::int64_t>(reader_.written()) / window * window;
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
  ringbuf::Writer writer_;
  ringbuf::Reader reader_;
  std::int64_t position_ = 0;
  std::int64_t lost_ = 0;
};

template <std::size_t bytes>
class Alone {
 public:
  explicit Alone(Arena &) : name_(unique_name()) {}

  void open() {
    need(ringbuf::Writer::create(writer_, name_.c_str(), block_options<bytes>(put_capacity<bytes> * bytes)));
  }
  void make_room() {}
  void put(const std::byte *block) noexcept { need(writer_.put(block, samples_per_block<bytes>)); }
  void expect_newest(std::uint64_t n) {
    const auto end = static_cast<std::int64_t>(writer_.written());
    const std::byte *samples = nullptr;
    need(writer_.view(end - static_cast<std::int64_t>(samples_per_block<bytes>), end, samples));
    Found<bytes> found;
    found.look(samples);
    found.expect(n);
  }

 private:
  std::string name_;
  ringbuf::Writer writer_;
};

}  // namespace cpp_peer

void add_ringbuf_cpp(Registry &registry) {
  using namespace cpp_peer;
  const char *const name = "ringbuf C++";
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
