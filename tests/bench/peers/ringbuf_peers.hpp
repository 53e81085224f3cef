// ringbuf in all rows, through either interface. A Side has the classes Writer and Reader, whose functions are those of the
// interface and answer with ringbuf::Status; see ringbuf_cpp.cpp and ringbuf_c.cpp.
#pragma once

#include <sys/types.h>

#include <ringbuf/ringbuf.hpp>
#include <vector>

#include "../names.hpp"
#include "../process.hpp"
#include "../rows/large.hpp"
#include "../rows/life.hpp"
#include "../rows/message.hpp"
#include "../rows/put.hpp"
#include "../rows/round_trip.hpp"
#include "../rows/stream.hpp"
#include "../rows/wake.hpp"
#include "../rows/window.hpp"

namespace bench {

using ringbuf::Status;

// Opaque items, nothing lost.
template <class T, std::size_t capacity>
ringbuf::Options queue_options() {
  ringbuf::Options o;
  o.data_type = ringbuf::DataType::bytes;
  o.item_size = sizeof(T);
  o.capacity = capacity;
  o.lossless = true;
  return o;
}

// Blocks of 256 bytes and more are rows of 64 float32, smaller ones are single rows of int16.
template <std::size_t bytes>
inline constexpr std::uint64_t samples_per_block = bytes >= 256 ? bytes / 256 : 1;

template <std::size_t bytes>
ringbuf::Options block_options(std::size_t ring_bytes, bool lossless) {
  ringbuf::Options o;
  if (bytes >= 256) {
    o.data_type = ringbuf::DataType::float32;
    o.channels = 64;
  } else {
    o.data_type = ringbuf::DataType::int16;
    o.channels = bytes / 2;
  }
  o.capacity = ring_bytes / bytes * samples_per_block<bytes>;
  o.window = stream_take<bytes> * samples_per_block<bytes>;
  o.lossless = lossless;
  return o;
}

template <class Side>
struct Ringbuf {
  using Writer = typename Side::Writer;
  using Reader = typename Side::Reader;

  static void need(Status status) noexcept {
    if (status != Status::ok) [[unlikely]]
      fail(Side::last_error());
  }

  template <class T, std::size_t capacity>
  class Queue {
   public:
    explicit Queue(Arena &) : name_(unique_name()) {}

    void open_writer() { need(writer_.create(name_.c_str(), queue_options<T, capacity>())); }
    void open_reader() { need(reader_.open(name_.c_str())); }

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
    Writer writer_;
    Reader reader_;
  };

  template <class T, std::size_t capacity>
  class Messages {
   public:
    explicit Messages(Arena &) : name_(unique_name()) {}

    void open_writer() {
      ringbuf::Options o;
      o.messages = true;
      o.lossless = true;
      o.capacity = capacity * ringbuf::record_bytes(sizeof(T));
      need(writer_.create(name_.c_str(), o));
    }
    void open_reader() { need(reader_.open(name_.c_str())); }

    bool push(const T &item) noexcept { return done(writer_.send(&item, sizeof item)); }
    bool pop(T &item) noexcept {
      const std::byte *bytes = nullptr;
      std::size_t size = 0;
      std::int64_t start = 0;
      if (!done(reader_.receive(0, bytes, size, start))) return false;
      std::memcpy(&item, bytes, sizeof item);
      return true;
    }

   private:
    static bool done(Status status) noexcept {
      if (status == Status::ok) return true;
      if (status != Status::full && status != Status::timeout) [[unlikely]]
        need(status);
      return false;
    }

    std::string name_;
    Writer writer_;
    Reader reader_;
  };

  class Sleeper {
   public:
    explicit Sleeper(Arena &) : name_(unique_name()) {}

    void open_writer() { need(writer_.create(name_.c_str(), queue_options<Item<8>, 1024>())); }
    void open_reader() { need(reader_.open(name_.c_str())); }

    void send(std::uint64_t n) noexcept { need(writer_.push(&n)); }
    std::uint64_t receive() noexcept {
      const std::byte *samples = nullptr;
      std::int64_t start = 0;
      need(reader_.next(1, 1, -1, samples, start));
      std::uint64_t n;
      std::memcpy(&n, samples, sizeof n);
      return n;
    }

   private:
    std::string name_;
    Writer writer_;
    Reader reader_;
  };

  template <std::size_t bytes>
  class Lossless {
   public:
    explicit Lossless(Arena &) : name_(unique_name()) {}

