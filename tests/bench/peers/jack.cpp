// jack's ring buffer, a byte stream: its struct and its data in shared memory, its functions as they are.
#include "../rows/life.hpp"
#include "../rows/round_trip.hpp"
#include "../rows/stream.hpp"

#ifdef RINGBUF_BENCH_JACK
#include <jack/ringbuffer.h>

namespace bench {

// A namespace with a name: see limit.cpp.
namespace jack_peer {

class Bytes {
 public:
  Bytes(Arena &arena, std::size_t bytes) : ring(static_cast<jack_ringbuffer_t *>(arena.allocate(sizeof *ring))) {
    // As jack_ringbuffer_create does it: a power of two.
    *ring = {};
    ring->buf = static_cast<char *>(arena.allocate(bytes));
    ring->size = bytes;
    ring->size_mask = bytes - 1;
  }
  jack_ringbuffer_t *ring;
};

template <class T, std::size_t capacity>
class Queue : Bytes {
 public:
  explicit Queue(Arena &arena) : Bytes(arena, capacity * sizeof(T)) {}

  void open_writer() {}
  void open_reader() {}

  // It takes parts of items, too, so that room has to be asked for.
  bool push(const T &item) noexcept { return push_many(&item, 1) == 1; }
  bool pop(T &item) noexcept { return pop_many(&item, 1) == 1; }
  std::size_t push_many(const T *items, std::size_t n) noexcept {
    n = std::min(n, jack_ringbuffer_write_space(ring) / sizeof(T));
    if (n != 0) jack_ringbuffer_write(ring, reinterpret_cast<const char *>(items), n * sizeof(T));
    return n;
  }
  std::size_t pop_many(T *items, std::size_t n) noexcept {
    n = std::min(n, jack_ringbuffer_read_space(ring) / sizeof(T));
    if (n != 0) jack_ringbuffer_read(ring, reinterpret_cast<char *>(items), n * sizeof(T));
    return n;
  }
};

template <std::size_t bytes>
class Stream : Bytes {
 public:
  explicit Stream(Arena &arena) : Bytes(arena, stream_ring_bytes) {}

  void open_writer() {}
  void open_reader() {}

  bool put(const std::byte *block) noexcept {
    if (jack_ringbuffer_write_space(ring) < bytes) return false;
    jack_ringbuffer_write(ring, reinterpret_cast<const char *>(block), bytes);
    return true;
  }

  template <class Use>
  Take take(Use &&use) noexcept {
    jack_ringbuffer_data_t parts[2];
    jack_ringbuffer_get_read_vector(ring, parts);
    const std::uint64_t n = std::min<std::uint64_t>(parts[0].len / bytes, stream_take<bytes>);
    if (n == 0) return Take::nothing;
    use(reinterpret_cast<const std::byte *>(parts[0].buf), n);
    jack_ringbuffer_read_advance(ring, n * bytes);
    return Take::taken;
  }
};

}  // namespace jack_peer

void add_jack(Registry &registry) {
  using namespace jack_peer;
  const char *const name = "jack ringbuffer";
  add_queues<Queue>(registry, name, Kind::peer);
  add_round_trip<Queue>(registry, name, Kind::peer);
  add_stream<Stream, 2>(registry, name, Kind::peer);
  add_streams<Stream>(registry, name, Kind::peer);
  add_memory(registry, name, Kind::peer, sizeof(jack_ringbuffer_t));
}

}  // namespace bench
#else
void bench::add_jack(Registry &registry) {
  registry.absent("jack ringbuffer", "not found (Debian: libjack-jackd2-dev)");
}
#endif
