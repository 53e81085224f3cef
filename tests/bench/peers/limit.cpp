// What the machine permits: the same work with the least that can do it, and nothing around it.
#include <atomic>
#include <cstring>
#include <ringbuf/detail/prefetch.hpp>

#include "../copy_block.hpp"
#include "../rows/round_trip.hpp"
#include "../rows/stream.hpp"

namespace bench {

// Not an unnamed namespace: g++ 12 gives instances of templates that take a template out of one the linkage, and so the
// code, of whatever has the same name in another file.
namespace limit_peer {

// One counter says what is there. The reader gives room back an eighth of the ring at a time, and the writer looks at
// that only when it has none left.
struct Lines {
  alignas(128) std::atomic<std::uint64_t> written{0};
  alignas(128) std::atomic<std::uint64_t> read{0};
};

// So the lines of a few puts are under way at once. In larger blocks they are anyway.
template <std::size_t bytes>
void ask_for_lines(const std::byte *to) noexcept {
  if constexpr (bytes <= 1024) ringbuf::detail::prefetch_ahead_of<(bytes + 63) / 64>(to);
}

// The writer publishes late, too, an eighth of the ring at a time: each side then finds many items at once, and the
// lines that carry them stream instead of being fetched one at a time.
template <class T, std::size_t capacity>
class Queue {
 public:
  explicit Queue(Arena &arena)
      : lines_(arena.make<Lines>()), items_(static_cast<T *>(arena.allocate(capacity * sizeof(T)))) {}

  void open_writer() {}
  void open_reader() {}

  bool push(const T &item) noexcept {
    if (room(1) == 0) return false;
    T *const to = items_ + written_++ % capacity;
    ask_for_lines<sizeof(T)>(reinterpret_cast<const std::byte *>(to));
    *to = item;
    publish();
    return true;
  }
  bool pop(T &item) noexcept {
    if (there(1) == 0) return false;
    item = items_[read_++ % capacity];
    give_back();
    return true;
  }

  void flush() noexcept { lines_->written.store(published_ = written_, std::memory_order_release); }
  std::size_t push_many(const T *items, std::size_t n) noexcept {
    n = room(n);
    const auto [slot, head] = part(written_, n);
    std::memcpy(items_ + slot, items, head * sizeof(T));
    if (head != n) std::memcpy(items_, items + head, (n - head) * sizeof(T));
    written_ += n;
    publish();
    return n;
  }
  std::size_t pop_many(T *items, std::size_t n) noexcept {
    n = there(n);
    const auto [slot, head] = part(read_, n);
    std::memcpy(items, items_ + slot, head * sizeof(T));
    if (head != n) std::memcpy(items + head, items_, (n - head) * sizeof(T));
    read_ += n;
    give_back();
    return n;
  }

 private:
  void publish() noexcept {
    if (written_ - published_ >= capacity / 8) flush();
  }
  std::size_t room(std::size_t n) noexcept {
    if (limit_ - written_ < n) limit_ = lines_->read.load(std::memory_order_acquire) + capacity;
    return std::min<std::size_t>(n, limit_ - written_);
  }
  std::size_t there(std::size_t n) noexcept {
    if (known_ - read_ < n) known_ = lines_->written.load(std::memory_order_acquire);
    return std::min<std::size_t>(n, known_ - read_);
  }
  void give_back() noexcept {
    if (read_ - released_ >= capacity / 8) lines_->read.store(released_ = read_, std::memory_order_release);
  }

  struct Part {
    std::size_t slot, head;
  };
  static Part part(std::uint64_t at, std::size_t n) noexcept {
    const std::size_t slot = at % capacity;
    return {slot, std::min(n, capacity - slot)};
  }

  Lines *lines_;
  T *items_;
  std::uint64_t written_ = 0, published_ = 0, limit_ = capacity;  // the writer's
  std::uint64_t read_ = 0, released_ = 0, known_ = 0;             // the reader's
};

// How many blocks the reader takes. It lets some come together, so that the counter's line is not fetched for each.
template <std::size_t bytes>
std::uint64_t let_come_together(const std::atomic<std::uint64_t> &written, std::uint64_t read,
                                std::uint64_t capacity) noexcept {
  const std::uint64_t enough = std::min(most_taken, capacity / 8);
  std::uint64_t n = written.load(std::memory_order_acquire) - read;
  if (n < enough) {
    for (int i = 0; i < 100; ++i) relax();
    n = written.load(std::memory_order_acquire) - read;
  }
  return std::min(n, most_taken) / stream_take<bytes> * stream_take<bytes>;
}

template <std::size_t bytes>
class Stream {
 public:
  explicit Stream(Arena &arena)
      : lines_(arena.make<Lines>()), data_(static_cast<std::byte *>(arena.allocate(stream_ring_bytes))) {}

  void open_writer() {}
  void open_reader() {}

  bool put(const std::byte *block) noexcept {
    if (written_ == limit_) {
      limit_ = lines_->read.load(std::memory_order_acquire) + capacity;
      if (written_ == limit_) return false;
    }
    std::byte *const to = data_ + written_ % capacity * bytes;
    ask_for_lines<bytes>(to);
    copy_block<bytes>(to, block);
    lines_->written.store(++written_, std::memory_order_release);
    return true;
  }

