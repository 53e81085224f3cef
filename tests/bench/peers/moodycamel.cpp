// moodycamel's queue for one reader and one writer, its blocks in shared memory.
#include "../rows/round_trip.hpp"
#include "../rows/stream.hpp"

#ifdef RINGBUF_BENCH_MOODYCAMEL
// It takes its memory from malloc, all in the constructor if one uses try_enqueue: from the arena, then. Everything that
// it includes comes first, so that nobody else's malloc is meant.
#include <semaphore.h>

#include <atomic>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace bench::moodycamel_peer {
inline Arena *arena_in_use = nullptr;
inline void *bench_malloc(std::size_t bytes) { return arena_in_use->allocate(bytes); }
}  // namespace bench::moodycamel_peer
namespace std {
using bench::moodycamel_peer::bench_malloc;
}
#define malloc bench_malloc
#include <readerwriterqueue/readerwriterqueue.h>
#undef malloc

namespace bench {

// A namespace with a name: see limit.cpp.
namespace moodycamel_peer {

template <class T>
moodycamel::ReaderWriterQueue<T> *make(Arena &arena, std::size_t capacity) {
  arena_in_use = &arena;
  return arena.make<moodycamel::ReaderWriterQueue<T>>(capacity);
}

template <class T, std::size_t capacity>
class Queue {
 public:
  explicit Queue(Arena &arena) : queue_(make<T>(arena, capacity)) {}
  void open_writer() {}
  void open_reader() {}

  bool push(const T &item) noexcept { return queue_->try_enqueue(item); }
  bool pop(T &item) noexcept { return queue_->try_dequeue(item); }
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

 private:
  moodycamel::ReaderWriterQueue<T> *queue_;
};

template <std::size_t bytes>
class Stream {
 public:
  explicit Stream(Arena &arena) : queue_(make<Block<bytes>>(arena, stream_ring_bytes / bytes)) {}
  void open_writer() {}
  void open_reader() {}

  bool put(const std::byte *block) noexcept {
    return queue_->try_enqueue(*reinterpret_cast<const Block<bytes> *>(block));
  }

  // In place where blocks are used one by one.
  template <class Use>
  Take take(Use &&use) noexcept {
    if constexpr (stream_take<bytes> == 1) {
      const Block<bytes> *block = queue_->peek();
      if (block == nullptr) return Take::nothing;
      use(block->samples, 1);
      queue_->pop();
    } else {
      Block<bytes> blocks[stream_take<bytes>];
      std::uint64_t n = 0;
      while (n < stream_take<bytes> && queue_->try_dequeue(blocks[n])) ++n;
      if (n == 0) return Take::nothing;
      use(blocks[0].samples, n);
    }
    return Take::taken;
  }

 private:
  moodycamel::ReaderWriterQueue<Block<bytes>> *queue_;
};

}  // namespace moodycamel_peer

void add_moodycamel(Registry &registry) {
  using namespace moodycamel_peer;
  const char *const name = "moodycamel rwq";
  add_queues<Queue>(registry, name, Kind::peer);
  add_round_trip<Queue>(registry, name, Kind::peer);
  add_stream<Stream, 2>(registry, name, Kind::peer);
  add_streams<Stream>(registry, name, Kind::peer);
}

}  // namespace bench
#else
void bench::add_moodycamel(Registry &registry) {
  registry.absent("moodycamel rwq", "not found (Debian: libreaderwriterqueue-dev)");
}
#endif