    void open_writer() { need(writer_.create(name_.c_str(), block_options<bytes>(stream_ring_bytes, true))); }
    void open_reader() { need(reader_.open(name_.c_str())); }

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
    Writer writer_;
    Reader reader_;
  };

  // The reader looks at windows by index and checks them after use; one that came too late goes on at the newest sample.
  template <std::size_t bytes>
  class Overwriting {
   public:
    explicit Overwriting(Arena &) : name_(unique_name()) {}

    void open_writer() { need(writer_.create(name_.c_str(), block_options<bytes>(stream_ring_bytes, false))); }
    void open_reader() { need(reader_.open(name_.c_str())); }

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
      const std::int64_t newest = reader_.written() / window * window;
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
    Writer writer_;
    Reader reader_;
    std::int64_t position_ = 0;
    std::int64_t lost_ = 0;
  };

  // A writer, and so many readers that are attached and do nothing. Each put is of so many samples.
  template <std::size_t bytes, bool lossless, std::size_t readers,
            std::uint64_t samples_per_put = samples_per_block<bytes>>
  class Putter {
   public:
    explicit Putter(Arena &) : name_(unique_name()), readers_(readers) {}

    void open() {
      ringbuf::Options options = block_options<bytes>(put_capacity<bytes> * bytes, lossless);
      if (samples_per_put != samples_per_block<bytes>) {
        options.data_type = ringbuf::DataType::int16;
        options.channels = bytes / samples_per_put / 2;
        options.capacity = put_capacity<bytes> * samples_per_put;
        options.window = samples_per_put;
      }
      need(writer_.create(name_.c_str(), options));
      for (Reader &reader : readers_) need(reader.open(name_.c_str()));
    }
    // As if the readers of a lossless ring had taken everything.
    void make_room() {
      if (!lossless) return;
      for (Reader &reader : readers_) need(reader.seek(writer_.written()));
    }
    void put(const std::byte *block) noexcept { need(writer_.put(block, samples_per_put)); }
    void expect_newest(std::uint64_t n) {
      const std::int64_t end = writer_.written();
      expect_sequence((n + 1) * samples_per_put, static_cast<std::uint64_t>(end));
      const std::byte *samples = nullptr;
      need(writer_.view(end - static_cast<std::int64_t>(samples_per_put), end, samples));
      Found<bytes> found;
      found.look(samples);
      found.expect(n);
    }

   protected:
    std::string name_;

   private:
    Writer writer_;
    std::vector<Reader> readers_;
  };

  // ... and one in another process, asleep until samples come that never will.
  template <std::size_t bytes>
  class PutterBesideSleeper : public Putter<bytes, false, 0> {
   public:
    explicit PutterBesideSleeper(Arena &arena) : Putter<bytes, false, 0>(arena) {}

    void open() {
      Putter<bytes, false, 0>::open();
      sleeper_.start([this] {
        Reader reader;
        need(reader.open(this->name_.c_str()));
        static_cast<void>(reader.wait(std::int64_t{1} << 60, -1));
      });
    }

   private:
    Companion sleeper_;
  };

  class Windows {
   public:
    Windows(Arena &, const WindowShape &shape) : name_(unique_name()), shape_(shape), others_(shape.other_readers) {}

    void open() {
      ringbuf::Options o;
      o.channels = shape_.channels;
      o.capacity = shape_.capacity;
      o.window = shape_.longest();
      need(writer_.create(name_.c_str(), o));
      need(reader_.open(name_.c_str()));
      for (Reader &other : others_) need(other.open(name_.c_str()));
      for (std::uint64_t n = 0, step; n < shape_.written(); n += step) {
        step = std::min<std::uint64_t>(1024, shape_.written() - n);
        std::byte *samples = nullptr;
        need(writer_.reserve(step, samples));
        for (std::uint64_t i = 0; i < step; ++i) stamp_sample(samples + i * shape_.sample_bytes(), n + i);
        need(writer_.commit(step));
      }
    }
    const std::byte *look(std::int64_t start, std::int64_t end) noexcept {
      const std::byte *samples = nullptr;
      need(reader_.view(start, end, samples));
      return samples;
    }
    void check(std::int64_t start, std::int64_t end) noexcept { need(reader_.check(start, end)); }

   private:
    std::string name_;
    const WindowShape shape_;
    Writer writer_;
    Reader reader_;
    std::vector<Reader> others_;
  };