  template <class Use>
  Take take(Use &&use) noexcept {
    const std::uint64_t n = let_come_together<bytes>(lines_->written, read_, capacity);
    if (n == 0) return Take::nothing;
    for (std::uint64_t i = 0; i < n; ++i) use(data_ + (read_ + i) % capacity * bytes, 1);
    read_ += n;
    if (read_ - released_ >= capacity / 8) lines_->read.store(released_ = read_, std::memory_order_release);
    return Take::taken;
  }

 private:
  static constexpr std::uint64_t capacity = stream_ring_bytes / bytes;
  Lines *lines_;
  std::byte *data_;
  std::uint64_t written_ = 0, limit_ = capacity;
  std::uint64_t read_ = 0, released_ = 0;
};

// The writer does not look at the reader at all. The reader looks at the counter once for all that it finds, before and
// after.
template <std::size_t bytes>
class FreeStream {
 public:
  explicit FreeStream(Arena &arena)
      : lines_(arena.make<Lines>()), data_(static_cast<std::byte *>(arena.allocate(stream_ring_bytes))) {}

  void open_writer() {}
  void open_reader() {}

  bool put(const std::byte *block) noexcept {
    std::byte *const to = data_ + written_ % capacity * bytes;
    ask_for_lines<bytes>(to);
    copy_block<bytes>(to, block);
    lines_->written.store(++written_, std::memory_order_release);
    return true;
  }

  template <class Use>
  Take take(Use &&use) noexcept {
    const std::uint64_t n = let_come_together<bytes>(lines_->written, read_, capacity);
    if (n == 0) return Take::nothing;
    for (std::uint64_t i = 0; i < n; ++i) use(data_ + (read_ + i) % capacity * bytes, 1);
    std::atomic_thread_fence(std::memory_order_acquire);
    const std::uint64_t written = lines_->written.load(std::memory_order_relaxed);
    if (written >= read_ + capacity) {  // the next block may be in the making
      const std::uint64_t newest = written / stream_take<bytes> * stream_take<bytes>;
      lost_ += newest - read_;
      read_ = newest;
      return Take::spoilt;
    }
    read_ += n;
    return Take::taken;
  }
  std::uint64_t position() const noexcept { return read_; }
  std::uint64_t lost() const noexcept { return lost_; }

 private:
  static constexpr std::uint64_t capacity = stream_ring_bytes / bytes;
  Lines *lines_;
  std::byte *data_;
  std::uint64_t written_ = 0, read_ = 0, lost_ = 0;
};

// One line, which carries the item. One that is not popped in time is lost.
template <class T, std::size_t capacity>
class OneLine {
 public:
  explicit OneLine(Arena &arena) : line_(arena.make<Line>()) {}

  void open_writer() {}
  void open_reader() {}

  bool push(const T &item) noexcept {
    line_->item.store(item.first, std::memory_order_release);
    return true;
  }
  bool pop(T &item) noexcept {
    const std::uint64_t now = line_->item.load(std::memory_order_acquire);
    if (now == last_) return false;
    item.first = last_ = now;
    return true;
  }

 private:
  struct Line {
    alignas(128) std::atomic<std::uint64_t> item{0};
  };
  Line *line_;
  std::uint64_t last_ = 0;
};

// The same, there and back.
class PingPong final : public Duel {
 public:
  explicit PingPong(Arena &arena) : there_(arena.make<Line>()) {}

  void write(Slice &slice) override {
    const std::uint64_t first = next_;
    pacer_.begin(slice);
    do {
      for (std::uint64_t n = pacer_.chunk(); n != 0; --n) {
        ++next_;
        there_->item.store(2 * next_ - 1, std::memory_order_release);
        while (there_->item.load(std::memory_order_acquire) != 2 * next_) {
        }
      }
    } while (pacer_.more());
    pacer_.end(slice, next_ - first, next_);
  }
  void read(Slice &slice) override {
    for (;;) {
      if (there_->item.load(std::memory_order_acquire) != 2 * next_ + 1) {
        if (slice.complete(next_)) return;
        continue;
      }
      ++next_;
      there_->item.store(2 * next_, std::memory_order_release);
    }
  }

 private:
  struct Line {
    alignas(128) std::atomic<std::uint64_t> item{0};
  };
  Line *there_;
  Pacer pacer_;
  std::uint64_t next_ = 0;
};

}  // namespace limit_peer

void add_limit(Registry &registry) {
  using namespace limit_peer;
  const char *const name = "limit";
  add_queues<Queue>(registry, name, Kind::limit);
  add_stream<Stream, 2>(registry, name, Kind::limit);
  add_streams<Stream>(registry, name, Kind::limit);
  add_stream<FreeStream, 2, true>(registry, name, Kind::limit);
  add_streams<FreeStream, true>(registry, name, Kind::limit);
  add_single_items<OneLine>(registry, name, Kind::limit);
  registry.duel(round_trip_row, name, Kind::limit, [](Arena &arena) { return std::make_unique<PingPong>(arena); });
}

}  // namespace bench
