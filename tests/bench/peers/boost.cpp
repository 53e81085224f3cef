// boost::lockfree::spsc_queue, whose capacity is a constant, in shared memory.
#include "../rows/life.hpp"
#include "../rows/round_trip.hpp"
#include "../rows/stream.hpp"

#ifdef RINGBUF_BENCH_BOOST
#include <boost/lockfree/spsc_queue.hpp>

namespace bench {

// A namespace with a name: see limit.cpp.
namespace boost_peer {

template <class T, std::size_t capacity>
class Queue {
 public:
  explicit Queue(Arena &arena) : queue_(arena.make<Boost>()) {}

  void open_writer() {}
  void open_reader() {}

  bool push(const T &item) noexcept { return queue_->push(item); }
  bool pop(T &item) noexcept { return queue_->pop(item); }
  std::size_t push_many(const T *items, std::size_t n) noexcept { return queue_->push(items, n); }
  std::size_t pop_many(T *items, std::size_t n) noexcept { return queue_->pop(items, n); }

 private:
  using Boost = boost::lockfree::spsc_queue<T, boost::lockfree::capacity<capacity>>;
  Boost *queue_;
};

template <std::size_t bytes>
class Stream {
 public:
  explicit Stream(Arena &arena) : queue_(arena.make<Boost>()) {}

  void open_writer() {}
  void open_reader() {}

  bool put(const std::byte *block) noexcept { return queue_->push(*reinterpret_cast<const Block<bytes> *>(block)); }

  // In place where blocks are used one by one; of small ones a batch is copied out, which is what is faster.
  template <class Use>
  Take take(Use &&use) noexcept {
    if constexpr (stream_take<bytes> == 1) {
      const bool taken = queue_->consume_one([&](const Block<bytes> &block) { use(block.samples, 1); });
      return taken ? Take::taken : Take::nothing;
    } else {
      Block<bytes> blocks[stream_take<bytes>];
      const std::size_t n = queue_->pop(blocks, stream_take<bytes>);
      if (n == 0) return Take::nothing;
      use(blocks[0].samples, n);
      return Take::taken;
    }
  }

 private:
  using Boost = boost::lockfree::spsc_queue<Block<bytes>, boost::lockfree::capacity<stream_ring_bytes / bytes>>;
  Boost *queue_;
};

}  // namespace boost_peer

void add_boost(Registry &registry) {
  using namespace boost_peer;
  const char *const name = "boost spsc_queue";
  add_queues<Queue>(registry, name, Kind::peer);
  add_round_trip<Queue>(registry, name, Kind::peer);
  add_stream<Stream, 2>(registry, name, Kind::peer);
  add_streams<Stream>(registry, name, Kind::peer);
  using Doubles = boost::lockfree::spsc_queue<double, boost::lockfree::capacity<8192>>;
  add_memory(registry, name, Kind::peer, sizeof(Doubles) - 8192 * sizeof(double));
}

}  // namespace bench
#else
void bench::add_boost(Registry &registry) { registry.absent("boost spsc_queue", "not found (Debian: libboost-dev)"); }
#endif