  // The writer of a large ring, and so many readers that are attached and do nothing.
  class LargePutter {
   public:
    LargePutter(Arena &, std::size_t bytes, std::size_t readers)
        : name_(unique_name()), capacity_(bytes / large_sample_bytes), readers_(readers) {}

    void open() {
      ringbuf::Options o;
      o.channels = large_channels;
      o.capacity = capacity_;
      need(writer_.create(name_.c_str(), o));
      for (Reader &reader : readers_) need(reader.open(name_.c_str()));
    }
    void put(const std::byte *sample) noexcept { need(writer_.push(sample)); }
    void expect_newest(std::uint64_t n) {
      const std::int64_t end = writer_.written();
      expect_sequence(n + 1, static_cast<std::uint64_t>(end));
      const std::byte *samples = nullptr;
      need(writer_.view(end - 1, end, samples));
      Found<large_sample_bytes> found;
      found.look(samples);
      found.expect(n);
    }

   private:
    std::string name_;
    std::uint64_t capacity_;
    Writer writer_;
    std::vector<Reader> readers_;
  };

  // Creates a ring, opens it, and closes both.
  class Life {
   public:
    Life(Arena &, std::size_t bytes) : name_(unique_name()) { options_.capacity = bytes / sizeof(float); }

    void live() {
      Writer writer;
      Reader reader;
      need(writer.create(name_.c_str(), options_));
      need(reader.open(name_.c_str()));
    }
    // Shared memory beside the data and the pocket.
    std::size_t overhead() {
      Writer writer;
      need(writer.create(name_.c_str(), options_));
      return writer.overhead();
    }

   private:
    std::string name_;
    ringbuf::Options options_;
  };

  static void add(Registry &registry, const std::string &name) {
    add_queues<Queue>(registry, name, Kind::ringbuf);
    add_messages<Messages>(registry, name, Kind::ringbuf);
    add_round_trip<Queue>(registry, name, Kind::ringbuf);
    add_stream<Lossless, 2>(registry, name, Kind::ringbuf);
    add_streams<Lossless>(registry, name, Kind::ringbuf);
    add_stream<Overwriting, 2, true>(registry, name, Kind::ringbuf);
    add_streams<Overwriting, true>(registry, name, Kind::ringbuf);
    add_wake<Sleeper>(registry, name, Kind::ringbuf);
    add_put<Putter<2, false, 0>, 2>(registry, "alone", name, Kind::ringbuf);
    add_put<Putter<8, false, 0>, 8>(registry, "alone", name, Kind::ringbuf);
    add_put<Putter<256, false, 0>, 256>(registry, "alone", name, Kind::ringbuf);
    add_put<Putter<64, false, 0, 32>, 64>(registry, one_channel, name, Kind::ringbuf);
    add_put<Putter<512, false, 0, 256>, 512>(registry, one_channel, name, Kind::ringbuf);
    add_put<PutterBesideSleeper<2>, 2>(registry, "a sleeping reader", name, Kind::ringbuf);
    add_put<PutterBesideSleeper<8>, 8>(registry, "a sleeping reader", name, Kind::ringbuf);
    add_put<PutterBesideSleeper<256>, 256>(registry, "a sleeping reader", name, Kind::ringbuf);
    add_put<Putter<8, false, 1>, 8>(registry, "1 idle reader/overwriting", name, Kind::ringbuf);
    add_put<Putter<8, false, 4>, 8>(registry, "4 idle readers/overwriting", name, Kind::ringbuf);
    add_put<Putter<8, false, 16>, 8>(registry, "16 idle readers/overwriting", name, Kind::ringbuf);
    add_put<Putter<8, true, 1>, 8>(registry, "1 idle reader/lossless", name, Kind::ringbuf);
    add_put<Putter<8, true, 4>, 8>(registry, "4 idle readers/lossless", name, Kind::ringbuf);
    add_put<Putter<8, true, 16>, 8>(registry, "16 idle readers/lossless", name, Kind::ringbuf);
    add_windows<Windows>(registry, name, Kind::ringbuf, window_shape(registry.quick), window_row);
    add_large_puts<LargePutter>(registry, name, Kind::ringbuf);
    add_large_readers<LargePutter>(registry, name, Kind::ringbuf);
    if (registry.large_bytes != 0) {
      add_windows<Windows>(registry, name, Kind::ringbuf, large_windows(registry.large_bytes), large_window_row);
    }
    add_life<Life>(registry, name, Kind::ringbuf);
  }
};

}  // namespace bench
