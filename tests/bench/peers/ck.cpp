// Concurrency Kit's ring with one producer and one consumer, in shared memory.
#include "../rows/life.hpp"
#include "../rows/round_trip.hpp"
#include "../rows/stream.hpp"

#ifdef RINGBUF_BENCH_CK
#include "ck_calls.h"

namespace bench {

// A namespace with a name: see limit.cpp.
namespace ck_peer {

template <std::size_t bytes>
struct Calls;
#define RINGBUF_BENCH_CK_SIZE(bytes)                          \
  template <>                                                 \
  struct Calls<bytes> {                                       \
    static constexpr auto enqueue = bench_ck_enqueue_##bytes; \
    static constexpr auto dequeue = bench_ck_dequeue_##bytes; \
  };
RINGBUF_BENCH_CK_SIZE(2)
RINGBUF_BENCH_CK_SIZE(8)
RINGBUF_BENCH_CK_SIZE(64)
RINGBUF_BENCH_CK_SIZE(256)
RINGBUF_BENCH_CK_SIZE(8192)
#undef RINGBUF_BENCH_CK_SIZE

template <std::size_t bytes, std::size_t capacity>
class Ring {
 public:
  explicit Ring(Arena &arena)
      : ring_(static_cast<ck_ring *>(arena.allocate(bench_ck_ring_bytes()))), slots_(arena.allocate(capacity * bytes)) {
    bench_ck_init(ring_, capacity);
  }
  void open_writer() {}
  void open_reader() {}

 protected:
  bool in(const void *from) noexcept { return Calls<bytes>::enqueue(ring_, slots_, from); }
  bool out(void *to) noexcept { return Calls<bytes>::dequeue(ring_, slots_, to); }

 private:
  ck_ring *ring_;
  void *slots_;
};

template <class T, std::size_t capacity>
class Queue : public Ring<sizeof(T), capacity> {
 public:
  using Ring<sizeof(T), capacity>::Ring;

  bool push(const T &item) noexcept { return this->in(&item); }
  bool pop(T &item) noexcept { return this->out(&item); }
  // It has no batches.
  std::size_t push_many(const T *items, std::size_t n) noexcept {
    std::size_t done = 0;
    while (done < n && push(items[done])) ++done;
    return done;
  }
  std::size_t pop_many(T *items, std::size_t n) noexcept {
    std::size_t done = 0;
    while (done < n && pop(items[done])) ++done;
    return done;
  }
};

// Blocks are copied out, since it has no way to use them in place.
template <std::size_t bytes>
class Stream : public Ring<bytes, stream_ring_bytes / bytes> {
 public:
  using Ring<bytes, stream_ring_bytes / bytes>::Ring;

  bool put(const std::byte *block) noexcept { return this->in(block); }

  template <class Use>
  Take take(Use &&use) noexcept {
    std::uint64_t n = 0;
    while (n < stream_take<bytes> && this->out(&blocks_[n])) ++n;
    if (n == 0) return Take::nothing;
    use(blocks_[0].samples, n);
    return Take::taken;
  }

 private:
  Block<bytes> blocks_[stream_take<bytes>];
};

}  // namespace ck_peer

void add_ck(Registry &registry) {
  using namespace ck_peer;
  const char *const name = "ck_ring";
  add_queues<Queue>(registry, name, Kind::peer);
  add_round_trip<Queue>(registry, name, Kind::peer);
  add_stream<Stream, 2>(registry, name, Kind::peer);
  add_streams_of<Stream, false, 256, 8192>(registry, name, Kind::peer);
  add_memory(registry, name, Kind::peer, bench_ck_ring_bytes());
}

}  // namespace bench
#else
void bench::add_ck(Registry &registry) { registry.absent("ck_ring", "not found (Debian: libck-dev)"); }
#endif
